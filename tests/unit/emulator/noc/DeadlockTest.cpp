//===- tests/unit/emulator/noc/DeadlockTest.cpp ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/emulator/noc/MeshTesting.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;
using testing::HasSubstr;

namespace {

/// Always clockwise round a 2 x 2 mesh: the textbook cycle of four channels.
Port clockwise(uint32_t at, uint32_t) {
  static constexpr Port next[] = {Port::East, Port::South, Port::North,
                                  Port::West};
  return next[at];
}

TEST(Deadlock, IsNamed) {
  MeshConfig config;
  config.width = config.height = 2;
  config.bufferFlits = 1;
  config.route = clockwise;
  Traffic traffic;
  traffic.first = {0};
  for (uint32_t node = 0; node < 4; ++node) {
    for (int k = 0; k < 8; ++k)
      traffic.packets.push_back({3 - node, 0, 0});
    traffic.first.push_back(uint32_t(traffic.packets.size()));
  }
  Ran ran = runMesh(config, traffic);
  EXPECT_THAT(ran.problem, HasSubstr("deadlock at cycle "));
  EXPECT_THAT(ran.problem,
              HasSubstr("tile (0,0) south -> tile (1,0) west -> tile (1,1) "
                        "north -> tile (0,1) east -> tile (0,0) south"));
}

TEST(Deadlock, XBeforeYNeverDoes) {
  MeshConfig config;
  config.width = config.height = 4;
  config.bufferFlits = 1;
  TrafficOptions options;
  options.packetsPerNode = 400;
  options.service = 3;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    options.seed = seed;
    Ran ran = runMesh(config, makeTraffic(config, options));
    ASSERT_EQ(ran.problem, "");
    ASSERT_EQ(ran.result.delivered, 16u * 400);
  }
}

TEST(Deadlock, ARouteThatDoesNotArriveIsRefused) {
  MeshConfig config;
  config.width = config.height = 2;
  config.route = [](uint32_t at, uint32_t) {
    return at % 2 == 0 ? Port::East : Port::West;
  };
  EXPECT_THAT(runMesh(config, fromNode(config, 0, {})).problem,
              HasSubstr("does not arrive"));
}

TEST(Mesh, ChannelsWithoutLatencyAreRefused) {
  MeshConfig config;
  config.x.latency = 0;
  EXPECT_THAT(runMesh(config, fromNode(config, 0, {})).problem,
              HasSubstr("0 cycles"));
}

} // namespace
