//===- tests/unit/emulator/engine/WorkloadTest.cpp ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Workload W1 (benchmarks/README.md): 784-1024-10, all from a hash. Its spikes
// and events are known from other simulators, its time and energy are closed
// forms of them. Inputs come from the host; 64 hidden neurons on each of the
// cores 1 to 16, the outputs on core 17.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "tests/unit/emulator/engine/TestImages.h"

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

constexpr uint32_t inputs = 784, hidden = 1024, outputs = 10, steps = 1000;
constexpr uint32_t hiddenCores = 16, perCore = hidden / hiddenCores;
constexpr uint32_t outputCore = 17;

int16_t twice(uint64_t hash) { return int16_t(2 * (int(hash % 127) - 63)); }

std::shared_ptr<image::LoadedImage> makeW1() {
  auto image = emptyImage();
  image->programs = {leakyProgram(3, 1000)};
  image::CoreTables last = plainCore(0, outputCore, outputs);
  last.formats = {halfFormat(image::Compression::Dense)};
  for (uint32_t c = 0; c < hiddenCores; ++c) {
    image::CoreTables core = plainCore(0, c + 1, perCore);
    core.formats = last.formats;
    std::vector<uint16_t> targets(perCore);
    std::vector<int16_t> weights(perCore);
    for (uint32_t n = 0; n < perCore; ++n)
      targets[n] = uint16_t(n);
    for (uint32_t i = 0; i < inputs; ++i) {
      for (uint32_t n = 0; n < perCore; ++n)
        weights[n] = twice(H(1, i * hidden + c * perCore + n));
      addAxon(core, 0, targets, weights);
    }
    for (uint32_t n = 0; n < perCore; ++n) {
      std::vector<uint16_t> all(outputs);
      std::vector<int16_t> row(outputs);
      for (uint32_t k = 0; k < outputs; ++k) {
        all[k] = uint16_t(k);
        row[k] = twice(H(2, (c * perCore + n) * outputs + k));
      }
      image::AxonOut slot;
      slot.core = outputCore;
      slot.axon = addAxon(last, 0, all, row);
      addSlots(core, n, {slot});
    }
    image->cores.push_back(std::move(core));
  }
  image->cores.push_back(std::move(last));
  return image;
}

std::vector<HostSpike> inputOf(uint64_t step) {
  std::vector<HostSpike> spikes;
  for (uint32_t i = 0; i < inputs; ++i)
    if ((H(3, step * inputs + i) >> 32) < 858993459)
      for (uint32_t c = 0; c < hiddenCores; ++c)
        spikes.push_back({c, i, 0, 1});
  return spikes;
}

TEST(W1, ClosedForms) {
  CycleOptions options;
  options.activity = Activity::All;
  auto engine = cycleEngine(makeW1(), options);
  uint64_t inputSpikes = 0, hiddenSpikes = 0, outputSpikes = 0;
  uint64_t hopsX = 0, hopsY = 0;
  for (uint64_t t = 0; t < steps; ++t) {
    const std::vector<HostSpike> input = inputOf(t);
    inputSpikes += input.size() / hiddenCores;
    ASSERT_FALSE(bool(engine->send(input)));
    engine->step();
    for (const Spike &spike : engine->spikes()) {
      if (spike.core == hiddenCores) {
        ++outputSpikes;
        continue;
      }
      ++hiddenSpikes;
      // Core 17 is on tile 4 at (1, 0); tile t is at (t / 4, t mod 4).
      const uint32_t tile = (spike.core + 1) / 4;
      hopsX += tile < 4;
      hopsY += tile % 4;
    }
  }
  ASSERT_EQ(inputSpikes, 156'830u);
  ASSERT_EQ(hiddenSpikes, 65'103u);
  const CycleReport report = reportOf(*engine);
  const EventCounts total = report.total();
  EXPECT_EQ(total.synapticEvents(), 161'244'950u);
  EXPECT_EQ(total.synapses[0], 161'244'950u);
  EXPECT_EQ(total.updatesActive, 1'034'000u);
  EXPECT_EQ(total.updatesInactive, 0u);
  EXPECT_EQ(total.messages, 65'103u);
  EXPECT_EQ(total.axonsIn, 16u * 156'830 + 65'103);
  EXPECT_EQ(total.spikes, 65'103 + outputSpikes);
  EXPECT_EQ(total.hopsX, hopsX);
  EXPECT_EQ(total.hopsY, hopsY);

  const SetReport &davies = report.sets[0], &sanafe = report.sets[1];
  EXPECT_EQ(davies.energy.total(), 1'034'000ull * 81'000 + 65'103ull * 1'700 +
                                       hopsX * 3'000 + hopsY * 4'000 +
                                       161'244'950ull * 23'600);
  EXPECT_EQ(sanafe.energy.total(), 1'034'000ull * 72'800 +
                                       (65'103 + outputSpikes) * 69'300ull +
                                       65'103ull * 111'000 + hopsX * 3'000 +
                                       hopsY * 4'200 + 161'244'950ull * 35'500);
  EXPECT_EQ(report.energyFj(),
            (Interval{davies.energy.total(), sanafe.energy.total()}));

  // Each hidden core receives every input, 64 synapses each: that takes longer
  // than anything else.
  EXPECT_EQ(davies.workPs, 156'830ull * 64 * 3'500);
  EXPECT_EQ(sanafe.workPs, 156'830ull * (16'000 + 64 * 3'800));
  // 5 tiles in use.
  EXPECT_EQ(davies.totalPs() - davies.workPs, 1000u * 113'000);
  EXPECT_EQ(sanafe.totalPs() - sanafe.workPs, 1000u * 1'400'000);
  for (const SetReport &set : report.sets)
    for (const StepTime &step : set.steps) {
      ASSERT_LE(step.lowerPs, step.workPs);
      ASSERT_LE(step.workPs, step.upperPs);
    }
}

} // namespace
