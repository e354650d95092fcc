//===- compiler/ann/Ranges.cpp - Scales of values -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Ranges.h"
#include <algorithm>

namespace hillock::ann {

std::vector<std::string> rangeMethodNames() {
  return {"minmax", "percentile", "mse"};
}

Quantization covering(double low, double high, unsigned bits) {
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  Quantization q;
  q.low = -(1 << (bits - 1));
  q.high = (1 << (bits - 1)) - 1;
  const double steps = static_cast<double>(q.high) - q.low;
  q.scale = (high - low) / steps;
  if (!(q.scale > 1e-30) || !std::isfinite(q.scale))
    q.scale = 1;
  q.zero = static_cast<int32_t>(
      std::clamp<double>(q.low - std::nearbyint(low / q.scale), q.low, q.high));
  return q;
}

double roundingError(const std::vector<float> &sample, const Quantization &q) {
  double sum = 0;
  const float inverse = static_cast<float>(1 / q.scale);
  const auto scale = static_cast<float>(q.scale);
  const auto zero = static_cast<float>(q.zero);
  const auto low = static_cast<float>(q.low), high = static_cast<float>(q.high);
  for (const float x : sample) {
    const float code =
        std::clamp(std::nearbyint(x * inverse) + zero, low, high);
    const float error = (code - zero) * scale - x;
    sum += static_cast<double>(error) * error;
  }
  return sample.empty() ? 0 : sum / static_cast<double>(sample.size());
}

static Quantization bestClipping(const Seen &seen, unsigned bits) {
  Quantization best = covering(seen.low, seen.high, bits);
  double least = roundingError(seen.sample, best);
  // Both ends shrink together, then each alone: 4-bit codes of one-sided values
  // gain most from their one end.
  double low = 1, high = 1;
  const auto consider = [&](double l, double h) {
    const Quantization q = covering(seen.low * l, seen.high * h, bits);
    const double error = roundingError(seen.sample, q);
    if (error < least) {
      least = error;
      best = q;
      low = l;
      high = h;
    }
  };
  for (int i = 1; i <= 48; ++i)
    consider(1 - i / 50.0, 1 - i / 50.0);
  const double bothLow = low, bothHigh = high;
  for (int i = -12; i <= 12; ++i) {
    if (seen.low < 0)
      consider(std::clamp(bothLow + i / 50.0, 0.0, 1.0), high);
    if (seen.high > 0)
      consider(low, std::clamp(bothHigh + i / 50.0, 0.02, 1.0));
  }
  return best;
}

Quantization chooseRange(const Seen &seen, unsigned bits, RangeMethod method) {
  if (method == RangeMethod::Mse)
    return bestClipping(seen, bits);
  double low = seen.low, high = seen.high;
  if (method == RangeMethod::Percentile && !seen.sample.empty()) {
    std::vector<float> sorted = seen.sample;
    std::sort(sorted.begin(), sorted.end());
    const size_t cut = sorted.size() / 10000;
    low = sorted[cut];
    high = sorted[sorted.size() - 1 - cut];
  }
  return covering(low, high, bits);
}

} // namespace hillock::ann
