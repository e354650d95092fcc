//===- emulator/jit/LaneEmitter.h - Lane operations to LLVM IR --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_JIT_LANEEMITTER_H
#define HILLOCK_EMULATOR_JIT_LANEEMITTER_H

#include "emulator/core/LaneProgram.h"
#include "llvm/IR/Module.h"

namespace hillock::emu {

/// Adds a LaneFunction called \p name to \p module.
void emitLanes(llvm::Module &module, const std::string &name,
               const LaneProgram &program, uint32_t shift);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_JIT_LANEEMITTER_H
