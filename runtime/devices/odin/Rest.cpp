//===- runtime/devices/odin/Rest.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/devices/odin/Rest.h"
#include "emulator/odin/ChipState.h"
#include <algorithm>

namespace hillock::runtime::odin {

using emu::odin::InputKind;

Rest::Rest(const hillock::odin::ChipConfig &config, uint64_t now)
    : chip(config.chip), closed(!config.registers.openLoop),
      processed(config.registers.aerFromController),
      monitor(config.chip == Chip::Odin && config.registers.monitor),
      sweep(hillock::odin::maxSweepCycles(config) + 1),
      sops(chip == Chip::Tiny ? config.registers.maxNeuron + 1u : 256u),
      depth(hillock::odin::fifoDepth(chip)), end(now) {}

void Rest::add(uint64_t from, uint64_t cycles) {
  end = std::max(end, from + 1) + cycles;
  // More than fits: the chip may have dropped some.
  if (end > from + (depth + 2) * sweep)
    counted.overflowed = true;
}

void Rest::accepted(uint32_t address, uint64_t rise, uint64_t fall) {
  const InputKind kind = emu::odin::inputKind(chip, address);
  // From the first cycle of the event's state to the next wait.
  uint64_t cycles = fall - rise + 2;
  switch (kind) {
  case InputKind::Push: {
    const bool isVirtual =
        chip == Chip::Tiny ? (address & 0x2F0) > 0x200 : (address & 0xF8) != 0;
    cycles += isVirtual ? 3 : sweep;
    ++(isVirtual ? counted.virtualEvents : counted.neuronEvents);
    counted.sops += isVirtual ? 1 : sops;
    break;
  }
  case InputKind::LeakAll:
    ++counted.leaks;
    break;
  case InputKind::LeakOne:
    ++counted.leaks;
    break;
  case InputKind::Synapse:
    ++counted.synapseEvents;
    ++counted.sops;
    break;
  case InputKind::DriftAll:
  case InputKind::DriftRow:
    ++counted.drifts;
    break;
  }
  // What was done before the acknowledge has kept waiting events waiting.
  if (kind == InputKind::LeakAll)
    cycles += 2 * sops;
  else if (kind == InputKind::DriftAll)
    cycles += 64 * 256;
  else if (kind == InputKind::DriftRow)
    cycles += 64;
  // Spikes inside that are not seen yet; each sweep is seen when it ends.
  if (closed && processed)
    cycles += 2 * sweep;
  if (closed && monitor)
    cycles += depth * sweep;
  add(rise, cycles);
}

void Rest::rose(uint64_t cycle) {
  uint64_t cycles = 1;
  if (monitor) {
    cycles += closed ? depth * sweep : sweep;
  } else if (processed) {
    cycles += 2 * sweep;
  } else if (closed) {
    cycles += sweep;
    ++counted.neuronEvents;
    counted.sops += sops;
  }
  add(cycle, cycles);
}

void Rest::released(uint64_t rise, uint64_t release) {
  add(release, release + 3 - rise);
}

} // namespace hillock::runtime::odin
