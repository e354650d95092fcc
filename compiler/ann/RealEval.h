//===- compiler/ann/RealEval.h - Networks in real numbers -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_REALEVAL_H
#define HILLOCK_COMPILER_ANN_REALEVAL_H

#include "compiler/ann/Network.h"
#include <span>

namespace hillock::ann {

/// Evaluates one layer in float32 arithmetic; \p inputs in the order of
/// layer.inputs, \p out of the size of its output. Includes the clamp and the
/// rounding to a quantization that the file gives.
void evaluateLayer(const Network &network, const Layer &layer,
                   const std::vector<const float *> &inputs, float *out);

/// The two halves of evaluateLayer(): the sums, then in place the clamp and the
/// rounding.
void evaluateSums(const Network &network, const Layer &layer,
                  const std::vector<const float *> &inputs, float *out);
void finishLayer(const Network &network, const Layer &layer, float *out);

/// Evaluates samples one after the other; one object for each thread. The
/// network must outlive it and must have passed check().
class RealRunner {
public:
  explicit RealRunner(const Network &network);
  /// \p input has the elements of the network's input. Valid until the next
  /// call.
  std::span<const float> run(std::span<const float> input);
  /// Any value of the last run.
  const std::vector<float> &value(int index) const {
    return values[static_cast<size_t>(index)];
  }

private:
  const Network &network;
  std::vector<std::vector<float>> values;
};

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_REALEVAL_H
