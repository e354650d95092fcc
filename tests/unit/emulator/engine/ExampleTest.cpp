//===- tests/unit/emulator/engine/ExampleTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The example that docs/timing.md computes by hand.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/emulator/engine/TestImages.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

/// Core 0 (tile (0,0)): compartments with bias 1, 100, 1; the second fires in
/// the first step and sends to core 16 (tile (1,0)), whose only axon has two
/// synapses for its two compartments, which rest.
std::shared_ptr<image::LoadedImage> example() {
  auto image = emptyImage();
  image->programs = {leakyProgram(3, 50)};
  image::CoreTables a = plainCore(0, 0, 3), b = plainCore(0, 16, 2);
  a.compartmentFields["bias_mant"] = {1, 100, 1};
  b.formats = {halfFormat(image::Compression::Dense)};
  image::AxonOut slot;
  slot.core = 16;
  slot.axon = addAxon(b, 0, {0, 1}, {10, 10});
  addSlots(a, 1, {slot});
  image->cores = {a, b};
  proto::Debug *debug = image->proto.mutable_debug();
  for (const auto &[name, core, count] :
       {std::tuple("first", 0, 3), std::tuple("second", 1, 2)}) {
    proto::Population *population = debug->add_population();
    population->set_name(name);
    for (int n = 0; n < count; ++n) {
      population->add_core(uint32_t(core));
      population->add_compartment(uint32_t(n));
    }
  }
  return image;
}

TEST(Example, FirstStep) {
  auto engine = cycleEngine(example());
  engine->step();
  ASSERT_EQ(engine->spikes().size(), 1u);
  const CycleReport report = reportOf(*engine);
  ASSERT_EQ(report.sets.size(), 2u);

  const SetReport &davies = report.sets[0];
  EXPECT_EQ(davies.name(), "davies2018");
  ASSERT_EQ(davies.steps.size(), 1u);
  EXPECT_EQ(davies.steps[0].workPs, 30000u);
  EXPECT_EQ(davies.steps[0].barrierPs, 113000u);
  EXPECT_EQ(davies.steps[0].barrierHighPs, 465000u);
  EXPECT_EQ(davies.steps[0].lowerPs, 25200u);
  // 25.2 + 10.6 + 7.0, and of each of the three channels on the way the
  // latency, 0.3 of interval and 0.1 until its place is free again.
  EXPECT_EQ(davies.steps[0].upperPs,
            25200u + 10600 + 7000 + 2100 + 4100 + 3 * 400);
  EXPECT_EQ(davies.energy.total(), 398900u);
  EXPECT_EQ(davies.layers[0].total(), 3u * 81000 + 1700 + 3000);
  EXPECT_EQ(davies.layers[1].total(), 2u * 52000 + 2 * 23600);

  const SetReport &sanafe = report.sets[1];
  EXPECT_EQ(sanafe.steps[0].workPs, 82400u);
  EXPECT_EQ(sanafe.steps[0].barrierPs, 1000000u);
  EXPECT_EQ(sanafe.energy.total(), 575100u);

  EXPECT_EQ(report.energyFj(), (Interval{398900, 575100}));
  EXPECT_EQ(report.timePs(), (Interval{143000, 1082400}));
}

TEST(Example, InWords) {
  auto engine = cycleEngine(example());
  engine->step();
  const auto lines = describe(reportOf(*engine));
  using testing::Contains;
  using testing::Pair;
  EXPECT_THAT(lines, Contains(Pair("davies2018 time",
                                   "143 ns, 143 ns a step, longest 143 ns "
                                   "(step 1); barriers 113 ns to 465 ns")));
  EXPECT_THAT(lines, Contains(Pair("davies2018 layers",
                                   "first 247.7 pJ, second 151.2 pJ")));
  EXPECT_THAT(lines, Contains(Pair("all sets energy", "398.9 pJ to 575.1 pJ")));
  EXPECT_THAT(lines, Contains(Pair("sanafe link",
                                   "busiest: tile (0,0) east, 1 message")));
}

TEST(Example, OneSetAlone) {
  CycleOptions options;
  options.parameters = {"sanafe"};
  auto engine = cycleEngine(example(), options);
  engine->step();
  const CycleReport report = reportOf(*engine);
  ASSERT_EQ(report.sets.size(), 1u);
  EXPECT_EQ(report.sets[0].name(), "sanafe");
  EXPECT_EQ(report.timePs(), (Interval{1082400, 1082400}));
}

TEST(Example, UnknownSet) {
  CycleOptions options;
  options.parameters = {"mine"};
  auto engine = CycleEngine::create(example(), {}, options);
  ASSERT_FALSE(bool(engine));
  EXPECT_THAT(takeText(engine.takeError()), testing::HasSubstr("'mine'"));
}

TEST(Prefix, FourDigits) {
  EXPECT_EQ(withPrefix(0, 12, "s"), "0 ps");
  EXPECT_EQ(withPrefix(999, 12, "s"), "999 ps");
  EXPECT_EQ(withPrefix(1000, 12, "s"), "1 ns");
  EXPECT_EQ(withPrefix(1234567, 12, "s"), "1.235 us");
  EXPECT_EQ(withPrefix(999960, 12, "s"), "1 us");
  EXPECT_EQ(withPrefix(5'000'000'000'000'000, 15, "J"), "5 J");
  EXPECT_EQ(withPrefix(5'000'000'000'000'000'000, 15, "J"), "5000 J");
}

} // namespace
