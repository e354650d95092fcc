//===- tests/unit/emulator/timing/ChipClockTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/timing/ChipClock.h"
#include "base/Random.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::emu;
using testing::Contains;
using testing::HasSubstr;

namespace {

CostTable costs(const char *name) {
  auto target = target::findTarget("loihi");
  auto tables = costTables(*target, {name});
  if (!tables) {
    ADD_FAILURE() << takeText(tables.takeError());
    return {};
  }
  return tables->front();
}

/// One core on each tile of the first column and one more on tile (1, 0).
ChipShape shape() {
  ChipShape chip;
  chip.width = chip.chipWidth = 8;
  chip.height = chip.chipHeight = 4;
  chip.coresPerTile = 4;
  chip.nodeOf = {0, 4 * 8, 4 * 16, 4 * 24, 4};
  chip.tilesInUse = 5;
  return chip;
}

std::unique_ptr<ChipClock> clockOf(const CostTable &table,
                                   ClockOptions options = {},
                                   const ChipShape &chip = shape()) {
  auto clock = ChipClock::create(table, chip, options);
  if (!clock) {
    ADD_FAILURE() << takeText(clock.takeError());
    return nullptr;
  }
  return std::move(*clock);
}

/// Column and row of the chip that \p tile belongs to.
std::pair<uint32_t, uint32_t> chipOf(const ChipShape &chip, uint32_t tile) {
  return {tile % chip.width / chip.chipWidth,
          tile / chip.width / chip.chipHeight};
}

/// The sums of a step, message by message and hop by hop.
StepEvents summed(StepOrder order, const ChipShape &chip = shape()) {
  StepSums sums;
  sums.cores.resize(chip.nodeOf.size());
  sums.linkMessages.resize(chip.width * chip.height * meshDirections);
  auto send = [&](uint32_t from, const StepMessage &message) {
    const size_t to =
        size_t(std::find(chip.nodeOf.begin(), chip.nodeOf.end(), message.node) -
               chip.nodeOf.begin());
    ++sums.messages;
    ++sums.cores[from].messagesOut;
    ++sums.cores[to].messagesIn;
    sums.cores[to].synapses[size_t(message.kind)] += message.synapses;
    uint32_t tile = chip.nodeOf[from] / chip.coresPerTile;
    const uint32_t end = message.node / chip.coresPerTile;
    while (tile != end) {
      const bool alongX = tile % chip.width != end % chip.width;
      const Port port =
          alongX
              ? (tile % chip.width < end % chip.width ? Port::East : Port::West)
              : (tile < end ? Port::South : Port::North);
      ++sums.linkMessages[tile * meshDirections + uint32_t(port)];
      const uint32_t next = port == Port::East    ? tile + 1
                            : port == Port::West  ? tile - 1
                            : port == Port::South ? tile + chip.width
                                                  : tile - chip.width;
      if (chipOf(chip, tile) != chipOf(chip, next))
        ++(alongX ? sums.hopsChipX : sums.hopsChipY);
      else
        ++(alongX ? sums.hopsX : sums.hopsY);
      tile = next;
    }
  };
  for (uint32_t core = 0; core < chip.nodeOf.size(); ++core) {
    CoreSums &mine = sums.cores[core];
    for (uint32_t m = order.firstMessage[core];
         m < order.firstMessage[core + 1]; ++m)
      send(core, order.messages[m]);
    for (uint32_t f = order.firstFiring[core]; f < order.firstFiring[core + 1];
         ++f) {
      mine.active += order.firings[f].active;
      mine.inactive += order.firings[f].inactive;
      ++mine.firings;
    }
    const CoreRest &rest = order.rest[core];
    mine.active += rest.active;
    mine.inactive += rest.inactive;
    mine.messagesIn += rest.hostMessages;
    for (size_t kind = 0; kind < synapseKinds; ++kind)
      mine.synapses[kind] += rest.hostSynapses[kind];
  }
  return {std::move(sums), std::move(order)};
}

StepTime timeOf(ChipClock &clock, const StepOrder &order) {
  ClockTotals totals;
  auto time = clock.run(summed(order), totals);
  if (!time) {
    ADD_FAILURE() << takeText(time.takeError());
    return {};
  }
  return *time;
}

StepOrder idle(const CoreRest &rest) {
  StepOrder events;
  for (int core = 0; core < 5; ++core)
    events.endCore(rest);
  return events;
}

StepOrder randomStep(uint64_t seed) {
  CounterRandom random(seed);
  const ChipShape chip = shape();
  StepOrder events;
  for (int core = 0; core < 5; ++core) {
    for (uint64_t k = random.below(30); k > 0; --k) {
      Firing firing;
      firing.active = uint32_t(1 + random.below(4));
      firing.inactive = uint32_t(random.below(4));
      firing.messages = uint32_t(random.below(6));
      for (uint32_t m = 0; m < firing.messages; ++m)
        events.messages.push_back({chip.nodeOf[random.below(5)],
                                   uint32_t(random.below(20)),
                                   SynapseKind(random.below(3))});
      events.firings.push_back(firing);
    }
    CoreRest rest;
    rest.hostMessages = random.below(5);
    rest.hostSynapses = {random.below(100), random.below(10), 0};
    rest.active = uint32_t(random.below(50));
    rest.inactive = uint32_t(random.below(50));
    events.endCore(rest);
  }
  return events;
}

TEST(ChipClock, AnIdleChipAdvancesItsCompartments) {
  CoreRest rest;
  rest.inactive = 1000;
  rest.active = 24;
  auto clock = clockOf(costs("davies2018"));
  const StepTime time = timeOf(*clock, idle(rest));
  EXPECT_EQ(time.workPs, 1000u * 5300 + 24 * 8400);
  EXPECT_EQ(time.lowerPs, time.workPs);
  EXPECT_EQ(time.upperPs, 5 * time.workPs);
  EXPECT_EQ(time.barrierPs, 113000u);
  EXPECT_EQ(time.barrierHighPs, 465000u);
}

TEST(ChipClock, TheHostsSpikesKeepTheReceiverBusy) {
  CoreRest rest;
  rest.hostMessages = 3;
  rest.hostSynapses = {10, 20, 40};
  auto clock = clockOf(costs("sanafe"));
  const StepTime time = timeOf(*clock, idle(rest));
  EXPECT_EQ(time.workPs, 3u * 16000 + 10 * 3800 + 20 * 4700 + 40 * 3100);
}

// A core sends one message down the column and does nothing else.
TEST(ChipClock, AMessageAlone) {
  StepOrder events;
  events.firings.push_back({1, 0, 1});
  events.messages.push_back({4 * 16, 10, SynapseKind::Dense});
  for (int core = 0; core < 5; ++core)
    events.endCore({});
  auto clock = clockOf(costs("davies2018"));
  const StepTime time = timeOf(*clock, events);
  EXPECT_EQ(time.workPs, 8400u + 2100 + 2 * 6500 + 10 * 3500);
  EXPECT_EQ(time.busiestCore, 2u);
  EXPECT_EQ(time.busiestCorePs, 35000u);
  EXPECT_EQ(time.busiestLinkMessages, 1u);
  EXPECT_EQ(time.messages, 1u);
}

/// A message from the first core to the second, on another chip, and the
/// channels on its way, of which one is between the chips.
struct TwoChips {
  ChipShape chip;
  uint64_t hopsX, hopsY, hopsChipX, hopsChipY; ///< each hop in one of them
  std::vector<uint32_t> links;

  StepOrder order() const {
    StepOrder events;
    events.firings.push_back({1, 0, 1});
    events.messages.push_back({chip.nodeOf[1], 10, SynapseKind::Dense});
    events.endCore({});
    events.endCore({});
    return events;
  }
};

/// \p width x \p height tiles, two of them with a core each.
ChipShape pairOf(uint32_t width, uint32_t height, uint32_t from, uint32_t to) {
  ChipShape chip = shape();
  chip.width = width;
  chip.height = height;
  chip.nodeOf = {from * chip.coresPerTile, to * chip.coresPerTile};
  chip.tilesInUse = chip.chipsInUse = 2;
  return chip;
}

/// Side by side, from tile (6, 1) to (9, 2), and one below the other, from
/// (2, 2) to (3, 5).
std::vector<TwoChips> twoChips() {
  const auto link = [](uint32_t tile, Port port) {
    return tile * meshDirections + uint32_t(port);
  };
  return {{pairOf(16, 4, 16 + 6, 32 + 9),
           2,
           1,
           1,
           0,
           {link(22, Port::East), link(23, Port::East), link(24, Port::East),
            link(25, Port::South)}},
          {pairOf(8, 8, 16 + 2, 40 + 3),
           1,
           2,
           0,
           1,
           {link(18, Port::East), link(19, Port::South), link(27, Port::South),
            link(35, Port::South)}}};
}

// The numbers are those of the set: a hop in X takes 4.1 ns, in Y 6.5 ns, a
// message 0.3 ns of a channel, the local hop 2.1 ns, an update 8.4 ns, a
// synapse 3.5 ns; to which comes a cycle of 0.1 ns a channel until its place is
// free again. The set has nothing between chips, so that is as within.
TEST(ChipClock, AMessageToAnotherChip) {
  const CostTable published = costs("davies2018");
  CostTable far = published; // with a hop of 20 ns, a message every ns
  far.hasHopChip = far.hasLinkChipSpike = true;
  far.hopChip.ps = 20000;
  far.linkChipSpike.ps = 1000;
  for (const TwoChips &way : twoChips())
    for (const bool own : {false, true})
      for (const NetworkModel network :
           {NetworkModel::Flit, NetworkModel::Bound}) {
        const StepEvents events = summed(way.order(), way.chip);
        EXPECT_EQ(events.sums.hopsX, way.hopsX);
        EXPECT_EQ(events.sums.hopsY, way.hopsY);
        EXPECT_EQ(events.sums.hopsChipX, way.hopsChipX);
        EXPECT_EQ(events.sums.hopsChipY, way.hopsChipY);
        ClockOptions options;
        options.network = network;
        auto clock = clockOf(own ? far : published, options, way.chip);
        ClockTotals totals;
        auto time = clock->run(events, totals);
        ASSERT_TRUE(bool(time)) << takeText(time.takeError());
        const uint64_t between = own ? 20000 : way.hopsChipX ? 4100 : 6500;
        const uint64_t hops = way.hopsX * 4100 + way.hopsY * 6500 + between;
        EXPECT_EQ(time->workPs, network == NetworkModel::Flit
                                    ? 8400 + 2100 + hops + 10 * 3500
                                    : 10u * 3500);
        EXPECT_EQ(time->lowerPs, 10u * 3500);
        // In, out, and three hops at 0.3 ns and 0.1 ns, and one between chips.
        EXPECT_EQ(time->upperPs, 8400 + 10 * 3500 + 100 + 2000 + hops +
                                     5 * 300 + (own ? 1000 : 300) + 6 * 100);
        EXPECT_EQ(time->barrierPs, 113000u);
        EXPECT_EQ(time->messages, 1u);
        std::vector<uint64_t> links(way.chip.width * way.chip.height *
                                    meshDirections);
        for (uint32_t link : way.links)
          links[link] = 1;
        EXPECT_EQ(totals.linkMessages, links);
        EXPECT_EQ(std::any_of(clock->notes().begin(), clock->notes().end(),
                              [](const std::string &note) {
                                return note.starts_with("hop_chip");
                              }),
                  !own);
      }
}

TEST(ChipClock, TimeLiesBetweenItsBounds) {
  for (const char *set : {"davies2018", "sanafe"})
    for (uint32_t buffer : {0u, 1u, 16u}) {
      ClockOptions flits, bound;
      flits.bufferMessages = bound.bufferMessages = buffer;
      bound.network = NetworkModel::Bound;
      auto clock = clockOf(costs(set), flits);
      auto quick = clockOf(costs(set), bound);
      for (uint64_t seed = 1; seed <= 200; ++seed) {
        const StepOrder events = randomStep(seed);
        const StepTime time = timeOf(*clock, events);
        ASSERT_GE(time.workPs, time.lowerPs);
        ASSERT_LE(time.workPs, time.upperPs);
        const StepTime least = timeOf(*quick, events);
        ASSERT_LE(least.workPs, time.workPs);
        ASSERT_GE(least.workPs, time.lowerPs);
        ASSERT_EQ(least.upperPs, time.upperPs);
        ASSERT_EQ(least.busiestLinkMessages, time.busiestLinkMessages);
      }
    }
}

TEST(ChipClock, ModulesMayBeShuffled) {
  auto clock = clockOf(costs("davies2018"));
  for (uint64_t shuffle = 1; shuffle <= 3; ++shuffle) {
    ClockOptions options;
    options.shuffle = shuffle;
    auto other = clockOf(costs("davies2018"), options);
    for (uint64_t seed = 1; seed <= 30; ++seed)
      ASSERT_EQ(timeOf(*clock, randomStep(seed)),
                timeOf(*other, randomStep(seed)));
  }
}

TEST(ChipClock, WithoutBarrierTimesMessagesEndTheStep) {
  CostTable table = costs("davies2018");
  table.barriers.clear();
  auto clock = clockOf(table);
  ASSERT_TRUE(clock->usesBarrierMessages());
  CoreRest rest;
  rest.inactive = 10;
  ClockTotals totals;
  auto time = clock->run(summed(idle(rest)), totals);
  ASSERT_TRUE(bool(time));
  // Every tile of the row is ready long before the cores are: what is left is
  // from tile (1, 0) and the first column to tile (0, 0), and back to (7, 3).
  EXPECT_EQ(time->workPs, 53000u);
  EXPECT_EQ(time->barrierPs, 3u * 6500 + 7 * 4100 + 3 * 6500);
  EXPECT_EQ(totals.barrierHopsX, 2u * 7 * 4);
  EXPECT_EQ(totals.barrierHopsY, 2u * 3);
  EXPECT_THAT(clock->notes(), Contains(HasSubstr("barrier")));
}

TEST(ChipClock, SaysWhatItAssumes) {
  auto davies = clockOf(costs("davies2018"));
  EXPECT_THAT(davies->notes(),
              testing::ElementsAre("link_spike: 291 ps count as 300 ps"));
  auto sanafe = clockOf(costs("sanafe"));
  EXPECT_THAT(sanafe->notes(), Contains(HasSubstr("link_spike: not in the")));
}

// The published rate of a channel is reached in spite of its latency.
TEST(ChipClock, AChannelReachesItsRate) {
  StepOrder events;
  events.firings.push_back({1, 0, 3000});
  for (int k = 0; k < 3000; ++k)
    events.messages.push_back({4 * 24, 0, SynapseKind::Dense});
  for (int core = 0; core < 5; ++core)
    events.endCore({});
  auto clock = clockOf(costs("davies2018"));
  EXPECT_EQ(timeOf(*clock, events).workPs,
            8400u + 2999 * 300 + 2100 + 3 * 6500);
}

} // namespace
