//===- tests/unit/emulator/engine/AdviceTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What splitting and moving would save, computed by hand.
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/Advice.h"
#include "tests/unit/emulator/engine/TestImages.h"

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

CoreWork work(uint64_t axonIn, uint64_t synapses, uint64_t updates,
              uint64_t axonOut) {
  CoreWork one;
  one.axonIn = axonIn;
  one.synapses = synapses;
  one.updates = updates;
  one.axonOut = axonOut;
  return one;
}

TEST(Advice, TheLargerPartOfTheLongerUnitDecides) {
  EXPECT_EQ(boundBy(work(5, 6, 10, 0)), Stage::Synapses);
  EXPECT_EQ(boundBy(work(7, 6, 10, 0)), Stage::AxonIn);
  EXPECT_EQ(boundBy(work(5, 6, 10, 2)), Stage::Compartments);
  EXPECT_EQ(boundBy(work(5, 6, 10, 20)), Stage::AxonOut);
}

// Each half receives all messages and does half of the rest.
TEST(Advice, HalvesOfACore) {
  EXPECT_EQ(work(10, 100, 30, 0).splitLongest(), 60u);
  EXPECT_EQ(work(0, 10, 30, 5).splitLongest(), 18u);
  EXPECT_EQ(work(50, 2, 0, 0).splitLongest(), 51u);
}

/// Cores 0, 16 and 124 (tiles (0,0), (1,0) and (7,3)); a compartment on 0
/// fires in every step and sends to the two others; 124 has \p busy
/// compartments.
std::shared_ptr<image::LoadedImage> line(uint32_t busy) {
  auto image = emptyImage();
  image->programs = {leakyProgram(3, 50)};
  image::CoreTables a = plainCore(0, 0, 1), b = plainCore(0, 16, 1),
                    c = plainCore(0, 124, busy);
  a.compartmentFields["bias_mant"] = {100};
  b.formats = c.formats = {halfFormat(image::Compression::Dense)};
  image::AxonOut toB, toC;
  toB.core = 16;
  toB.axon = addAxon(b, 0, {0}, {2});
  toC.core = 124;
  toC.axon = addAxon(c, 0, {0}, {2});
  addSlots(a, 0, {toB, toC});
  image->cores = {a, b, c};
  return image;
}

TEST(Advice, AMoveNextToItsSender) {
  auto engine = cycleEngine(line(1));
  for (int t = 0; t < 10; ++t)
    engine->step();
  const CycleReport report = reportOf(*engine);
  const SetReport &davies = report.sets[0];
  ASSERT_EQ(report.flows, (std::vector<CoreFlow>{{0, 1, 10}, {0, 2, 10}}));
  const auto move = bestMove(report, davies);
  ASSERT_TRUE(move);
  // To C: 7 hops of 3.0 pJ and 3 of 4.0; to B: one of 3.0. Core 2 on the tile
  // of core 0 saves all of its own.
  EXPECT_EQ(move->hopsFj, 10u * (33'000 + 3'000));
  EXPECT_EQ(move->core, 2u);
  EXPECT_EQ(move->toTile, 0u);
  EXPECT_EQ(move->savedFj, 10u * 33'000);
  EXPECT_FALSE(move->with);
}

// 1000 resting compartments of 5.3 ns decide; two halves take 2.65 us.
TEST(Advice, ASplitOfTheLongestCore) {
  auto engine = cycleEngine(line(1000));
  for (int t = 0; t < 4; ++t)
    engine->step();
  const CycleReport report = reportOf(*engine);
  const SetReport &davies = report.sets[0];
  EXPECT_EQ(hottestCores(davies).front(), 2u);
  EXPECT_EQ(davies.totals.heat[2].busiestSteps, 4u);
  const auto split = bestSplit(davies);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->core, 2u);
  EXPECT_EQ(split->stage, Stage::Compartments);
  // In step 1 nothing but 0's bias acts; from then on compartment 0 of core 2
  // has had input: 999 x 5.3 + 8.4 ns.
  const uint64_t all = davies.totals.heat[2].busiestPs;
  EXPECT_EQ(all, 1000u * 5'300 + 3 * (999 * 5'300 + 8'400));
  EXPECT_NEAR(double(split->savedPs), double(all) / 2, 4 * 100);
}

// A core whose messages come from afar, on a chip without a free core.
TEST(Advice, CoresChangePlaces) {
  CycleReport report;
  report.shape.width = report.shape.chipWidth = 4;
  report.shape.nodeOf = {0, 1, 2, 3};
  report.flows = {{0, 3, 10}};
  SetReport set;
  set.costs.hopX.fj = 7;
  const auto move = bestMove(report, set);
  ASSERT_TRUE(move);
  EXPECT_EQ(move->hopsFj, 210u);
  EXPECT_EQ(move->savedFj, 140u); // one hop is left
  ASSERT_TRUE(move->with);
}

TEST(Advice, NothingToSave) {
  CycleReport report;
  SetReport set;
  EXPECT_FALSE(bestMove(report, set));
  EXPECT_FALSE(bestSplit(set));
}

} // namespace
