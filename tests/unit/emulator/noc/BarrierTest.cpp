//===- tests/unit/emulator/noc/BarrierTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Barrier.h"
#include <gtest/gtest.h>
#include <vector>

using namespace hillock::emu;

namespace {

MeshConfig mesh(uint32_t width, uint32_t height) {
  MeshConfig config;
  config.width = width;
  config.height = height;
  config.x = {41, 3};
  config.y = {65, 3};
  return config;
}

TEST(Barrier, OneTileWaitsForNothing) {
  std::vector<uint64_t> ready = {17};
  BarrierResult result = meshBarrier(mesh(1, 1), ready);
  EXPECT_EQ(result.gathered, 17u);
  EXPECT_EQ(result.released, 17u);
  EXPECT_EQ(result.hopsX + result.hopsY, 0u);
}

// All ready at 100: the farthest tile is 7 hops east and 3 south, there and
// back: 100 + 2 * (7 * 41 + 3 * 65).
TEST(Barrier, GoesThereAndBack) {
  std::vector<uint64_t> ready(32, 100);
  BarrierResult result = meshBarrier(mesh(8, 4), ready);
  EXPECT_EQ(result.gathered, 100u + 7 * 41 + 3 * 65);
  EXPECT_EQ(result.released, 100u + 2 * (7 * 41 + 3 * 65));
  // A spanning tree of 32 tiles has 31 edges, used twice.
  EXPECT_EQ(result.hopsX + result.hopsY, 2u * 31);
}

TEST(Barrier, TheLastTileDecides) {
  std::vector<uint64_t> ready(8, 0);
  ready[4 + 1] = 1000; // x = 1, y = 1 of 4 x 2
  EXPECT_EQ(meshBarrier(mesh(4, 2), ready).gathered, 1000u + 41 + 65);
}

TEST(Barrier, BordersOfChipsCostMore) {
  MeshConfig config = mesh(4, 1);
  config.chipWidth = 2;
  config.chipHeight = 1;
  config.chipX = {500, 10};
  std::vector<uint64_t> ready(4, 0);
  EXPECT_EQ(meshBarrier(config, ready).released, 2u * (41 + 500 + 41));
}

} // namespace
