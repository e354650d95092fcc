//===- tests/unit/emulator/core/LevelsTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Levels of cores: against reachability, and runs of networks with several of
// them against the plain engine.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "emulator/core/CoreLevels.h"
#include "tests/unit/emulator/core/RunCompare.h"
#include <algorithm>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

using Targets = std::vector<std::vector<uint32_t>>;

/// reach[a][b]: b can be reached from a in one step or more (Warshall).
std::vector<std::vector<bool>> reachable(const Targets &targets) {
  const size_t n = targets.size();
  std::vector<std::vector<bool>> reach(n, std::vector<bool>(n));
  for (size_t a = 0; a < n; ++a)
    for (uint32_t b : targets[a])
      reach[a][b] = true;
  for (size_t via = 0; via < n; ++via)
    for (size_t a = 0; a < n; ++a)
      for (size_t b = 0; b < n; ++b)
        if (reach[a][via] && reach[via][b])
          reach[a][b] = true;
  return reach;
}

TEST(CoreLevels, OfGraphsByHand) {
  const CoreLevels chain = CoreLevels::find({{1}, {2}, {}});
  EXPECT_EQ(chain.level, (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_EQ(chain.count, 3u);
  // 1 and 3 send to each other; 4 is reached by two ways.
  const CoreLevels loop = CoreLevels::find({{1, 4}, {3}, {2}, {1, 4}, {}});
  EXPECT_EQ(loop.level, (std::vector<uint32_t>{0, 1, 0, 1, 2}));
  EXPECT_EQ(loop.component[1], loop.component[3]);
  EXPECT_EQ(CoreLevels::find({}).count, 1u);
}

TEST(CoreLevels, OfRandomGraphs) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    CounterRandom random(seed);
    const auto n = static_cast<uint32_t>(1 + random.below(12));
    Targets targets(n);
    for (uint64_t e = random.below(2 * n + 1); e > 0; --e)
      targets[random.below(n)].push_back(uint32_t(random.below(n)));
    const CoreLevels found = CoreLevels::find(targets);
    const auto reach = reachable(targets);
    for (uint32_t a = 0; a < n; ++a) {
      EXPECT_LT(found.level[a], found.count);
      for (uint32_t b = 0; b < n; ++b)
        if (a != b)
          EXPECT_EQ(found.component[a] == found.component[b],
                    reach[a][b] && reach[b][a]);
      for (uint32_t b : targets[a])
        if (found.component[a] == found.component[b])
          EXPECT_EQ(found.level[a], found.level[b]);
        else
          EXPECT_LT(found.level[a], found.level[b]);
    }
  }
}

/// What a core of the network below is for.
struct Plan {
  uint32_t compartments;
  std::vector<uint32_t> targets; ///< cores
};

constexpr uint32_t hostRows = 64;

/// Dense rows of bytes or 4 bits along the edges of \p plan, enough to be added
/// many steps at once; every tenth is sparse, some spikes take longer. Rows of
/// the host come first.
std::shared_ptr<image::LoadedImage> layers(const std::vector<Plan> &plan,
                                           uint64_t seed, bool late) {
  CounterRandom random(seed, 0);
  auto image = std::make_shared<image::LoadedImage>();
  image->target = llvm::cantFail(target::findTarget("loihi"));
  image->programs = {binaryProgram()};
  const auto addDense = [&](CoreTables &to, bool sparse, uint8_t delay) {
    std::vector<uint16_t> targets;
    std::vector<int16_t> weights;
    for (uint32_t n = 0; n < to.compartments; ++n)
      if (!sparse || random.below(9) == 0) {
        targets.push_back(uint16_t(n));
        weights.push_back(seed % 2 ? int16_t(random.below(16) * 8) - 64
                                   : int16_t(random.below(200)) - 100);
      }
    addRow(to, targets, weights, delay);
  };
  for (uint32_t c = 0; c < plan.size(); ++c) {
    CoreTables core;
    core.core = c;
    core.compartments = plan[c].compartments;
    core.formats.resize(1);
    core.formats[0].weightExp = -1;
    for (uint32_t r = 0; r < hostRows; ++r)
      addDense(core, false, 0);
    image->cores.push_back(core);
  }
  for (uint32_t c = 0; c < plan.size(); ++c)
    for (uint32_t n = 0; n < plan[c].compartments; ++n) {
      CoreTables &from = image->cores[c];
      for (uint32_t to : plan[c].targets) {
        image::AxonOut out;
        out.core = image->cores[to].core;
        out.axon = uint16_t(image->cores[to].axonsIn.size());
        from.axonsOut.push_back(out);
        addDense(image->cores[to], random.below(10) == 0,
                 late && random.below(4) == 0 ? uint8_t(random.below(4)) : 0);
      }
      from.outFirst.push_back(uint32_t(from.axonsOut.size()));
    }
  return image;
}

/// Spikes for every third core, now and then one that comes twice.
std::vector<std::vector<HostSpike>> hostInput(uint32_t cores, uint64_t seed) {
  CounterRandom random(seed, 1);
  std::vector<std::vector<HostSpike>> input(75);
  for (std::vector<HostSpike> &spikes : input)
    for (uint64_t k = random.below(30); k > 0; --k) {
      HostSpike spike;
      spike.core = uint32_t(random.below(1 + cores / 3)) * 3 % cores;
      spike.axon = uint32_t(random.below(hostRows));
      spike.payload = random.below(20) == 0 ? 2 : 1;
      spikes.push_back(spike);
    }
  return input;
}

class Levels : public testing::TestWithParam<std::vector<Plan>> {};

TEST_P(Levels, EqualThePlainEngine) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto image = layers(GetParam(), seed, seed >= 2);
    const auto cores = static_cast<uint32_t>(GetParam().size());
    EXPECT_GT(compareRuns(image, hostInput(cores, seed)), 300u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Levels,
    testing::Values(
        // A chain; layers of two cores; a layer that sends to itself; a cycle
        // of two cores between layers; one that skips a layer.
        std::vector<Plan>{{90, {1}}, {70, {2}}, {40, {}}},
        std::vector<Plan>{
            {64, {2, 3}}, {48, {2, 3}}, {80, {4}}, {33, {4}}, {50, {}}},
        std::vector<Plan>{{64, {1}}, {64, {1, 2}}, {40, {}}},
        std::vector<Plan>{{64, {1}}, {50, {2, 3}}, {50, {1}}, {60, {}}},
        std::vector<Plan>{{40, {1, 2}}, {64, {2}}, {64, {}}, {36, {}}}));

} // namespace
