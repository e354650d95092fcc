//===- tests/unit/emulator/odin/OdinFuzzTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random memories, registers and stimuli: the event-driven model must come to
// the states of the plain one in every cycle.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "emulator/odin/Testbench.h"
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>
#include <string>

using namespace hillock::emu::odin;

namespace {

class Maker {
public:
  explicit Maker(uint64_t seed) : engine(seed) {}

  uint64_t below(uint64_t bound) { return engine() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  uint32_t bits(unsigned width) {
    return static_cast<uint32_t>(engine() & ((uint64_t(1) << width) - 1));
  }

  ChipState chip() {
    ChipState s(chance(50) ? Chip::Tiny : Chip::Odin);
    Registers &r = s.registers;
    r.openLoop = chance(50);
    r.aerFromController = chance(30);
    r.maxNeuron = static_cast<uint8_t>(chance(40) ? 255 : below(256));
    r.updateUnmapped = chance(30);
    r.propagateUnmapped = chance(60);
    r.learnOnSynapseEvent = chance(50);
    r.monitorNeuron = static_cast<uint8_t>(below(256));
    r.monitorSource = static_cast<uint8_t>(below(16));
    r.monitor = chance(20);
    r.burstTimeRef = chance(20) ? 50 + bits(9) : 0;
    for (unsigned i = 0; i < kNeurons; ++i)
      r.inhibitory[i] = chance(30);
    uint32_t blank = chance(50) ? 0 : ~0u;
    for (uint32_t &word : s.synapses)
      word = chance(70) ? bits(32) & (blank | bits(32)) : 0;
    unsigned quiet = chance(60) ? 90 : 20; // percent that hardly fire
    bool lif = chance(60), izhikevich = chance(50);
    for (unsigned i = 0; i < kNeurons; ++i) {
      s.tinyNeurons[i] = tiny(chance(quiet));
      s.odinNeurons[i] = lif && (!izhikevich || chance(50))
                             ? leaky(chance(quiet))
                             : behaving(chance(quiet));
    }
    for (unsigned i = 0; i < 32; ++i) {
      s.up[i] = static_cast<uint8_t>(chance(50) ? bits(8) : 0);
      s.down[i] = static_cast<uint8_t>(chance(50) ? bits(8) : 0);
    }
    return s;
  }

  Stimulus stimulus(Chip chip) {
    Stimulus st;
    Policy &p = st.policy;
    p.inGap = chance(50) ? 0 : below(40);
    p.inRelease = chance(50) ? 0 : below(9);
    p.outAck = chance(50) ? 0 : below(30);
    p.outRelease = chance(50) ? 0 : below(30);
    p.maxCycles = 2000 + below(20000);
    uint64_t time = 0;
    for (uint64_t i = 0, n = below(60); i < n; ++i) {
      time += chance(60) ? 0 : below(700);
      st.events.push_back({time, event(chip)});
    }
    if (chance(25)) {
      st.halfPeriod = 1 + below(5);
      for (uint64_t i = 0, n = 1 + below(30); i < n; ++i)
        st.frames.push_back(frame(chip));
      if (chance(80))
        st.frames.front() = 1; // the gate
      if (chance(80))
        st.frames.push_back(0);
    }
    return st;
  }

private:
  uint32_t tiny(bool quiet) {
    uint32_t core = chance(50) ? 0 : bits(12), leak = bits(7);
    uint32_t thr = quiet ? 500 + bits(10) : bits(4);
    return (core & 0x9FF) | thr << 12 | leak << 24 |
           (chance(10) ? 1u << 31 : 0);
  }
  Word128 leaky(bool quiet) {
    Word128 w{(uint64_t(bits(32)) << 32 | bits(32)) | 1,
              uint64_t(bits(32)) << 32 | bits(32)};
    w.set(9, 8, quiet ? 100 + bits(7) : bits(5));
    w.set(70, 8, bits(6));
    w.set(127, 1, chance(10));
    return w;
  }
  Word128 behaving(bool quiet) {
    Word128 w{(uint64_t(bits(32)) << 32 | bits(32)) & ~uint64_t(1),
              uint64_t(bits(32)) << 32 | bits(32)};
    // All behaviours at once hide each other.
    for (unsigned flag : {18, 28, 29, 33, 34, 35, 36, 37, 38, 39, 40, 41, 47})
      w.set(flag, 1, chance(20));
    if (chance(70))
      w.set(12, 3, 0); // no bursts
    if (quiet)
      w.set(9, 3, 4 + bits(1));
    w.set(127, 1, chance(10));
    return w;
  }
  uint32_t event(Chip chip) {
    if (chip == Chip::Tiny)
      return chance(10) ? 0x1FF : bits(10);
    uint32_t high = bits(8) << 8;
    switch (below(12)) {
    case 0:
      return 0x7F;
    case 1:
      return high | 0xFF;
    case 2:
      return high | 0x80;
    case 3:
      return chance(20) ? 0 : high | 7;
    case 4:
    case 5:
      return 0x10000 | bits(16);
    case 6:
    case 7:
      return high | bits(5) << 3 | 1;
    case 8:
      return bits(17);
    default:
      return high | 7;
    }
  }

public:
  uint32_t anyEvent(Chip chip) { return event(chip); }
  uint64_t frame(Chip chip) {
    uint64_t address = uint64_t(bits(2)) << 18;
    switch (below(4)) {
    case 0:
      address |= below(chip == Chip::Tiny ? 5 : 27);
      if ((address & 0xFFFF) == 18)
        address ^= 1;
      break;
    case 1:
      address |= 1u << 16 | below(chip == Chip::Tiny ? 4 : 16) << 8 | bits(8);
      break;
    case 2:
      address |= 2u << 16 | bits(15);
      break;
    default:
      address = bits(20);
    }
    return address << 20 | bits(20);
  }

private:
  std::mt19937_64 engine;
};

void expectSame(const Recorder &plain, const Recorder &jumping,
                const ChipState &x, const ChipState &y) {
  EXPECT_TRUE(plain.states == jumping.states);
  EXPECT_TRUE(plain.fills == jumping.fills);
  EXPECT_TRUE(plain.lost == jumping.lost);
  for (size_t i = 0; i < plain.samples.size(); ++i)
    ASSERT_TRUE(plain.samples[i] == jumping.samples[i])
        << "cycle " << plain.samples[i].cycle;
  EXPECT_EQ(plain.hash, jumping.hash);
  EXPECT_TRUE(x.tinyNeurons == y.tinyNeurons);
  EXPECT_TRUE(x.odinNeurons == y.odinNeurons);
  EXPECT_TRUE(x.synapses == y.synapses);
  EXPECT_TRUE(x.up == y.up);
  EXPECT_TRUE(x.down == y.down);
  EXPECT_EQ(x.synapseOut, y.synapseOut);
  EXPECT_TRUE(x.neuronOut == y.neuronOut);
}

void compareSeed(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Maker maker(seed);
  ChipState initial = maker.chip();
  Stimulus stimulus = maker.stimulus(initial.chip);
  Recorder plain(64), jumping(64);
  EdgeModel edges(initial, &plain);
  FastModel events(initial, &jumping);
  Outcome a = run(edges, stimulus), b = run(events, stimulus);
  EXPECT_EQ(a.cycles, b.cycles);
  EXPECT_EQ(a.idle, b.idle);
  EXPECT_TRUE(a.in == b.in);
  EXPECT_TRUE(a.out == b.out);
  ASSERT_EQ(a.readback.size(), b.readback.size());
  for (size_t i = 0; i < a.readback.size(); ++i)
    EXPECT_EQ(a.readback[i].byte, b.readback[i].byte);
  expectSame(plain, jumping, edges.state(), events.state());
}

/// Lets both take \p edges edges; a model may stop at outputs.
void take(EdgeModel &model, const InputPins &pins, uint64_t edges) {
  for (uint64_t end = model.cycles() + edges; model.cycles() < end;)
    model.advance(pins, end - model.cycles());
}

/// Frames in the middle of events, which also open and close the gate of a
/// chip that is busy.
void comparePins(uint64_t seed) {
  SCOPED_TRACE("pins of seed " + std::to_string(seed));
  Maker maker(seed);
  ChipState initial = maker.chip();
  Recorder plain(64), jumping(64);
  EdgeModel edges(initial, &plain);
  FastModel events(initial, &jumping);
  const ChipState &s = edges.state();
  InputPins pins;
  uint64_t frame = 1;
  unsigned bit = 0, slow = maker.chance(50) ? 20 : 300;
  for (unsigned step = 0; step < 800; ++step) {
    if (maker.chance(70)) {
      pins.sck = !pins.sck;
      pins.mosi = frame >> (39 - bit) & 1;
      bit += pins.sck ? 1 : 0;
      if (bit == 40) {
        bit = 0;
        frame = maker.chance(40) ? maker.below(2) : maker.frame(s.chip);
      }
    }
    if (pins.aerInReq == s.aerInAck() && maker.chance(50)) {
      pins.aerInReq = !pins.aerInReq;
      if (pins.aerInReq)
        pins.aerInAddress = maker.anyEvent(s.chip);
    }
    if (maker.chance(60))
      pins.aerOutAck = s.aerOut.request();
    uint64_t length = 1 + maker.below(maker.chance(10) ? slow : 6);
    take(edges, pins, length);
    take(events, pins, length);
    ASSERT_EQ(s.fsm, events.state().fsm);
    ASSERT_EQ(s.spi.miso(), events.state().spi.miso());
  }
  expectSame(plain, jumping, s, events.state());
}

TEST(OdinFuzz, FastEqualsEdgeByEdge) {
  // HILLOCK_FUZZ_CASES for more than the quick number.
  const char *wanted = std::getenv("HILLOCK_FUZZ_CASES");
  uint64_t cases = wanted ? std::strtoull(wanted, nullptr, 10) : 200;
  for (uint64_t seed = 1; seed <= cases && !HasFailure(); ++seed)
    compareSeed(seed);
}

TEST(OdinFuzz, FastEqualsEdgeByEdgeAtAnyPins) {
  const char *wanted = std::getenv("HILLOCK_FUZZ_CASES");
  uint64_t cases = wanted ? std::strtoull(wanted, nullptr, 10) : 200;
  for (uint64_t seed = 1; seed <= cases && !HasFailure(); ++seed)
    comparePins(seed);
}

} // namespace
