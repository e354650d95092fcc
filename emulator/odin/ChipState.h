//===- emulator/odin/ChipState.h - All registers and memories ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_CHIPSTATE_H
#define HILLOCK_EMULATOR_ODIN_CHIPSTATE_H

#include "emulator/odin/AerOut.h"
#include "emulator/odin/BurstScheduler.h"
#include "emulator/odin/EventFifo.h"
#include "emulator/odin/Recorder.h"
#include "emulator/odin/SpiSlave.h"
#include <array>

namespace hillock::emu::odin {

/// Two flip-flops between clock domains.
struct Synchroniser {
  bool first = false, value = false;
  void clock(bool input) {
    value = first;
    first = input;
  }
  bool settled(bool input) const { return value == input && first == input; }
};

/// What the address of an input event asks for.
enum class InputKind : uint8_t {
  Push,
  LeakOne,
  LeakAll,
  Synapse,
  DriftRow,
  DriftAll
};
InputKind inputKind(Chip chip, uint32_t address);

/// The state after reset, with memories and registers that happen to be zero
/// (the chips do not reset them).
struct ChipState {
  explicit ChipState(Chip chip)
      : chip(chip), fifo(chip == Chip::Tiny ? 128 : 32), spi(chip) {}

  Chip chip;
  Registers registers;
  std::array<uint32_t, kNeurons> tinyNeurons{}; ///< tinyODIN's memory
  std::array<Word128, kNeurons> odinNeurons{};  ///< ODIN's memory
  std::array<uint32_t, kSynapseWords> synapses{};
  /// SDSP flags of ODIN; bit i of byte g is neuron 8 g + i.
  std::array<uint8_t, kNeurons / 8> up{}, down{};
  Word128 neuronOut;       ///< what the neuron memory shows
  uint32_t synapseOut = 0; ///< what the synapse memory shows

  Fsm fsm = Fsm::Wait;
  uint32_t controlCount = 0;
  uint8_t neuronCount = 0;
  Synchroniser aerIn, gate, openLoop, spiWrite, spiRead;
  EventFifo fifo;
  BurstScheduler bursts;
  AerOut aerOut;
  SpiSlave spi;

  bool burstsEnabled() const {
    return registers.burstTimeRef != 0 && !openLoop.value;
  }
  bool burstPending() const { return burstsEnabled() && bursts.pending(); }
  bool eventWaits() const { return !fifo.empty() || burstPending(); }
  Event head() const { return burstPending() ? bursts.head() : fifo.head(); }
  bool aerInAck() const { return fsm == Fsm::WaitReqDown; }
  /// Nothing is being done and nothing waits.
  bool idle() const {
    return fsm == Fsm::Wait && fifo.empty() && !aerOut.busy() &&
           !(burstsEnabled() && bursts.anyPending());
  }
  Visible visible() const {
    Visible v;
    v.flags =
        static_cast<uint8_t>((aerInAck() ? 1 : 0) | (aerOut.request() ? 2 : 0) |
                             (aerOut.busy() ? 4 : 0));
    v.address = aerOut.address();
    v.state = stateCode(chip, fsm);
    v.fifo = static_cast<uint8_t>(fifo.size());
    v.controlCount = static_cast<uint16_t>(controlCount);
    v.neuronCount = neuronCount;
    return v;
  }
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_CHIPSTATE_H
