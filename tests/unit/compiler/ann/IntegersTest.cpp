//===- tests/unit/compiler/ann/IntegersTest.cpp ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Kernels.h"
#include "compiler/ann/Plan.h"
#include "compiler/ann/Ranges.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock::ann {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Requantize, MultipliersAreNormalized) {
  // 0.75 = 0.75 * 2^31 / 2^31; 3 = 0.75 * 2^31 / 2^29.
  EXPECT_EQ(multiplierOf(0.75), (Multiplier{1610612736, 31}));
  EXPECT_EQ(multiplierOf(3), (Multiplier{1610612736, 29}));
  EXPECT_EQ(multiplierOf(0x1p-10), (Multiplier{1 << 30, 40}));
  EXPECT_EQ(multiplierOf(0)->mantissa, 0);
  // Just below a power of two rounds up to it.
  EXPECT_EQ(multiplierOf(1 - 0x1p-40), (Multiplier{1 << 30, 30}));
  EXPECT_FALSE(multiplierOf(0x1p30));
  EXPECT_FALSE(multiplierOf(-1));
  EXPECT_FALSE(multiplierOf(std::nan("")));
}

TEST(Requantize, RoundsOnceAndTiesUpward) {
  const Multiplier half = *multiplierOf(0.5);
  // 2.5 -> 3, -2.5 -> -2, 3.5 -> 4, -3.5 -> -3.
  EXPECT_EQ(scaled(5, half), 3);
  EXPECT_EQ(scaled(-5, half), -2);
  EXPECT_EQ(scaled(7, half), 4);
  EXPECT_EQ(scaled(-7, half), -3);
  // 5 / 3 = 1.67 -> 2, with the zero point and clamped to 4 bits.
  EXPECT_EQ(requantize(5, *multiplierOf(1.0 / 3), -8, -8, 7), -6);
  EXPECT_EQ(requantize(100, *multiplierOf(1.0 / 3), -8, -8, 7), 7);
  EXPECT_EQ(requantize(-100, *multiplierOf(1.0 / 3), -8, -8, 7), -8);
  // The largest sums there are.
  EXPECT_EQ(scaled(2147483647, *multiplierOf(1)), 2147483647);
  EXPECT_EQ(scaled(-2147483647 - 1, *multiplierOf(1)), -2147483648LL);
}

TEST(Requantize, SumsOfTwoValuesStayIn32Bits) {
  // 3 * 0.5 + 4 * 0.25 = 2.5 -> 3
  const auto pair = pairMultiplierOf(0.5, 0.25);
  ASSERT_TRUE(pair);
  EXPECT_LT(pair->a, 1 << 20);
  EXPECT_EQ(addScaled(3, 4, *pair, 0, -128, 127), 3);
  EXPECT_EQ(addScaled(255, 255, *pair, 0, -128, 127), 127);
}

TEST(Ranges, InputScalingOfTheDocuments) {
  // 0 .. 1 to -8 .. 7.
  const Quantization q = covering(0, 1, 4);
  EXPECT_DOUBLE_EQ(q.scale, 1.0 / 15);
  EXPECT_EQ(q.code(0), -8);
  EXPECT_EQ(q.code(1), 7);
  EXPECT_EQ(q.code(0.5), 0); // 7.5 - 8: ties to even, 8 - 8
  EXPECT_EQ(q.code(-3), -8);
}

TEST(Formats, FactorsAreSignsAndPowers) {
  std::vector<int32_t> two, four;
  for (int32_t code = -7; code <= 7; ++code) {
    two.push_back(factorOf(Code::Log2, code));
    four.push_back(factorOf(Code::Log4, code));
  }
  EXPECT_THAT(two, ElementsAre(-64, -32, -16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16,
                               32, 64));
  EXPECT_THAT(four, ElementsAre(-4096, -1024, -256, -64, -16, -4, -1, 0, 1, 4,
                                16, 64, 256, 1024, 4096));
  EXPECT_EQ(packedBytes(5, 4), 3u);
  EXPECT_EQ(packedBytes(5, 2), 2u);
}

/// An integer that counts its multiplications.
struct Counted {
  int64_t value = 0;
  static inline int64_t products = 0;
  Counted() = default;
  Counted(int64_t v) : value(v) {}
  Counted operator*(Counted other) const {
    ++products;
    return value * other.value;
  }
  Counted operator<<(unsigned bits) const { return value << bits; }
  void operator+=(Counted other) { value += other.value; }
  void operator-=(Counted other) { value -= other.value; }
};

TEST(Kernels, LogarithmicWeightsNeedNoMultiplication) {
  const std::vector<int16_t> x = {1, -2, 3, 4, 5, -6, 7, 8, 9};
  const std::vector<int16_t> codes = {1, -3, 0, 2}; // 1, -16, 0, 4
  Window window;
  window.kernel = {2, 2};
  std::vector<Counted> shifted(4), multiplied(4);
  Counted::products = 0;
  convolve<ShiftBy<2>>(shifted.data(), x.data(), codes.data(), window, 1,
                       {1, 3, 3}, {1, 2, 2});
  EXPECT_EQ(Counted::products, 0);
  const std::vector<int16_t> factors = {1, -16, 0, 4};
  convolve<Multiply>(multiplied.data(), x.data(), factors.data(), window, 1,
                     {1, 3, 3}, {1, 2, 2});
  EXPECT_EQ(Counted::products, 12); // none for the zero
  // 1*1 + -2*-16 + 5*4 = 53; -2 + -48 - 24 = -74; 4 - 80 + 32; 5 + 96 + 36
  const std::vector<int64_t> expected = {53, -74, -44, 137};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(shifted[i].value, expected[i]);
    EXPECT_EQ(multiplied[i].value, expected[i]);
  }
}

/// (2) -> linear -> (2), by hand.
Network smallNetwork() {
  Network net;
  net.name = "small";
  net.values = {{"x", {2}, {}}, {"y", {2}, {}}};
  Layer layer;
  layer.kind = Kind::Linear;
  layer.name = "fc";
  layer.inputs = {0};
  layer.output = 1;
  layer.weights = {1, -0.5f, 0.25f, 0};
  layer.bias = {0.5, -1};
  layer.low = 0;
  net.layers = {layer};
  net.input = 0;
  net.output = 1;
  return net;
}

Plan smallPlan() {
  Plan plan;
  plan.values = {covering(0, 1, 4), covering(0, 3, 4)};
  QuantWeights weights;
  weights.format.bits = 4;
  weights.codes = {4, -2, 2, 0};
  weights.scales = {0.25, 0.125};
  weights.bias = {0.5, -1};
  plan.weights = {weights};
  return plan;
}

TEST(Lower, MakesIntegersOfScales) {
  auto net = lower(smallNetwork(), smallPlan(), "test");
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  const IntLayer &layer = net->layers[0];
  // Bias over (1/15 * 1/4) and (1/15 * 1/8).
  EXPECT_THAT(layer.bias, ElementsAre(30, -120));
  // (1/60) / (1/5) = 1/12.
  EXPECT_EQ(layer.multipliers[0], *multiplierOf(1.0 / 12));
  EXPECT_EQ(layer.low, -8); // Relu: the code of 0
  IntRunner runner(*net);
  // x = (1, 1/15 * 4): codes 7, -4; sum = 30 + 15 * 4 - 4 * 2 = 82;
  // 82 / 12 = 6.83 -> 7 - 8 = -1. Second: -120 + 30 < 0 -> -8.
  const std::vector<float> x = {1, 4.0f / 15};
  EXPECT_THAT(runner.run(x), ElementsAre(-1, -8));
}

TEST(Lower, RefusesSumsBeyond32Bits) {
  Plan plan = smallPlan();
  plan.weights[0]->format.code = Code::Log4;
  plan.weights[0]->codes = {7, 7, 7, 7};
  plan.weights[0]->bias = {8.9e6, 0}; // / (1/60) = 5.3e8: alone it fits
  EXPECT_TRUE(static_cast<bool>(lower(smallNetwork(), plan, "test")));
  plan.weights[0]->bias = {3.579e7, 0}; // 2^31 - 1.3e4
  auto net = lower(smallNetwork(), plan, "test");
  ASSERT_FALSE(static_cast<bool>(net));
  const std::string text = takeText(net.takeError());
  EXPECT_THAT(text, HasSubstr("'fc'"));
  EXPECT_THAT(text, HasSubstr("32 bits"));
}

TEST(Lower, LeavesDecisionsToTheReader) {
  Network net = smallNetwork();
  net.values.push_back({"p", {2}, {}});
  Layer layer;
  layer.kind = Kind::Softmax;
  layer.name = "softmax";
  layer.inputs = {1};
  layer.output = 2;
  net.layers.push_back(layer);
  net.output = 2;
  net = withoutDecision(std::move(net));
  EXPECT_EQ(net.layers.size(), 1u);
  EXPECT_EQ(net.output, 1);
  ASSERT_EQ(net.remarks.size(), 1u);
  EXPECT_THAT(net.remarks[0], HasSubstr("softmax"));
}

} // namespace
} // namespace hillock::ann
