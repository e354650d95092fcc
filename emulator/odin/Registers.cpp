//===- emulator/odin/Registers.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Chip.h"
#include <iterator>

namespace hillock::emu::odin {

namespace {

using Flag = bool Registers::*;
using Byte = uint8_t Registers::*;

/// The register that an address selects; at most one member is set.
struct Place {
  Flag flag = nullptr;
  Byte byte = nullptr;
};

constexpr Place kTiny[] = {{&Registers::gateActivity, nullptr},
                           {&Registers::openLoop, nullptr},
                           {&Registers::aerFromController, nullptr},
                           {nullptr, &Registers::maxNeuron}};

/// ODIN from address 19 on.
constexpr uint32_t kFirstOfOdin = 19;
constexpr Place kOdin[] = {{&Registers::aerFromController, nullptr},
                           {&Registers::monitor, nullptr},
                           {nullptr, &Registers::monitorNeuron},
                           {nullptr, &Registers::monitorSource},
                           {&Registers::updateUnmapped, nullptr},
                           {&Registers::propagateUnmapped, nullptr},
                           {&Registers::learnOnSynapseEvent, nullptr}};

Place placeOf(Chip chip, uint32_t address) {
  if (chip == Chip::Tiny)
    return address < std::size(kTiny) ? kTiny[address] : Place();
  if (address < 2)
    return kTiny[address];
  address -= kFirstOfOdin; // wraps below
  return address < std::size(kOdin) ? kOdin[address] : Place();
}

} // namespace

void Registers::write(Chip chip, uint32_t address, uint32_t data) {
  if (chip == Chip::Odin && address >= 2 && address < 18) {
    for (unsigned i = 0; i < 16; ++i)
      inhibitory[16 * (address - 2) + i] = (data >> i) & 1;
    return;
  }
  if (chip == Chip::Odin && address == 18) {
    burstTimeRef = data & 0xFFFFF;
    return;
  }
  const Place place = placeOf(chip, address);
  if (place.flag)
    this->*place.flag = data & 1;
  else if (place.byte)
    this->*place.byte = static_cast<uint8_t>(data);
}

} // namespace hillock::emu::odin
