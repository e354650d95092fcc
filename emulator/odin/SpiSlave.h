//===- emulator/odin/SpiSlave.h - Programming port --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Frames of 40 bits, 20 of address and 20 of data, most significant bit first.
// There is no chip select: frames are found by counting clocks since reset.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_SPISLAVE_H
#define HILLOCK_EMULATOR_ODIN_SPISLAVE_H

#include "emulator/odin/Chip.h"
#include "emulator/odin/Word128.h"

namespace hillock::emu::odin {

class SpiSlave {
public:
  enum class Command : uint8_t { Config, Neuron, Synapse, None };

  explicit SpiSlave(Chip chip) : chip(chip) {}

  /// The levels before a clock edge; \p neuron and \p synapses are what the
  /// memories show. Acts on changes of \p sck only.
  void pins(bool sck, bool mosi, Registers &registers, const Word128 &neuron,
            uint32_t synapses);
  bool changes(bool sck) const { return sck != lastSck; }

  /// How many of the next bits, from the fall of SCK on, do nothing but shift.
  unsigned quietBits() const {
    if (!lastSck || write)
      return 0;
    unsigned next = count + 1u;
    if (next < 20)
      return 20 - next;
    if (next == 20 || next == 32 || next >= 39)
      return 0;
    return (next < 32 ? 32 : 39) - next;
  }
  /// That many bits at once; SCK is high before and after.
  void shift(uint64_t bits, unsigned number) {
    in = in << number | bits;
    count = static_cast<uint8_t>(count + number);
    out = static_cast<uint8_t>(out << number);
  }

  bool miso() const { return count >= 32 && (out & 0x80) != 0; }
  /// Requests to the controller, in the domain of SCK.
  bool writeRequest() const { return write; }
  bool readRequest() const { return read; }
  Command command() const { return static_cast<Command>(address >> 16 & 3); }

  uint8_t neuron() const { return static_cast<uint8_t>(address); }
  uint32_t synapseWord() const { return address & 0x1FFF; }
  /// \p old with the byte of the frame where its mask is 0. A byte that the
  /// neuron does not have changes nothing.
  Word128 mergeNeuron(Word128 old) const;
  uint32_t mergeSynapses(uint32_t old) const;

private:
  void fall(const Word128 &neuronWord, uint32_t synapses);
  uint8_t merge(uint8_t old) const {
    uint32_t mask = data >> 8;
    return static_cast<uint8_t>((data & ~mask) | (old & mask));
  }

  Chip chip;
  bool lastSck = false;
  uint8_t count = 0;    ///< clocks of this frame
  uint64_t in = 0;      ///< the last 40 bits
  uint32_t address = 0; ///< 20 bits
  uint32_t data = 0;    ///< 20 bits, of a frame that is complete
  bool write = false, read = false;
  uint8_t out = 0;
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_SPISLAVE_H
