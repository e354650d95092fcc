//===- tools/hillock-opt/main.cpp - Passes on the command line ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/ir/Passes.h"
#include "compiler/mapping/passes/Passes.h"
#include "compiler/transform/loihi/Passes.h"
#include "dialects/All.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  hillock::registerAllDialects(registry);
  mlir::registerTransformsPasses();
  hillock::ann::registerHillockAnnPasses();
  hillock::transform::registerHillockLoihiPasses();
  hillock::mapping::registerHillockMappingPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Hillock's passes, one by one\n", registry));
}
