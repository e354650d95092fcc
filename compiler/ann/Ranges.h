//===- compiler/ann/Ranges.h - Scales of values -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_RANGES_H
#define HILLOCK_COMPILER_ANN_RANGES_H

#include "compiler/ann/Network.h"

namespace hillock::ann {

/// How the range of a value is chosen from what it was seen to be.
enum class RangeMethod {
  MinMax,     ///< all of it
  Percentile, ///< all but the outermost 0.01 % on either side
  Mse,        ///< what rounds and clips with the least mean square error
};
/// "minmax", "percentile", "mse".
std::vector<std::string> rangeMethodNames();

/// Numbers that a value was seen to take: extremes of all, and a sample.
struct Seen {
  double low = 0, high = 0; ///< zero is always inside
  std::vector<float> sample;
};

/// The affine quantization of \p bits bits that covers low .. high with a whole
/// zero point, so that zero is exact.
Quantization covering(double low, double high, unsigned bits);

Quantization chooseRange(const Seen &seen, unsigned bits, RangeMethod method);

/// Mean square of value minus rounded value over the sample.
double roundingError(const std::vector<float> &sample, const Quantization &q);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_RANGES_H
