//===- emulator/odin/Synapse.h - Weights and their learning -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_SYNAPSE_H
#define HILLOCK_EMULATOR_ODIN_SYNAPSE_H

#include <cstdint>

namespace hillock::emu::odin {

/// A word of eight synapses of four bits; that of the lowest neuron is lowest.
constexpr uint32_t nibbleOf(uint32_t word, unsigned index) {
  return word >> (4 * (index & 7)) & 15;
}
constexpr uint32_t withNibble(uint32_t word, unsigned index, uint32_t nibble) {
  unsigned shift = 4 * (index & 7);
  return (word & ~(15u << shift)) | nibble << shift;
}
/// tinyODIN: two's complement.
constexpr int tinyWeight(uint32_t nibble) {
  return static_cast<int>(nibble ^ 8) - 8;
}
/// ODIN: bit 3 says that the synapse exists, the others are its weight.
constexpr uint32_t odinWeight(uint32_t nibble, bool propagateUnmapped) {
  return (nibble & 8) || propagateUnmapped ? nibble & 7 : 0;
}

/// Spike-driven plasticity (SDSP): one up or down with the flags of the target
/// neuron, up first; stops at 0 and 7.
constexpr uint32_t learn(uint32_t nibble, bool up, bool down,
                         bool updateUnmapped) {
  uint32_t weight = nibble & 7;
  if (!(nibble & 8) && !updateUnmapped)
    return nibble;
  if (up)
    weight += weight < 7 ? 1 : 0;
  else if (down)
    weight -= weight > 0 ? 1 : 0;
  return (nibble & 8) | weight;
}
/// Bistability drives a weight away from the middle.
constexpr uint32_t drift(uint32_t nibble, bool updateUnmapped) {
  bool high = (nibble & 7) >= 4;
  return learn(nibble, high, !high, updateUnmapped);
}

/// Bit i of a byte at bit 4 i.
constexpr uint32_t spread(uint32_t byte) {
  uint32_t x = byte & 0xFF;
  x = (x | x << 12) & 0x000F000F;
  x = (x | x << 6) & 0x03030303;
  return (x | x << 3) & 0x11111111;
}

/// One up where \p up (at the lowest bit of each synapse), else one down where
/// \p down; all eight at once.
constexpr uint32_t stepWord(uint32_t word, uint32_t up, uint32_t down,
                            bool updateUnmapped) {
  constexpr uint32_t kOnes = 0x11111111;
  uint32_t acting = updateUnmapped ? kOnes : word >> 3 & kOnes;
  uint32_t atTop = word & word >> 1 & word >> 2;
  uint32_t aboveZero = word | word >> 1 | word >> 2;
  return word + (up & ~atTop & acting) - (down & ~up & aboveZero & acting);
}
/// learn() of all eight of a word; bit i of \p up and \p down belongs to
/// synapse i.
constexpr uint32_t learnWord(uint32_t word, uint32_t up, uint32_t down,
                             bool updateUnmapped) {
  return stepWord(word, spread(up), spread(down), updateUnmapped);
}
/// drift() of all eight of a word.
constexpr uint32_t driftWord(uint32_t word, bool updateUnmapped) {
  uint32_t high = word >> 2 & 0x11111111;
  return stepWord(word, high, ~high & 0x11111111, updateUnmapped);
}

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_SYNAPSE_H
