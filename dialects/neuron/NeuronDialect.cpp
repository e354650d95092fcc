//===- dialects/neuron/NeuronDialect.cpp - Registration -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Neuron.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace hillock::neuron;

#include "dialects/neuron/NeuronDialect.cpp.inc"

void NeuronDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/neuron/NeuronOps.cpp.inc"
      >();
}

mlir::Operation *NeuronDialect::materializeConstant(mlir::OpBuilder &builder,
                                                    mlir::Attribute value,
                                                    mlir::Type type,
                                                    mlir::Location loc) {
  return mlir::arith::ConstantOp::materialize(builder, value, type, loc);
}
