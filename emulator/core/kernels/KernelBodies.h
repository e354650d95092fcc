//===- emulator/core/kernels/KernelBodies.h - One width ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by one source file for each vector width, which is compiled for it.
// Nothing here may come out as a function that other files share (inline
// functions of headers, templates of the library): the linker could take the
// one for wide vectors for everybody.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_KERNELS_KERNELBODIES_H
#define HILLOCK_EMULATOR_CORE_KERNELS_KERNELBODIES_H

#include "emulator/core/kernels/BitLoops.h"
#include "emulator/core/kernels/DenseLoops.h"
#include "emulator/core/kernels/LaneLoops.h"

namespace hillock::emu {

const Kernels HILLOCK_KERNELS = {HILLOCK_KERNELS_NAME,
                                 Simd::HILLOCK_KERNELS_SIMD,
                                 addDense8,
                                 addDense16,
                                 addDense4,
                                 addDense8Batch,
                                 addDense4Batch,
                                 addSteps,
                                 addBitRows,
                                 runLanes,
                                 findSet,
                                 widen8,
                                 widen16};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_KERNELS_KERNELBODIES_H
