//===- emulator/odin/OdinSweep.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sweeps over ODIN's neurons. A synaptic event rarely changes more than one
// field of a neuron; that case is computed apart.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "emulator/odin/LifNeuron.h"
#include "emulator/odin/Synapse.h"

namespace hillock::emu::odin {

namespace {

/// Flags of every behaviour that is not the plain integrator's, and the states
/// of refractoriness and locks in the upper half.
constexpr uint64_t kBehaviours = uint64_t(1) << 18 | uint64_t(3) << 28 |
                                 uint64_t(0x3FF) << 33 | uint64_t(3) << 47;
constexpr uint64_t kLocks = uint64_t(1) << (81 - 64) |
                            uint64_t(1) << (97 - 64) |
                            uint64_t(1) << (105 - 64);

/// A synaptic event of a neuron without any behaviour, as unused ones are.
bool updatePlain(const Word128 &old, const NeuronInput &input,
                 NeuronUpdate &update) {
  if ((old.lo & kBehaviours) != 0 || (old.hi & kLocks) != 0 || input.burstEnd)
    return false;
  uint32_t before = old.bits(70, 11);
  uint32_t after =
      (input.inhibitory ? before - input.weight : before + input.weight) &
      0x7FF;
  uint32_t core = old.bits(82, 4), running = old.bits(93, 4);
  uint32_t strength = old.bits(89, 4);
  if ((before ^ after) >> (3 + old.bits(9, 3)) & 1) {
    if (input.inhibitory) {
      core = core == 0 ? 0 : core - 1;
      running -= running == 9 ? 0 : 1; // -7
    } else {
      core = core == 7 ? 7 : core + 1;
      running += running == 7 ? 0 : 1;
    }
  }
  update.spike = (core & 15) == ((old.bits(19, 3) + old.bits(108, 4)) & 15);
  Word128 &word = update.word = old;
  word.set(70, 11, after);
  word.set(93, 4, running & 15);
  word.set(106, 2, 0);
  if (update.spike || (strength & 8) || strength < old.bits(30, 3))
    word.set(97, 2, 0);
  if (update.spike) {
    uint32_t rest = old.bits(22, 3);
    core = 0 - rest;
    word.set(99, 1, 1);
    word.set(81, 1, rest != 0);
    if (old.bits(12, 3) != 0 && !old.bit(98))
      word.set(124, 1, 1);
  }
  word.set(82, 4, core & 15);
  return true;
}

/// A synaptic event that neither toggles the watched bit of the accumulator nor
/// fires; false in all other cases. See IzhNeuron.cpp for the bits. Parameters
/// differ from neuron to neuron, so there are no branches on them.
inline bool updateQuiet(const Word128 &old, const NeuronInput &input,
                        NeuronUpdate &update) {
  auto flag = [&](unsigned index) { return old.bits(index, 1); };
  uint32_t before = old.bits(70, 11);
  uint32_t after =
      (input.inhibitory ? before - input.weight : before + input.weight) &
      0x7FF;
  uint32_t core = old.bits(82, 4), strength = old.bits(89, 4);
  uint32_t threshold = (old.bits(19, 3) + old.bits(108, 4)) & 15;
  uint32_t atZero = core == 0, reached = core == threshold;
  uint32_t ticks = (before ^ after) >> (3 + old.bits(9, 3)) & 1;
  uint32_t positive = old.bits(106, 2) == 0;
  // The first behaviour that is enabled decides, as in IzhNeuron.cpp.
  uint32_t fires = flag(40) ? positive & reached : reached;
  fires = flag(105) ? atZero : fires;
  fires = flag(39) ? (flag(104) & atZero) | reached : fires;
  fires = flag(37) ? reached : fires;
  fires &= (flag(18) | flag(28)) ^ 1;
  if ((ticks | fires) != 0 || input.burstEnd)
    return false;

  auto mask = [](uint32_t set, uint64_t bits) {
    return (0 - uint64_t(set)) & bits;
  };
  auto place = [](unsigned index) { return uint64_t(1) << (index - 64); };
  uint32_t below = strength < old.bits(30, 3);
  uint32_t weak = strength >> 3 | below;
  uint32_t opposite = ((0 - core) & 15) == threshold;
  uint32_t inhibited = flag(105) | (flag(38) & (flag(81) ^ 1) & opposite);
  uint32_t pause = old.bits(22, 3) != 0;
  uint32_t rests = (flag(29) ^ 1) & pause & (flag(40) ^ 1);
  uint32_t resting = inhibited ? rests : flag(81) & (atZero ^ 1);
  uint64_t hi = old.hi & ~(uint64_t(0x7FF) << (70 - 64)) & ~place(81);
  hi &= ~mask(flag(40) ^ 1, 3 * place(106)); // resonance
  hi &= ~mask(weak, 3 * place(97));          // locks
  hi |= uint64_t(after) << (70 - 64) | mask(inhibited, place(105)) |
        mask(resting, place(81));
  update.word = {old.lo, hi};
  uint32_t level = old.bits(116, 3);
  uint32_t enough = level >= old.bits(52, 3), above = core >= old.bits(49, 3);
  uint32_t lowUp = level < old.bits(58, 3), lowDown = level < old.bits(55, 3);
  uint32_t acts = flag(48) & (core >> 3 ^ 1) & enough;
  update.up = (acts & above & lowUp) != 0;
  update.down = (acts & (above ^ 1) & lowDown) != 0;
  return true;
}

} // namespace

NeuronInput FastModel::sweepInput(unsigned index) {
  NeuronInput input;
  if (s.fsm == Fsm::TimeReference) {
    input.kind = NeuronInput::Kind::Leak;
    return input;
  }
  uint8_t source = s.head().address;
  if ((index & 7) == 0)
    s.synapseOut = s.synapses[uint32_t(source) << 5 | index >> 3];
  input.kind = NeuronInput::Kind::Synaptic;
  input.weight = static_cast<int8_t>(
      odinWeight(nibbleOf(s.synapseOut, index), s.registers.propagateUnmapped));
  input.inhibitory = s.registers.inhibitory[source];
  return input;
}

void FastModel::updateOdinNeuron(unsigned index, const NeuronInput &input) {
  unsigned group = index >> 3;
  uint8_t &up = s.up[group], &down = s.down[group];
  if (s.fsm == Fsm::PopNeuron && (index & 7) == 0 && (up | down) != 0)
    s.synapses[uint32_t(s.head().address) << 5 | group] =
        learnWord(s.synapseOut, up, down, s.registers.updateUnmapped);
  s.neuronOut = s.odinNeurons[index];
  NeuronUpdate update = updateOdin(s.neuronOut, input);
  s.odinNeurons[index] = update.word;
  uint8_t bit = static_cast<uint8_t>(1u << (index & 7));
  up = static_cast<uint8_t>(update.up ? up | bit : up & ~bit);
  down = static_cast<uint8_t>(update.down ? down | bit : down & ~bit);
}

unsigned FastModel::sweepOdin(unsigned begin, unsigned end) {
  bool stopAtSpikes = !s.openLoop.value || !s.registers.aerFromController;
  bool leak = s.fsm == Fsm::TimeReference;
  bool propagate = s.registers.propagateUnmapped;
  NeuronInput input;
  input.kind = leak ? NeuronInput::Kind::Leak : NeuronInput::Kind::Synaptic;
  uint8_t source = s.head().address;
  input.inhibitory = !leak && s.registers.inhibitory[source];
  uint32_t *row = &s.synapses[uint32_t(source) << 5];
  uint32_t word = s.synapseOut;
  unsigned i = begin;
  bool fired = false;
  while (i < end && !fired) {
    unsigned group = i >> 3, groupEnd = std::min(end, (group + 1) * 8);
    uint32_t up = s.up[group], down = s.down[group];
    // The word is read with the first neuron of its group and learns there.
    bool opens = !leak && (i & 7) == 0;
    uint32_t shownBefore = word;
    uint32_t learned = 0;
    if (opens) {
      word = row[group];
      learned = learnWord(word, up, down, s.registers.updateUnmapped);
    }
    unsigned first = i;
    for (; i < groupEnd; ++i) {
      if (!leak)
        input.weight =
            static_cast<int8_t>(odinWeight(nibbleOf(word, i), propagate));
      const Word128 &old = s.odinNeurons[i];
      NeuronUpdate update;
      if (old.lo & 1)
        update = updateLif(old, input);
      else if (leak || (!updatePlain(old, input, update) &&
                        !updateQuiet(old, input, update)))
        update = updateIzhikevich(old, input);
      if (update.spike && stopAtSpikes && !old.bit(kDisableBitOdin)) {
        fired = true;
        break;
      }
      if (i + 1 == end)
        s.neuronOut = old;
      s.odinNeurons[i] = update.word;
      unsigned place = i & 7;
      up = (up & ~(1u << place)) | uint32_t(update.up) << place;
      down = (down & ~(1u << place)) | uint32_t(update.down) << place;
    }
    if (i != first) {
      s.up[group] = static_cast<uint8_t>(up);
      s.down[group] = static_cast<uint8_t>(down);
      if (opens)
        row[group] = learned;
    } else {
      word = shownBefore;
    }
  }
  if (!leak)
    s.synapseOut = word;
  return i;
}

} // namespace hillock::emu::odin
