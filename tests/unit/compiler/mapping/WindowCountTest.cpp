//===- tests/unit/compiler/mapping/WindowCountTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is counted by windows against what enumerating the synapses finds.
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/WindowCount.h"
#include "compiler/mapping/solver/Map.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include <gtest/gtest.h>

namespace hillock::mapping::test {

namespace {

struct Found {
  RowShape shape;
  uint32_t offset = 0;
  std::vector<uint32_t> atoms;
  uint64_t hash = 0;
};
using Sets = std::map<std::pair<uint32_t, uint32_t>, Found>; // group, block

/// One projection, a cut and a grouping of its source.
struct Case {
  Network network;
  Grouping grouping;
  Cut cut;

  const Projection &projection() const { return network.projections[0]; }
  Extent target() const {
    return extentOf(network.populations[projection().target]);
  }
};

void check(const Case &c, const std::string &what) {
  ASSERT_TRUE(isCountable(c.projection())) << what;
  Sets counted, walked;
  const auto into = [](Sets &sets) {
    return [&sets](const RowSet &set) {
      const auto [at, isNew] = sets.try_emplace(
          {set.group, set.block}, Found{set.shape,
                                        set.offset,
                                        {set.atoms.begin(), set.atoms.end()},
                                        set.hash});
      EXPECT_TRUE(isNew);
    };
  };
  countRowSets(c.projection(), c.grouping, c.cut, c.target(), loihi(),
               into(counted), nullptr);
  forEachRowSet(c.projection(), c.grouping, c.cut, loihi(), into(walked));
  ASSERT_EQ(counted.size(), walked.size()) << what;
  std::map<uint64_t, uint64_t> hashOf; // counted: walked
  for (const auto &[place, found] : counted) {
    const auto at = walked.find(place);
    ASSERT_NE(at, walked.end()) << what;
    EXPECT_EQ(found.shape, at->second.shape) << what;
    EXPECT_EQ(found.offset, at->second.offset) << what;
    EXPECT_EQ(found.atoms, at->second.atoms) << what;
    // One hash, one content; with random weights one content, one hash, too.
    EXPECT_EQ(
        hashOf.try_emplace(found.hash ^ sm64(place.second), at->second.hash)
            .first->second,
        at->second.hash)
        << what;
  }
}

Grouping discrete(uint32_t size) {
  return {image::AxonType::Discrete, Extent{1, 1, size}, 1};
}
Grouping population(const Extent &extent, uint32_t block) {
  return {image::AxonType::Pop16, extent, block};
}

uint32_t upTo(CounterRandom &random, uint32_t most) {
  return 1 + static_cast<uint32_t>(random.below(most));
}

/// A convolution of random shape behind a pool or not, cut at random.
void convCase(uint64_t seed) {
  CounterRandom random(seed);
  const uint32_t groups = random.bernoulli(0.3) ? 2 : 1;
  const uint32_t in = groups * upTo(random, 3), out = groups * upTo(random, 4);
  const uint32_t kernel = upTo(random, 4), stride = upTo(random, 2);
  const uint32_t side = 6 + upTo(random, 4), padding = upTo(random, 3) - 1;
  const bool pooled = random.bernoulli(0.4);
  ConvStage stage;
  stage.inChannels = in;
  stage.outChannels = out;
  stage.groups = groups;
  stage.y = stage.x = {side, kernel, stride, padding, padding, 1};
  stage.weights =
      randomWeights(random, size_t{out} * (in / groups) * kernel * kernel, 0.3);
  const uint32_t sourceSide = pooled ? 2 * side : side;
  Case c;
  const uint32_t from = addInput(c.network, "in", {in, sourceSide, sourceSide});
  const uint32_t to = addPopulation(
      c.network, "out", {out, stage.y.outputs(), stage.x.outputs()});
  std::vector<Stage> stages;
  if (pooled)
    stages.push_back(pool(in, sourceSide, 2, 2));
  stages.push_back(stage);
  connect(c.network, from, to, std::move(stages));
  const Extent target = c.target();
  c.cut = makeCut(to, target,
                  {upTo(random, target.channels),
                   upTo(random, std::min(3u, target.height)),
                   upTo(random, std::min(3u, target.width))});
  const Extent source = extentOf(c.network.populations[from]);
  for (const Grouping &grouping :
       {discrete(source.size()), population(source, upTo(random, in)),
        population(source, in)}) {
    c.grouping = grouping;
    check(c, "conv, seed " + std::to_string(seed));
  }
}

void denseCase(uint64_t seed) {
  CounterRandom random(seed);
  const uint32_t channels = upTo(random, 3), side = 4;
  const bool pooled = random.bernoulli(0.5);
  const uint32_t in = channels * side * side / (pooled ? 4 : 1);
  const uint32_t out = 5 + upTo(random, 30);
  Case c;
  const uint32_t from = addInput(c.network, "in", {channels, side, side});
  const uint32_t to = addPopulation(c.network, "out", {out});
  std::vector<Stage> stages;
  if (pooled)
    stages.push_back(pool(channels, side, 2, 2));
  stages.push_back(ReshapeStage{in});
  stages.push_back(dense(random, in, out, 0.6));
  connect(c.network, from, to, std::move(stages));
  c.cut = makeCut(to, c.target(), {upTo(random, 6), 1, 1});
  const Extent source = extentOf(c.network.populations[from]);
  for (const Grouping &grouping :
       {discrete(source.size()), population(source, channels)}) {
    c.grouping = grouping;
    check(c, "dense, seed " + std::to_string(seed));
  }
}

} // namespace

TEST(WindowCount, Convolutions) {
  for (uint64_t seed = 0; seed < 150; ++seed)
    convCase(seed);
}

TEST(WindowCount, Matrices) {
  for (uint64_t seed = 0; seed < 100; ++seed)
    denseCase(seed);
}

// Windows that overlap, several weighted paths and lists are enumerated.
TEST(WindowCount, WhatIsNotCounted) {
  CounterRandom random(1);
  Network network;
  const uint32_t in = addInput(network, "in", {2, 8, 8});
  const uint32_t out = addPopulation(network, "out", {2, 3, 3});
  const Projection &overlapping = connect(
      network, in, out, {pool(2, 8, 4, 1), conv(random, 2, 5, 2, 3, 1, 0)});
  EXPECT_FALSE(isCountable(overlapping));
  const Projection &behind = connect(
      network, in, out, {conv(random, 2, 8, 2, 3, 1, 0), pool(2, 6, 2, 2)});
  EXPECT_FALSE(isCountable(behind));
}

} // namespace hillock::mapping::test
