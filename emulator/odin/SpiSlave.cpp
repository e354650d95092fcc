//===- emulator/odin/SpiSlave.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/SpiSlave.h"

namespace hillock::emu::odin {

void SpiSlave::pins(bool sck, bool mosi, Registers &registers,
                    const Word128 &neuronWord, uint32_t synapses) {
  if (sck == lastSck)
    return;
  lastSck = sck;
  if (!sck) {
    fall(neuronWord, synapses);
    return;
  }
  in = in << 1 | (mosi ? 1 : 0);
  // Registers take their value with the last bit, whatever R and W say.
  if (count == 39 && command() == Command::Config)
    registers.write(chip, address & 0xFFFF, in & 0xFFFFF);
}

void SpiSlave::fall(const Word128 &neuronWord, uint32_t synapses) {
  count = count == 39 ? 0 : count + 1;
  write = false;
  out = static_cast<uint8_t>(out << 1);
  bool memory = command() == Command::Neuron || command() == Command::Synapse;
  if (count == 0) {
    data = in & 0xFFFFF;
    write = memory && (address >> 18 & 1);
  } else if (count == 20) {
    address = in & 0xFFFFF;
    memory = command() == Command::Neuron || command() == Command::Synapse;
    read = memory && (address >> 19 & 1);
  } else if (count == 32) {
    out = 0;
    unsigned index = address >> 8 & (chip == Chip::Tiny ? 3 : 15);
    if (read && command() == Command::Neuron)
      out = neuronWord.byte(index);
    else if (read)
      out = static_cast<uint8_t>(synapses >> (8 * (address >> 13 & 3)));
    read = false;
  }
}

Word128 SpiSlave::mergeNeuron(Word128 old) const {
  unsigned index = address >> 8 & 0xFF;
  if (index < (chip == Chip::Tiny ? 4u : 16u))
    old.set(8 * index, 8, merge(old.byte(index)));
  return old;
}

uint32_t SpiSlave::mergeSynapses(uint32_t old) const {
  unsigned shift = 8 * (address >> 13 & 3);
  uint32_t byte = merge(static_cast<uint8_t>(old >> shift));
  return (old & ~(0xFFu << shift)) | byte << shift;
}

} // namespace hillock::emu::odin
