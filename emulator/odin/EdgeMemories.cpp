//===- emulator/odin/EdgeMemories.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of EdgeModel that reads and writes the two memories. Both have one
// port and show the old word when they are written.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/EdgeModel.h"
#include "emulator/odin/Synapse.h"

namespace hillock::emu::odin {

uint8_t EdgeModel::neuronAddress(const InputPins &pins) const {
  bool tiny = s.chip == Chip::Tiny;
  switch (s.fsm) {
  case Fsm::WriteNeuron:
  case Fsm::ReadNeuron:
    return s.spi.neuron();
  case Fsm::TimeReference:
    if (inputKind(s.chip, pins.aerInAddress) == InputKind::LeakOne)
      return static_cast<uint8_t>(tiny ? pins.aerInAddress
                                       : pins.aerInAddress >> 8);
    return s.neuronCount;
  case Fsm::Synapse:
    return static_cast<uint8_t>(pins.aerInAddress);
  case Fsm::PopVirtual:
    return s.head().address;
  default:
    return s.neuronCount;
  }
}

uint32_t EdgeModel::synapseAddress(const InputPins &pins) const {
  uint32_t row = pins.aerInAddress >> 8 & 0xFF;
  switch (s.fsm) {
  case Fsm::WriteSynapse:
  case Fsm::ReadSynapse:
    return s.spi.synapseWord();
  case Fsm::Synapse:
    return pins.aerInAddress >> 3 & 0x1FFF;
  case Fsm::Bistability:
    if (inputKind(s.chip, pins.aerInAddress) == InputKind::DriftAll)
      row = s.neuronCount;
    return row << 5 | (s.controlCount >> 1 & 31);
  default:
    return uint32_t(s.head().address) << 5 | s.neuronCount >> 3;
  }
}

/// Whether the controller uses the neuron memory; all but ReadNeuron write in
/// odd cycles.
static bool usesNeurons(Fsm fsm) {
  switch (fsm) {
  case Fsm::WriteNeuron:
  case Fsm::ReadNeuron:
  case Fsm::TimeReference:
  case Fsm::Synapse:
  case Fsm::PopNeuron:
  case Fsm::PopVirtual:
    return true;
  default:
    return false;
  }
}

NeuronInput EdgeModel::neuronInput(const InputPins &pins) const {
  NeuronInput input;
  Event head = s.head();
  bool tiny = s.chip == Chip::Tiny;
  uint32_t target = neuronAddress(pins);
  uint32_t source = head.address;
  switch (s.fsm) {
  case Fsm::TimeReference:
    input.kind = NeuronInput::Kind::Leak;
    return input;
  case Fsm::PopVirtual:
    input.kind = NeuronInput::Kind::Synaptic;
    if (tiny) {
      input.weight = static_cast<int8_t>(tinyWeight(head.virt));
      return input;
    }
    input.weight = head.virt >> 2 & 7;
    input.inhibitory = head.virt & 2;
    if (head.virt & 1)
      input.kind = NeuronInput::Kind::Leak;
    return input;
  case Fsm::Synapse:
    source = pins.aerInAddress >> 8 & 0xFF;
    break;
  case Fsm::PopNeuron:
    break;
  default:
    return input;
  }
  input.kind = NeuronInput::Kind::Synaptic;
  uint32_t nibble = nibbleOf(s.synapseOut, target);
  if (tiny) {
    input.weight = static_cast<int8_t>(tinyWeight(nibble));
    return input;
  }
  input.weight =
      static_cast<int8_t>(odinWeight(nibble, s.registers.propagateUnmapped));
  input.inhibitory = s.registers.inhibitory[source];
  input.burstEnd = s.fsm == Fsm::PopNeuron && s.burstPending() && head.last &&
                   head.address == target;
  return input;
}

void EdgeModel::accessTinyNeuron(const InputPins &pins, Effects &effects) {
  if (!usesNeurons(s.fsm))
    return;
  uint8_t address = neuronAddress(pins);
  uint32_t shown = static_cast<uint32_t>(s.neuronOut.lo);
  s.neuronOut.lo = s.tinyNeurons[address];
  if (!(s.controlCount & 1) || s.fsm == Fsm::ReadNeuron)
    return;
  NeuronInput input = neuronInput(pins);
  TinyUpdate update = updateTiny(shown, input.kind, input.weight);
  // SPI replaces what is written, not what the update does otherwise. The gate
  // alone selects it, so that closing it within a sweep spoils neurons.
  s.tinyNeurons[address] =
      s.fsm == Fsm::WriteNeuron || s.gate.value
          ? static_cast<uint32_t>(s.spi.mergeNeuron({shown, 0}).lo)
          : update.word;
  if (update.spike && !(shown >> kDisableBitTiny))
    spiked(address, effects);
}

void EdgeModel::accessOdinNeuron(const InputPins &pins, Effects &effects) {
  if (!usesNeurons(s.fsm))
    return;
  uint8_t address = neuronAddress(pins);
  Word128 shown = s.neuronOut;
  s.neuronOut = s.odinNeurons[address];
  if (!(s.controlCount & 1) || s.fsm == Fsm::ReadNeuron)
    return;
  NeuronUpdate update = updateOdin(shown, neuronInput(pins));
  s.odinNeurons[address] =
      s.fsm == Fsm::WriteNeuron ? s.spi.mergeNeuron(shown) : update.word;
  uint8_t bit = static_cast<uint8_t>(1u << (address & 7));
  uint8_t &up = s.up[address >> 3], &down = s.down[address >> 3];
  up = static_cast<uint8_t>(update.up ? up | bit : up & ~bit);
  down = static_cast<uint8_t>(update.down ? down | bit : down & ~bit);

  bool spike = update.spike && !shown.bit(kDisableBitOdin);
  if (spike) {
    spiked(address, effects);
    effects.burstCount = update.burstCount;
    effects.burstInterval = update.burstInterval;
  }
  if (!s.registers.monitor || address != s.registers.monitorNeuron)
    return;
  // The packets of the neuron go before that of its synapse.
  Packets synapse = effects.packets;
  effects.packets = {};
  effects.packets.add(static_cast<uint8_t>(
      (spike ? 128 : 0) | (update.up ? 64 : 0) | (update.down ? 32 : 0) |
      update.calcium << 2 | update.resonance));
  effects.packets.add(update.potential);
  if (synapse.count != 0)
    effects.packets.add(synapse.bytes[0]);
}

void EdgeModel::accessSynapses(const InputPins &pins, Effects &effects) {
  bool write = s.controlCount & 1;
  switch (s.fsm) {
  case Fsm::PopNeuron:
    if (s.neuronCount & 7)
      return;
    write = write && s.chip == Chip::Odin;
    break;
  case Fsm::ReadSynapse:
    write = false;
    break;
  case Fsm::WriteSynapse:
  case Fsm::Synapse:
  case Fsm::Bistability:
    break;
  default:
    return;
  }
  uint32_t address = synapseAddress(pins);
  uint32_t old = s.synapses[address];
  if (write) {
    uint32_t word = writtenSynapses(pins, address);
    s.synapses[address] = word;
    uint32_t watched = uint32_t(s.registers.monitorSource) << 5 |
                       s.registers.monitorNeuron >> 3;
    if (s.registers.monitor && address == watched)
      effects.packets.add(static_cast<uint8_t>(
          0xF0 | nibbleOf(word, s.registers.monitorNeuron)));
  }
  s.synapseOut = old;
}

uint32_t EdgeModel::writtenSynapses(const InputPins &pins,
                                    uint32_t address) const {
  uint32_t word = s.synapseOut;
  bool unmapped = s.registers.updateUnmapped;
  uint32_t up = s.up[address & 31], down = s.down[address & 31];
  switch (s.fsm) {
  case Fsm::WriteSynapse:
    return s.spi.mergeSynapses(word);
  case Fsm::Bistability:
    return driftWord(word, unmapped);
  case Fsm::PopNeuron:
    return learnWord(word, up, down, unmapped);
  default: {
    if (!s.registers.learnOnSynapseEvent)
      return word;
    uint32_t one = 1u << (pins.aerInAddress & 7);
    return learnWord(word, up & one, down & one, unmapped);
  }
  }
}

} // namespace hillock::emu::odin
