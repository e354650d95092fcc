//===- emulator/odin/OdinSweep.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sweeps over ODIN's neurons.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "emulator/odin/OdinLanes.h"
#include "emulator/odin/Synapse.h"
#include <algorithm>
#include <bit>

namespace hillock::emu::odin {

/// The weights of two synapse words.
static void unpackWeights(uint32_t low, uint32_t high, bool propagate,
                          std::array<uint32_t, kLanes> &weights) {
  for (unsigned i = 0; i < 8; ++i) {
    weights[i] = odinWeight(low >> (4 * i) & 15, propagate);
    weights[i + 8] = odinWeight(high >> (4 * i) & 15, propagate);
  }
}

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

/// Sixteen neurons at a time. A word of eight synapses is read with the first
/// neuron of its group and learns there, with the flags from before.
unsigned FastModel::sweepOdin(unsigned begin, unsigned end) {
  bool stopAtSpikes = spikesLeave();
  bool leak = s.fsm == Fsm::TimeReference;
  uint8_t source = s.head().address;
  bool inhibitory = s.registers.inhibitory[source];
  uint32_t *row = &s.synapses[uint32_t(source) << 5];
  std::array<uint32_t, kLanes> weights;
  LaneUpdates update;
  unsigned i = begin;
  while (i < end) {
    unsigned base = i & ~(kLanes - 1);
    Word128 *words = &s.odinNeurons[base];
    if (leak) {
      leakLanes(words, update);
    } else {
      // The word of a group that is being swept may have learned already.
      uint32_t low = i == base ? row[base >> 3] : s.synapseOut;
      uint32_t high = i <= base + 8 ? row[(base >> 3) + 1] : s.synapseOut;
      unpackWeights(low, high, s.registers.propagateUnmapped, weights);
      exciteLanes(words, weights, inhibitory, update);
    }
    unsigned stop = std::min(end, base + kLanes);
    if (stopAtSpikes)
      if (uint32_t hits = update.spikes >> (i - base))
        stop = std::min<unsigned>(stop, i + std::countr_zero(hits));
    bool fired = stop < end && stop < base + kLanes;
    commitLanes(i, stop, update, leak ? nullptr : row);
    i = stop;
    if (fired)
      break;
  }
  return i;
}

void FastModel::commitLanes(unsigned begin, unsigned end,
                            const LaneUpdates &update, uint32_t *row) {
  if (begin == end)
    return;
  unsigned base = begin & ~(kLanes - 1);
  for (unsigned group = begin >> 3; group <= (end - 1) >> 3; ++group) {
    uint8_t &up = s.up[group], &down = s.down[group];
    if (row && 8 * group >= begin) {
      s.synapseOut = row[group];
      if ((up | down) != 0)
        row[group] =
            learnWord(row[group], up, down, s.registers.updateUnmapped);
    }
    unsigned shift = 8 * group - base;
    uint32_t mask =
        (0xFFFFu << (begin - base) & 0xFFFFu >> (base + kLanes - end)) >> shift;
    up = static_cast<uint8_t>((up & ~mask) | (update.up >> shift & mask));
    down = static_cast<uint8_t>((down & ~mask) | (update.down >> shift & mask));
  }
  s.neuronOut = s.odinNeurons[end - 1];
  for (unsigned i = begin; i < end; ++i)
    s.odinNeurons[i].hi = update.hi[i - base];
}

} // namespace hillock::emu::odin
