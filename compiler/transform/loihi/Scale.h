//===- compiler/transform/loihi/Scale.h - Numbers of a population -*- C++ -*-=//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses how many units of the chip one unit of the network is. All that
// enters a population shares its scale; each projection has a power of two of
// its own. No MLIR: this is arithmetic on lists.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_SCALE_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_SCALE_H

#include <cstdint>
#include <string>
#include <vector>

namespace hillock::transform {

/// What is known of a projection before it has numbers.
struct WeightRange {
  double low = 0, high = 0; ///< of its weights, in units of the threshold
  /// The largest sum of positive (negative) weights into one neuron.
  double worstUp = 0, worstDown = 0;
};

struct WeightFormat {
  int bits = 8; ///< of the memory field
  int sign = 1; ///< 1 mixed, 2 excitatory, 3 inhibitory
  int exp = 0;  ///< weight = mantissa * 2^(6 + exp)
  int step() const { return 1 << (8 - bits + (sign == 1 ? 1 : 0)); }
  int64_t unit() const { return int64_t(step()) << (6 + exp); }
  /// Largest magnitude that scales are made for, as a multiple of step(); a
  /// mixed field has one code more on the negative side.
  int64_t codes() const {
    return (int64_t(1) << (sign == 1 ? bits - 1 : bits)) - 1;
  }
  int64_t lowest() const {
    return sign == 2 ? 0 : -codes() - (sign == 1 ? 1 : 0);
  }
  int64_t highest() const { return sign == 3 ? 0 : codes(); }
};

struct Scaling {
  double scale = 0;        ///< chip units a network unit
  int64_t vthMantissa = 0; ///< of a readout: the largest, never reached
  std::vector<WeightFormat> formats;
  /// Share of the sources that may spike in the same step.
  double activity = 1;
  std::vector<std::string> remarks;
};

struct ScaleLimits {
  int weightBits = 8;
  double threshold = 1;   ///< of the network
  double largestBias = 0; ///< magnitude, network units
  /// A population whose voltage is read has no threshold; its voltage must
  /// stay in its register instead. The largest voltage in which the same sum of
  /// weights in every step ends, and the same bias; 0: it spikes.
  double sumGain = 0, biasGain = 0;
  /// Threshold and bias get so much room that rows may have larger ones.
  double headroom = 1;
};

constexpr int64_t thresholdMax = 131071;      ///< 17 bits
constexpr double biasMax = 4095.0 * (1 << 7); ///< 12 bits, a sign, << 7
constexpr double sumMax = (1 << 21) - 1;      ///< dendrite accumulator

/// The largest voltage that a readout is scaled to, of 2^23: rounded weights
/// add up, and at 131071 << 6 a compartment spikes.
constexpr double readoutMax = 7'500'000;
/// Steps that a perfect integrator sums up without leaving its register.
constexpr int readoutSteps = 256;

/// Largest scale under the limits: threshold mantissa 17 bits (or the largest
/// voltage of a readout), bias 4095 * 2^7, weights as wide as asked, and sums
/// of a step inside 21 bits and a sign.
Scaling chooseScale(const std::vector<WeightRange> &ranges,
                    const ScaleLimits &limits);

struct Quantized {
  std::vector<int16_t> mantissas;
  /// Of the weights, in units that all weights of the projection share.
  double squaredError = 0, squaredSum = 0;
};

/// Mantissas of \p weights: nearest multiple of the format's step, at most
/// codes() of them.
Quantized quantizeWeights(const std::vector<float> &weights, double scale,
                          const WeightFormat &format);

/// mantissa * 2^exponent nearest to \p value with |mantissa| <= 4095.
struct Bias {
  int32_t mantissa, exponent;
};
Bias quantizeBias(double value);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_SCALE_H
