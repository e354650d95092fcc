//===- tests/unit/runtime/why/WhyTest.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Contributions against the membrane that the emulator shows, in integers: of
// every neuron and step of random chips, with and without leak.
//
//===----------------------------------------------------------------------===//
#include "runtime/why/Why.h"
#include "base/Random.h"
#include "tests/unit/emulator/engine/TestImages.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::runtime;
using namespace hillock::test;

namespace {

constexpr int64_t steps = 24;

/// v gains input and bias, fires at threshold, is set to 0.
image::Program plainProgram(int32_t threshold) {
  image::ProgramBuilder b("plain");
  auto v = b.state("v", 31);
  v = b.add(v, b.shr(b.input(), b.constant(6)));
  v = b.add(v, b.param("bias_mant"));
  auto spike = b.less(b.constant(threshold - 1), v);
  b.write("v", b.select(spike, b.constant(0), v));
  b.fire(spike, b.constant(1));
  return b.take();
}

void addPopulation(image::LoadedImage &image, const std::string &name,
                   uint32_t core) {
  proto::Population *population = image.proto.mutable_debug()->add_population();
  population->set_name(name);
  population->add_shape(image.cores[core].compartments);
  for (uint32_t c = 0; c < image.cores[core].compartments; ++c) {
    population->add_core(core);
    population->add_compartment(c);
  }
}

/// An input port whose neuron n sends to axon n of \p core.
void addInput(image::LoadedImage &image, uint32_t core, uint32_t neurons) {
  proto::Port *port = image.proto.mutable_io()->add_input();
  port->set_name("in");
  port->add_shape(neurons);
  port->add_first(0);
  for (uint32_t n = 0; n < neurons; ++n) {
    port->add_core(core);
    port->add_index(n);
    port->add_first(n + 1);
  }
}

WhySpike whyOf(std::shared_ptr<const image::LoadedImage> image,
               const Stimulus &stimulus, const std::string &name,
               uint32_t neuron, int64_t step, unsigned depth = 1,
               size_t most = 100000) {
  WhyRequest request;
  request.population = name;
  request.neuron = neuron;
  request.step = step;
  request.depth = depth;
  request.most = most;
  auto spike = explain(std::move(image), {{"in", stimulus}}, request);
  if (!spike) {
    ADD_FAILURE() << takeText(spike.takeError());
    return {};
  }
  return std::move(*spike);
}

int64_t sumOf(const WhySpike &spike) {
  int64_t sum = spike.rest + spike.othersSum;
  for (const WhyCause &cause : spike.causes)
    sum += cause.contribution;
  return sum;
}

/// Input neuron 0 and 1 reach "a" with 30 and 20, 1 with a delay of 2; "a"
/// reaches "b" with 60. Thresholds are 50.
std::shared_ptr<image::LoadedImage> chain() {
  auto image = emptyImage();
  image->programs = {plainProgram(50)};
  image::CoreTables a = plainCore(0, 0, 1), b = plainCore(0, 20, 1);
  a.formats = b.formats = {halfFormat(image::Compression::Sparse)};
  a.formats[0].delayBits = 3;
  addAxon(a, 0, {0}, {60});
  addAxon(a, 0, {0}, {40});
  a.rows.delay = {0, 2};
  image::AxonOut slot;
  slot.core = 20;
  slot.axon = addAxon(b, 0, {0}, {120});
  addSlots(a, 0, {slot});
  image->cores = {a, b};
  addPopulation(*image, "a", 0);
  addPopulation(*image, "b", 1);
  image->proto.mutable_debug()->mutable_population(0)->set_lag(1);
  image->proto.mutable_debug()->mutable_population(1)->set_lag(2);
  addInput(*image, 0, 2);
  return image;
}

// Input 1 in step 0 and input 0 in step 2: both are added in chip step 4, to
// 50; "a" fires in chip step 4, its step 2, and "b" in chip step 5, its step 2.
TEST(Why, AChainByHand) {
  Stimulus stimulus;
  stimulus.shape = {2};
  stimulus.steps = 6;
  stimulus.events = {{0, 1, 1}, {2, 0, 1}};
  const WhySpike b = whyOf(chain(), stimulus, "b", 0, 2, 2);
  EXPECT_TRUE(b.fired);
  EXPECT_EQ(b.chipStep, 5u);
  EXPECT_EQ(b.membrane, 60);
  EXPECT_EQ(b.threshold, 49); // fires above it
  EXPECT_FALSE(b.reaches);
  EXPECT_EQ(b.rest, 0);
  ASSERT_EQ(b.causes.size(), 1u);
  const WhyCause &fromA = b.causes[0];
  EXPECT_EQ(fromA.population, "a");
  EXPECT_EQ(fromA.step, 2);
  EXPECT_EQ(fromA.firedAt, 4u);
  EXPECT_EQ(fromA.addedAt, 5u);
  EXPECT_EQ(fromA.weight, 60 * 64);
  EXPECT_EQ(fromA.contribution, 60);
  // Core 20 is on tile 5, at (1, 1).
  EXPECT_EQ(fromA.hopsX, 1u);
  EXPECT_EQ(fromA.hopsY, 1u);
  ASSERT_FALSE(fromA.travelPs.empty());
  EXPECT_EQ(fromA.travelPs[0].first, "davies2018");
  EXPECT_EQ(fromA.travelPs[0].second, 2100u + 4100 + 6500);
  ASSERT_TRUE(fromA.spike);
  const WhySpike &a = *fromA.spike;
  EXPECT_EQ(a.membrane, 50);
  ASSERT_EQ(a.causes.size(), 2u);
  EXPECT_EQ(a.causes[0].contribution, 30);
  EXPECT_TRUE(a.causes[0].isInput);
  EXPECT_EQ(a.causes[0].step, 2);
  EXPECT_EQ(a.causes[0].delay, 0u);
  EXPECT_EQ(a.causes[1].contribution, 20);
  EXPECT_EQ(a.causes[1].neuron, 1u);
  EXPECT_EQ(a.causes[1].step, 0);
  EXPECT_EQ(a.causes[1].delay, 2u);
  EXPECT_EQ(a.causes[1].addedAt, 4u);
  EXPECT_FALSE(a.causes[1].spike);
}

TEST(Why, DepthAndNumberOfCausesAreLimits) {
  Stimulus stimulus;
  stimulus.shape = {2};
  stimulus.steps = 6;
  stimulus.events = {{0, 1, 1}, {2, 0, 1}};
  const WhySpike b = whyOf(chain(), stimulus, "b", 0, 2, 1);
  ASSERT_EQ(b.causes.size(), 1u);
  EXPECT_FALSE(b.causes[0].spike);
  const WhySpike a = whyOf(chain(), stimulus, "a", 0, 2, 1, 1);
  ASSERT_EQ(a.causes.size(), 1u);
  EXPECT_EQ(a.others, 1u);
  EXPECT_EQ(a.othersSum, 20);
}

TEST(Why, ANeuronThatDidNotFire) {
  Stimulus stimulus;
  stimulus.shape = {2};
  stimulus.steps = 6;
  stimulus.events = {{0, 1, 1}, {2, 0, 1}};
  const WhySpike early = whyOf(chain(), stimulus, "a", 0, 1);
  EXPECT_FALSE(early.fired);
  EXPECT_EQ(early.membrane, 0);
  EXPECT_EQ(early.firedBefore, -1);
  EXPECT_EQ(early.firedAfter, 2);
  const WhySpike late = whyOf(chain(), stimulus, "a", 0, 4);
  EXPECT_EQ(late.lastSpike, 2);
  EXPECT_EQ(late.without, 2u); // reset has taken them
}

TEST(Why, WhatIsNotThereIsAnError) {
  Stimulus stimulus;
  stimulus.shape = {2};
  stimulus.steps = 6;
  auto problem = [&](const std::string &name, uint32_t neuron, int64_t step) {
    WhyRequest request;
    request.population = name;
    request.neuron = neuron;
    request.step = step;
    auto spike = explain(chain(), {{"in", stimulus}}, request);
    return spike ? std::string() : takeText(spike.takeError());
  };
  using testing::HasSubstr;
  EXPECT_THAT(problem("c", 0, 0), HasSubstr("no population 'c'"));
  EXPECT_THAT(problem("a", 1, 0), HasSubstr("neuron 1"));
  EXPECT_THAT(problem("a", 0, 6), HasSubstr("step 6"));
}

struct RandomChip {
  std::shared_ptr<image::LoadedImage> image;
  Stimulus stimulus;
};

/// A few cores, random rows with delays, recurrence.
RandomChip randomChip(uint64_t seed, image::Program program) {
  CounterRandom random(seed);
  RandomChip chip;
  chip.image = emptyImage();
  image::LoadedImage &image = *chip.image;
  image.programs = {std::move(program)};
  constexpr uint32_t cores = 3;
  for (uint32_t c = 0; c < cores; ++c) {
    const auto compartments = uint32_t(1 + random.below(6));
    image::CoreTables core = plainCore(0, c * 9, compartments);
    core.formats = {halfFormat(image::Compression::Sparse)};
    core.formats[0].delayBits = 2;
    for (int a = 0; a < 4; ++a) {
      std::vector<uint16_t> targets;
      std::vector<int16_t> weights;
      for (uint32_t n = 0; n < compartments; ++n)
        if (random.below(3) != 0) {
          targets.push_back(uint16_t(n));
          weights.push_back(int16_t(2 * (int(random.below(40)) - 12)));
          core.rows.delay.push_back(uint8_t(random.below(3)));
        }
      addAxon(core, 0, targets, weights);
    }
    for (uint32_t n = 0; n < compartments; ++n)
      core.compartmentFields["bias_mant"].push_back(int32_t(random.below(5)) -
                                                    1);
    image.cores.push_back(std::move(core));
  }
  for (image::CoreTables &core : image.cores)
    for (uint32_t n = 0; n < core.compartments; ++n) {
      std::vector<image::AxonOut> slots;
      for (uint64_t k = random.below(3); k > 0; --k) {
        image::AxonOut slot;
        slot.core = image.cores[random.below(cores)].core;
        slot.axon = uint16_t(random.below(4));
        slots.push_back(slot);
      }
      addSlots(core, n, slots);
    }
  for (uint32_t c = 0; c < cores; ++c)
    addPopulation(image, "p" + std::to_string(c), c);
  addInput(image, 0, 4);
  chip.stimulus.shape = {4};
  chip.stimulus.steps = steps;
  for (uint32_t t = 0; t < steps; ++t)
    for (uint32_t n = 0; n < 4; ++n)
      if (random.below(3) == 0)
        chip.stimulus.events.push_back({t, n, float(1 + random.below(2))});
  return chip;
}

/// The membrane of every step in which a neuron does not fire is its state
/// after the step.
std::vector<std::vector<std::vector<int32_t>>>
membranes(const RandomChip &chip) {
  auto session = Session::open(chip.image, 1);
  std::vector<std::vector<std::vector<int32_t>>> v;
  if (!session)
    return v;
  RunOptions options;
  for (uint32_t c = 0; c < chip.image->cores.size(); ++c)
    options.probes.push_back("p" + std::to_string(c) + ":v");
  auto result = session->run({{"in", chip.stimulus}}, options);
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return v;
  }
  for (size_t t = 0; t < size_t(steps); ++t) {
    auto &all = v.emplace_back();
    for (const ProbeTrace &probe : result->probes)
      all.push_back(probe.values[t]);
  }
  return v;
}

/// Returns how many spikes were explained.
uint64_t checkAll(const RandomChip &chip, bool leaks) {
  const auto v = membranes(chip);
  uint64_t fired = 0;
  for (uint32_t c = 0; c < chip.image->cores.size(); ++c)
    for (uint32_t n = 0; n < chip.image->cores[c].compartments; ++n)
      for (int64_t t = 0; t < steps; ++t) {
        const WhySpike spike =
            whyOf(chip.image, chip.stimulus, "p" + std::to_string(c), n, t);
        EXPECT_TRUE(spike.comparable);
        EXPECT_EQ(sumOf(spike), spike.membrane);
        EXPECT_EQ(spike.fired, spike.membrane > spike.threshold);
        if (!spike.fired) {
          EXPECT_EQ(spike.membrane, v[size_t(t)][c][n]);
        }
        fired += spike.fired;
        for (const WhyCause &cause : spike.causes) {
          if (!leaks) {
            EXPECT_EQ(cause.contribution, cause.weight >> 6);
          }
          EXPECT_LE(cause.firedAt + 1 + cause.delay, spike.chipStep);
        }
        if (testing::Test::HasFailure())
          return fired;
      }
  return fired;
}

TEST(Why, ContributionsAddUpToTheMembrane) {
  uint64_t fired = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed)
    fired += checkAll(randomChip(seed, plainProgram(60)), false);
  EXPECT_GT(fired, 200u);
}

TEST(Why, AlsoWithALeak) {
  uint64_t fired = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed)
    fired += checkAll(randomChip(seed, leakyProgram(3, 40)), true);
  EXPECT_GT(fired, 200u);
}

} // namespace
