//===- compiler/ann/Plan.h - How a network is quantized ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What calibration decides: a quantization for every value, codes and scales
// for all weights. A network and its plan are the quantized level; lower()
// makes the integer level of them, with arithmetic alone.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_PLAN_H
#define HILLOCK_COMPILER_ANN_PLAN_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::ann {

struct QuantWeights {
  WeightFormat format;
  std::vector<int8_t> codes;  ///< in the order of Layer::weights
  std::vector<double> scales; ///< one an output channel, or one in all
  std::vector<int32_t> zeros; ///< empty, or one an output channel
  std::vector<double> bias;   ///< one an output channel, corrected

  double scale(size_t channel) const {
    return scales[scales.size() == 1 ? 0 : channel];
  }
};

struct Plan {
  std::vector<Quantization> values;                 ///< by value
  std::vector<std::optional<QuantWeights>> weights; ///< by layer
};

/// Sets of values that must share a quantization, because what lies between
/// them only moves codes: the index of a representative for each value.
std::vector<int> sharedQuantizations(const Network &network);

/// The network up to what only decides (Softmax, ArgMax), which integers leave
/// to the reader of the output. Adds a remark for what is left out.
Network withoutDecision(Network network);

/// A quantization of 32-bit codes for a value that only leaves the network,
/// fine enough that nothing is lost: the largest possible sum becomes 2^24.
Quantization wideQuantization(double largest);

/// The largest magnitude that the sums of a layer with weights can reach, in
/// real units.
double largestSum(const Network &network, const Layer &layer,
                  const QuantWeights &weights, const Quantization &input);

/// The integer form of one layer (index into network.layers), whose input and
/// output quantizations are known.
Expected<IntLayer> lowerLayer(const Network &network, const Plan &plan,
                              size_t index);

/// The integer network; checked.
Expected<IntNetwork> lower(const Network &network, const Plan &plan,
                           const std::string &where);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_PLAN_H
