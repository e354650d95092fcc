//===- tests/unit/backends/int4/RescaleTest.cpp - Codes by fewer bits -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every sum that can occur must get the code of ann::requantize(), which is the
// definition.
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Rescale.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace hillock;
using int4::Rescale;

namespace {

/// A layer of some channels whose sums of up to \p largest cover its codes.
ann::IntLayer anyLayer(std::mt19937 &random, int64_t largest, int bits,
                       int32_t &zero) {
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() %
                                      static_cast<uint64_t>(high - low + 1));
  };
  ann::IntLayer layer;
  layer.low = -(1 << (bits - 1));
  layer.high = -layer.low - 1;
  zero = static_cast<int32_t>(pick(layer.low, layer.high));
  for (int channel = 0; channel < 6; ++channel) {
    const double spread = std::ldexp(1.0, static_cast<int>(pick(-3, 3))) *
                          (1.0 + static_cast<double>(pick(0, 999)) / 1000);
    layer.multipliers.push_back(
        ann::multiplierOf(spread * layer.high / static_cast<double>(largest))
            .value());
  }
  return layer;
}

int64_t stored(const Rescale &r, size_t channel, int64_t sum) {
  const int32_t shift = r.shifts[r.shifts.size() == 1 ? 0 : channel];
  const int64_t product = r.form == Rescale::Form::Word
                              ? (sum >> r.before) * r.factors[channel]
                              : (sum * r.factors[channel]) >> 32;
  return (product + r.offsets[channel]) >> shift;
}

TEST(Rescale, EverySumHasItsCode) {
  std::mt19937 random(3);
  int words = 0, high = 0;
  for (int round = 0; round < 60; ++round) {
    const int bits = round % 2 ? 4 : 8;
    const int64_t largest = round % 3 ? 9000 : 120000;
    const unsigned scaled = round % 5 ? 0 : 4;
    int32_t zero = 0;
    const ann::IntLayer layer = anyLayer(random, largest, bits, zero);
    int4::Buffer out;
    out.base = round % 4 < 2 ? layer.low : 0;
    out.zero = zero - out.base;
    const Rescale r = int4::rescaleOf(layer, out, largest, scaled, true);
    words += r.form == Rescale::Form::Word;
    high += r.form == Rescale::Form::High;
    if (r.form == Rescale::Form::Long)
      continue;
    for (size_t channel = 0; channel < layer.multipliers.size(); ++channel)
      for (int64_t sum = -largest; sum <= largest; ++sum) {
        const int64_t wanted = ann::requantize(static_cast<int32_t>(sum),
                                               layer.multipliers[channel], zero,
                                               layer.low, layer.high);
        const int64_t got =
            std::clamp<int64_t>(stored(r, channel, sum << scaled) + out.base,
                                layer.low, layer.high);
        ASSERT_EQ(got, wanted) << "round " << round << ", sum " << sum;
      }
  }
  // The shorter forms are not there in vain.
  EXPECT_GT(words, 10);
  EXPECT_GT(high, 10);
}

/// Whether 32 bits hold it.
bool isWord(int64_t value) { return value >= INT32_MIN && value <= INT32_MAX; }

// Up to the largest sums for which a shorter form is made at all: half of 2^31
// when they are scaled, by 2^4 (VNNI) or 2^12 (SMLAD) where weights of four
// bits stay at the upper end of their bytes or halfwords.
TEST(Rescale, NothingOverflows) {
  std::mt19937 random(5);
  int words = 0, high = 0, none = 0;
  for (const unsigned scaled : {0U, 4U, 12U})
    for (int round = 0; round < 120; ++round) {
      const int64_t limit = INT32_MAX >> (scaled + 1);
      // The limit itself, what is next to it on either side, and powers of two.
      const int64_t largest =
          round % 4 == 0 ? limit - round % 3
          : round % 4 == 1
              ? limit + 1
              : std::max<int64_t>(int64_t{1} << 7, limit >> (round % 20));
      int32_t zero = 0;
      const ann::IntLayer layer =
          anyLayer(random, largest, round % 2 ? 4 : 8, zero);
      int4::Buffer out;
      out.base = round % 8 < 4 ? layer.low : 0;
      out.zero = zero - out.base;
      const Rescale r = int4::rescaleOf(layer, out, largest, scaled, true);
      words += r.form == Rescale::Form::Word;
      high += r.form == Rescale::Form::High;
      none += r.form == Rescale::Form::Long;
      if (largest > limit)
        EXPECT_EQ(r.form, Rescale::Form::Long);
      if (r.form == Rescale::Form::Long)
        continue;
      for (size_t channel = 0; channel < layer.multipliers.size(); ++channel)
        for (const int64_t sum : {-largest, 1 - largest, int64_t{-1},
                                  int64_t{0}, largest - 1, largest}) {
          const int64_t scaledSum = sum * (int64_t{1} << scaled);
          ASSERT_TRUE(isWord(scaledSum));
          // What is multiplied, with the offset: Form::Word keeps 32 bits of
          // it, Form::High the upper 32 of 64.
          const int64_t product =
              r.form == Rescale::Form::Word
                  ? (scaledSum >> r.before) * r.factors[channel]
                  : (scaledSum * r.factors[channel]) >> 32;
          ASSERT_TRUE(isWord(product))
              << "scaled " << scaled << ", round " << round << ", sum " << sum;
          ASSERT_TRUE(isWord(product + r.offsets[channel]))
              << "scaled " << scaled << ", round " << round << ", sum " << sum;
          const int64_t wanted = ann::requantize(static_cast<int32_t>(sum),
                                                 layer.multipliers[channel],
                                                 zero, layer.low, layer.high);
          ASSERT_EQ(
              std::clamp<int64_t>(stored(r, channel, scaledSum) + out.base,
                                  layer.low, layer.high),
              wanted)
              << "scaled " << scaled << ", round " << round << ", sum " << sum;
        }
    }
  EXPECT_GT(words, 30);
  EXPECT_GT(high, 30);
  EXPECT_GT(none, 30);
}

TEST(Rescale, LongerOutputsKeepTheDefinition) {
  ann::IntLayer layer;
  layer.multipliers = {ann::multiplierOf(0.01).value()};
  layer.low = -(1 << 24);
  layer.high = 1 << 24;
  int4::Buffer out;
  out.bytes = 4;
  EXPECT_EQ(int4::rescaleOf(layer, out, 1000, 0, true).form,
            Rescale::Form::Long);
}

} // namespace
