//===- emulator/odin/OdinLanes.h - Sixteen neurons at once ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_ODINLANES_H
#define HILLOCK_EMULATOR_ODIN_ODINLANES_H

#include "emulator/odin/Neuron.h"
#include <array>

namespace hillock::emu::odin {

/// What updateOdin() makes of 16 neurons. Bit i belongs to neuron i.
struct LaneUpdates {
  std::array<uint64_t, 16> hi; ///< new upper halves; the lower never change
  uint32_t spikes = 0;         ///< of enabled neurons
  uint32_t up = 0, down = 0;   ///< SDSP flags
};

constexpr unsigned kLanes = 16;

/// A time reference at \p words[0..15].
void leakLanes(const Word128 *words, LaneUpdates &result);
/// Weights 0..7 with one sign; without the end of a burst.
void exciteLanes(const Word128 *words, const std::array<uint32_t, 16> &weights,
                 bool inhibitory, LaneUpdates &result);

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_ODINLANES_H
