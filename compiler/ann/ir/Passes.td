//===- compiler/ann/ir/Passes.td ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def LowerToIntegers : Pass<"ann-lower-to-integers", "::mlir::ModuleOp"> {
  let summary = "Bring networks of the quantized level to integers";
  let description = [{
    Replaces each `ann.network` of the quantized level by one of the integer
    level: biases become 32-bit integers at the scale of the sums, ratios of
    scales become multipliers and shifts, clamps become codes. Fails when a sum
    could leave 32 bits for some input.
  }];
  let dependentDialects = ["::hillock::ann::AnnDialect"];
}
