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
#include "emulator/core/Checkpoint.h"
#include "emulator/core/CoreLevels.h"
#include "tests/unit/emulator/core/RunCompare.h"
#include <algorithm>
#include <tuple>

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

enum class Rows {
  /// Dense ones of bytes or 4 bits, enough to be added many steps at once;
  /// every tenth is sparse.
  Dense,
  /// Sparse ones with one or two weights: those of a sender are merged.
  Merged,
};

/// Rows of a kind along the edges of \p plan, some of which take longer. Those
/// of the host come first.
std::shared_ptr<image::LoadedImage>
layers(const std::vector<Plan> &plan, Rows kind, uint64_t seed, bool late) {
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
  // Some become rows of bits, others stay lists.
  const auto addMerged = [&](CoreTables &to, uint8_t delay) {
    static constexpr int16_t few[] = {90, -50, 64};
    const int16_t pair[] = {few[random.below(3)], few[random.below(3)]};
    std::vector<uint16_t> targets;
    std::vector<int16_t> weights;
    for (uint32_t n = 0; n < to.compartments; ++n)
      if (random.below(seed % 2 ? 2 : 9) == 0) {
        targets.push_back(uint16_t(n));
        weights.push_back(pair[random.below(2)]);
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
        const bool sparse = random.below(10) == 0;
        const uint8_t delay =
            late && random.below(4) == 0 ? uint8_t(random.below(4)) : 0;
        if (kind == Rows::Merged)
          addMerged(image->cores[to], delay);
        else
          addDense(image->cores[to], sparse, delay);
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
    const auto image = layers(GetParam(), Rows::Dense, seed, seed >= 2);
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

/// Layers of six cores each, which two or three threads share evenly. Each
/// sends to all later ones, and the one in the middle to itself as well where
/// \p loop is.
std::vector<Plan> sixes(const std::vector<uint32_t> &compartments, bool loop) {
  std::vector<Plan> plan;
  const auto layerCount = static_cast<uint32_t>(compartments.size());
  for (uint32_t layer = 0; layer < layerCount; ++layer)
    for (uint32_t core = 0; core < 6; ++core) {
      plan.push_back({compartments[layer], {}});
      const bool back = loop && layer == layerCount / 2;
      for (uint32_t to = 6 * (layer + !back); to < 6 * layerCount; ++to)
        plan.back().targets.push_back(to);
    }
  return plan;
}

/// As hostInput(), but now and then to the rows of a neuron.
std::vector<std::vector<HostSpike>> mixedInput(uint32_t cores, uint64_t seed) {
  auto input = hostInput(cores, seed);
  for (std::vector<HostSpike> &spikes : input)
    for (HostSpike &spike : spikes)
      if (spike.core >= 6 && spike.axon < 8) // the first six only send
        spike.axon += hostRows;
  return input;
}

// Rows of a sender that lead to cores of one level and thread are merged.
TEST(Levels, MergedRows) {
  for (const bool loop : {false, true})
    for (uint64_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE(seed);
      const std::vector<Plan> plan = sixes({20, 16, 12}, loop);
      const auto image = layers(plan, Rows::Merged, seed, seed >= 2);
      const auto cores = static_cast<uint32_t>(plan.size());
      const auto input =
          seed == 0 ? hostInput(cores, seed) : mixedInput(cores, seed);
      EXPECT_GT(compareRuns(image, input), 300u);
    }
}

void expectSameCounters(const Emulator &one, const Emulator &other,
                        uint32_t cores) {
  for (uint32_t c = 0; c < cores; ++c) {
    const CoreCounters &a = one.counters(c), &b = other.counters(c);
    EXPECT_EQ(
        std::tie(a.axonsIn, a.synapticEvents, a.updates, a.spikes, a.axonsOut),
        std::tie(b.axonsIn, b.synapticEvents, b.updates, b.spikes, b.axonsOut))
        << "core " << c;
  }
}

// A block ends with mail for all levels, which the checkpoint has to have; who
// goes on has other threads, and has run something else before.
TEST(Levels, GoOnFromACheckpoint) {
  for (const Rows kind : {Rows::Dense, Rows::Merged})
    for (const bool loop : {false, true}) {
      const std::vector<Plan> plan = sixes({20, 16, 12}, loop);
      const auto cores = static_cast<uint32_t>(plan.size());
      const auto image = layers(plan, kind, 5, /*late=*/true);
      const auto input = mixedInput(cores, 5);
      const Expectation expected(*image, input);
      const auto whole = make(image, Simd::Auto, 1);
      std::vector<Spike> spikes;
      ASSERT_EQ(takeText(whole->run(input, spikes)), "");
      expected.compare(*whole, spikes);
      constexpr size_t before = 31;
      const std::span<const std::vector<HostSpike>> all = input;
      for (const auto &[first, second] :
           {std::pair(1u, 3u), std::pair(2u, 1u), std::pair(3u, 2u)}) {
        SCOPED_TRACE(std::to_string(first) + " to " + std::to_string(second));
        const auto one = make(image, Simd::Auto, first);
        std::vector<Spike> got;
        ASSERT_EQ(takeText(one->run(all.first(before), got)), "");
        proto::Checkpoint state;
        ASSERT_EQ(takeText(one->save(state)), "");
        const auto other = make(image, Simd::Auto, second);
        std::vector<Spike> lost;
        ASSERT_EQ(takeText(other->run(all.subspan(before + 3), lost)), "");
        ASSERT_EQ(takeText(other->restore(state)), "");
        EXPECT_EQ(other->now(), before);
        EXPECT_TRUE(std::equal(one->spikes().begin(), one->spikes().end(),
                               other->spikes().begin(), other->spikes().end()));
        expectSameCounters(*one, *other, cores);
        ASSERT_EQ(takeText(other->run(all.subspan(before), got)), "");
        expected.compare(*other, got);
        expectSameCounters(*whole, *other, cores);
      }
    }
}

} // namespace
