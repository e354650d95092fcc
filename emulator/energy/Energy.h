//===- emulator/energy/Energy.h - Joules of events --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Energy is counts of events times the constants of a parameter set, in integer
// femtojoules; nothing else. What the set does not name costs nothing. Static
// power is in none of the published sets; a user's own may have it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENERGY_ENERGY_H
#define HILLOCK_EMULATOR_ENERGY_ENERGY_H

#include "emulator/timing/StepEvents.h"
#include <array>
#include <span>
#include <utility>

namespace hillock::emu {

/// Femtojoules by kind of event.
struct Energy {
  uint64_t update = 0; ///< compartments
  uint64_t spike = 0;
  uint64_t axonOut = 0;
  uint64_t network = 0; ///< local hops, hops, hops between chips
  uint64_t axonIn = 0;
  uint64_t synapses = 0;
  uint64_t barrier = 0;
  uint64_t leakage = 0; ///< static power over the time
  bool operator==(const Energy &) const = default;

  uint64_t total() const {
    return update + spike + axonOut + network + axonIn + synapses + barrier +
           leakage;
  }
  Energy &operator+=(const Energy &other);
};

/// Everything but barriers, which belong to steps and not to events.
Energy energyOf(const EventCounts &counts, const CostTable &costs);

/// Of \p steps barriers with the set's entry for \p tiles tiles in use, or of
/// barrier messages that take so many hops.
uint64_t barrierEnergy(const CostTable &costs, uint64_t steps, uint32_t tiles,
                       uint64_t hopsX, uint64_t hopsY);

/// Static power of \p chips chips over \p ps picoseconds.
uint64_t leakageEnergy(const CostTable &costs, uint64_t ps, uint32_t chips);

/// The kinds of an energy by name, in the order of a message's way.
std::array<std::pair<const char *, uint64_t>, 8> kindsOf(const Energy &energy);

/// From the least to the most that sets say about the same thing.
struct Interval {
  uint64_t low = 0, high = 0;
  bool operator==(const Interval &) const = default;
};
Interval intervalOf(std::span<const uint64_t> values);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENERGY_ENERGY_H
