//===- compiler/ann/Rounding.h - Learned rounding of weights ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights are rounded so that the layer's outputs, not its weights, come out
// near (Nagel et al. 2020, "Up or Down? Adaptive Rounding for Post-Training
// Quantization"). With the second moments H of the inputs, the error of an
// output channel is a quadratic form, so that the cost of learning does not
// depend on the number of samples.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_ROUNDING_H
#define HILLOCK_COMPILER_ANN_ROUNDING_H

#include "compiler/ann/Formats.h"
#include <optional>
#include <vector>

namespace hillock::ann {

/// The inputs of one group of channels, seen over positions and samples.
struct Moments {
  int64_t features = 0;
  std::vector<double> mean;       ///< E[x]
  std::vector<double> covariance; ///< (F, F): E[(x - m)(x - m)^T]
  uint64_t rows = 0;
  /// What damp() has added to the diagonal.
  double damping = 0;

  /// Keeps weights of inputs that were never seen near what they were.
  void damp();
};

/// What one output channel should be.
struct ChannelTarget {
  std::vector<double> weights;     ///< real ones (F)
  std::vector<char> kept;          ///< else zero (F); empty: all are kept
  std::vector<double> correlation; ///< E[(x - m)(y - E y)] (F)
  double mean = 0;                 ///< E[y], bias included
  double variance = 0;             ///< of y
};

struct RoundingOptions {
  bool learn = true;   ///< else to nearest
  bool fit = true;     ///< kept weights make up for pruned ones
  bool correct = true; ///< bias correction
  int iterations = 1200;
};

struct RoundedChannel {
  double scale = 1;
  int32_t zero = 0;
  std::vector<int8_t> codes;
  double bias = 0;
  /// Mean square error of the output, up to a constant of the channel.
  double error = 0;
};

/// The scale at which a format just holds all of \p weights.
double widestScale(const WeightFormat &format,
                   const std::vector<double> &weights);

/// Rounds one channel; \p moments are damped. \p fixedScale is set for formats
/// with one scale in all.
/// \p bias is the real one. \p minScale keeps biases within their bits.
RoundedChannel roundChannel(const Moments &moments, const ChannelTarget &target,
                            double bias, const WeightFormat &format,
                            const RoundingOptions &options, double minScale,
                            std::optional<double> fixedScale = {});

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_ROUNDING_H
