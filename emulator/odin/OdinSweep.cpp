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

/// A synaptic event that neither toggles the watched bit of the accumulator nor
/// fires; false in all other cases. See IzhNeuron.cpp for the bits.
bool updateQuiet(const Word128 &old, const NeuronInput &input,
                 NeuronUpdate &update) {
  auto flag = [&](unsigned index) { return old.bit(index); };
  uint32_t before = old.bits(70, 11);
  uint32_t after = (input.inhibitory ? before - input.weight
                                     : before + input.weight) &
                   0x7FF;
  if ((before ^ after) >> (3 + old.bits(9, 3)) & 1)
    return false;
  uint32_t core = old.bits(82, 4);
  uint32_t threshold = (old.bits(19, 3) + old.bits(108, 4)) & 15;
  bool reached = core == threshold;
  bool zeroFires = flag(39) ? flag(104) : flag(105);
  // Some models do not fire there, but then the long way does no harm.
  if (reached || (zeroFires && core == 0) || input.burstEnd)
    return false;
  Word128 &word = update.word = old;
  word.set(70, 11, after);
  uint32_t sign = flag(40) ? old.bits(106, 2) : 0;
  word.set(106, 2, sign);
  uint32_t strength = old.bits(89, 4);
  if ((strength & 8) || strength < old.bits(30, 3))
    word.set(97, 2, 0);
  bool inhibited = flag(105);
  if (flag(38) && !flag(81) && ((0 - core) & 15) == threshold) {
    inhibited = true;
    word.set(105, 1, 1);
  }
  if (inhibited)
    word.set(81, 1, !flag(29) && old.bits(22, 3) != 0 && !flag(40));
  else if (core == 0)
    word.set(81, 1, 0);
  update.up = update.down = false;
  uint32_t level = old.bits(116, 3);
  if (flag(48) && core < 8 && level >= old.bits(52, 3)) {
    bool above = core >= old.bits(49, 3);
    update.up = above && level < old.bits(58, 3);
    update.down = !above && level < old.bits(55, 3);
  }
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
  input.weight = static_cast<int8_t>(odinWeight(
      nibbleOf(s.synapseOut, index), s.registers.propagateUnmapped));
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
  NeuronInput input = sweepInput(begin);
  uint32_t *row = &s.synapses[uint32_t(s.head().address) << 5];
  uint32_t shown = s.synapseOut;
  for (unsigned i = begin; i < end; ++i) {
    unsigned group = i >> 3;
    bool opens = !leak && (i & 7) == 0;
    uint32_t word = opens ? row[group] : shown;
    if (!leak)
      input.weight =
          static_cast<int8_t>(odinWeight(nibbleOf(word, i), propagate));
    const Word128 &old = s.odinNeurons[i];
    NeuronUpdate update;
    if (old.lo & 1)
      update = updateLif(old, input);
    else if (leak || !updateQuiet(old, input, update))
      update = updateIzhikevich(old, input);
    if (update.spike && stopAtSpikes && !old.bit(kDisableBitOdin)) {
      end = i;
      break;
    }
    uint8_t &up = s.up[group], &down = s.down[group];
    if (opens && (up | down) != 0)
      row[group] = learnWord(word, up, down, s.registers.updateUnmapped);
    shown = word;
    if (i + 1 == end)
      s.neuronOut = old;
    s.odinNeurons[i] = update.word;
    unsigned bit = 1u << (i & 7);
    up = static_cast<uint8_t>(update.up ? up | bit : up & ~bit);
    down = static_cast<uint8_t>(update.down ? down | bit : down & ~bit);
  }
  if (!leak)
    s.synapseOut = shown;
  return end;
}

} // namespace hillock::emu::odin
