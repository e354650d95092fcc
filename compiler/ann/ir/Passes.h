//===- compiler/ann/ir/Passes.h - Passes over ann networks ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_IR_PASSES_H
#define HILLOCK_COMPILER_ANN_IR_PASSES_H

#include "dialects/ann/Ann.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace hillock::ann {

#define GEN_PASS_DECL
#include "compiler/ann/ir/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/ann/ir/Passes.h.inc"

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_IR_PASSES_H
