//===- tests/unit/compiler/convert/RegistersTest.cpp ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/convert/Registers.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock::convert {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// One matrix of 1 x weights.size().
ann::IntNetwork matrix(std::vector<int8_t> weights, ann::WeightFormat format,
                       ann::Multiplier multiplier, int32_t bias) {
  ann::IntNetwork net;
  net.values = {{"x", {static_cast<int64_t>(weights.size())}, {1, -8, -8, 7}},
                {"y", {1}, {1, 3, -128, 127}}};
  ann::IntLayer layer;
  layer.kind = ann::Kind::Linear;
  layer.name = "fc";
  layer.inputs = {0};
  layer.output = 1;
  layer.format = format;
  layer.weights = std::move(weights);
  layer.bias = {bias};
  layer.multipliers = {multiplier};
  net.layers = {layer};
  net.input = 0;
  net.output = 1;
  return net;
}

} // namespace

TEST(Fields, FourBitsAreTheUpperOnesOfNine) {
  const auto net = matrix({-8, 0, 7}, {}, {1 << 30, 31}, 0);
  auto field = fieldOf(net.layers[0]);
  ASSERT_TRUE(bool(field));
  EXPECT_EQ(field->bits, 4u);
  EXPECT_EQ(field->align, 5); // Lava's Dense with num_weight_bits 4
  EXPECT_THAT(field->mantissas, ElementsAre(-256, 0, 224));
}

TEST(Fields, LogarithmicWeightsAreFactors) {
  ann::WeightFormat log2{ann::Code::Log2, 4, false, true};
  // 1, -2, 64: seven bits and a sign.
  const auto net = matrix({1, -2, 7}, log2, {1 << 30, 31}, 0);
  auto field = fieldOf(net.layers[0]);
  ASSERT_TRUE(bool(field));
  EXPECT_EQ(field->bits, 8u);
  EXPECT_THAT(field->mantissas, ElementsAre(2, -4, 128));
  log2.code = ann::Code::Log4; // 4^6
  auto wide = matrix({1, -2, 7}, log2, {1 << 30, 31}, 0);
  auto refused = fieldOf(wide.layers[0]);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()),
              HasSubstr("factors of -4 to 4096"));
}

TEST(Registers, AMultiplierIsTwoShiftsAround31) {
  // 2^30 / 2^40: 31 and then 9.
  auto small = matrix({1}, {}, {1 << 30, 40}, 5);
  auto r = registersOf(small, small.layers[0], 5, true);
  ASSERT_TRUE(bool(r));
  EXPECT_THAT(r->bias, ElementsAre(5));
  EXPECT_THAT(r->left, ElementsAre(0));
  EXPECT_THAT(r->right, ElementsAre(9));
  // Payloads count from the zero point of 3.
  EXPECT_EQ(r->low, -131);
  EXPECT_EQ(r->high, 124);
  // 2^30 / 2^24 = 64: eight to the left, 32 to the right.
  auto large = matrix({1}, {}, {1 << 30, 24}, 5);
  r = registersOf(large, large.layers[0], 5, true);
  ASSERT_TRUE(bool(r));
  EXPECT_THAT(r->left, ElementsAre(8));
  EXPECT_THAT(r->right, ElementsAre(1));
}

// The neuron's arithmetic (graded_quantize.mlir) beside the specification.
TEST(Registers, TwoShiftsRoundAsOne) {
  for (const ann::Multiplier m :
       {ann::Multiplier{1 << 30, 31}, ann::Multiplier{1610612736, 33},
        ann::Multiplier{2147483647, 36}, ann::Multiplier{1234567890, 40},
        ann::Multiplier{1431655765, 28}, ann::Multiplier{0, 1}}) {
    auto net = matrix({1}, {}, m, 0);
    auto r = registersOf(net, net.layers[0], 5, true);
    ASSERT_TRUE(bool(r));
    for (int32_t sum = -5000; sum <= 5000; ++sum) {
      const int64_t lifted = int64_t{sum} << r->left[0];
      const int64_t scaled = (lifted * r->mult[0]) >> 31;
      const int64_t code =
          (scaled + (int64_t{1} << (r->right[0] - 1))) >> r->right[0];
      ASSERT_EQ(code, ann::scaled(sum, m)) << sum << " / 2^" << m.shift;
    }
  }
}

TEST(Registers, SumsBeyondTheAccumulatorAreNamed) {
  auto net = matrix({7}, {}, {1 << 30, 31}, 1 << 29);
  net.layers[0].bias = {1 << 30};
  auto refused = registersOf(net, net.layers[0], 5, true);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()),
              testing::AllOf(HasSubstr("layer 'fc'"), HasSubstr("32 bits")));
}

} // namespace hillock::convert
