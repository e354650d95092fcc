//===- dialects/neuron/NeuronEval.h - What the ops compute ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integer function of every op that may stand in a model, arith's included.
// evaluate() and ModelRun both take it from here, so there is one definition.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_NEURONEVAL_H
#define HILLOCK_DIALECTS_NEURON_NEURONEVAL_H

#include "dialects/neuron/Neuron.h"
#include <map>
#include <optional>
#include <string>

namespace hillock::neuron {

/// How an op computes its result from its operands and one integer attribute
/// (a shift, a width, the value of a constant). Values of type i1 are 0 or 1.
struct Rule {
  int32_t (*apply)(const int32_t *operands, int32_t attribute);
  int32_t attribute = 0;
};

/// The rule of an op that computes; nothing for an op that reads or acts, and
/// for an op that is not allowed in a model.
std::optional<Rule> ruleOf(mlir::Operation *op);

/// "arith.addi, arith.subi, ...": what ruleOf knows of arith.
llvm::StringRef allowedArith();

/// State that ModelOp::evaluate keeps from step to step. Whoever runs a model
/// through evaluate() finds it under the model in the frame. Inputs, parameters
/// and random numbers are asked of Frame::input with the op that reads them; a
/// fire is recorded as {1, payload} or {0, 0}.
struct ModelState : OpState {
  std::map<std::string, int32_t, std::less<>> now, next;
};

} // namespace hillock::neuron

#endif // HILLOCK_DIALECTS_NEURON_NEURONEVAL_H
