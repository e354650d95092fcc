//===- emulator/odin/Chip.h - Pins and registers ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What ODIN (ChFrenkel/ODIN, 28 nm) and its small relative tinyODIN show to
// the outside: pins, configuration registers, codes of the controller's states.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_CHIP_H
#define HILLOCK_EMULATOR_ODIN_CHIP_H

#include <bitset>
#include <cstdint>

namespace hillock::emu::odin {

enum class Chip : uint8_t { Tiny, Odin };

constexpr unsigned kNeurons = 256;
constexpr unsigned kSynapseWords = 8192; ///< of 32 bits, 8 synapses each

/// States of the controller, of both chips.
enum class Fsm : uint8_t {
  Wait,
  WriteNeuron,
  ReadNeuron,
  WriteSynapse,
  ReadSynapse,
  TimeReference,
  Bistability, ///< ODIN only
  Synapse,     ///< ODIN only
  Push,
  PopNeuron,
  PopVirtual,
  AerPop, ///< tinyODIN only
  WaitSpiDown,
  WaitReqDown,
};

/// The state register's value; the chips number their states differently.
constexpr uint8_t stateCode(Chip chip, Fsm fsm) {
  auto value = static_cast<uint8_t>(fsm);
  if (chip == Chip::Odin)
    return value > static_cast<uint8_t>(Fsm::AerPop) ? value - 1 : value;
  return value > static_cast<uint8_t>(Fsm::Synapse) ? value - 2 : value;
}

/// Configuration registers of both chips; a chip without one never reads it.
/// None has a reset value; a model starts with zeros.
struct Registers {
  bool gateActivity = false;      ///< network stopped, SPI may access memories
  bool openLoop = false;          ///< spikes do not enter the FIFO
  bool aerFromController = false; ///< AER out when an event is processed
  uint8_t maxNeuron = 0;          ///< tinyODIN: last neuron of a sweep
  // ODIN
  std::bitset<kNeurons> inhibitory; ///< of source neurons
  uint32_t burstTimeRef = 0;        ///< cycles - 1 a slot; 0: no bursts
  bool monitor = false;
  uint8_t monitorNeuron = 0;
  uint8_t monitorSource = 0;
  bool updateUnmapped = false;
  bool propagateUnmapped = false;
  bool learnOnSynapseEvent = false;

  /// Writes the register \p address (20 bits of data, right aligned). Addresses
  /// without a register are ignored.
  void write(Chip chip, uint32_t address, uint32_t data);
};

/// Levels at the inputs.
struct InputPins {
  bool aerInReq = false;
  uint32_t aerInAddress = 0; ///< 10 bits (tinyODIN) or 17 (ODIN); not latched
  bool aerOutAck = false;
  bool sck = false;
  bool mosi = false;
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_CHIP_H
