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

TEST(Scale, ReadoutStaysInItsRegister) {
  // A memory of 20 steps, 12 weights of at most 1, a bias of 0.5.
  ScaleLimits limits{8, 1.0, 0.5, 20, 20};
  Scaling s = chooseScale({mixedRange(1.0, 12)}, limits);
  EXPECT_LE((12 + 0.5) * 20 * s.scale, readoutMax);
  EXPECT_LE(0.5 * s.scale, 4095 * 128);
  EXPECT_EQ(s.vthMantissa, 131071);
  EXPECT_GT(131071 * 64, readoutMax);
  ASSERT_EQ(s.formats.size(), 1u);
  EXPECT_NEAR(s.scale, 127 * s.formats[0].unit(), 1); // all codes are used
  EXPECT_TRUE(s.remarks.empty());
}

TEST(Scale, ReadoutOfManySourcesKeepsItsResolution) {
  // A sum of 60 over 20 steps leaves 2^23 / 1200 = 6990 a unit, less than the
  // 127 * 128 of a whole field: it has to do with a quarter of the sources.
  Scaling s = chooseScale({mixedRange(1.0, 60)}, {8, 1.0, 0, 20, 20});
  EXPECT_DOUBLE_EQ(s.scale, 127 * 128);
  EXPECT_LE(60 * 20 * s.scale / 4, readoutMax);
  ASSERT_EQ(s.remarks.size(), 1u);
  EXPECT_NE(s.remarks[0].find("at most 1 in 4 of the sources"),
            std::string::npos)
      << s.remarks[0];
  // Where even a sixteenth does not fit, weights become smaller.
  Scaling wide = chooseScale({mixedRange(1.0, 4000)}, {8, 1.0, 0, 20, 20});
  EXPECT_LE(4000 * 20 * wide.scale / 16, readoutMax);
  EXPECT_EQ(wide.remarks.size(), 2u);
}

TEST(Scale, ReadoutWithoutWeightsIsScaledByItsBias) {
  Scaling s = chooseScale({}, {8, 1.0, 3, 20, 20});
  EXPECT_GT(s.scale, 0);
  EXPECT_LE(3 * 20 * s.scale, readoutMax);
  EXPECT_TRUE(s.remarks.empty());
}
