//===- tests/unit/emulator/energy/EnergyTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/energy/Energy.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;

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

/// The counts of workload W1 (benchmarks/README.md) with inputs sent by the
/// host, and made-up hops.
EventCounts w1() {
  EventCounts counts;
  counts.updatesActive = 1'034'000;
  counts.spikes = 65'103 + 1'000;
  counts.messages = 65'103;
  counts.hopsX = 70'000;
  counts.hopsY = 90'001;
  counts.axonsIn = 16 * 156'830 + 65'103;
  counts.synapses = {161'244'950, 0, 0};
  return counts;
}

// In femtojoules, by the printed tables.
TEST(Energy, ClosedFormDavies2018) {
  const Energy energy = energyOf(w1(), costs("davies2018"));
  EXPECT_EQ(energy.update, 1'034'000ull * 81'000);
  EXPECT_EQ(energy.axonOut, 0u);
  EXPECT_EQ(energy.network,
            65'103ull * 1'700 + 70'000ull * 3'000 + 90'001ull * 4'000);
  EXPECT_EQ(energy.axonIn, 0u);
  EXPECT_EQ(energy.synapses, 161'244'950ull * 23'600);
  EXPECT_EQ(energy.total(),
            83'754'000'000ull + 680'679'100ull + 3'805'380'820'000ull);
}

TEST(Energy, ClosedFormSanafe) {
  const Energy energy = energyOf(w1(), costs("sanafe"));
  EXPECT_EQ(energy.update, 1'034'000ull * 72'800);
  EXPECT_EQ(energy.spike, 66'103ull * 69'300);
  EXPECT_EQ(energy.axonOut, 65'103ull * 111'000);
  EXPECT_EQ(energy.network, 70'000ull * 3'000 + 90'001ull * 4'200);
  EXPECT_EQ(energy.synapses, 161'244'950ull * 35'500);
}

TEST(Energy, InactiveCompartmentsAndKindsOfSynapses) {
  EventCounts counts;
  counts.updatesInactive = 7;
  counts.synapses = {1, 10, 100};
  EXPECT_EQ(energyOf(counts, costs("davies2018")).total(),
            7u * 52'000 + 111 * 23'600);
  EXPECT_EQ(energyOf(counts, costs("sanafe")).total(),
            7u * 51'200 + 35'500 + 10 * 33'600 + 100 * 24'000);
}

TEST(Energy, HopsBetweenChips) {
  EventCounts counts;
  counts.hopsChipX = 2;
  counts.hopsChipY = 1;
  CostTable table = costs("davies2018");
  EXPECT_EQ(energyOf(counts, table).total(), 2u * 3'000 + 4'000);
  table.hasHopChip = true;
  table.hopChip.fj = 500'000;
  EXPECT_EQ(energyOf(counts, table).total(), 3u * 500'000);
}

TEST(Energy, Barriers) {
  EXPECT_EQ(barrierEnergy(costs("davies2018"), 1000, 5, 0, 0), 0u);
  CostTable table;
  table.barriers = {{1, {0, 10}}, {4, {0, 30}}};
  EXPECT_EQ(barrierEnergy(table, 100, 3, 0, 0), 1000u);
  EXPECT_EQ(barrierEnergy(table, 100, 4, 0, 0), 3000u);
  EXPECT_EQ(barrierEnergy(costs("sanafe"), 0, 5, 2, 3), 2u * 3'000 + 3 * 4'200);
}

// 104 mW of each of two chips for 10 us.
TEST(Energy, Leakage) {
  CostTable table;
  EXPECT_EQ(leakageEnergy(table, 10'000'000, 2), 0u);
  table.staticMicrowatts = 104'000;
  EXPECT_EQ(leakageEnergy(table, 10'000'000, 2), 2'080'000'000u); // 2.08 uJ
}

TEST(Energy, KindsAddUp) {
  const Energy energy = {1, 2, 4, 8, 16, 32, 64, 128};
  uint64_t sum = 0;
  for (const auto &[name, fj] : kindsOf(energy))
    sum += fj;
  EXPECT_EQ(sum, 255u);
  EXPECT_EQ(energy.total(), 255u);
}

TEST(Energy, Intervals) {
  const std::vector<uint64_t> values = {5, 3, 9};
  EXPECT_EQ(intervalOf(values), (Interval{3, 9}));
  EXPECT_EQ(intervalOf({}), Interval());
}

} // namespace
