//===- emulator/odin/Registers.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Chip.h"

namespace hillock::emu::odin {

static void writeTiny(Registers &r, uint32_t address, uint32_t data) {
  switch (address) {
  case 0:
    r.gateActivity = data & 1;
    break;
  case 1:
    r.openLoop = data & 1;
    break;
  case 2:
    r.aerFromController = data & 1;
    break;
  case 3:
    r.maxNeuron = static_cast<uint8_t>(data);
    break;
  default:
    break;
  }
}

static void writeOdin(Registers &r, uint32_t address, uint32_t data) {
  if (address >= 2 && address <= 17) {
    for (unsigned i = 0; i < 16; ++i)
      r.inhibitory[16 * (address - 2) + i] = (data >> i) & 1;
    return;
  }
  switch (address) {
  case 0:
    r.gateActivity = data & 1;
    break;
  case 1:
    r.openLoop = data & 1;
    break;
  case 18:
    r.burstTimeRef = data & 0xFFFFF;
    break;
  case 19:
    r.aerFromController = data & 1;
    break;
  case 20:
    r.monitor = data & 1;
    break;
  case 21:
    r.monitorNeuron = static_cast<uint8_t>(data);
    break;
  case 22:
    r.monitorSource = static_cast<uint8_t>(data);
    break;
  case 23:
    r.updateUnmapped = data & 1;
    break;
  case 24:
    r.propagateUnmapped = data & 1;
    break;
  case 25:
    r.learnOnSynapseEvent = data & 1;
    break;
  default:
    break;
  }
}

void Registers::write(Chip chip, uint32_t address, uint32_t data) {
  if (chip == Chip::Tiny)
    writeTiny(*this, address, data);
  else
    writeOdin(*this, address, data);
}

} // namespace hillock::emu::odin
