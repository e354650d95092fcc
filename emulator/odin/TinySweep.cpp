//===- emulator/odin/TinySweep.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Eight neurons of tinyODIN at a time.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "emulator/odin/Synapse.h"
#include <cstring>

#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define HILLOCK_CLONES __attribute__((target_clones("avx2", "default")))
#endif
#endif
#ifndef HILLOCK_CLONES
#define HILLOCK_CLONES
#endif

namespace hillock::emu::odin {

namespace {

typedef int32_t Lanes __attribute__((vector_size(32)));
typedef uint64_t Pairs __attribute__((vector_size(32)));

} // namespace

// The bodies are macros, because a function that takes vectors would have
// another calling convention in each clone.

/// From "core" in and out: stores "next"; "hit" are spikes of enabled neurons.
#define HILLOCK_FINISH_LANES                                                   \
  Lanes spike = core >= ((word >> 12) & 0xFFF);                                \
  Lanes next = (word & ~0xFFF) | (core & 0xFFF & ~spike);                      \
  Pairs hit = (Pairs)(spike & ~(word >> 31));                                  \
  if (stopAtSpikes && (hit[0] | hit[1] | hit[2] | hit[3]))                     \
    break;                                                                     \
  before = word;                                                               \
  std::memcpy(words + i, &next, sizeof next);

/// One neuron after the other, up to a spike.
static unsigned single(uint32_t *words, const uint32_t *row, unsigned begin,
                       unsigned end, bool stopAtSpikes, uint32_t &shown) {
  for (unsigned i = begin; i < end; ++i) {
    TinyUpdate update = row ? updateTiny(words[i], NeuronInput::Kind::Synaptic,
                                         tinyWeight(nibbleOf(row[i >> 3], i)))
                            : updateTiny(words[i], NeuronInput::Kind::Leak, 0);
    if (update.spike && stopAtSpikes && !(words[i] >> kDisableBitTiny))
      return i;
    shown = words[i];
    words[i] = update.word;
  }
  return end;
}

HILLOCK_CLONES
static unsigned exciteLanes(uint32_t *words, const uint32_t *row,
                            unsigned begin, unsigned end, bool stopAtSpikes,
                            uint32_t &shown) {
  Lanes before = {};
  const Lanes place = {28, 24, 20, 16, 12, 8, 4, 0};
  unsigned i = begin;
  for (; i + 8 <= end; i += 8) {
    Lanes word;
    std::memcpy(&word, words + i, sizeof word);
    auto synapses = static_cast<int32_t>(row[i >> 3]);
    Lanes weight = Lanes{synapses, synapses, synapses, synapses,
                         synapses, synapses, synapses, synapses};
    weight = (weight << place) >> 28;
    Lanes core = ((word << 20) >> 20) + weight;
    core = core > 2047 ? Lanes{} + 2047 : core;
    core = core < -2048 ? Lanes{} - 2048 : core;
    HILLOCK_FINISH_LANES
  }
  if (i != begin)
    shown = static_cast<uint32_t>(before[7]);
  return i;
}

HILLOCK_CLONES
static unsigned leakLanes(uint32_t *words, unsigned begin, unsigned end,
                          bool stopAtSpikes, uint32_t &shown) {
  Lanes before = {};
  unsigned i = begin;
  for (; i + 8 <= end; i += 8) {
    Lanes word;
    std::memcpy(&word, words + i, sizeof word);
    Lanes leak = (word >> 24) & 0x7F;
    Lanes core = (word << 20) >> 20;
    Lanes less = core - leak, more = core + leak;
    less = less < 0 ? Lanes{} : less;
    more = more > 0 ? Lanes{} : more;
    core = core >= 0 ? less : more;
    HILLOCK_FINISH_LANES
  }
  if (i != begin)
    shown = static_cast<uint32_t>(before[7]);
  return i;
}

unsigned leakTinyNeurons(uint32_t *words, unsigned begin, unsigned end,
                         bool stopAtSpikes, uint32_t &shown) {
  unsigned i = leakLanes(words, begin, end, stopAtSpikes, shown);
  return single(words, nullptr, i, end, stopAtSpikes, shown);
}

unsigned exciteTinyNeurons(uint32_t *words, const uint32_t *row, unsigned begin,
                           unsigned end, bool stopAtSpikes, uint32_t &shown) {
  // Up to a border of synapse words.
  unsigned border = (begin + 7) & ~7u;
  border = border < end ? border : end;
  unsigned i = single(words, row, begin, border, stopAtSpikes, shown);
  if (i != border)
    return i;
  i = exciteLanes(words, row, i, end, stopAtSpikes, shown);
  return single(words, row, i, end, stopAtSpikes, shown);
}

} // namespace hillock::emu::odin
