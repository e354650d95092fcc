//===- backends/odin/SpiState.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/SpiState.h"

namespace hillock::odin {

static uint8_t mixed(uint8_t old, uint8_t value, uint8_t mask) {
  return static_cast<uint8_t>((value & ~mask) | (old & mask));
}

void SpiState::put(SpiFrame frame, uint8_t value, uint8_t mask) {
  const auto gained = static_cast<uint8_t>(~mask);
  if (frame.kind() == SpiFrame::Kind::Neuron) {
    const unsigned byte = frame.neuronByte();
    if (byte >= neuronBytes(config.chip))
      return;
    Word128 &word = config.neurons[frame.neuron()];
    Word128 &bits = knownBits[frame.neuron()];
    word.set(8 * byte, 8, mixed(word.byte(byte), value, mask));
    bits.set(8 * byte, 8, bits.byte(byte) | gained);
    return;
  }
  const unsigned shift = 8 * frame.synapseByte();
  uint32_t &word = config.synapses[frame.synapseWord()];
  const auto old = static_cast<uint8_t>(word >> shift);
  word = (word & ~(0xFFu << shift)) | uint32_t(mixed(old, value, mask))
                                          << shift;
  knownWords[frame.synapseWord()] |= uint32_t(gained) << shift;
}

void SpiState::apply(SpiFrame frame) {
  if (frame.kind() == SpiFrame::Kind::Register) {
    config.registers.write(config.chip, frame.address(), frame.data());
    if (frame.address() < registerCount(config.chip))
      knownRegisters |= 1u << frame.address();
    return;
  }
  if (frame.memory() && frame.writes() && stopped())
    put(frame, frame.byte(), frame.mask());
}

void SpiState::learn(SpiFrame frame, uint8_t byte) {
  if (frame.memory() && frame.reads())
    put(frame, byte, 0);
}

std::optional<PartialByte> SpiState::shows(SpiFrame frame) const {
  if (!frame.memory() || !frame.reads() || !stopped())
    return std::nullopt;
  if (frame.kind() == SpiFrame::Kind::Neuron) {
    // Upper address bits are not looked at.
    const unsigned byte = frame.neuronByte() % neuronBytes(config.chip);
    return PartialByte{config.neurons[frame.neuron()].byte(byte),
                       knownBits[frame.neuron()].byte(byte)};
  }
  const unsigned word = frame.synapseWord(), shift = 8 * frame.synapseByte();
  return PartialByte{static_cast<uint8_t>(config.synapses[word] >> shift),
                     static_cast<uint8_t>(knownWords[word] >> shift)};
}

bool SpiState::knownNeuron(unsigned neuron) const {
  const Word128 all = config.chip == Chip::Tiny
                          ? Word128{0xFFFFFFFFu, 0}
                          : Word128{~uint64_t(0), ~uint64_t(0)};
  return knownBits[neuron] == all;
}

} // namespace hillock::odin
