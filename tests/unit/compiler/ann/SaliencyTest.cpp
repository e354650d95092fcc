//===- tests/unit/compiler/ann/SaliencyTest.cpp ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// By hand: a matrix over four inputs, whose margin is the difference of two
// rows.
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Saliency.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock::ann {
namespace {

using testing::ElementsAre;

/// (1, 2, 2) -> reshape -> (4) -> linear -> (2); codes are numbers.
IntNetwork network() {
  IntNetwork net;
  const Quantization codes{1, 0, -8, 7};
  const Quantization sums{1, 0, -2147483647 - 1, 2147483647};
  net.values = {{"x", {1, 2, 2}, codes}, {"f", {4}, codes}, {"y", {2}, sums}};
  IntLayer reshape;
  reshape.kind = Kind::Reshape;
  reshape.inputs = {0};
  reshape.output = 1;
  reshape.low = -8;
  reshape.high = 7;
  IntLayer linear;
  linear.kind = Kind::Linear;
  linear.inputs = {1};
  linear.output = 2;
  linear.weights = {3, 1, 0, -2, 1, 1, 2, 0};
  linear.bias = {0, 0};
  linear.multipliers = {*multiplierOf(1), *multiplierOf(1)};
  linear.low = sums.low;
  linear.high = sums.high;
  net.layers = {reshape, linear};
  net.input = 0;
  net.output = 2;
  return net;
}

TEST(Saliency, IsTheMarginThatAnInputCarries) {
  const IntNetwork net = network();
  ASSERT_FALSE(static_cast<bool>(check(net, "test")));
  // y = (3*4 + 1*2 + 0*0 - 2*1, 4 + 2 + 2*0 + 0) = (12, 6): margin 6, and its
  // weights are the difference of the rows: (2, 0, -2, -2).
  const std::vector<int32_t> codes = {4, 2, 0, 1};
  const Saliency one = explainDecision(net, codes, {1, 1}, 1);
  EXPECT_EQ(one.decision, 0);
  EXPECT_EQ(one.margin, 6);
  EXPECT_EQ(one.rows, 2);
  EXPECT_EQ(one.columns, 2);
  // 4 becomes 0, 2 (in the middle) becomes 0, 0 becomes 4, 1 becomes 4:
  // margins 6 - 8, 6 + 0, 6 - 8, 6 - 6.
  EXPECT_THAT(one.loss, ElementsAre(8, 0, 8, 6));
  // At a margin of 0 the first of equals still wins.
  EXPECT_EQ(one.flips, 2u);
}

TEST(Saliency, PatchesAreClippedAtTheEdge) {
  const IntNetwork net = network();
  const std::vector<int32_t> codes = {4, 2, 0, 1};
  // A row of two: itself and what follows; at the right edge itself alone.
  const Saliency rows = explainDecision(net, codes, {1, 2}, 1);
  EXPECT_THAT(rows.loss, ElementsAre(8, 0, 8 + 6, 6));
  // Three by three is everything, from any place.
  const Saliency all = explainDecision(net, codes, {3, 3}, 1);
  EXPECT_THAT(all.loss, ElementsAre(22, 22, 22, 22));
}

TEST(Saliency, DoesNotDependOnThreads) {
  const IntNetwork net = network();
  const std::vector<int32_t> codes = {-3, 7, 5, -8};
  const Saliency one = explainDecision(net, codes, {1, 1}, 1);
  const Saliency four = explainDecision(net, codes, {1, 1}, 4);
  EXPECT_EQ(one.loss, four.loss);
  EXPECT_EQ(one.flips, four.flips);
}

} // namespace
} // namespace hillock::ann
