//===- tools/hillock-translate/main.cpp - Between IR and other forms ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Error.h"
#include "compiler/programs/Programs.h"
#include "dialects/All.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "mlir/Tools/mlir-translate/Translation.h"

using namespace hillock;

// Prints the bytecode of every neuron model of a module.
static mlir::LogicalResult printBytecode(mlir::Operation *op,
                                         llvm::raw_ostream &os) {
  const mlir::WalkResult result = op->walk([&](neuron::ModelOp model) {
    Expected<image::Program> program = programs::toBytecode(model);
    if (!program) {
      model.emitError(takeText(program.takeError()));
      return mlir::WalkResult::interrupt();
    }
    os << image::print(*program);
    return mlir::WalkResult::advance();
  });
  return mlir::failure(result.wasInterrupted());
}

int main(int argc, char **argv) {
  const mlir::TranslateFromMLIRRegistration toBytecode(
      "neuron-to-bytecode", "print the bytecode of neuron models",
      printBytecode, registerAllDialects);
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "Hillock's translations"));
}
