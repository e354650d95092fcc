//===- compiler/transform/loihi/Scale.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Scale.h"
#include <algorithm>
#include <cmath>

namespace hillock::transform {

namespace {

constexpr double vthMax = thresholdMax;
constexpr int expMin = -7, expMax = 7;

int signOf(const WeightRange &range) {
  if (range.low >= 0)
    return 2;
  return range.high <= 0 ? 3 : 1;
}

double magnitude(const WeightRange &range) {
  return std::max(std::abs(range.low), std::abs(range.high));
}

/// Does a scale keep every register and, for the given share of sources that
/// spike at once, every sum in range?
bool fits(double scale, const std::vector<WeightRange> &ranges,
          const ScaleLimits &limits, double activity) {
  double up = 0, down = 0;
  for (const WeightRange &range : ranges) {
    up += range.worstUp;
    down += range.worstDown;
  }
  double sum = std::max(up, down) * scale;
  double voltage = limits.sumGain > 0
                       ? sum * activity * limits.sumGain +
                             limits.largestBias * scale * limits.biasGain
                       : 0;
  // A sum over time averages out what the sum of a step does not.
  return voltage <= readoutMax &&
         (limits.sumGain > 0 ||
          limits.threshold * limits.headroom * scale / 64 <= vthMax) &&
         limits.largestBias * limits.headroom * scale <= biasMax &&
         sum * std::max(activity, 0.25) <= sumMax;
}

/// What holds only while not all sources spike at once.
std::string activityRemark(double activity, bool readout) {
  if (!readout)
    return "the sum of all weights into a neuron exceeds the 21-bit "
           "accumulator; it holds while at most a quarter of the sources "
           "spike in the same step";
  return "the voltage that is read stays inside its 23 bits while at most 1 "
         "in " +
         std::to_string(std::lround(1 / activity)) +
         " of the sources spikes in a step, on average over its memory";
}

} // namespace

Scaling chooseScale(const std::vector<WeightRange> &ranges,
                    const ScaleLimits &limits) {
  Scaling result;
  double widest = 0;
  int widestSign = 1;
  for (const WeightRange &range : ranges)
    if (magnitude(range) > widest) {
      widest = magnitude(range);
      widestSign = signOf(range);
    }
  if (limits.weightBits == 1 && widestSign == 1) {
    // A field with a sign and nothing else: the caller reports it.
    result.scale = 64 / limits.threshold;
    result.vthMantissa = 1;
    result.formats.assign(ranges.size(), {1, 1, 0});
    return result;
  }
  // The widest projection fills its field at some exponent; the larger the
  // exponent the finer all others and the decays.
  WeightFormat format{limits.weightBits, widestSign, expMax};
  double chosen = 0;
  const bool readout = limits.sumGain > 0;
  // All sources at once is rare: a quarter of them is asked for when the whole
  // would cost resolution, and said; less where a sum goes over many steps.
  const double least = readout ? 1.0 / 16 : 0.25;
  for (double activity = 1; activity >= least; activity /= 4) {
    // Of 8-bit weights no code is given up; narrow ones need few bits below.
    const int lowest = activity < 1 && limits.weightBits < 8
                           ? -static_cast<int>(std::log2(format.step()))
                           : 0;
    for (format.exp = activity < 1 ? 0 : expMax;
         format.exp >= lowest && chosen == 0; --format.exp) {
      double scale = widest > 0 ? format.codes() * format.unit() / widest
                                : 65536 / limits.threshold;
      if (fits(scale, ranges, limits, activity))
        chosen = scale;
    }
    if (chosen == 0)
      continue;
    result.activity = std::max(activity, 0.25);
    if (activity < 1)
      result.remarks.push_back(activityRemark(activity, readout));
    break;
  }
  if (chosen == 0) {
    // Nothing fits with full mantissas: shrink until it does.
    format.exp = 0;
    result.activity = 0.25;
    chosen = format.codes() * format.unit() / std::max(widest, 1e-300);
    chosen = std::min(chosen, vthMax * 64 / limits.threshold);
    while (!fits(chosen, ranges, limits, least) && chosen > 1e-9)
      chosen /= 2;
    if (readout && widest > 0)
      result.remarks.push_back(activityRemark(least, readout));
    if (widest > 0 || !readout)
      result.remarks.push_back(
          "weights use only part of their field, because threshold, bias, "
          "sums or the voltage that is read would not fit otherwise");
  }
  // The threshold register counts in 64s: move the scale to the next multiple
  // below, so that the threshold is exact.
  result.vthMantissa = std::clamp<int64_t>(
      static_cast<int64_t>(std::floor(limits.threshold * chosen / 64)), 1,
      static_cast<int64_t>(vthMax));
  result.scale = 64.0 * result.vthMantissa / limits.threshold;
  if (readout) {
    result.vthMantissa = static_cast<int64_t>(vthMax);
    result.scale = chosen;
  }
  for (const WeightRange &range : ranges) {
    WeightFormat own{limits.weightBits, signOf(range), expMin};
    while (own.exp < expMax &&
           (own.codes() + 0.5) * own.step() * std::exp2(6 + own.exp) <
               magnitude(range) * result.scale)
      ++own.exp;
    // Below this exponent bits of the mantissa are shifted out for ever.
    own.exp = std::max(own.exp, -static_cast<int>(std::log2(own.step())));
    result.formats.push_back(own);
  }
  return result;
}

Quantized quantizeWeights(const std::vector<float> &weights, double scale,
                          const WeightFormat &format) {
  Quantized result;
  result.mantissas.resize(weights.size());
  double unit = static_cast<double>(format.step()) * std::exp2(6 + format.exp);
  // As nengo-loihi does it: the lowest code of mixed signs stays unused.
  const int64_t low = format.sign == 2 ? 0 : -format.codes();
  for (size_t i = 0; i < weights.size(); ++i) {
    double wanted = weights[i] * scale;
    int64_t code = std::llrint(wanted / unit);
    int64_t kept = std::clamp(code, low, format.highest());
    result.mantissas[i] = static_cast<int16_t>(kept * format.step());
    double error = wanted - kept * unit;
    result.squaredError += error * error;
    result.squaredSum += wanted * wanted;
  }
  return result;
}

Bias quantizeBias(double value) {
  // nengo-loihi discretize.py, bias_to_manexp: the smallest exponent that fits.
  int exponent = 0;
  while (exponent < 7 && std::abs(value) / std::exp2(exponent) > 4095)
    ++exponent;
  double mantissa = std::nearbyint(value / std::exp2(exponent));
  return {static_cast<int32_t>(std::clamp(mantissa, -4095.0, 4095.0)),
          exponent};
}

} // namespace hillock::transform
