//===- emulator/odin/EdgeModel.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/EdgeModel.h"

namespace hillock::emu::odin {

InputKind inputKind(Chip chip, uint32_t address) {
  if (chip == Chip::Tiny) {
    if (!(address & 0x100))
      return InputKind::Push;
    return (address & 0xFF) == 0xFF ? InputKind::LeakAll : InputKind::LeakOne;
  }
  if (address & 0x10000)
    return InputKind::Synapse;
  bool one = address & 0x80;
  if ((address & 0x7F) == 0x7F)
    return one ? InputKind::LeakOne : InputKind::LeakAll;
  if ((address & 0x7F) == 0)
    return one ? InputKind::DriftRow : InputKind::DriftAll;
  return InputKind::Push;
}

uint64_t EdgeModel::advance(const InputPins &pins, uint64_t edges) {
  int before = watched();
  uint64_t done = 0;
  while (done < edges) {
    edge(pins);
    ++done;
    if (watched() != before)
      break;
  }
  return done;
}

void EdgeModel::edge(const InputPins &pins) {
  // SPI has its own clock; its changes come before this edge.
  s.spi.pins(pins.sck, pins.mosi, s.registers, s.neuronOut, s.synapseOut);

  Fsm next = nextState(pins);
  Effects effects;
  controllerEvents(pins, effects);
  uint32_t synapsesBefore = s.synapseOut;
  accessSynapses(pins, effects);
  std::swap(synapsesBefore, s.synapseOut); // the neuron sees what was read
  if (s.chip == Chip::Tiny)
    accessTinyNeuron(pins, effects);
  else
    accessOdinNeuron(pins, effects);
  s.synapseOut = synapsesBefore;

  bool burst = s.burstPending(), bursting = s.burstsEnabled();
  if (effects.pop && burst)
    s.bursts.pop();
  if (!s.fifo.clock(effects.push, effects.entry, effects.pop && !burst))
    lose();
  if (bursting) {
    s.bursts.push(effects.entry.address, effects.burstCount,
                  effects.burstInterval);
    s.bursts.tick(s.registers.burstTimeRef);
  }

  bool stalled = s.aerOut.busy();
  bool counts = countsNeurons(pins);
  s.aerOut.clock(effects.packets, pins.aerOutAck);
  if (s.fsm == Fsm::Wait) {
    s.controlCount = 0;
    s.neuronCount = 0;
  } else if (!stalled) {
    s.neuronCount = static_cast<uint8_t>(s.neuronCount + (counts ? 1 : 0));
    ++s.controlCount;
  }
  if (next != s.fsm)
    begin(next);
  s.fsm = next;

  s.aerIn.clock(pins.aerInReq);
  s.openLoop.clock(s.registers.openLoop);
  s.spiWrite.clock(s.spi.writeRequest());
  s.spiRead.clock(s.spi.readRequest());
  // ODIN's gate waits for the controller.
  bool gateBefore = s.gate.value;
  s.gate.clock(s.registers.gateActivity);
  if (s.chip == Chip::Odin && next != Fsm::Wait)
    s.gate.value = gateBefore;
  if (s.gate.value)
    s.aerOut.clear();

  if (recorder)
    recorder->edge(cycle, s.visible());
  ++cycle;
}

void EdgeModel::begin(Fsm state) {
  switch (state) {
  case Fsm::PopNeuron:
    ++tally.neuronEvents;
    tally.sops += s.chip == Chip::Tiny ? s.registers.maxNeuron + 1u : kNeurons;
    break;
  case Fsm::PopVirtual:
    ++tally.virtualEvents;
    ++tally.sops;
    break;
  case Fsm::Synapse:
    ++tally.synapseEvents;
    ++tally.sops;
    break;
  case Fsm::TimeReference:
    ++tally.leaks;
    break;
  case Fsm::Bistability:
    ++tally.drifts;
    break;
  default:
    break;
  }
}

Fsm EdgeModel::nextFromWait(const InputPins &pins) const {
  Fsm pop = s.head().virt != 0 ? Fsm::PopVirtual : Fsm::PopNeuron;
  if (s.aerOut.busy())
    return Fsm::Wait;
  if (s.gate.value) {
    bool neuron = s.spi.command() == SpiSlave::Command::Neuron;
    bool synapse = s.spi.command() == SpiSlave::Command::Synapse;
    if (s.spiWrite.value && neuron)
      return Fsm::WriteNeuron;
    if (s.spiRead.value && neuron)
      return Fsm::ReadNeuron;
    if (s.spiWrite.value && synapse)
      return Fsm::WriteSynapse;
    if (s.spiRead.value && synapse)
      return Fsm::ReadSynapse;
    return Fsm::Wait;
  }
  if (s.fifo.full())
    return pop;
  InputKind kind = inputKind(s.chip, pins.aerInAddress);
  bool drift = kind == InputKind::DriftRow || kind == InputKind::DriftAll;
  if (s.aerIn.value && !drift) {
    if (kind == InputKind::Push)
      return Fsm::Push;
    return kind == InputKind::Synapse ? Fsm::Synapse : Fsm::TimeReference;
  }
  if (s.eventWaits())
    return pop;
  return s.aerIn.value ? Fsm::Bistability : Fsm::Wait;
}

Fsm EdgeModel::nextState(const InputPins &pins) const {
  InputKind kind = inputKind(s.chip, pins.aerInAddress);
  bool odd = s.controlCount & 1, second = s.controlCount == 1;
  bool tiny = s.chip == Chip::Tiny;
  uint8_t last = tiny ? s.registers.maxNeuron : 255;
  bool stalled = s.aerOut.busy();
  switch (s.fsm) {
  case Fsm::Wait:
    return nextFromWait(pins);
  case Fsm::WriteNeuron:
  case Fsm::WriteSynapse:
    return second ? Fsm::WaitSpiDown : s.fsm;
  case Fsm::ReadNeuron:
  case Fsm::ReadSynapse:
    return Fsm::WaitSpiDown;
  case Fsm::WaitSpiDown:
    return s.spiWrite.value || s.spiRead.value ? s.fsm : Fsm::Wait;
  case Fsm::Push:
    return Fsm::WaitReqDown;
  case Fsm::WaitReqDown:
    return s.aerIn.value ? s.fsm : Fsm::Wait;
  case Fsm::Synapse:
    return second ? Fsm::WaitReqDown : s.fsm;
  case Fsm::TimeReference:
    if (kind == InputKind::LeakOne)
      return second ? Fsm::WaitReqDown : s.fsm;
    return odd && s.neuronCount == last ? Fsm::WaitReqDown : s.fsm;
  case Fsm::Bistability: {
    uint32_t length = kind == InputKind::DriftRow ? 64 : 64 * 256;
    return s.controlCount == length - 1 && !stalled ? Fsm::WaitReqDown : s.fsm;
  }
  case Fsm::PopNeuron:
    if ((s.controlCount & 511) != 2u * last + 1)
      return s.fsm;
    return tiny ? Fsm::AerPop : Fsm::Wait;
  case Fsm::PopVirtual:
    return second ? Fsm::Wait : s.fsm;
  case Fsm::AerPop:
    return stalled ? s.fsm : Fsm::Wait;
  }
  return Fsm::Wait;
}

bool EdgeModel::countsNeurons(const InputPins &pins) const {
  InputKind kind = inputKind(s.chip, pins.aerInAddress);
  if (s.fsm == Fsm::PopNeuron)
    return s.controlCount & 1;
  if (s.fsm == Fsm::TimeReference)
    return (s.controlCount & 1) && kind == InputKind::LeakAll;
  if (s.fsm == Fsm::Bistability)
    return (s.controlCount & 63) == 63 && kind == InputKind::DriftAll;
  return false;
}

void EdgeModel::controllerEvents(const InputPins &pins, Effects &effects) {
  bool tiny = s.chip == Chip::Tiny;
  bool stalled = s.aerOut.busy();
  uint32_t address = pins.aerInAddress;
  if (s.fsm == Fsm::Push) {
    effects.push = true;
    if (!tiny)
      effects.entry = {static_cast<uint8_t>(address >> 8),
                       static_cast<uint8_t>(address >> 3 & 31)};
    else if (address & 0x200)
      effects.entry = {static_cast<uint8_t>(address & 15),
                       static_cast<uint8_t>(address >> 4 & 15)};
    else
      effects.entry = {static_cast<uint8_t>(address), 0};
  }
  effects.pop =
      (s.fsm == Fsm::PopVirtual && s.controlCount == 1) ||
      (s.fsm == Fsm::AerPop && !stalled) ||
      (!tiny && s.fsm == Fsm::PopNeuron && (s.controlCount & 511) == 511);
  if (!s.registers.aerFromController || s.fsm != Fsm::PopNeuron || stalled)
    return;
  bool now =
      tiny ? (s.controlCount & 511) == 2u * s.registers.maxNeuron + 1
           : (s.controlCount & 1) && s.neuronCount == s.registers.monitorNeuron;
  if (now && !s.registers.monitor)
    effects.packets.add(s.head().address);
}

void EdgeModel::spiked(uint8_t neuron, Effects &effects) {
  if (!s.openLoop.value) {
    effects.push = true;
    effects.entry = {neuron, 0};
  }
  if (!s.registers.aerFromController && !s.registers.monitor)
    effects.packets.add(neuron);
}

} // namespace hillock::emu::odin
