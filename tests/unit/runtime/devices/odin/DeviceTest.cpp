//===- tests/unit/runtime/devices/odin/DeviceTest.cpp ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/SpiProgram.h"
#include "emulator/odin/FastModel.h"
#include "runtime/devices/odin/OdinDevice.h"
#include "runtime/replay/ReadOdin.h"
#include "tests/unit/backends/odin/RandomConfig.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::runtime::odin;
using hillock::odin::ChipConfig;
using hillock::odin::SpiFrame;

namespace {

std::vector<uint64_t> bitsOf(const std::vector<SpiFrame> &frames) {
  std::vector<uint64_t> bits;
  for (SpiFrame frame : frames)
    bits.push_back(frame.bits);
  return bits;
}

/// A board of which the test sees the inside, and the host does not.
class SpiedPins final : public Pins {
public:
  explicit SpiedPins(Chip chip) : model(emu::odin::ChipState(chip), nullptr) {}
  void reset() override {}
  uint64_t clock(const InputPins &inputs, uint64_t edges) override {
    const uint64_t passed = model.advance(inputs, edges);
    if (!model.state().idle())
      lastBusy = model.cycles();
    return passed;
  }
  OutputPins outputs() const override {
    const auto &s = model.state();
    return {s.aerInAck(), s.aerOut.request(), s.aerOut.address(), s.spi.miso()};
  }
  uint64_t cycle() const override { return model.cycles(); }

  emu::odin::FastModel model;
  uint64_t lastBusy = 0;
};

struct Recorded {
  llvm::json::Value root = nullptr;
  std::vector<uint64_t> frames;
  std::vector<Request> requests;
  const llvm::json::Array &rows(const char *key) const {
    return *root.getAsObject()->getObject("result")->getArray(key);
  }
};

std::optional<Recorded> recorded(const std::string &name) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    return std::nullopt;
  auto buffer =
      llvm::MemoryBuffer::getFile(std::string(folder) + "/odin/" + name);
  if (!buffer)
    return std::nullopt;
  auto json = llvm::json::parse((*buffer)->getBuffer());
  if (!json) {
    llvm::consumeError(json.takeError());
    return std::nullopt;
  }
  auto odin = runtime::readOdinCase(*json->getAsObject());
  if (!odin) {
    llvm::consumeError(odin.takeError());
    return std::nullopt;
  }
  Recorded result;
  result.root = *json;
  result.frames = odin->stimulus.frames;
  for (const auto &event : odin->stimulus.events)
    result.requests.push_back({event.address, false, 0});
  return result;
}

int64_t number(const llvm::json::Array &rows, size_t row, size_t column) {
  return *(*rows[row].getAsArray())[column].getAsInteger();
}

// Traces of the public RTL: the same edges at the same cycles, by a host that
// sees nothing but pins.
class RecordedRun : public testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Programs, RecordedRun,
                         testing::Values("tiny_17_spi_program",
                                         "odin_19_spi_program"),
                         [](const auto &info) {
                           return std::string(info.param).substr(0, 7);
                         });

TEST_P(RecordedRun, HasTheSameEdges) {
  const auto trace = recorded(std::string(GetParam()) + ".json");
  if (!trace)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const bool tiny = GetParam()[0] == 't';
  for (Speed speed : {Speed::Events, Speed::Edges}) {
    DeviceOptions options;
    options.speed = speed;
    options.sckHalfPeriod = 4;
    options.checkEvents = false;
    auto device = Device::create(tiny ? Chip::Tiny : Chip::Odin, options);
    auto programmed = device->program(trace->frames);
    ASSERT_TRUE(bool(programmed)) << takeText(programmed.takeError());
    const uint64_t start = programmed->cycles;
    EXPECT_EQ(start, trace->frames.size() * 320);
    const auto &bytes =
        *trace->root.getAsObject()->getObject("spi")->getArray("readback");
    ASSERT_EQ(programmed->bytes.size(), bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i) {
      unsigned byte = 0;
      (*bytes[i].getAsArray())[2].getAsString()->getAsInteger(16, byte);
      EXPECT_EQ(programmed->bytes[i], byte);
    }
    const auto total =
        *trace->root.getAsObject()->getObject("result")->getInteger("cycles");
    auto run =
        device->run(trace->requests, static_cast<uint64_t>(total) - start);
    ASSERT_TRUE(bool(run)) << takeText(run.takeError());
    const auto &in = trace->rows("aer_in"), &out = trace->rows("aer_out");
    ASSERT_EQ(run->acknowledged.size(), in.size());
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_EQ(static_cast<int64_t>(run->acknowledged[i] + start),
                number(in, i, 2));
    ASSERT_EQ(run->spikes.size(), out.size());
    for (size_t i = 0; i < out.size(); ++i) {
      EXPECT_EQ(static_cast<int64_t>(run->spikes[i].cycle + start),
                number(out, i, 0));
      EXPECT_EQ(run->spikes[i].address, number(out, i, 1));
    }
  }
}

/// A network that calms down: few neurons that excite, thresholds above.
ChipConfig calmNetwork(Chip chip, std::mt19937_64 &engine) {
  ChipConfig config = hillock::odin::emptyConfig(chip);
  const auto below = [&](uint64_t bound) {
    return static_cast<unsigned>(engine() % bound);
  };
  for (unsigned n = 0; n < 60; ++n) {
    if (chip == Chip::Tiny) {
      hillock::odin::TinyParams p;
      p.threshold = 4 + below(30);
      p.leak = below(3);
      config.neurons[n] = encode(p);
    } else {
      hillock::odin::LifParams p;
      p.threshold = 4 + below(30);
      p.leak = below(3);
      p.leakEnabled = true;
      config.neurons[n] = encode(p);
    }
  }
  for (unsigned source = 0; source < 256; ++source)
    for (unsigned target = 0; target < 60; ++target) {
      // Inputs (100 and more) excite; neurons reach only higher ones.
      if (source < 100 && target <= source)
        continue;
      config.setSynapse(source, target, below(4) ? 0 : below(16));
    }
  config.registers.maxNeuron = static_cast<uint8_t>(59 + below(197));
  config.registers.openLoop = below(4) == 0;
  config.registers.aerFromController = below(4) == 0;
  config.registers.monitorNeuron = static_cast<uint8_t>(below(256));
  for (unsigned n = 0; n < 100; ++n)
    config.registers.inhibitory[n] = below(3) == 0;
  return config;
}

std::vector<Request> someRequests(Chip chip, std::mt19937_64 &engine) {
  std::vector<Request> requests;
  const bool tiny = chip == Chip::Tiny;
  for (unsigned i = 0; i < 24; ++i) {
    Request request;
    request.rest = engine() % 3 == 0;
    const auto source = static_cast<uint32_t>(100 + engine() % 156);
    switch (engine() % 8) {
    case 0:
      request.address = hillock::odin::aerLeakAll(chip);
      break;
    case 1: // a virtual event of weight 5 to neuron 3
      request.address = tiny ? 0x253 : 0x3A1;
      break;
    case 2: // one synapse, or a time reference of one neuron
      request.address = tiny ? 0x107 : 0x10000 | source << 8 | 7;
      break;
    default:
      request.address = tiny ? source : source << 8 | 7;
    }
    requests.push_back(request);
  }
  return requests;
}

std::vector<uint64_t> programOf(const ChipConfig &config) {
  hillock::odin::SpiOptions options;
  options.usedOnly = true;
  options.readback = false;
  return bitsOf(programFrames(config, options).frames);
}

// The host knows from pins when the chip is at rest, and what it has done.
TEST(OdinDevice, KnowsWhenTheChipRests) {
  std::mt19937_64 engine(5);
  for (unsigned i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    const Chip chip = i % 2 ? Chip::Odin : Chip::Tiny;
    const ChipConfig config = calmNetwork(chip, engine);
    DeviceOptions options;
    options.outAck = i % 3;
    options.outRelease = i % 5;
    options.inRelease = i % 4;
    auto owned = std::make_unique<SpiedPins>(chip);
    SpiedPins &pins = *owned;
    Device device(chip, std::move(owned), options);
    auto programmed = device.program(programOf(config));
    ASSERT_TRUE(bool(programmed)) << takeText(programmed.takeError());
    for (unsigned round = 0; round < 3; ++round) {
      const emu::odin::Work before = pins.model.work();
      auto run = device.run(someRequests(chip, engine));
      ASSERT_TRUE(bool(run)) << takeText(run.takeError());
      ASSERT_TRUE(pins.model.state().idle());
      const emu::odin::Work &after = pins.model.work();
      const Work &work = run->work;
      EXPECT_EQ(work.leaks, after.leaks - before.leaks);
      EXPECT_EQ(work.virtualEvents, after.virtualEvents - before.virtualEvents);
      EXPECT_EQ(work.synapseEvents, after.synapseEvents - before.synapseEvents);
      // Spikes inside are seen unless outputs are echoes.
      if (after.lost == before.lost && !config.registers.aerFromController) {
        EXPECT_EQ(work.neuronEvents, after.neuronEvents - before.neuronEvents);
        EXPECT_EQ(work.sops, after.sops - before.sops);
      }
      if (after.lost != before.lost) {
        EXPECT_TRUE(work.overflowed);
      }
    }
  }
}

TEST(OdinDevice, BothSpeedsShowTheSamePins) {
  std::mt19937_64 engine(6);
  for (unsigned i = 0; i < 4; ++i) {
    SCOPED_TRACE(i);
    const Chip chip = i % 2 ? Chip::Odin : Chip::Tiny;
    const std::vector<uint64_t> frames = programOf(calmNetwork(chip, engine));
    const std::vector<Request> requests = someRequests(chip, engine);
    std::vector<RunResult> results;
    for (Speed speed : {Speed::Events, Speed::Edges}) {
      DeviceOptions options;
      options.speed = speed;
      options.outAck = i % 4;
      options.powerUpSeed = i + 1;
      auto device = Device::create(chip, options);
      auto programmed = device->program(frames);
      ASSERT_TRUE(bool(programmed)) << takeText(programmed.takeError());
      auto run = device->run(requests);
      ASSERT_TRUE(bool(run)) << takeText(run.takeError());
      results.push_back(*run);
    }
    const RunResult &a = results[0], &b = results[1];
    EXPECT_EQ(a.work.cycles, b.work.cycles);
    EXPECT_EQ(a.work.sops, b.work.sops);
    EXPECT_EQ(a.acknowledged, b.acknowledged);
    ASSERT_EQ(a.spikes.size(), b.spikes.size());
    for (size_t k = 0; k < a.spikes.size(); ++k) {
      EXPECT_EQ(a.spikes[k].cycle, b.spikes[k].cycle);
      EXPECT_EQ(a.spikes[k].address, b.spikes[k].address);
    }
  }
}

// From a power-up with random memories to a network of which every byte is
// read back.
TEST(OdinDevice, WritesAndReadsEveryByte) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    ChipConfig config = hillock::odin::randomConfig(chip, 21);
    DeviceOptions options;
    options.powerUpSeed = 9;
    auto device = Device::create(chip, options);
    const auto program = programFrames(config);
    auto result = device->program(bitsOf(program.frames));
    ASSERT_TRUE(bool(result)) << takeText(result.takeError());
    const unsigned bytes = 256 * hillock::odin::neuronBytes(chip) + 4 * 8192;
    EXPECT_EQ(result->readback, bytes);
    EXPECT_EQ(result->bytes.size(), bytes);
    EXPECT_EQ(result->cycles, result->frames * 160);
    EXPECT_TRUE(hillock::odin::sameChip(device->config(), config));
  }
}

// The RTL without delays also takes SCK at half of its clock.
TEST(OdinDevice, WritesAtTheHighestClock) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    DeviceOptions options;
    options.sckHalfPeriod = 1;
    auto device = Device::create(chip, options);
    const auto program = programFrames(hillock::odin::randomConfig(chip, 22));
    auto result = device->program(bitsOf(program.frames));
    ASSERT_TRUE(bool(result)) << takeText(result.takeError());
    EXPECT_GT(result->readback, 33000u);
  }
}

// 512 cycles and 256 operations a neuron event.
TEST(OdinDevice, CountsAndEnergy) {
  ChipConfig config = hillock::odin::emptyConfig(Chip::Odin);
  auto device = Device::create(Chip::Odin);
  auto programmed = device->program(programOf(config));
  ASSERT_TRUE(bool(programmed)) << takeText(programmed.takeError());
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 10; ++i)
    requests.push_back({i << 8 | 7, true, 0});
  auto run = device->run(requests);
  ASSERT_TRUE(bool(run)) << takeText(run.takeError());
  EXPECT_EQ(run->work.neuronEvents, 10u);
  EXPECT_EQ(run->work.sops, 2560u);
  EXPECT_EQ(run->spikes.size(), 0u);
  // 518 cycles each when one follows the other, and what the host waits more.
  EXPECT_GE(run->work.cycles, 5180u);
  EXPECT_LE(run->work.cycles, 5300u);
  // The two points that the paper measured, within 0.3 %.
  const Energy fast = energyOf(Chip::Odin, 75000000, 37500000, 75);
  EXPECT_NEAR(fast.nanojoules() * 1e-3, 477, 477 * 0.003); // uJ in one second
  const Energy slow = energyOf(Chip::Odin, 1300000, 650000, 1.3);
  EXPECT_NEAR(slow.nanojoules() * 1e-3, 35, 35 * 0.005);
  EXPECT_DOUBLE_EQ(fast.milliseconds, 1000);
  EXPECT_FALSE(energyOf(Chip::Tiny, 1, 1).sameChip);
}

TEST(OdinDevice, RefusesWhatTheChipWouldMisunderstand) {
  const auto errorOf = [](Device &device, std::vector<Request> requests,
                          uint64_t cycles = 0) {
    auto run = device.run(requests, cycles);
    return run ? std::string("no error") : takeText(run.takeError());
  };
  auto device = Device::create(Chip::Tiny);
  EXPECT_NE(errorOf(*device, {}).find("SPI_GATE_ACTIVITY was never written"),
            std::string::npos);
  ChipConfig config = hillock::odin::emptyConfig(Chip::Tiny);
  // A neuron that excites itself.
  config.neurons[0] = encode(hillock::odin::TinyParams{0, 5, 0, false});
  config.setSynapse(0, 0, 7);
  std::vector<uint64_t> frames = programOf(config);
  const uint64_t release = frames.back();
  frames.pop_back();
  ASSERT_TRUE(bool(device->program(frames)));
  EXPECT_NE(errorOf(*device, {}).find("still stopped"), std::string::npos);
  ASSERT_TRUE(bool(device->send({release})));
  EXPECT_EQ(errorOf(*device, {{0x400, false, 0}}),
            "input event 1: 0x400 does not fit into the 10 bits of AERIN_ADDR");
  EXPECT_NE(errorOf(*device, {{0x203, false, 0}}).find("weight 0"),
            std::string::npos);
  EXPECT_EQ(errorOf(*device, {{0x270, false, 0}}, 5000), "no error");
  DeviceOptions options;
  options.patience = 20000;
  auto restless = Device::create(Chip::Tiny, options);
  ASSERT_TRUE(bool(restless->program(programOf(config))));
  EXPECT_NE(errorOf(*restless, {{0x270, false, 0}})
                .find("does not come to rest within 20000 cycles"),
            std::string::npos);
}

// A wire that sticks is found by the readback.
TEST(OdinDevice, FindsBrokenWires) {
  class Broken final : public Pins {
  public:
    Broken() : inner(emulatedPins(Chip::Tiny)) {}
    void reset() override { inner->reset(); }
    uint64_t clock(const InputPins &inputs, uint64_t edges) override {
      return inner->clock(inputs, edges);
    }
    OutputPins outputs() const override {
      OutputPins pins = inner->outputs();
      pins.miso = true;
      return pins;
    }
    uint64_t cycle() const override { return inner->cycle(); }
    std::unique_ptr<Pins> inner;
  };
  Device device(Chip::Tiny, std::make_unique<Broken>(), {});
  const auto program = programFrames(hillock::odin::emptyConfig(Chip::Tiny));
  auto result = device.program(bitsOf(program.frames));
  ASSERT_FALSE(bool(result));
  ErrorKind kind = ErrorKind::Internal;
  EXPECT_NE(takeText(result.takeError(), &kind)
                .find("shows 0xff where 0x80 was written"),
            std::string::npos);
  EXPECT_EQ(kind, ErrorKind::Mismatch);
}

} // namespace
