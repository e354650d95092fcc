//===- tests/unit/compiler/transform/ScaleTest.cpp ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Scale.h"
#include "base/AtomicFile.h"
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace hillock;
using namespace hillock::transform;

namespace {

nlohmann::json goldenFunctions() {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    return nullptr;
  auto text = readFile(std::string(folder) +
                       "/loihi/loihi_golden_nengo_functions.json");
  if (!text) {
    llvm::consumeError(text.takeError());
    return nullptr;
  }
  return nlohmann::json::parse(*text)["functions"];
}

WeightRange mixedRange(double largest, double worst) {
  return {-largest, largest, worst, worst};
}

} // namespace

TEST(Scale, BiasEqualsNengoLoihi) {
  nlohmann::json table = goldenFunctions();
  if (table.is_null())
    GTEST_SKIP() << "HILLOCK_DATA holds no loihi/loihi_golden_nengo_functions";
  size_t rows = 0;
  for (const auto &row : table["bias_to_manexp"]) {
    double value = row["bias"];
    if (std::abs(value) > 4095.0 * 128)
      continue; // beyond the register
    Bias bias = quantizeBias(value);
    EXPECT_EQ(bias.mantissa, row["man"].get<int>()) << value;
    EXPECT_EQ(bias.exponent, row["exp"].get<int>()) << value;
    ++rows;
  }
  EXPECT_GT(rows, 8u);
}

TEST(Scale, RoundingEqualsNengoLoihiWhereNoBitIsShiftedOut) {
  nlohmann::json table = goldenFunctions();
  if (table.is_null())
    GTEST_SKIP() << "HILLOCK_DATA holds no loihi/loihi_golden_nengo_functions";
  size_t rows = 0;
  for (const auto &row : table["discretize_weights"]) {
    WeightFormat format{row["real_bits"], row["fanout_type"],
                        row["weight_exp"]};
    if (format.sign != 1 || format.exp < 0)
      continue;
    ASSERT_EQ(format.step(), 1 << row["shift_bits"].get<int>());
    std::vector<float> in;
    for (double value : row["w_in"])
      in.push_back(static_cast<float>(value));
    double scale = std::exp2(6 + format.exp);
    Quantized numbers = quantizeWeights(in, scale, format);
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_EQ(numbers.mantissas[i] * (1 << format.exp) * 64,
                row["w_out"][i].get<int>())
          << "w " << in[i] << " bits " << format.bits << " exp " << format.exp;
    ++rows;
  }
  EXPECT_GE(rows, 7u);
}

TEST(Scale, ThresholdIsExactAndRegistersHold) {
  Scaling s = chooseScale({mixedRange(0.8, 12)}, {8, 1.0, 0.01});
  EXPECT_DOUBLE_EQ(s.vthMantissa * 64.0, s.scale * 1.0);
  EXPECT_LE(s.vthMantissa, 131071);
  EXPECT_LE(12 * s.scale, (1 << 21) - 1);
  ASSERT_EQ(s.formats.size(), 1u);
  // The widest weight uses at least half of its field.
  double codes = 0.8 * s.scale / s.formats[0].unit();
  EXPECT_GT(codes, s.formats[0].codes() / 2.0);
  EXPECT_LE(codes, s.formats[0].codes() + 0.5);
  EXPECT_TRUE(s.remarks.empty());
}

TEST(Scale, WideFanInIsSaid) {
  Scaling s = chooseScale({mixedRange(1.0, 400)}, {8, 1.0, 0});
  EXPECT_FALSE(s.remarks.empty());
  EXPECT_LE(400 * 0.25 * s.scale, (1 << 21) - 1);
}

TEST(Scale, PositiveWeightsGetTheSignBit) {
  Scaling s = chooseScale({{0.0, 1.0, 4, 0}}, {8, 1.0, 0});
  EXPECT_EQ(s.formats[0].sign, 2);
  EXPECT_EQ(s.formats[0].codes(), 255);
  EXPECT_EQ(s.formats[0].step(), 1);
}

TEST(Scale, EveryCodeOfEveryWidthIsAMultipleOf64) {
  for (int bits : {2, 3, 4, 5, 6, 8})
    for (double small : {1.0, 0.1, 0.001}) {
      Scaling s = chooseScale({mixedRange(1.0, 3), mixedRange(small, 3)},
                              {bits, 1.0, 0});
      for (const WeightFormat &format : s.formats) {
        EXPECT_GE(format.step() * std::exp2(format.exp), 1.0) << bits;
        EXPECT_GE(format.exp, -7);
        EXPECT_LE(format.exp, 7);
      }
    }
}
