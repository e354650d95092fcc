//===- tests/unit/backends/odin/LintTest.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One bad program a rule: the lint names it, and the plain model of the chip,
// which is equal to the RTL in the recorded traces, falls into the trap.
//
//===----------------------------------------------------------------------===//
#include "backends/odin/Lint.h"
#include "emulator/odin/Testbench.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <set>

using namespace hillock;
using namespace hillock::odin;
using emu::odin::ChipState;
using emu::odin::EdgeModel;
using emu::odin::Fsm;
using Frames = std::vector<SpiFrame>;
using Events = std::vector<uint32_t>;

namespace {

/// Neurons 1 and 2 fire at 10; a spike of input 200 gives neuron 1 a 7.
ChipConfig smallNetwork(Chip chip) {
  ChipConfig config = emptyConfig(chip);
  for (unsigned n : {1u, 2u})
    config.neurons[n] = chip == Chip::Tiny ? encode(TinyParams{0, 10, 0, false})
                                           : encode(LifParams{0, 10});
  config.registers.maxNeuron = 15;
  config.setSynapse(200, 1, chip == Chip::Tiny ? 7 : 0xF);
  InputPort port;
  port.events = {{HostEvent::Kind::Neuron, 200, 0}};
  config.io.inputs = {port};
  return config;
}

Frames framesOf(const ChipConfig &config) {
  SpiOptions options;
  options.usedOnly = true;
  options.readback = false;
  return programFrames(config, options).frames;
}

void removeIf(Frames &frames, const std::function<bool(SpiFrame)> &which) {
  frames.erase(std::remove_if(frames.begin(), frames.end(), which),
               frames.end());
}
void swapFrame(Frames &frames, SpiFrame from, SpiFrame to) {
  auto it = std::find(frames.begin(), frames.end(), from);
  ASSERT_NE(it, frames.end());
  *it = to;
}

std::set<std::string> rulesOf(const SpiStream &stream) {
  std::set<std::string> names;
  for (const LintFinding &finding : lint(stream))
    names.insert(finding.rule->name);
  return names;
}
std::set<std::string> rulesOf(Chip chip, const Frames &frames) {
  SpiStream stream(chip);
  stream.frames = frames;
  return rulesOf(stream);
}
using Rules = std::set<std::string>;

struct Played {
  std::vector<unsigned> out; ///< addresses that left the chip
  ChipState state;
  emu::odin::Work work;
  size_t accepted = 0;
};

Played play(const Frames &frames, const Events &events,
            const ChipState &powerUp) {
  emu::odin::Stimulus stimulus;
  stimulus.halfPeriod = 2;
  stimulus.policy.maxCycles = frames.size() * 160 + 30000;
  for (SpiFrame frame : frames)
    stimulus.frames.push_back(frame.bits);
  for (uint32_t address : events)
    stimulus.events.push_back({0, address});
  EdgeModel model(powerUp, nullptr);
  const emu::odin::Outcome outcome = run(model, stimulus);
  Played played{{}, model.state(), model.work()};
  for (const auto &row : outcome.out)
    played.out.push_back(row.address);
  for (const auto &row : outcome.in)
    played.accepted += row.ackRise.has_value();
  return played;
}
Played play(Chip chip, const Frames &frames, const Events &events) {
  return play(frames, events, ChipState(chip));
}

const Events kTwice = {200, 200};
const Events kTwiceOdin = {200 << 8 | 7, 200 << 8 | 7};
using Out = std::vector<unsigned>;

TEST(Lint, GoodProgramsAreGood) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    const Frames frames = framesOf(smallNetwork(chip));
    EXPECT_EQ(rulesOf(chip, frames), Rules()) << chipName(chip).str();
    const Played played =
        play(chip, frames, chip == Chip::Tiny ? kTwice : kTwiceOdin);
    EXPECT_EQ(played.out, Out{1});
    EXPECT_EQ(played.work.neuronEvents, 3u); // the spike comes back in
    SpiStream full(chip);
    full.frames = programFrames(smallNetwork(chip)).frames;
    EXPECT_EQ(rulesOf(full), Rules());
  }
}

TEST(Lint, CutFrame) {
  const Frames good = framesOf(smallNetwork(Chip::Tiny));
  // The frame after the registers loses its last byte.
  const size_t cut = 4;
  std::string text = "hillock-odin-spi 1\nchip tinyodin\n";
  std::string bits;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string digits = llvm::utohexstr(good[i].bits, true, 10);
    if (i == cut)
      digits.resize(8);
    text += digits + "\n";
    bits += digits;
  }
  auto stream = readSpi(text, "cut.txt");
  ASSERT_TRUE(bool(stream)) << takeText(stream.takeError());
  const auto findings = lint(*stream);
  ASSERT_FALSE(findings.empty());
  EXPECT_STREQ(findings[0].rule->name, "cut-frame");
  EXPECT_EQ(findings[0].frame, cut);
  EXPECT_EQ(describe(*stream, findings[0], "cut.txt").substr(0, 71),
            "cut.txt: line 7 (frame 5): error: has 32 bits instead of 40 "
            "[cut-frame]");
  // A binary that ends within a frame.
  auto binary = readSpi(writeSpiBinary(good).substr(0, 13), "cut.spi");
  ASSERT_TRUE(bool(binary));
  EXPECT_EQ(rulesOf(*binary).count("cut-frame"), 1u);
  // The chip: frames as it counts them.
  Frames shifted;
  for (size_t at = 0; at + 10 <= bits.size(); at += 10) {
    SpiFrame frame;
    llvm::StringRef(bits).substr(at, 10).getAsInteger(16, frame.bits);
    shifted.push_back(frame);
  }
  const Played played = play(Chip::Tiny, shifted, kTwice);
  EXPECT_NE(played.state.tinyNeurons[1], 10u << 12);
  EXPECT_EQ(played.out, Out());
}

TEST(Lint, GateOpen) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.erase(frames.begin());
  const Rules rules = rulesOf(Chip::Tiny, frames);
  EXPECT_EQ(rules.count("gate-open"), 1u);
  const Played played = play(Chip::Tiny, frames, {});
  for (uint32_t word : played.state.tinyNeurons)
    EXPECT_EQ(word, 0u); // as after power-up
}

TEST(Lint, OpenLoop) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.erase(frames.begin() + 1);
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"open-loop"});
  const Played played = play(Chip::Tiny, frames, {});
  // Every neuron but 1 and 2 with the byte that disables it, up to a full
  // scheduler; then all are processed.
  EXPECT_EQ(played.work.neuronEvents, 128u);
  Frames early = framesOf(smallNetwork(Chip::Tiny));
  early.insert(early.begin() + 4, writeRegister(1, 0));
  EXPECT_EQ(rulesOf(Chip::Tiny, early), Rules{"open-loop"});
}

TEST(Lint, NoRelease) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.pop_back();
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"no-release"});
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).accepted, 0u);
}

TEST(Lint, NoFrameAfterWrite) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.resize(frames.size() - 2);
  const Rules rules = rulesOf(Chip::Tiny, frames);
  EXPECT_EQ(rules.count("no-frame-after-write"), 1u);
  EXPECT_EQ(play(Chip::Tiny, frames, {}).state.fsm, Fsm::WaitSpiDown);
  frames.push_back(writeRegister(0, 0));
  EXPECT_EQ(play(Chip::Tiny, frames, {}).state.fsm, Fsm::Wait);
}

TEST(Lint, RegisterMissing) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  removeIf(frames,
           [](SpiFrame frame) { return frame == writeRegister(3, 15); });
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"register-missing"});
  ChipState low(Chip::Tiny), high(Chip::Tiny);
  high.registers.maxNeuron = 200;
  EXPECT_EQ(play(frames, kTwice, low).out, Out());
  EXPECT_EQ(play(frames, kTwice, high).out, Out{1});
}

TEST(Lint, NoSuchPlace) {
  for (SpiFrame bad : {writeNeuron(1, 4, 0xFF), writeRegister(4, 1),
                       spiFrame(SpiFrame::Kind::Nothing, false, true, 1, 7)}) {
    Frames frames = framesOf(smallNetwork(Chip::Tiny));
    const Played good = play(Chip::Tiny, frames, {});
    frames.insert(frames.end() - 2, bad);
    EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"no-such-place"});
    const Played played = play(Chip::Tiny, frames, {});
    EXPECT_EQ(played.state.tinyNeurons, good.state.tinyNeurons);
    EXPECT_EQ(played.state.synapses, good.state.synapses);
  }
  // Bit 15 of a synapse's address is not looked at.
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.insert(frames.end() - 2, writeSynapses(0x8000 | 200 * 32, 0, 0));
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"no-such-place"});
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).out, Out());
}

TEST(Lint, ValueCut) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  swapFrame(frames, writeRegister(3, 15), writeRegister(3, 256));
  EXPECT_EQ(rulesOf(Chip::Tiny, frames).count("value-cut"), 1u);
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).out, Out()); // it is 0 now
}

TEST(Lint, RegisterRead) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.insert(frames.end() - 2,
                spiFrame(SpiFrame::Kind::Register, true, false, 3, 0));
  EXPECT_EQ(rulesOf(Chip::Tiny, frames).count("register-read"), 1u);
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).out, Out());
}

TEST(Lint, NeuronUndefined) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  removeIf(frames, [](SpiFrame frame) {
    return frame.kind() == SpiFrame::Kind::Neuron && frame.neuron() == 2;
  });
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"neuron-undefined"});
  // Threshold 0 by chance: it fires though nobody talks to it.
  const Out out = play(Chip::Tiny, frames, {200}).out;
  EXPECT_NE(std::find(out.begin(), out.end(), 2u), out.end());
}

TEST(Lint, SynapseUndefined) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  removeIf(frames, [](SpiFrame frame) {
    return frame.kind() == SpiFrame::Kind::Synapse &&
           frame.synapseWord() == 200 * 32 && frame.synapseByte() == 1;
  });
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"synapse-undefined"});
  ChipState zero(Chip::Tiny), chance(Chip::Tiny);
  chance.synapses[200 * 32] = 0x777;
  EXPECT_EQ(play(frames, kTwice, zero).out, Out{1});
  EXPECT_EQ(play(frames, kTwice, chance).out, (Out{1, 2}));
}

TEST(Lint, AlwaysFires) {
  ChipConfig config = smallNetwork(Chip::Tiny);
  config.neurons[2] = encode(TinyParams{0, 0, 0, false});
  config.registers.openLoop = true;
  const Frames frames = framesOf(config);
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"always-fires"});
  // Input 200 has no synapse to it.
  EXPECT_EQ(play(Chip::Tiny, frames, {200}).out, Out{2});
}

TEST(Lint, NeverFires) {
  ChipConfig config = smallNetwork(Chip::Tiny);
  config.neurons[1] = encode(TinyParams{2040, 2048, 0, false});
  const Frames frames = framesOf(config);
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"never-fires"});
  const Played played = play(Chip::Tiny, frames, kTwice);
  EXPECT_EQ(played.out, Out());
  EXPECT_EQ(played.state.tinyNeurons[1] & 0xFFF, 2047u);
}

TEST(Lint, LearningFlags) {
  ChipConfig config = smallNetwork(Chip::Odin);
  LifParams learning;
  learning.threshold = 100;
  learning.calciumEnabled = true;
  learning.theta1 = 1;
  learning.theta2 = 3;
  learning.theta3 = 6;
  learning.calcium = 2; // up, as the potential is at least thetaMem
  config.neurons[1] = encode(learning);
  config.setSynapse(200, 1, 0xB);
  const Frames good = framesOf(config);
  EXPECT_EQ(rulesOf(Chip::Odin, good), Rules());
  Frames bad = good;
  removeIf(bad, [](SpiFrame frame) { return frame.mask() == 0xFF; });
  EXPECT_EQ(rulesOf(Chip::Odin, bad), Rules{"learning-flags"});
  const auto learned = [&](const Frames &frames) {
    const Played played = play(Chip::Odin, frames, {200 << 8 | 7});
    return emu::odin::nibbleOf(played.state.synapses[200 * 32], 1);
  };
  EXPECT_EQ(learned(good), 0xCu);
  EXPECT_EQ(learned(bad), 0xBu);
}

TEST(Lint, BeyondSweep) {
  ChipConfig config = smallNetwork(Chip::Tiny);
  config.neurons[20] = config.neurons[1];
  config.setSynapse(200, 20, 7);
  Frames frames = framesOf(config);
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"beyond-sweep"});
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).out, Out{1});
  swapFrame(frames, writeRegister(3, 15), writeRegister(3, 20));
  EXPECT_EQ(play(Chip::Tiny, frames, kTwice).out, (Out{1, 20}));
}

TEST(Lint, Bursts) {
  ChipConfig config = smallNetwork(Chip::Odin);
  config.registers.burstTimeRef = 1000;
  EXPECT_EQ(rulesOf(Chip::Odin, framesOf(config)), Rules{"bursts"});
  // The slots themselves: the fifth push is lost, and neuron 0 comes instead.
  emu::odin::BurstScheduler slots;
  for (unsigned i = 0; i < 5; ++i)
    slots.push(9, 1, 0);
  slots.tick(0);
  for (unsigned i = 0; i < 5; ++i) {
    ASSERT_TRUE(slots.pending());
    EXPECT_EQ(slots.head().address, i < 4 ? 9 : 0);
    slots.pop();
  }
}

TEST(Lint, Monitoring) {
  ChipConfig config = smallNetwork(Chip::Odin);
  config.registers.monitor = true;
  config.registers.monitorNeuron = 1;
  const Frames frames = framesOf(config);
  EXPECT_EQ(rulesOf(Chip::Odin, frames), Rules{"monitoring"});
  // No spike, but two packets of its state (potential 7) leave.
  EXPECT_EQ(play(Chip::Odin, frames, {200 << 8 | 7}).out, (Out{0, 7}));
}

TEST(Lint, Echo) {
  for (Chip chip : {Chip::Tiny, Chip::Odin}) {
    ChipConfig config = smallNetwork(chip);
    config.registers.aerFromController = true;
    const Frames frames = framesOf(config);
    EXPECT_EQ(rulesOf(chip, frames), Rules{"echo"});
    const Events &events = chip == Chip::Tiny ? kTwice : kTwiceOdin;
    EXPECT_EQ(play(chip, frames, events).out, (Out{200, 200, 1}));
  }
}

TEST(Lint, GateAgain) {
  Frames frames = framesOf(smallNetwork(Chip::Tiny));
  frames.push_back(writeRegister(0, 1));
  frames.push_back(writeRegister(0, 0));
  EXPECT_EQ(rulesOf(Chip::Tiny, frames), Rules{"gate-again"});
  // ODIN waits for its controller.
  Frames odin = framesOf(smallNetwork(Chip::Odin));
  odin.push_back(writeRegister(0, 1));
  odin.push_back(writeRegister(0, 0));
  EXPECT_EQ(rulesOf(Chip::Odin, odin), Rules());

  // A sweep over neurons that all get a 1, and the gate in its middle.
  ChipState state(Chip::Tiny);
  state.registers.openLoop = true;
  state.registers.maxNeuron = 255;
  state.tinyNeurons.fill(100u << 12);
  for (unsigned i = 0; i < 32; ++i)
    state.synapses[5 * 32 + i] = 0x11111111;
  EdgeModel model(state, nullptr);
  emu::odin::InputPins pins;
  pins.aerInAddress = 5;
  pins.aerInReq = true;
  model.advance(pins, 100);
  pins.aerInReq = false;
  const auto edges = [&](unsigned n) {
    for (unsigned i = 0; i < n; ++i)
      model.edge(pins);
  };
  edges(60);
  for (unsigned bit = 0; bit < 40; ++bit) { // SPI_GATE_ACTIVITY = 1
    pins.sck = false;
    pins.mosi = bit == 39;
    edges(2);
    pins.sck = true;
    edges(2);
  }
  edges(600);
  EXPECT_EQ(model.state().tinyNeurons[10] & 0xFFF, 1u);
  EXPECT_NE(model.state().tinyNeurons[255] & 0xFFF, 1u);
}

TEST(Lint, ReadbackDiffers) {
  auto stream = readSpi("hillock-odin-spi 1\nchip tinyodin\n0000000001\n"
                        "0000100001\n5000500021\n9000500000 = 20\n",
                        "f");
  ASSERT_TRUE(bool(stream)) << takeText(stream.takeError());
  EXPECT_EQ(rulesOf(*stream).count("readback-differs"), 1u);
}

// Each rule has a test above, by its name, and a line in the table.
TEST(Lint, RulesHaveTextsThatEndWithoutAPoint) {
  for (const LintRule &rule : lintRules()) {
    EXPECT_NE(std::string(rule.trap).back(), '.') << rule.name;
    EXPECT_GT(std::string(rule.remedy).size(), 5u) << rule.name;
  }
  EXPECT_EQ(lintRules().size(), 20u);
}

} // namespace
