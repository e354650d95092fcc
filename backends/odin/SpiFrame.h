//===- backends/odin/SpiFrame.h - The 40 bits of a frame --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The programming port of ODIN and tinyODIN takes frames of 20 bits of address
// and 20 of data, most significant bit first (documentation of ChFrenkel/ODIN,
// section "SPI slave").
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_ODIN_SPIFRAME_H
#define HILLOCK_BACKENDS_ODIN_SPIFRAME_H

#include "backends/odin/OdinConfig.h"

namespace hillock::odin {

constexpr unsigned kFrameBits = 40;
constexpr unsigned neuronBytes(Chip chip) {
  return chip == Chip::Tiny ? 4 : 16;
}

struct SpiFrame {
  uint64_t bits = 0; ///< 40

  enum class Kind : uint8_t { Register, Neuron, Synapse, Nothing };
  Kind kind() const { return static_cast<Kind>(bits >> 36 & 3); }
  bool memory() const {
    return kind() == Kind::Neuron || kind() == Kind::Synapse;
  }
  bool reads() const { return bits >> 39 & 1; }
  bool writes() const { return bits >> 38 & 1; }
  unsigned address() const { return bits >> 20 & 0xFFFF; }
  /// Of a register, right aligned.
  uint32_t data() const { return bits & 0xFFFFF; }
  /// Of a byte of a memory; bits that are 1 in the mask keep their value.
  uint8_t mask() const { return static_cast<uint8_t>(bits >> 8); }
  uint8_t byte() const { return static_cast<uint8_t>(bits); }

  uint8_t neuron() const { return static_cast<uint8_t>(address()); }
  /// 0..255; those that the chip does not have are never written.
  unsigned neuronByte() const { return address() >> 8; }
  /// {source, target / 8}.
  unsigned synapseWord() const { return address() & 0x1FFF; }
  /// Synapses of targets 2 b and 2 b + 1 of the word.
  unsigned synapseByte() const { return address() >> 13 & 3; }

  bool operator==(const SpiFrame &) const = default;
};

constexpr SpiFrame spiFrame(SpiFrame::Kind kind, bool read, bool write,
                            unsigned address, uint32_t data) {
  return {uint64_t(read) << 39 | uint64_t(write) << 38 |
          uint64_t(static_cast<uint8_t>(kind)) << 36 |
          uint64_t(address & 0xFFFF) << 20 | (data & 0xFFFFF)};
}
constexpr SpiFrame writeRegister(unsigned address, uint32_t value) {
  return spiFrame(SpiFrame::Kind::Register, false, false, address, value);
}
constexpr SpiFrame writeNeuron(unsigned neuron, unsigned byte, uint8_t value,
                               uint8_t mask = 0) {
  return spiFrame(SpiFrame::Kind::Neuron, false, true, byte << 8 | neuron,
                  uint32_t(mask) << 8 | value);
}
constexpr SpiFrame readNeuron(unsigned neuron, unsigned byte) {
  return spiFrame(SpiFrame::Kind::Neuron, true, false, byte << 8 | neuron, 0);
}
constexpr SpiFrame writeSynapses(unsigned word, unsigned byte, uint8_t value,
                                 uint8_t mask = 0) {
  return spiFrame(SpiFrame::Kind::Synapse, false, true, byte << 13 | word,
                  uint32_t(mask) << 8 | value);
}
constexpr SpiFrame readSynapses(unsigned word, unsigned byte) {
  return spiFrame(SpiFrame::Kind::Synapse, true, false, byte << 13 | word, 0);
}

/// "neuron 5, byte 3 = 0x80 (mask 0x7f)" for people.
std::string describe(Chip chip, SpiFrame frame);

} // namespace hillock::odin

#endif // HILLOCK_BACKENDS_ODIN_SPIFRAME_H
