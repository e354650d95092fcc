//===- tests/unit/emulator/core/EmulatorTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The engine against the plainest engine that one can write, on random chips.
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Emulator.h"
#include "image/ProgramBuilder.h"
#include "tests/unit/emulator/core/PlainEmulator.h"
#include "tests/unit/emulator/core/RandomPrograms.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;
using image::CoreTables;
using image::LoadedImage;

namespace {

target::TargetModel loihi() {
  auto target = target::findTarget("loihi");
  if (!target) {
    ADD_FAILURE() << takeText(target.takeError());
    return {};
  }
  return *target;
}

/// An integrator with a random decay: fires often, so that messages flow.
image::Program leakyProgram() {
  image::ProgramBuilder b("leaky");
  auto v = b.state("v", 31);
  auto zero = b.constant(0);
  auto kept = b.sub(b.constant(4096), b.param("decay_v"));
  v = b.add(b.decay(v, kept, 12), b.input());
  v = b.add(v, b.param("bias_mant"));
  auto spike = b.less(b.param("vth"), v);
  b.write("v", b.select(spike, zero, v));
  b.fire(spike, b.select(b.param("ds_offset"), b.constant(1),
                         b.shr(v, b.constant(9))));
  return b.take();
}

void randomRows(CoreTables &core, Rng &rng) {
  image::SynapseFormat format;
  bool onSum = below(rng, 4) == 0;
  for (int f = 0; f < 3; ++f) {
    format.weightExp = int8_t(int(below(rng, 12)) - 6);
    format.exponentOnSum = onSum;
    core.formats.push_back(format);
  }
  bool delays = below(rng, 2);
  bool narrow = below(rng, 2);
  uint32_t rows = 1 + below(rng, 12);
  for (uint32_t r = 0; r < rows; ++r) {
    uint32_t count = below(rng, core.compartments + 1);
    bool dense = below(rng, 2);
    uint8_t rowDelay = uint8_t(below(rng, 6));
    bool mixedDelays = below(rng, 2);
    for (uint32_t s = 0; s < count; ++s) {
      core.rows.target.push_back(
          uint16_t(dense ? s : below(rng, core.compartments)));
      int32_t mantissa = int32_t(below(rng, 512)) - 256;
      core.rows.mantissa.push_back(int16_t(narrow ? mantissa / 4 : mantissa));
      if (delays)
        core.rows.delay.push_back(mixedDelays ? uint8_t(below(rng, 9))
                                              : rowDelay);
    }
    core.rows.format.push_back(uint8_t(below(rng, 3)));
    core.rows.first.push_back(uint32_t(core.rows.target.size()));
  }
}

void randomAxons(CoreTables &core, Rng &rng) {
  uint32_t rows = uint32_t(core.rows.rows());
  uint32_t axons = 1 + below(rng, 10);
  for (uint32_t a = 0; a < axons; ++a) {
    image::AxonIn axon;
    axon.firstRow = below(rng, rows);
    axon.popRows = uint16_t(1 + below(rng, rows - axon.firstRow));
    if (axon.popRows > 1)
      axon.type = image::AxonType::Pop32;
    // As far up as its rows allow.
    uint32_t highest = 0;
    for (uint32_t s = core.rows.first[axon.firstRow];
         s < core.rows.first[axon.firstRow + axon.popRows]; ++s)
      highest = std::max<uint32_t>(highest, core.rows.target[s]);
    axon.cxBase = uint16_t(below(rng, core.compartments - highest));
    core.axonsIn.push_back(axon);
  }
}

std::shared_ptr<LoadedImage> randomImage(Rng &rng, bool wild) {
  auto image = std::make_shared<LoadedImage>();
  image->target = loihi();
  std::vector<std::string> params = {"bias_mant", "decay_v", "vth",
                                     "ds_offset"};
  image->programs = {leakyProgram()};
  if (wild)
    image->programs.push_back(randomProgram(rng, params, 2));
  uint32_t cores = 1 + below(rng, 7);
  for (uint32_t c = 0; c < cores; ++c) {
    CoreTables core;
    core.core = c * 3; // not the index
    core.program = below(rng, uint32_t(image->programs.size()));
    core.compartments = 1 + below(rng, c % 3 ? 40 : 400);
    randomRows(core, rng);
    randomAxons(core, rng);
    core.compartmentProfiles = {{{"decay_v", below(rng, 4096)}},
                                {{"decay_v", below(rng, 4096)}}};
    core.thresholdProfiles = {{{"vth", below(rng, 20000)}}};
    core.config = {{"ds_offset", below(rng, 2)}};
    for (uint32_t n = 0; n < core.compartments; ++n) {
      core.profileOf.push_back(uint8_t(below(rng, 2)));
      core.thresholdOf.push_back(0);
      core.compartmentFields["bias_mant"].push_back(int32_t(below(rng, 2000)) -
                                                    900);
      core.initialState["v"].push_back(int32_t(below(rng, 30000)) - 15000);
    }
    image->cores.push_back(std::move(core));
  }
  for (CoreTables &core : image->cores)
    for (uint32_t n = 0; n < core.compartments; ++n) {
      for (uint32_t k = below(rng, 4); k > 0; --k) {
        const CoreTables &to = image->cores[below(rng, cores)];
        image::AxonOut out;
        out.core = to.core;
        out.axon = uint16_t(below(rng, uint32_t(to.axonsIn.size())));
        out.atom = uint16_t(below(rng, to.axonsIn[out.axon].popRows));
        core.axonsOut.push_back(out);
      }
      core.outFirst.push_back(uint32_t(core.axonsOut.size()));
    }
  return image;
}

std::unique_ptr<Emulator> make(std::shared_ptr<const LoadedImage> image,
                               unsigned threads = 1) {
  Options options;
  options.threads = threads;
  options.seed = 11;
  auto emulator = Emulator::create(std::move(image), options);
  if (!emulator) {
    ADD_FAILURE() << takeText(emulator.takeError());
    return nullptr;
  }
  return std::move(*emulator);
}

/// What the host does is drawn from \p seed, the same for every engine.
void compareRun(std::shared_ptr<LoadedImage> image, Emulator &emulator,
                uint32_t seed) {
  Rng rng(seed);
  PlainEmulator plain(*image);
  for (int step = 1; step <= 25; ++step) {
    for (uint32_t k = below(rng, 12); k > 0; --k) {
      uint32_t c = below(rng, uint32_t(image->cores.size()));
      const CoreTables &core = image->cores[c];
      HostSpike spike{c, below(rng, uint32_t(core.axonsIn.size())), 0, 1};
      spike.atom = below(rng, core.axonsIn[spike.axon].popRows);
      spike.payload = below(rng, 2) ? 1 : int32_t(below(rng, 1000)) - 500;
      ASSERT_FALSE(bool(emulator.send({&spike, 1})));
      plain.deliver(c, spike.axon, spike.atom, spike.payload);
      uint32_t n = below(rng, core.compartments);
      uint32_t port = below(rng, image->programs[core.program].ports);
      int32_t value = anyValue(rng);
      ASSERT_FALSE(bool(emulator.inject(c, n, port, value)));
      plain.injected[{plain.done + 1, c, n, port}] += uint32_t(value);
    }
    emulator.step();
    plain.step();
    std::vector<Spike> got(emulator.spikes().begin(), emulator.spikes().end());
    ASSERT_EQ(got, plain.spikes) << "step " << step;
    for (uint32_t c = 0; c < image->cores.size(); ++c) {
      const image::Program &program = image->programs[image->cores[c].program];
      auto sums = emulator.read(c, "q");
      ASSERT_TRUE(bool(sums));
      for (uint32_t n = 0; n < image->cores[c].compartments; ++n)
        ASSERT_EQ((*sums)[n], plain.input(c, n, 0));
      for (size_t s = 0; s < program.states.size(); ++s) {
        auto values = emulator.read(c, program.states[s].name);
        ASSERT_TRUE(bool(values));
        for (uint32_t n = 0; n < image->cores[c].compartments; ++n)
          ASSERT_EQ((*values)[n], plain.states[c][n][s])
              << "step " << step << " core " << c << " compartment " << n;
      }
    }
  }
  uint64_t events = 0;
  for (uint32_t c = 0; c < image->cores.size(); ++c)
    events += emulator.counters(c).synapticEvents;
  // The plain engine counts at sending, this one at delivery, a step later.
  EXPECT_LE(events, plain.events);
  EXPECT_GE(events + plain.lastEvents, plain.events);
}

TEST(Emulator, EqualsThePlainEngineOnRandomChips) {
  uint64_t messages = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed);
    auto image = randomImage(rng, seed % 2);
    for (unsigned threads : {1u, 2u, 3u}) {
      auto emulator = make(image, threads);
      ASSERT_TRUE(emulator);
      compareRun(image, *emulator, seed);
      if (HasFatalFailure())
        FAIL() << "seed " << seed << " threads " << threads;
      messages += emulator->counters(0).axonsOut;
    }
  }
  EXPECT_GT(messages, 10000u); // the chips were busy
}

TEST(Emulator, ResetStartsAgain) {
  Rng rng(3);
  auto image = randomImage(rng, true);
  auto emulator = make(image, 2);
  ASSERT_TRUE(emulator);
  compareRun(image, *emulator, 1);
  HostSpike late{0, 0, 0, 1};
  ASSERT_FALSE(bool(emulator->send({&late, 1}))); // must be forgotten
  ASSERT_FALSE(bool(emulator->inject(0, 0, 0, 1000)));
  emulator->reset();
  EXPECT_EQ(emulator->now(), 0u);
  EXPECT_TRUE(emulator->spikes().empty());
  EXPECT_EQ(emulator->counters(0).updates, 0u);
  compareRun(image, *emulator, 1);
}

/// One core: axon 0 has a row with mantissa 3 to compartment 0 (delay 2).
std::shared_ptr<LoadedImage> tinyImage() {
  auto image = std::make_shared<LoadedImage>();
  image->target = loihi();
  image::ProgramBuilder b("sum");
  auto v = b.add(b.state("v", 31), b.input());
  b.write("v", v);
  image->programs = {b.take()};
  CoreTables core;
  core.compartments = 1;
  core.formats.resize(1);
  core.rows.first = {0, 1};
  core.rows.format = {0};
  core.rows.target = {0};
  core.rows.mantissa = {3};
  core.rows.delay = {2};
  core.axonsIn.resize(1);
  core.outFirst = {0, 0};
  core.compartmentProfiles.resize(1);
  core.thresholdProfiles.resize(1);
  core.profileOf = {0};
  core.thresholdOf = {0};
  image->cores = {core};
  return image;
}

// Stamped 1, delay 2: reaches the accumulators of step 1 + 1 + 2.
TEST(Emulator, DelayAndPayload) {
  auto emulator = make(tinyImage());
  ASSERT_TRUE(emulator);
  emulator->step();
  HostSpike spike{0, 0, 0, -5};
  ASSERT_FALSE(bool(emulator->send({&spike, 1})));
  std::vector<int32_t> sums;
  for (int step = 2; step <= 5; ++step) {
    emulator->step();
    sums.push_back((*emulator->read(0, "q"))[0]);
  }
  EXPECT_EQ(sums, (std::vector<int32_t>{0, 0, 3 * 64 * -5, 0}));
  EXPECT_EQ((*emulator->read(0, "v"))[0], -960);
  EXPECT_EQ(emulator->counters(0).axonsIn, 1u);
  EXPECT_EQ(emulator->counters(0).synapticEvents, 1u);
  EXPECT_EQ(emulator->counters(0).updates, 5u);
}

TEST(Emulator, WrongAddressesEndInErrors) {
  auto emulator = make(tinyImage());
  ASSERT_TRUE(emulator);
  auto fails = [](Error error) {
    bool failed = bool(error);
    llvm::consumeError(std::move(error));
    return failed;
  };
  for (HostSpike spike :
       {HostSpike{1, 0, 0, 1}, HostSpike{0, 1, 0, 1}, HostSpike{0, 0, 1, 1},
        HostSpike{UINT32_MAX, UINT32_MAX, UINT32_MAX, 1}})
    EXPECT_TRUE(fails(emulator->send({&spike, 1})));
  EXPECT_TRUE(fails(emulator->inject(1, 0, 0, 1)));
  EXPECT_TRUE(fails(emulator->inject(0, 1, 0, 1)));
  EXPECT_TRUE(fails(emulator->inject(0, 0, 1, 1)));
  auto none = emulator->read(0, "w");
  ASSERT_FALSE(bool(none));
  EXPECT_NE(takeText(none.takeError()).find("no state 'w'"), std::string::npos);
  auto far = emulator->read(9, "v");
  EXPECT_FALSE(bool(far));
  llvm::consumeError(far.takeError());
}

void expectRefused(std::shared_ptr<LoadedImage> image,
                   const std::string &words) {
  auto emulator = Emulator::create(std::move(image), {});
  ASSERT_FALSE(bool(emulator)) << words;
  std::string text = takeText(emulator.takeError());
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

TEST(Emulator, ImagesThatDoNotFitTogetherAreRefused) {
  auto image = tinyImage();
  image->cores[0].axonsIn[0].cxBase = 1;
  image->cores[0].axonsOut.resize(1);
  image->cores[0].outFirst = {0, 1};
  expectRefused(image, "reaches compartment 1 of 1");

  image = tinyImage();
  image->cores[0].axonsOut.resize(1);
  image->cores[0].axonsOut[0].core = 5;
  image->cores[0].outFirst = {0, 1};
  expectRefused(image, "which is not in the image");

  image = tinyImage();
  image->cores[0].formats[0].weightExp = 16;
  expectRefused(image, "does not fit");

  image = tinyImage();
  image->cores[0].formats.resize(2);
  image->cores[0].formats[1].exponentOnSum = true;
  image->cores[0].rows.format = {0, 1};
  image->cores[0].rows.first = {0, 1, 1};
  expectRefused(image, "mixed");

  image = tinyImage();
  image::ProgramBuilder b("param");
  b.fire(b.param("gain"), b.constant(1));
  image->programs = {b.take()};
  expectRefused(image, "'gain'");

  image = tinyImage();
  image->cores[0].program = 4;
  expectRefused(image, "program 4");
}

} // namespace
