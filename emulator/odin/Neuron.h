//===- emulator/odin/Neuron.h - What an update gives ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_NEURON_H
#define HILLOCK_EMULATOR_ODIN_NEURON_H

#include "emulator/odin/Word128.h"

namespace hillock::emu::odin {

/// What reaches a neuron in the cycle in which its word is written. A write
/// through SPI is an update with nothing in it.
struct NeuronInput {
  enum class Kind : uint8_t { None, Leak, Synaptic };
  Kind kind = Kind::None;
  int8_t weight = 0; ///< tinyODIN: -8..7; ODIN: 0..7
  bool inhibitory = false;
  bool burstEnd = false; ///< the neuron's own burst has ended
};

struct NeuronUpdate {
  Word128 word;
  bool spike = false; ///< not masked by the disable bit
  uint8_t burstCount = 0, burstInterval = 0;
  bool up = false, down = false; ///< SDSP flags
  // As shown in monitoring mode, all new values.
  uint8_t calcium = 0, potential = 0, resonance = 0;
};

constexpr unsigned kDisableBitTiny = 31, kDisableBitOdin = 127;

/// tinyODIN: 11:0 potential (signed), 23:12 threshold, 30:24 leak, 31 disable.
/// The sum saturates at 12 bits; leak goes towards 0 and stops there. A spike
/// needs a potential >= 0 that reaches the threshold as unsigned number; this
/// is compared in every update.
struct TinyUpdate {
  uint32_t word = 0;
  bool spike = false;
};
TinyUpdate updateTiny(uint32_t word, NeuronInput::Kind kind, int weight);

/// ODIN, bit 0 of the word chooses the model.
NeuronUpdate updateOdin(const Word128 &word, const NeuronInput &input);
/// The phenomenological model of Izhikevich's behaviours.
NeuronUpdate updateIzhikevich(const Word128 &word, const NeuronInput &input);

/// Counts leak events; pulses at every \p period-th (0: never).
struct LeakCounter {
  uint32_t count = 0;
  bool pulse = false;
};
inline LeakCounter countLeak(uint32_t count, uint32_t period, bool leak,
                             unsigned width) {
  if (!leak || period == 0)
    return {count, false};
  if (count == period - 1)
    return {0, true};
  return {(count + 1) & ((1u << width) - 1), false};
}

/// Calcium of 3 bits: + \p step with a spike, - 1 with a leak pulse, unchanged
/// with both.
inline uint32_t nextCalcium(uint32_t calcium, bool spike, bool pulse,
                            uint32_t step) {
  if (spike && !pulse)
    return calcium + step > 7 ? 7 : calcium + step;
  if (pulse && !spike && calcium > 0)
    return calcium - 1;
  return calcium;
}

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_NEURON_H
