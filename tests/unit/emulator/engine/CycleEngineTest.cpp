//===- tests/unit/emulator/engine/CycleEngineTest.cpp ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random chips: the clock changes no spike, counts are the emulator's, and
// threads and orders change nothing.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "tests/unit/emulator/engine/TestImages.h"

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

constexpr uint64_t steps = 30;

std::vector<uint16_t> someTargets(CounterRandom &random, uint32_t compartments,
                                  bool dense) {
  std::vector<uint16_t> targets;
  for (uint32_t c = 0; c < compartments; ++c)
    if (dense || random.below(3) == 0)
      targets.push_back(uint16_t(c));
  return targets;
}

/// Cores over two chips, random rows, some shared by two axons.
std::shared_ptr<image::LoadedImage> randomImage(uint64_t seed) {
  CounterRandom random(seed);
  auto image = emptyImage();
  image->programs = {leakyProgram(3, 40)};
  const auto cores = uint32_t(2 + random.below(8));
  for (uint32_t c = 0; c < cores; ++c) {
    const auto compartments = uint32_t(1 + random.below(30));
    image::CoreTables core =
        plainCore(c < cores / 2 ? 0 : 1, c * 7, compartments);
    core.formats = {halfFormat(image::Compression::Sparse),
                    halfFormat(image::Compression::Dense)};
    for (uint64_t a = 1 + random.below(6); a > 0; --a) {
      const auto format = uint8_t(random.below(2));
      const std::vector<uint16_t> targets =
          someTargets(random, compartments, format == 1);
      std::vector<int16_t> weights;
      for (size_t s = 0; s < targets.size(); ++s)
        weights.push_back(int16_t(2 * (int(random.below(40)) - 15)));
      addAxon(core, format, targets, weights);
    }
    if (random.below(2))
      core.axonsIn.push_back(core.axonsIn.front());
    for (uint32_t n = 0; n < compartments; ++n)
      core.compartmentFields["bias_mant"].push_back(
          random.below(3) == 0 ? int32_t(random.below(30)) : 0);
    image->cores.push_back(std::move(core));
  }
  for (image::CoreTables &core : image->cores)
    for (uint32_t n = 0; n < core.compartments; ++n) {
      std::vector<image::AxonOut> slots;
      for (uint64_t k = random.below(4); k > 0; --k) {
        const image::CoreTables &to = image->cores[random.below(cores)];
        image::AxonOut slot;
        slot.chip = to.chip;
        slot.core = to.core;
        slot.axon = uint16_t(random.below(to.axonsIn.size()));
        slots.push_back(slot);
      }
      addSlots(core, n, slots);
    }
  auto nameHalf = [&](const char *name, uint32_t part) {
    proto::Population *population =
        image->proto.mutable_debug()->add_population();
    population->set_name(name);
    for (uint32_t c = 0; c < cores; ++c)
      for (uint32_t n = part; n < image->cores[c].compartments; n += 3) {
        population->add_core(c);
        population->add_compartment(n);
      }
  };
  nameHalf("a", 0);
  nameHalf("b", 1); // the third third has no name
  return image;
}

std::vector<HostSpike> randomInput(const image::LoadedImage &image,
                                   uint64_t seed, uint64_t step) {
  CounterRandom random(seed + 1000, step);
  std::vector<HostSpike> spikes;
  if (step >= steps)
    return spikes;
  for (uint64_t k = random.below(4); k > 0; --k) {
    const auto core = uint32_t(random.below(image.cores.size()));
    const size_t axons = image.cores[core].axonsIn.size();
    spikes.push_back({core, uint32_t(random.below(axons)), 0, 1});
  }
  return spikes;
}

std::vector<Spike> play(Emulator &emulator, const image::LoadedImage &image,
                        uint64_t seed, uint64_t count = steps) {
  std::vector<Spike> all;
  for (uint64_t t = 0; t < count; ++t) {
    if (Error error = emulator.send(randomInput(image, seed, t)))
      ADD_FAILURE() << takeText(std::move(error));
    emulator.step();
    all.insert(all.end(), emulator.spikes().begin(), emulator.spikes().end());
  }
  return all;
}

void expectSame(const CycleReport &a, const CycleReport &b) {
  ASSERT_EQ(a.counts, b.counts);
  ASSERT_EQ(a.stepCounts, b.stepCounts);
  ASSERT_EQ(a.flows, b.flows);
  ASSERT_EQ(a.sets.size(), b.sets.size());
  for (size_t s = 0; s < a.sets.size(); ++s) {
    ASSERT_EQ(a.sets[s].steps, b.sets[s].steps);
    ASSERT_EQ(a.sets[s].energy, b.sets[s].energy);
    ASSERT_EQ(a.sets[s].totals.linkMessages, b.sets[s].totals.linkMessages);
    ASSERT_EQ(a.sets[s].totals.heat, b.sets[s].totals.heat);
    ASSERT_EQ(a.sets[s].totals.cores, b.sets[s].totals.cores);
  }
}

TEST(CycleEngine, SpikesDoNotDependOnTheClock) {
  uint64_t spikes = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    auto image = randomImage(seed);
    auto plain = Emulator::create(image, {});
    ASSERT_TRUE(bool(plain));
    auto cycle = cycleEngine(image);
    const std::vector<Spike> expected = play(**plain, *image, seed);
    ASSERT_EQ(play(*cycle, *image, seed), expected);
    spikes += expected.size();
  }
  EXPECT_GT(spikes, 10000u);
}

// The emulator counts what arrives in the step in which it is added, one after
// that of the spike; the last step of the host's is silent.
TEST(CycleEngine, CountsAreTheEmulators) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    auto image = randomImage(seed);
    auto plain = Emulator::create(image, {});
    ASSERT_TRUE(bool(plain));
    auto cycle = cycleEngine(image);
    play(*cycle, *image, seed);
    play(**plain, *image, seed);
    CoreCounters then, later;
    auto sum = [&](CoreCounters &to) {
      for (uint32_t c = 0; c < image->cores.size(); ++c) {
        const CoreCounters &one = (*plain)->counters(c);
        to.axonsIn += one.axonsIn;
        to.synapticEvents += one.synapticEvents;
        to.updates += one.updates;
        to.spikes += one.spikes;
        to.axonsOut += one.axonsOut;
      }
    };
    sum(then);
    (*plain)->step();
    sum(later);
    const EventCounts total = reportOf(*cycle).total();
    ASSERT_EQ(total.updates(), then.updates);
    ASSERT_EQ(total.spikes, then.spikes);
    ASSERT_EQ(total.messages, then.axonsOut);
    ASSERT_EQ(total.axonsIn, later.axonsIn);
    ASSERT_EQ(total.synapticEvents(), later.synapticEvents);
  }
}

// Cores, routers, sources and events are visited in random order.
TEST(CycleEngine, ThreadsAndOrderChangeNothing) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    auto image = randomImage(seed);
    auto engine = cycleEngine(image);
    const std::vector<Spike> spikes = play(*engine, *image, seed);
    const CycleReport expected = reportOf(*engine);
    for (unsigned threads : {1u, 2u, 5u}) {
      CycleOptions options;
      options.clock.shuffle = seed * 10 + threads;
      auto other = cycleEngine(image, options, threads);
      ASSERT_EQ(play(*other, *image, seed), spikes);
      expectSame(reportOf(*other), expected);
    }
  }
}

// What a step counted and cost adds up to the whole.
TEST(CycleEngine, StepsAddUp) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    auto image = randomImage(seed);
    auto engine = cycleEngine(image);
    play(*engine, *image, seed);
    const CycleReport report = reportOf(*engine);
    EventCounts sum;
    for (const EventCounts &step : report.stepCounts)
      sum += step;
    ASSERT_EQ(sum, report.total());
    uint64_t messages = 0;
    for (const CoreFlow &flow : report.flows)
      messages += flow.messages;
    ASSERT_EQ(messages, report.total().messages);
    for (const SetReport &set : report.sets) {
      uint64_t fj = 0;
      for (size_t s = 0; s < steps; ++s)
        fj += report.stepEnergyFj(set, s);
      ASSERT_EQ(fj, set.energy.total());
    }
  }
}

// The sum of two runs is what one after the other are.
TEST(CycleEngine, RunsAddUp) {
  auto image = randomImage(3);
  auto engine = cycleEngine(image);
  play(*engine, *image, 3);
  const CycleReport one = reportOf(*engine);
  CycleReport two = one;
  two.add(one);
  EXPECT_EQ(two.runs, 2u);
  EXPECT_EQ(two.steps, 2 * steps);
  EXPECT_EQ(two.total().spikes, 2 * one.total().spikes);
  for (size_t s = 0; s < two.sets.size(); ++s) {
    EXPECT_EQ(two.sets[s].totalPs(), 2 * one.sets[s].totalPs());
    EXPECT_EQ(two.sets[s].energy.total(), 2 * one.sets[s].energy.total());
    EXPECT_TRUE(two.sets[s].steps.empty());
  }
  EXPECT_EQ(two.flows.size(), one.flows.size());
}

// The engine around an emulator that it was given.
TEST(CycleEngine, TakesAnEmulator) {
  auto image = randomImage(7);
  Options options;
  options.threads = 2;
  auto plain = Emulator::create(image, options);
  ASSERT_TRUE(bool(plain));
  auto engine = CycleEngine::create(image, std::move(*plain), 1, {});
  ASSERT_TRUE(bool(engine));
  auto usual = cycleEngine(image);
  ASSERT_EQ(play(**engine, *image, 7), play(*usual, *image, 7));
  expectSame(reportOf(**engine), reportOf(*usual));
}

TEST(CycleEngine, AfterAResetAllIsAsBefore) {
  auto image = randomImage(5);
  auto engine = cycleEngine(image, {}, 2);
  play(*engine, *image, 5);
  const CycleReport first = reportOf(*engine);
  engine->reset();
  EXPECT_EQ(reportOf(*engine).total(), EventCounts());
  play(*engine, *image, 5);
  expectSame(reportOf(*engine), first);
}

TEST(CycleEngine, TimesLieBetweenTheirBounds) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    auto image = randomImage(seed);
    CycleOptions bound;
    bound.clock.network = NetworkModel::Bound;
    auto engine = cycleEngine(image), quick = cycleEngine(image, bound);
    play(*engine, *image, seed);
    play(*quick, *image, seed);
    const CycleReport report = reportOf(*engine), least = reportOf(*quick);
    for (size_t s = 0; s < report.sets.size(); ++s) {
      for (size_t t = 0; t < steps; ++t) {
        const StepTime &time = report.sets[s].steps[t];
        ASSERT_LE(time.lowerPs, time.workPs);
        ASSERT_LE(time.workPs, time.upperPs);
        ASSERT_LE(least.sets[s].steps[t].workPs, time.workPs);
      }
      // What routers have sent, and what the ends of the ways say.
      ASSERT_EQ(report.sets[s].totals.linkMessages,
                least.sets[s].totals.linkMessages);
    }
    // The energy has nothing to do with the network's model.
    for (size_t s = 0; s < report.sets.size(); ++s)
      ASSERT_EQ(report.sets[s].energy, least.sets[s].energy);
  }
}

TEST(CycleEngine, AllActiveIsAnUpperBound) {
  auto image = randomImage(9);
  CycleOptions all;
  all.activity = Activity::All;
  auto engine = cycleEngine(image), most = cycleEngine(image, all);
  play(*engine, *image, 9);
  play(*most, *image, 9);
  const CycleReport measured = reportOf(*engine), upper = reportOf(*most);
  EXPECT_GT(measured.total().updatesInactive, 0u);
  EXPECT_EQ(upper.total().updatesInactive, 0u);
  EXPECT_EQ(upper.total().updates(), measured.total().updates());
  EXPECT_LT(measured.sets[0].energy.update, upper.sets[0].energy.update);
  EXPECT_EQ(measured.sets[0].energy.synapses, upper.sets[0].energy.synapses);
}

} // namespace
