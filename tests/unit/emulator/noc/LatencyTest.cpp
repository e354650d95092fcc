//===- tests/unit/emulator/noc/LatencyTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cycles computed by hand from the description in docs/timing.md.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/emulator/noc/MeshTesting.h"

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

/// Loihi's published hops in cycles of 0.1 ns.
MeshConfig loihiMesh() {
  MeshConfig config;
  config.width = 8;
  config.height = 4;
  config.coresPerTile = 4;
  config.x = {41, 3};
  config.y = {65, 3};
  config.chipX = config.x;
  config.chipY = config.y;
  config.inject = {1, 3};
  config.eject = {20, 3};
  config.bufferFlits = 40;
  return config;
}

TEST(Latency, OneMessageOnAnEmptyMesh) {
  const MeshConfig config = loihiMesh();
  for (uint32_t from : {0u, 5u, 17u, 64u, 127u})
    for (uint32_t to = 0; to < config.nodes(); ++to) {
      const int fromTile = int(from / 4), toTile = int(to / 4);
      const int dx = std::abs(fromTile % 8 - toTile % 8);
      const int dy = std::abs(fromTile / 8 - toTile / 8);
      Ran ran = runMesh(config, fromNode(config, from, {{to, 100, 7}}));
      ASSERT_EQ(ran.problem, "");
      const Delivery &got = ran.deliveries[0];
      ASSERT_EQ(got.accepted, 100u);
      ASSERT_EQ(got.arrived, 100u + 21 + 41 * dx + 65 * dy);
      ASSERT_EQ(got.done, got.arrived + 7);
      ASSERT_EQ(emptyLatency(config, from, to), got.arrived - got.accepted);
      ASSERT_EQ(ran.result.cycles, got.done);
    }
}

// From one core the second follows after the interval of the channel; the
// distance between them stays to the end.
TEST(Latency, TwoMessagesOfOneCore) {
  const MeshConfig config = loihiMesh();
  const uint32_t to = 4 * (2 * 8 + 3); // tile (3, 2)
  Ran ran = runMesh(config, fromNode(config, 0, {{to, 0, 0}, {to, 0, 0}}));
  EXPECT_EQ(ran.deliveries[0].accepted, 0u);
  EXPECT_EQ(ran.deliveries[0].arrived, 21u + 3 * 41 + 2 * 65);
  EXPECT_EQ(ran.deliveries[1].accepted, 3u);
  EXPECT_EQ(ran.deliveries[1].arrived, 3u + 21 + 3 * 41 + 2 * 65);
}

// Two cores of a tile meet in their router: the first input goes first, the
// other an interval later.
TEST(Latency, TwoMessagesOfTwoCores) {
  const MeshConfig config = loihiMesh();
  const uint32_t to = 4 * 1; // next tile east
  Traffic traffic;
  traffic.packets = {{to, 0, 0}, {to + 1, 0, 0}};
  traffic.first.assign(config.nodes() + 1, 2);
  traffic.first[0] = 0;
  traffic.first[1] = 1;
  Ran ran = runMesh(config, traffic);
  EXPECT_EQ(ran.deliveries[0].arrived, 21u + 41);
  EXPECT_EQ(ran.deliveries[1].arrived, 21u + 41 + 3);
}

// n cores send to one: their router passes one an interval, in turn.
TEST(Latency, FourMessagesToOneCore) {
  const MeshConfig config = loihiMesh();
  Traffic traffic;
  for (uint32_t node = 0; node < 4; ++node)
    traffic.packets.push_back({9, 0, 0});
  traffic.first.assign(config.nodes() + 1, 4);
  for (uint32_t node = 0; node < 4; ++node)
    traffic.first[node] = node;
  Ran ran = runMesh(config, traffic);
  for (uint32_t node = 0; node < 4; ++node)
    EXPECT_EQ(ran.deliveries[node].arrived, 21u + 2 * 41 + 3 * node) << node;
}

// A sink that works 50 cycles on each: they end 50 apart.
TEST(Latency, ASinkWorksOnOneAfterTheOther) {
  const MeshConfig config = loihiMesh();
  Ran ran = runMesh(config,
                    fromNode(config, 0, {{1, 0, 50}, {1, 0, 50}, {1, 0, 50}}));
  EXPECT_EQ(ran.deliveries[0].done, 21u + 50);
  EXPECT_EQ(ran.deliveries[1].done, 21u + 100);
  EXPECT_EQ(ran.deliveries[2].done, 21u + 150);
  EXPECT_EQ(ran.result.cycles, 21u + 150);
}

// Buffers of one flit, channels of one cycle, 1 x 1, two cores, service 10. A
// place is free again a cycle after its flit has left it.
//
//   packet        0    1    2    3
//   accepted      0    2    4   14   the input freed at 1, 3, 13 (credit + 1)
//   granted       1    3   13   23   the sink's place freed at 2, 12, 22
//   arrived       2    4   14   24   and is worked on at once, or when the
//   begins        2   12   22   32   one before is done
TEST(Latency, BackPressure) {
  MeshConfig config;
  config.coresPerTile = 2;
  config.bufferFlits = 1;
  std::vector<Packet> packets(4, {1, 0, 10});
  Ran ran = runMesh(config, fromNode(config, 0, packets));
  const std::vector<Delivery> expected = {
      {0, 2, 12}, {2, 4, 22}, {4, 14, 32}, {14, 24, 42}};
  EXPECT_EQ(ran.deliveries, expected);
}

TEST(Latency, BetweenChips) {
  MeshConfig config = loihiMesh();
  config.width = 16; // two chips side by side
  config.chipWidth = 8;
  config.chipHeight = 4;
  config.chipX = {1000, 30};
  const uint32_t to = 4 * 9; // tile (9, 0), on the second chip
  Ran ran = runMesh(config, fromNode(config, 0, {{to, 0, 0}, {to, 0, 0}}));
  EXPECT_EQ(ran.deliveries[0].arrived, 21u + 8 * 41 + 1000);
  EXPECT_EQ(ran.deliveries[1].arrived, 21u + 8 * 41 + 1000 + 30);
  EXPECT_EQ(emptyLatency(config, 0, to), 21u + 8 * 41 + 1000);
}

TEST(Latency, WorkBeforeAndAfterMessages) {
  const MeshConfig config = loihiMesh();
  Traffic traffic = fromNode(config, 2, {{3, 500, 4}});
  std::vector<uint64_t> tail(config.nodes(), 0), busy(config.nodes(), 0);
  tail[2] = 9000;
  tail[7] = 123;
  busy[3] = 600;
  auto mesh = Mesh::create(config);
  ASSERT_TRUE(bool(mesh));
  MeshResult result;
  MeshWork work = traffic.work();
  work.tail = tail;
  work.busy = busy;
  ASSERT_FALSE(bool((*mesh)->run(work, result)));
  EXPECT_EQ(result.sourceDone[2], 500u + 9000);
  EXPECT_EQ(result.sourceDone[7], 123u);
  EXPECT_EQ(result.sinkDone[3], 604u);
  EXPECT_EQ(result.cycles, 9500u);
}

} // namespace
