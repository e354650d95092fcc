//===- tests/unit/compiler/transform/RowScalesTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/RowScales.h"
#include "base/Random.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace hillock;
using namespace hillock::transform;

namespace {

/// Rows of \p perRow weights, each row as wide as its entry in \p widths.
std::vector<float> randomRows(const std::vector<double> &widths,
                              size_t perRow) {
  CounterRandom random(11);
  std::vector<float> weights;
  for (double width : widths)
    for (size_t i = 0; i < perRow; ++i)
      weights.push_back(static_cast<float>((2 * random.uniform() - 1) * width));
  return weights;
}

struct Case {
  std::vector<float> weights;
  size_t rows;
  Scaling scaling;
  ScaleLimits limits{4, 1.0, 0};
  RowWeights path;

  Case(std::vector<float> given, size_t rows, double threshold)
      : weights(std::move(given)), rows(rows) {
    limits.threshold = threshold;
    limits.headroom = 8;
    WeightRange range;
    for (float weight : weights) {
      range.low = std::min<double>(range.low, weight);
      range.high = std::max<double>(range.high, weight);
    }
    for (size_t i = 0; i < weights.size(); i += weights.size() / rows) {
      double up = 0, down = 0;
      for (size_t k = i; k < i + weights.size() / rows; ++k)
        (weights[k] > 0 ? up : down) += std::abs(weights[k]);
      range.worstUp = std::max(range.worstUp, up);
      range.worstDown = std::max(range.worstDown, down);
    }
    scaling = chooseScale({range}, limits);
    path = {&weights, scaling.formats.front(), weights.size() / rows, {}, 1};
  }
  std::vector<int64_t> thresholds() const {
    return chooseRowThresholds({path}, rows, scaling, limits);
  }
  std::vector<double> factors(const std::vector<int64_t> &vth) const {
    std::vector<double> factor;
    for (int64_t one : vth)
      factor.push_back(static_cast<double>(one) / scaling.vthMantissa);
    return factor;
  }
};

} // namespace

// Numbers of 4 bits, -8..7, stay what they are: the field holds them shifted
// left by five (Lava's Dense with num_weight_bits 4, exponent -5: w << 6).
TEST(RowScales, WholeNumbersAreExact) {
  std::vector<float> weights;
  for (int row = 0; row < 3; ++row)
    for (int w = -8; w <= 7; ++w)
      weights.push_back(static_cast<float>(w) / (row == 1 ? 2 : 1));
  Case all(weights, 3, 20);
  const std::vector<int64_t> vth = all.thresholds();
  const Quantized q =
      quantizeRows(all.path, all.scaling.scale, all.factors(vth));
  EXPECT_DOUBLE_EQ(q.squaredError, 0);
  EXPECT_EQ(vth[0], vth[2]);
  const int64_t unit = all.path.format.unit() / 64;
  EXPECT_EQ(vth[0], 20 * unit);
  // Row 1 has halves: the same codes, or the same numbers of a coarser one.
  EXPECT_EQ(vth[1], 40 * unit);
  for (size_t i = 0; i < 48; ++i)
    EXPECT_EQ(q.mantissas[i], (static_cast<int>(i % 16) - 8) * 32);
}

TEST(RowScales, NarrowRowsAreMeasuredInTheirOwnUnit) {
  const std::vector<double> widths = {1, 0.9, 0.5, 0.3, 0.25, 0.25,
                                      1, 0.8, 0.4, 0.6, 0.35, 0.7};
  Case all(randomRows(widths, 200), widths.size(), 1);
  const std::vector<int64_t> vth = all.thresholds();
  EXPECT_LE(std::set<int64_t>(vth.begin(), vth.end()).size(), rowThresholds);
  for (int64_t one : vth) {
    EXPECT_GE(one, 1);
    EXPECT_LE(one, thresholdMax);
  }
  const Quantized own =
      quantizeRows(all.path, all.scaling.scale, all.factors(vth));
  const Quantized one = quantizeWeights(all.weights, all.scaling.scale,
                                        all.scaling.formats.front());
  const auto relative = [](const Quantized &q) {
    return q.squaredError / q.squaredSum;
  };
  // A row of a quarter's width has two codes of the population's scale.
  EXPECT_LT(relative(own), relative(one) / 2);
}

TEST(RowScales, ErrorsOfARowAddUpToHalfACode) {
  Case all(randomRows({1, 0.5, 0.8, 1}, 500), 4, 1);
  const std::vector<int64_t> vth = all.thresholds();
  const Quantized q =
      quantizeRows(all.path, all.scaling.scale, all.factors(vth));
  const double unit = static_cast<double>(all.path.format.unit());
  for (size_t row = 0; row < 4; ++row) {
    const double scale = 64.0 * vth[row] / unit;
    double sum = 0;
    for (size_t i = row * 500; i < (row + 1) * 500; ++i) {
      const int code = q.mantissas[i] / all.path.format.step();
      EXPECT_GE(code, -8);
      EXPECT_LE(code, 7);
      sum += all.weights[i] * scale - code;
    }
    EXPECT_LE(std::abs(sum), 0.5 + 1e-6) << "row " << row;
  }
}

TEST(RowScales, RegistersAndSumsHold) {
  // A row of small weights could have a threshold far beyond 17 bits, and a
  // bias that the largest scale would push out of its register.
  Case all(randomRows({1, 0.001}, 64), 2, 1);
  all.limits.largestBias = biasMax / all.scaling.scale / 2;
  for (int64_t vth : all.thresholds()) {
    EXPECT_LE(vth, thresholdMax);
    EXPECT_LE(64.0 * vth * all.limits.largestBias, biasMax);
  }
}
