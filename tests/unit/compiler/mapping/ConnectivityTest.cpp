//===- tests/unit/compiler/mapping/ConnectivityTest.cpp -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/Geometry.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include <gmock/gmock.h>

namespace hillock::mapping::test {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Weights list(std::vector<int16_t> values) {
  return std::make_shared<std::vector<int16_t>>(std::move(values));
}

std::vector<Synapse> of(std::vector<Stage> stages, uint32_t source,
                        std::vector<uint8_t> delays = {}) {
  auto chain = ChainConnectivity::create(std::move(stages), std::move(delays));
  if (!chain) {
    ADD_FAILURE() << takeText(chain.takeError());
    return {};
  }
  std::vector<Synapse> synapses;
  (*chain)->append(source, synapses);
  return synapses;
}

std::string problem(std::vector<Stage> stages,
                    std::vector<uint8_t> delays = {}) {
  auto chain = ChainConnectivity::create(std::move(stages), std::move(delays));
  return chain ? "" : takeText(chain.takeError());
}

TEST(Connectivity, DenseDropsZeros) {
  // Rows are targets: target 0 listens to (1, 2, 3), target 1 to (4, 0, 6).
  const std::vector<Stage> stages = {
      DenseStage(3, 2, list({1, 2, 3, 4, 0, 6}))};
  EXPECT_THAT(of(stages, 0), ElementsAre(Synapse{0, 1, 0}, Synapse{1, 4, 0}));
  EXPECT_THAT(of(stages, 1), ElementsAre(Synapse{0, 2, 0}));
}

TEST(Connectivity, DenseLargerThanABlock) {
  std::vector<int16_t> weights(130 * 70);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<int16_t>(i + 1);
  const auto synapses = of({DenseStage(70, 130, list(weights))}, 69);
  ASSERT_EQ(synapses.size(), 130u);
  EXPECT_EQ(synapses[129], (Synapse{129, 130 * 70, 0}));
  EXPECT_EQ(synapses[64], (Synapse{64, 65 * 70, 0}));
}

// Cross-correlation: out[o] = sum_k w[k] in[o + k].
TEST(Connectivity, Convolution2d) {
  ConvStage stage;
  stage.y = stage.x = {3, 2, 1, 0, 0, 1};
  stage.weights = list({1, 2, 3, 4});
  EXPECT_THAT(of({stage}, 4), // the middle
              ElementsAre(Synapse{0, 4, 0}, Synapse{1, 3, 0}, Synapse{2, 2, 0},
                          Synapse{3, 1, 0}));
  EXPECT_THAT(of({stage}, 0), ElementsAre(Synapse{0, 1, 0}));
}

// out[o] = sum_k w[k] in[2 o + k - 1]: input 1 is tap 2 of out 0, tap 0 of 1.
TEST(Connectivity, StrideAndPadding) {
  ConvStage stage;
  stage.x = {4, 3, 2, 1, 1, 1};
  stage.weights = list({10, 20, 30});
  EXPECT_EQ(stage.outputs(), 2u);
  EXPECT_THAT(of({stage}, 1),
              ElementsAre(Synapse{0, 30, 0}, Synapse{1, 10, 0}));
  EXPECT_THAT(of({stage}, 2), ElementsAre(Synapse{1, 20, 0}));
}

// Taps two apart: out[o] = w[0] in[o] + w[1] in[o + 2].
TEST(Connectivity, Dilation) {
  ConvStage stage;
  stage.x = {4, 2, 1, 0, 0, 2};
  stage.weights = list({5, 7});
  EXPECT_THAT(of({stage}, 2), ElementsAre(Synapse{0, 7, 0}));
  EXPECT_THAT(of({stage}, 1), ElementsAre(Synapse{1, 5, 0}));
}

// Two groups of one input and two output channels each, kernel 1.
TEST(Connectivity, Groups) {
  ConvStage stage;
  stage.inChannels = 2;
  stage.outChannels = 4;
  stage.groups = 2;
  stage.weights = list({1, 2, 3, 4});
  EXPECT_THAT(of({stage}, 1), ElementsAre(Synapse{2, 3, 0}, Synapse{3, 4, 0}));
}

TEST(Connectivity, OverlappingPoolsMeetATargetTwice) {
  // Windows 0-1, 1-2, 2-3 of four; then all to one.
  const WindowAxis axis{4, 2, 1, 0, 0, 1};
  const std::vector<Stage> stages = {PoolStage{1, {}, axis}, ReshapeStage{3},
                                     DenseStage(3, 1, list({5, 7, 9}))};
  EXPECT_THAT(of(stages, 1), ElementsAre(Synapse{0, 5, 0}, Synapse{0, 7, 0}));
  EXPECT_THAT(of(stages, 3), ElementsAre(Synapse{0, 9, 0}));
}

TEST(Connectivity, PoolBehindWeights) {
  const WindowAxis axis{2, 2, 2, 0, 0, 1};
  const std::vector<Stage> stages = {DenseStage(1, 4, list({1, 2, 3, 4})),
                                     PoolStage{2, {}, axis}};
  EXPECT_THAT(of(stages, 0), ElementsAre(Synapse{0, 1, 0}, Synapse{0, 2, 0},
                                         Synapse{1, 3, 0}, Synapse{1, 4, 0}));
}

TEST(Connectivity, ElementwiseAndDelays) {
  const std::vector<Stage> stages = {ElementwiseStage{4, list({6, 8})}};
  EXPECT_THAT(of(stages, 1, {0, 3, 0, 0}), ElementsAre(Synapse{1, 6, 3}));
  EXPECT_THAT(of(stages, 3, {2}), ElementsAre(Synapse{3, 8, 2}));
}

TEST(Connectivity, SparseSortsAndAddsDelays) {
  const std::vector<Stage> stages = {SparseStage(
      2, 3, {{1, 2, 4, 1}, {1, 0, 6, 0}, {0, 1, 0, 0}, {1, 0, 2, 0}})};
  EXPECT_THAT(of(stages, 0), IsEmpty());
  EXPECT_THAT(
      of(stages, 1, {5}),
      ElementsAre(Synapse{0, 2, 5}, Synapse{0, 6, 5}, Synapse{2, 4, 6}));
}

TEST(Connectivity, MalformedChainsAreRefused) {
  EXPECT_NE(problem({}), "");
  EXPECT_THAT(problem({DenseStage(2, 2, list({1, 2, 3}))}),
              ::testing::HasSubstr("shape (2, 2)"));
  EXPECT_THAT(problem({ReshapeStage{3}, ReshapeStage{4}}),
              ::testing::HasSubstr("stage 1: 4 inputs follow 3 outputs"));
  EXPECT_THAT(
      problem({ElementwiseStage{2, list({2})}, ElementwiseStage{2, list({2})}}),
      ::testing::HasSubstr("2 stages have weights"));
  EXPECT_THAT(problem({ReshapeStage{3}}, {1, 2}),
              ::testing::HasSubstr("2 delays for 3 neurons"));
  EXPECT_THAT(problem({PoolStage{1, {}, {2, 3, 1, 0, 0, 1}}}),
              ::testing::HasSubstr("larger than its padded input"));
  EXPECT_THAT(problem({SparseStage(1, 1, {{0, 1, 2, 0}})}),
              ::testing::HasSubstr("outside 1 x 1"));
}

// Three channels on two pixels in groups of two atoms: (0, 1) and (2) of the
// first pixel, then of the second.
TEST(Grouping, ChannelsOfAPixel) {
  const Grouping g{image::AxonType::Pop16, Extent{3, 1, 2}, 2};
  EXPECT_EQ(g.groups(), 4u);
  EXPECT_EQ(g.atomsOf(0), 2u);
  EXPECT_EQ(g.atomsOf(1), 1u);
  EXPECT_EQ(g.groupOf(3), 2u); // channel 1, pixel 1
  EXPECT_EQ(g.atomOf(3), 1u);
  for (uint32_t group = 0; group < g.groups(); ++group)
    for (uint32_t atom = 0; atom < g.atomsOf(group); ++atom) {
      const uint32_t neuron = g.neuron(group, atom);
      EXPECT_EQ(g.groupOf(neuron), group);
      EXPECT_EQ(g.atomOf(neuron), atom);
    }
}

} // namespace

} // namespace hillock::mapping::test
