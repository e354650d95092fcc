//===- tests/unit/compiler/transform/RetimeTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Retime.h"
#include <gtest/gtest.h>

using namespace hillock::transform;

TEST(Retime, ChainLagsOneStepALayer) {
  Lags lags = retime(4, {{0, 1, 0}, {1, 2, 0}, {2, 3, 0}});
  EXPECT_EQ(lags.lag, (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_TRUE(lags.stretched.empty());
}

TEST(Retime, RecurrenceOfOneStepIsFree) {
  std::vector<TimedEdge> edges = {{0, 1, 0}, {1, 1, 1}, {1, 2, 0}};
  Lags lags = retime(3, edges);
  EXPECT_EQ(lags.lag, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(lags.delayOf(edges[1], 1), 1);
  EXPECT_TRUE(lags.stretched.empty());
}

TEST(Retime, SkipConnectionGetsTheMissingSteps) {
  std::vector<TimedEdge> edges = {{0, 1, 0}, {1, 2, 0}, {0, 2, 0}};
  Lags lags = retime(3, edges);
  EXPECT_EQ(lags.lag, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(lags.delayOf(edges[2], 0), 2);
}

TEST(Retime, DelaysOfTheNetworkAreUsed) {
  std::vector<TimedEdge> edges = {{0, 1, 3}};
  Lags lags = retime(2, edges);
  EXPECT_EQ(lags.lag[1], 0);
  EXPECT_EQ(lags.delayOf(edges[0], 3), 3);
}

TEST(Retime, TwoLayerLoopWithOneStepIsStretched) {
  // A -> B at once, B -> A one step later: two projections, one step.
  std::vector<TimedEdge> edges = {{0, 1, 0}, {1, 2, 0}, {2, 1, 1}};
  Lags lags = retime(3, edges);
  EXPECT_EQ(lags.stretched, (std::vector<uint32_t>{2}));
  EXPECT_EQ(lags.lag, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(lags.delayOf(edges[2], 1), 1);
}

TEST(Retime, TwoLayerLoopWithTwoStepsIsExact) {
  std::vector<TimedEdge> edges = {{0, 1, 0}, {1, 2, 0}, {2, 1, 2}};
  Lags lags = retime(3, edges);
  EXPECT_TRUE(lags.stretched.empty());
  EXPECT_EQ(lags.delayOf(edges[2], 2), 1);
}
