//===- tests/unit/emulator/odin/OdinPartsTest.cpp ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each formula of neurons, synapses, queue and output, computed by hand.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/AerOut.h"
#include "emulator/odin/EventFifo.h"
#include "emulator/odin/LifNeuron.h"
#include "emulator/odin/OdinLanes.h"
#include "emulator/odin/Synapse.h"
#include <gtest/gtest.h>
#include <random>

using namespace hillock::emu::odin;
using Kind = NeuronInput::Kind;

namespace {

uint32_t tiny(int core, uint32_t threshold, uint32_t leak = 0,
              bool disabled = false) {
  return (static_cast<uint32_t>(core) & 0xFFF) | threshold << 12 | leak << 24 |
         (disabled ? 1u << 31 : 0);
}

TEST(TinyNeuron, Integrates) {
  EXPECT_EQ(updateTiny(tiny(5, 9), Kind::Synaptic, 3).word, tiny(8, 9));
  EXPECT_EQ(updateTiny(tiny(5, 9), Kind::Synaptic, -8).word, tiny(-3, 9));
  // 12 bits saturate; a threshold from 2048 on is never reached.
  EXPECT_EQ(updateTiny(tiny(2045, 0x800), Kind::Synaptic, 7).word,
            tiny(2047, 0x800));
  EXPECT_EQ(updateTiny(tiny(-2044, 9), Kind::Synaptic, -8).word,
            tiny(-2048, 9));
  EXPECT_FALSE(updateTiny(tiny(2047, 0xFFF), Kind::Synaptic, 0).spike);
}

TEST(TinyNeuron, LeaksTowardsZero) {
  EXPECT_EQ(updateTiny(tiny(-5, 9, 3), Kind::Leak, 0).word, tiny(-2, 9, 3));
  EXPECT_EQ(updateTiny(tiny(-2, 9, 3), Kind::Leak, 0).word, tiny(0, 9, 3));
  EXPECT_EQ(updateTiny(tiny(8, 9, 3), Kind::Leak, 0).word, tiny(5, 9, 3));
  EXPECT_EQ(updateTiny(tiny(2, 9, 127), Kind::Leak, 0).word, tiny(0, 9, 127));
}

TEST(TinyNeuron, FiresInEveryKindOfUpdate) {
  TinyUpdate update = updateTiny(tiny(6, 9), Kind::Synaptic, 3);
  EXPECT_TRUE(update.spike);
  EXPECT_EQ(update.word, tiny(0, 9));
  EXPECT_TRUE(updateTiny(tiny(12, 9, 1), Kind::Leak, 0).spike);
  EXPECT_TRUE(updateTiny(tiny(0, 0), Kind::None, 0).spike); // threshold 0
  EXPECT_FALSE(updateTiny(tiny(-1, 0), Kind::None, 0).spike);
  // Disabled neurons reset, too; the controller masks their spikes.
  EXPECT_EQ(updateTiny(tiny(9, 9, 0, true), Kind::None, 0).word,
            tiny(0, 9, 0, true));
}

struct Lif {
  uint32_t core = 0, threshold = 200, leak = 0, calcium = 0, counter = 0;
  bool leaks = false, learns = false;
  Word128 word() const {
    Word128 w{1, 0};
    w.set(1, 7, leak);
    w.set(8, 1, leaks);
    w.set(9, 8, threshold);
    w.set(17, 1, learns);
    w.set(18, 8, 50); // thetamem
    w.set(26, 3, 1);  // theta1
    w.set(29, 3, 3);  // theta2
    w.set(32, 3, 6);  // theta3
    w.set(35, 5, 2);  // two leak events lower calcium by one
    w.set(70, 8, core);
    w.set(78, 3, calcium);
    w.set(81, 5, counter);
    w.set(40, 24, 0xABCDEF); // kept
    return w;
  }
};
NeuronInput synaptic(int weight, bool inhibitory = false) {
  NeuronInput input;
  input.kind = Kind::Synaptic;
  input.weight = static_cast<int8_t>(weight);
  input.inhibitory = inhibitory;
  return input;
}
NeuronInput leakEvent() {
  NeuronInput input;
  input.kind = Kind::Leak;
  return input;
}

TEST(LifNeuron, StopsAtBothEnds) {
  Lif n;
  n.core = 10;
  EXPECT_EQ(updateLif(n.word(), synaptic(7)).potential, 17);
  EXPECT_EQ(updateLif(n.word(), synaptic(7, true)).potential, 3);
  n.core = 2;
  EXPECT_EQ(updateLif(n.word(), synaptic(7, true)).potential, 0);
  n.core = 250;
  n.threshold = 255;
  NeuronUpdate update = updateLif(n.word(), synaptic(7));
  EXPECT_TRUE(update.spike); // 257 stops at 255
  EXPECT_EQ(update.potential, 0);
  EXPECT_EQ(update.word.bits(40, 24), 0xABCDEFu);
}

TEST(LifNeuron, LeaksIfEnabled) {
  Lif n;
  n.core = 20;
  n.leak = 15;
  EXPECT_EQ(updateLif(n.word(), leakEvent()).potential, 20);
  n.leaks = true;
  EXPECT_EQ(updateLif(n.word(), leakEvent()).potential, 5);
  n.core = 9;
  EXPECT_EQ(updateLif(n.word(), leakEvent()).potential, 0);
  n.threshold = 0; // always fires
  EXPECT_TRUE(updateLif(n.word(), leakEvent()).spike);
}

TEST(LifNeuron, CalciumAndFlags) {
  Lif n;
  n.learns = true;
  n.calcium = 2;
  n.core = 49;
  NeuronUpdate update = updateLif(n.word(), synaptic(0));
  EXPECT_TRUE(update.down); // below 50, 1 <= 2 < 3
  EXPECT_FALSE(update.up);
  update = updateLif(n.word(), synaptic(1));
  EXPECT_TRUE(update.up); // 50 is enough, 1 <= 2 < 6
  n.calcium = 4;
  update = updateLif(n.word(), synaptic(0));
  EXPECT_FALSE(update.up || update.down); // 4 >= theta2
  n.calcium = 0;
  update = updateLif(n.word(), synaptic(1));
  EXPECT_FALSE(update.up || update.down); // 0 < theta1
  // A spike adds one; every second leak event takes one.
  n.core = 199;
  EXPECT_EQ(updateLif(n.word(), synaptic(1)).calcium, 1);
  n.core = 0;
  n.calcium = 3;
  update = updateLif(n.word(), leakEvent());
  EXPECT_EQ(update.calcium, 3);
  EXPECT_EQ(update.word.bits(81, 5), 1u);
  n.counter = 1;
  update = updateLif(n.word(), leakEvent());
  EXPECT_EQ(update.calcium, 2);
  EXPECT_EQ(update.word.bits(81, 5), 0u);
  n.core = 200; // spike and pulse together leave it
  EXPECT_EQ(updateLif(n.word(), leakEvent()).calcium, 3);
}

Word128 plainIzhikevich(uint32_t core, uint32_t accumulator) {
  Word128 w;
  w.set(19, 3, 3); // threshold
  w.set(22, 3, 2); // refractory
  w.set(82, 4, core);
  w.set(70, 11, accumulator);
  return w;
}

TEST(Izhikevich, CountsEightsAndRests) {
  // 6 + 1 does not toggle bit 3, 6 + 3 does.
  NeuronUpdate update = updateIzhikevich(plainIzhikevich(1, 6), synaptic(1));
  EXPECT_EQ(update.potential, 1);
  update = updateIzhikevich(plainIzhikevich(1, 6), synaptic(3));
  EXPECT_EQ(update.potential, 2);
  EXPECT_EQ(update.word.bits(93, 4), 1u); // stimulation of this period
  EXPECT_FALSE(update.spike);
  update = updateIzhikevich(plainIzhikevich(2, 6), synaptic(3));
  EXPECT_TRUE(update.spike);
  EXPECT_EQ(update.potential, 14);  // -2
  EXPECT_TRUE(update.word.bit(81)); // refractory
  EXPECT_TRUE(update.word.bit(99)); // has fired in this period
  // Time brings it back to 0, and there the rest ends.
  update = updateIzhikevich(update.word, leakEvent());
  EXPECT_EQ(update.potential, 15);
  EXPECT_TRUE(update.word.bit(81));
  update = updateIzhikevich(update.word, leakEvent());
  EXPECT_EQ(update.potential, 0);
  EXPECT_FALSE(update.word.bit(81));
}

TEST(Izhikevich, InhibitionStopsAtTheFloor) {
  Word128 w = plainIzhikevich(0, 8);
  EXPECT_EQ(updateIzhikevich(w, synaptic(1, true)).potential, 0);
  w.set(36, 1, 1); // negative potentials
  EXPECT_EQ(updateIzhikevich(w, synaptic(1, true)).potential, 15);
  w.set(82, 4, 8);
  EXPECT_EQ(updateIzhikevich(w, synaptic(1, true)).potential, 8);
}

// Words of random bits: all behaviours, on and off, in all states.
TEST(OdinLanes, AreTheNeurons) {
  std::mt19937_64 engine(1);
  for (unsigned round = 0; round < 4000; ++round) {
    std::array<Word128, kLanes> words;
    std::array<uint32_t, kLanes> weights;
    bool inhibitory = engine() & 1, leak = engine() % 3 == 0;
    for (unsigned i = 0; i < kLanes; ++i) {
      words[i] = {engine(), engine()};
      // Few behaviours at a time, or they hide each other.
      if (round % 4)
        words[i].lo &= ~(engine() & engine() & 0x0001FFFE30040000);
      if (round % 3 == 0)
        words[i].set(0, 1, round % 2);
      weights[i] = static_cast<uint32_t>(engine() & 7);
    }
    LaneUpdates lanes;
    if (leak)
      leakLanes(words.data(), lanes);
    else
      exciteLanes(words.data(), weights, inhibitory, lanes);
    for (unsigned i = 0; i < kLanes; ++i) {
      NeuronInput input =
          leak ? leakEvent()
               : synaptic(static_cast<int>(weights[i]), inhibitory);
      NeuronUpdate one = updateOdin(words[i], input);
      ASSERT_EQ(lanes.hi[i], one.word.hi) << round << " lane " << i;
      ASSERT_EQ(words[i].lo, one.word.lo);
      ASSERT_EQ(lanes.up >> i & 1, one.up ? 1u : 0u);
      ASSERT_EQ(lanes.down >> i & 1, one.down ? 1u : 0u);
      ASSERT_EQ(lanes.spikes >> i & 1,
                one.spike && !words[i].bit(kDisableBitOdin) ? 1u : 0u);
    }
  }
}

TEST(Synapse, LearnsByOne) {
  EXPECT_EQ(learn(0xB, true, false, false), 0xCu);
  EXPECT_EQ(learn(0xB, false, true, false), 0xAu);
  EXPECT_EQ(learn(0xB, true, true, false), 0xCu); // up first
  EXPECT_EQ(learn(0xF, true, false, false), 0xFu);
  EXPECT_EQ(learn(0x8, false, true, false), 0x8u);
  EXPECT_EQ(learn(0x3, true, false, false), 0x3u); // not mapped
  EXPECT_EQ(learn(0x3, true, false, true), 0x4u);
  EXPECT_EQ(drift(0xC, false), 0xDu);
  EXPECT_EQ(drift(0xB, false), 0xAu);
  EXPECT_EQ(drift(0x7, true), 0x7u);
  EXPECT_EQ(tinyWeight(0x8), -8);
  EXPECT_EQ(tinyWeight(0x7), 7);
  EXPECT_EQ(odinWeight(0x5, false), 0u);
  EXPECT_EQ(odinWeight(0x5, true), 5u);
  EXPECT_EQ(odinWeight(0xD, false), 5u);
}

// Eight at once as one by one: every nibble beside every other.
TEST(Synapse, WordsAreEightSynapses) {
  for (uint32_t pair = 0; pair < 256; ++pair)
    for (uint32_t flags = 0; flags < 16; ++flags)
      for (bool unmapped : {false, true}) {
        uint32_t word = pair * 0x01010101u;
        uint32_t up = flags & 3, down = flags >> 2;
        uint32_t got = learnWord(word, up, down, unmapped);
        uint32_t drifted = driftWord(word, unmapped);
        for (unsigned i = 0; i < 8; ++i) {
          ASSERT_EQ(nibbleOf(got, i), learn(nibbleOf(word, i), up >> i & 1,
                                            down >> i & 1, unmapped));
          ASSERT_EQ(nibbleOf(drifted, i), drift(nibbleOf(word, i), unmapped));
        }
      }
  EXPECT_EQ(learnWord(0x88888888, 0xA5, 0, false), 0x98988989u);
}

TEST(EventFifo, LosesWhatDoesNotFit) {
  EventFifo fifo(32);
  for (uint8_t i = 0; i < 32; ++i)
    EXPECT_TRUE(fifo.clock(true, {i, 0}, false));
  EXPECT_TRUE(fifo.full());
  EXPECT_FALSE(fifo.clock(true, {99, 0}, true)); // though one leaves
  EXPECT_EQ(fifo.size(), 31u);
  EXPECT_EQ(fifo.head().address, 1);
  EXPECT_TRUE(fifo.clock(true, {50, 0}, true));
  EXPECT_EQ(fifo.size(), 31u);
  EXPECT_EQ(fifo.at(30).address, 50);
}

// An instant consumer: request in cycles r..r+2, stall in r..r+5.
TEST(AerOut, StallsSixCycles) {
  AerOut out;
  Packets spike;
  spike.add(77);
  out.clock(spike, false);
  EXPECT_TRUE(out.request());
  EXPECT_EQ(out.address(), 77);
  int requested = 1, stalled = 1;
  for (int cycle = 1; cycle < 20; ++cycle) {
    out.clock({}, cycle >= 1 && cycle < 4);
    requested += out.request();
    stalled += out.busy();
  }
  EXPECT_EQ(requested, 3);
  EXPECT_EQ(stalled, 6);
}

} // namespace
