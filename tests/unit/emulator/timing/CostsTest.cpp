//===- tests/unit/emulator/timing/CostsTest.cpp ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/timing/Costs.h"
#include "base/AtomicFile.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::emu;
using testing::HasSubstr;

namespace {

target::TargetModel loihi() {
  auto target = target::findTarget("loihi");
  if (!target) {
    ADD_FAILURE() << takeText(target.takeError());
    return {};
  }
  return *target;
}

proto::ParameterSet
setOf(const std::vector<std::tuple<std::string, double, double>> &costs) {
  proto::ParameterSet set;
  set.set_name("mine");
  for (const auto &[event, pj, ns] : costs) {
    proto::Cost *cost = set.add_cost();
    cost->set_event(event);
    cost->set_energy_pj(pj);
    cost->set_latency_ns(ns);
  }
  return set;
}

std::string problemOf(const proto::ParameterSet &set) {
  auto table = CostTable::create(set, "target 'test'");
  return table ? "" : takeText(table.takeError());
}

// Davies et al. 2018, table 2.
TEST(Costs, Davies2018) {
  auto tables = costTables(loihi(), {"davies2018"});
  ASSERT_TRUE(bool(tables));
  ASSERT_EQ(tables->size(), 1u);
  const CostTable &table = tables->front();
  EXPECT_EQ(table.name, "davies2018");
  EXPECT_EQ(table.hopLocal, (Cost{2100, 1700}));
  EXPECT_EQ(table.hopX, (Cost{4100, 3000}));
  EXPECT_EQ(table.hopY, (Cost{6500, 4000}));
  EXPECT_EQ(table.linkSpike.ps, 291u); // 1 / (3.44 per ns), to the picosecond
  EXPECT_EQ(table.updateActive, (Cost{8400, 81000}));
  EXPECT_EQ(table.updateInactive, (Cost{5300, 52000}));
  for (const Cost &synapse : table.synapse)
    EXPECT_EQ(synapse, (Cost{3500, 23600}));
  EXPECT_EQ(table.spike, Cost());
  EXPECT_EQ(table.axonOut, Cost());
  EXPECT_EQ(table.barrierBelow(1).ps, 113000u);
  EXPECT_EQ(table.barrierBelow(31).ps, 113000u);
  EXPECT_EQ(table.barrierAbove(2).ps, 465000u);
  EXPECT_EQ(table.barrierBelow(32).ps, 465000u);
  EXPECT_EQ(table.barrierAbove(64).ps, 465000u);
}

// SANA-FE arch/loihi.yaml.
TEST(Costs, Sanafe) {
  auto tables = costTables(loihi(), {"sanafe"});
  ASSERT_TRUE(bool(tables));
  const CostTable &table = tables->front();
  EXPECT_EQ(table.updateInactive, (Cost{6000, 51200}));
  EXPECT_EQ(table.updateActive, (Cost{9700, 72800}));
  EXPECT_EQ(table.spike, (Cost{30000, 69300}));
  EXPECT_EQ(table.synapse[0], (Cost{3800, 35500}));
  EXPECT_EQ(table.synapse[1], (Cost{4700, 33600}));
  EXPECT_EQ(table.synapse[2], (Cost{3100, 24000}));
  EXPECT_EQ(table.axonIn, (Cost{16000, 0}));
  EXPECT_EQ(table.axonOut, (Cost{5100, 111000}));
  EXPECT_FALSE(table.hasLinkSpike);
  EXPECT_EQ(table.barrierBelow(3).ps, 1000000u);
  EXPECT_EQ(table.barrierBelow(28).ps, 1400000u);
  EXPECT_EQ(table.barrierBelow(32).ps, 1800000u);
}

TEST(Costs, AllSetsInOrder) {
  auto tables = costTables(loihi(), {});
  ASSERT_TRUE(bool(tables));
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ((*tables)[0].name, "davies2018");
  EXPECT_EQ((*tables)[1].name, "sanafe");
}

TEST(Costs, AnUnknownSetIsAnErrorThatNamesTheOthers) {
  auto tables = costTables(loihi(), {"davies"});
  ASSERT_FALSE(bool(tables));
  EXPECT_THAT(takeText(tables.takeError()), HasSubstr("davies2018, sanafe"));
}

TEST(Costs, UnknownEventsAreErrors) {
  EXPECT_THAT(problemOf(setOf({{"hopx", 1, 1}})), HasSubstr("hop_x"));
  EXPECT_THAT(problemOf(setOf({{"barrier_tiles", 1, 1}})),
              HasSubstr("unknown event"));
  EXPECT_EQ(problemOf(setOf({{"barrier_12_tiles", 1, 1}})), "");
}

TEST(Costs, TwoAccountsOfACompartmentAreAnError) {
  EXPECT_THAT(problemOf(setOf(
                  {{"neuron_access", 1, 1}, {"neuron_update_active", 1, 1}})),
              HasSubstr("keep one account"));
}

TEST(Costs, AbsurdNumbersAreErrors) {
  EXPECT_THAT(problemOf(setOf({{"hop_x", 1, 2e6}})), HasSubstr("hop_x"));
  EXPECT_THAT(problemOf(setOf({{"hop_x", -1, 1}})), HasSubstr("hop_x"));
}

TEST(Costs, AccumulationBelongsToASynapse) {
  auto table = CostTable::create(setOf({{"synaptic_event", 2, 3},
                                        {"accumulate", 0.5, 0.25},
                                        {"synapse_conv", 1, 1}}),
                                 "");
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(table->synapse[0], (Cost{3250, 2500}));
  EXPECT_EQ(table->synapse[1], (Cost{3250, 2500}));
  EXPECT_EQ(table->synapse[2], (Cost{1250, 1500}));
}

/// A file of its own for each test.
std::string written(const std::string &text) {
  const std::string path =
      testing::TempDir() + "parameters_" +
      testing::UnitTest::GetInstance()->current_test_info()->name() +
      ".textproto";
  EXPECT_FALSE(bool(writeFile(path, text)));
  return path;
}

TEST(Costs, SetsOfAFileStandBesideTheTargets) {
  const std::string path = written(R"(
    timing_and_energy {
      name: "mine"
      source { text: "own measurement" }
      cost { event: "hop_x" energy_pj: 1 latency_ns: 2 }
      cost { event: "static_chip" energy_pj: 104 latency_ns: 1 }
    })");
  auto tables = costTables(loihi(), {"sanafe", path});
  ASSERT_TRUE(bool(tables));
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ((*tables)[0].name, "sanafe");
  EXPECT_EQ((*tables)[1].name, "mine");
  EXPECT_EQ((*tables)[1].hopX, (Cost{2000, 1000}));
  EXPECT_EQ((*tables)[1].staticMicrowatts, 104'000u); // 104 pJ/ns = 104 mW
  auto all = costTables(loihi(), {"all", path});
  ASSERT_TRUE(bool(all));
  EXPECT_EQ(all->size(), 3u);
}

TEST(Costs, WrongFilesAreErrors) {
  auto problem = [&](const std::string &text) {
    auto tables = costTables(loihi(), {written(text)});
    return tables ? std::string() : takeText(tables.takeError());
  };
  EXPECT_THAT(problem("timing_and_energy { nam: 3 }"), HasSubstr("line 1"));
  EXPECT_THAT(problem(""), HasSubstr("no timing_and_energy"));
  EXPECT_THAT(problem("name: \"chip\" timing_and_energy { name: \"a\" }"),
              HasSubstr("more than"));
  EXPECT_THAT(problem("timing_and_energy { }"), HasSubstr("without a name"));
  EXPECT_THAT(problem("timing_and_energy { name: \"a\" } "
                      "timing_and_energy { name: \"a\" }"),
              HasSubstr("two parameter sets"));
  auto missing = costTables(loihi(), {"nowhere.textproto"});
  ASSERT_FALSE(bool(missing));
  EXPECT_THAT(takeText(missing.takeError()), HasSubstr("nowhere.textproto"));
}

TEST(Costs, TheManycoreTargetHasLoihisCostsUnderNamesThatSaySo) {
  auto target = target::findTarget("manycore");
  ASSERT_TRUE(bool(target));
  auto theirs = costTables(*target, {}), ours = costTables(loihi(), {});
  ASSERT_TRUE(bool(theirs) && bool(ours));
  ASSERT_EQ(theirs->size(), 2u);
  for (size_t s = 0; s < 2; ++s) {
    EXPECT_EQ((*theirs)[s].name, "loihi-" + (*ours)[s].name);
    EXPECT_EQ((*theirs)[s].hopX, (*ours)[s].hopX);
    EXPECT_EQ((*theirs)[s].synapse, (*ours)[s].synapse);
    EXPECT_EQ((*theirs)[s].updateActive, (*ours)[s].updateActive);
  }
}

} // namespace
