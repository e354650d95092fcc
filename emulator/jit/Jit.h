//===- emulator/jit/Jit.h - Neuron programs as machine code -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytecode of a core, folded for its parameters, compiled by LLVM's ORC to
// one loop over vectors of lanes. The lane interpreter (LaneProgram) is its
// oracle, and runs where there is no LLVM.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_JIT_JIT_H
#define HILLOCK_EMULATOR_JIT_JIT_H

#include "emulator/core/Emulator.h"
#include "emulator/core/LaneProgram.h"

namespace hillock::emu {

/// A code generator for this machine with vectors as wide as \p simd says
/// (Auto: HILLOCK_SIMD, else all that there is), or null: built without it
/// (HILLOCK_JIT off in CMake), switched off by HILLOCK_JIT=0 in the
/// environment, or LLVM cannot make code here. It may be shared by many
/// emulators.
std::shared_ptr<LaneCodegen> createJit(Simd simd = Simd::Auto);

/// What programs that run networks ask for: \p threads, and machine code where
/// it can be had. Everybody who makes an emulator for a user begins with it.
Options hostOptions(unsigned threads);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_JIT_JIT_H
