//===- compiler/ann/ir/Convert.h - Networks to the ann dialect --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ann dialect is the notation that passes, files and backends see; the
// plain structures are what calibration and the fast kernels work on. Both hold
// the same, level by level, and each direction checks what it reads.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_IR_CONVERT_H
#define HILLOCK_COMPILER_ANN_IR_CONVERT_H

#include "compiler/ann/Plan.h"
#include "dialects/ann/Ann.h"
#include "mlir/IR/BuiltinOps.h"

namespace hillock::ann {

/// Add an ann.network of the level to the end of \p module. \p file is where
/// locations point to.
NetworkOp emitReal(const Network &network, mlir::ModuleOp module,
                   llvm::StringRef file);
NetworkOp emitQuantized(const Network &network, const Plan &plan,
                        mlir::ModuleOp module, llvm::StringRef file);
NetworkOp emitInteger(const IntNetwork &network, mlir::ModuleOp module,
                      llvm::StringRef file);

/// A network of the quantized level: layers as at the real level, but with
/// the weights in the plan alone.
struct QuantizedNetwork {
  Network network;
  Plan plan;
};

/// The inverses. The op must have been verified; sizes and numbers are checked
/// here, and errors name the op.
Expected<Network> readReal(NetworkOp op);
Expected<QuantizedNetwork> readQuantized(NetworkOp op);
Expected<IntNetwork> readInteger(NetworkOp op);

/// Runs a network of any level with the evaluations of its ops: slow, and the
/// definition. The result holds numbers, or below the real level codes.
Expected<std::vector<double>> interpret(NetworkOp op,
                                        const std::vector<float> &input);

/// The first ann.network of a module; null: none.
NetworkOp findNetwork(mlir::ModuleOp module);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_IR_CONVERT_H
