//===- emulator/learning/LearningRandom.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningRandom.h"
#include "base/Random.h"

namespace hillock::emu {

namespace {

template <typename T> T at(const std::vector<T> &list, uint64_t number) {
  return number >= 1 && number <= list.size() ? list[number - 1] : T{};
}

bool isPre(uint32_t trace) { return trace <= TraceX2; }

// Streams of the three kinds of numbers do not meet.
enum Stream : uint64_t { ImpulseStream, DecayStream, SynapseStream };

CounterRandom generator(uint64_t seed, Stream stream, const TraceDraw &draw) {
  uint64_t key = sm64(sm64(stream) + draw.trace);
  return CounterRandom(seed, sm64(key + draw.neuron));
}

uint64_t counter(const TraceDraw &draw) {
  return draw.step * 64 + draw.offset; // an epoch has at most 63 steps
}

} // namespace

int32_t CounterLearningRandom::impulse(const TraceDraw &draw) const {
  return static_cast<int32_t>(
      generator(seed, ImpulseStream, draw).at(counter(draw)) >> 56);
}

double CounterLearningRandom::decay(const TraceDraw &draw) const {
  return generator(seed, DecayStream, draw).uniformAt(counter(draw));
}

double CounterLearningRandom::synapse(const SynapseDraw &draw) const {
  uint64_t key = sm64(sm64(SynapseStream) + static_cast<uint64_t>(draw.target));
  uint64_t place = uint64_t{draw.post} << 32 | draw.pre;
  return CounterRandom(seed, sm64(key + place)).uniformAt(draw.epoch);
}

int32_t RecordedLearningRandom::impulse(const TraceDraw &draw) const {
  if (draw.offset == 0)
    return isPre(draw.trace) ? 0 : at(numbers.yImpulseInside, draw.step);
  return at(isPre(draw.trace) ? numbers.xImpulse : numbers.yImpulse, draw.step);
}

double RecordedLearningRandom::decay(const TraceDraw &draw) const {
  return at(isPre(draw.trace) ? numbers.xDecay : numbers.yDecay, draw.step);
}

double RecordedLearningRandom::synapse(const SynapseDraw &draw) const {
  return at(numbers.synapse, draw.epoch);
}

} // namespace hillock::emu
