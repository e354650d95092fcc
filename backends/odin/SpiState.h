//===- backends/odin/SpiState.h - What frames make of a chip ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_SPISTATE_H
#define HILLOCK_BACKENDS_ODIN_SPISTATE_H

#include "backends/odin/SpiFrame.h"
#include <optional>

namespace hillock::odin {

/// A byte of a memory of which some bits may be unknown.
struct PartialByte {
  uint8_t value = 0;
  uint8_t known = 0; ///< 1: the bit of value is meant
};

/// Registers and memories after some frames. Nothing is known of them after
/// power-up, because the chips reset neither. What the network itself changes
/// while it runs is not followed.
class SpiState {
public:
  explicit SpiState(Chip chip) : config(chip) {}

  /// The frame as the chip takes it: memories only while the network is
  /// stopped, bytes that a neuron does not have never.
  void apply(SpiFrame frame);
  /// The byte that a reading frame showed, which is known from now on.
  void learn(SpiFrame frame, uint8_t byte);
  /// What a reading frame shows; empty when the chip does not answer it.
  std::optional<PartialByte> shows(SpiFrame frame) const;

  bool known(unsigned address) const {
    return address < 32 && (knownRegisters >> address & 1) != 0;
  }
  /// SPI may access the memories.
  bool stopped() const { return known(0) && config.registers.gateActivity; }
  /// Spikes cannot enter the scheduler.
  bool openLoop() const { return known(1) && config.registers.openLoop; }
  bool knownNeuron(unsigned neuron) const;
  /// All bits of the byte of two synapses.
  bool knownSynapses(unsigned word, unsigned byte) const {
    return (knownWords[word] >> (8 * byte) & 0xFF) == 0xFF;
  }

  /// Values; unknown bits are 0.
  ChipConfig config;
  std::array<Word128, kNeurons> knownBits{};
  std::array<uint32_t, kSynapseWords> knownWords{};
  uint32_t knownRegisters = 0; ///< a bit an address

private:
  void put(SpiFrame frame, uint8_t value, uint8_t mask);
};

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_SPISTATE_H
