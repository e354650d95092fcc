//===- emulator/odin/BurstScheduler.h - ODIN's slots of bursts --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_BURSTSCHEDULER_H
#define HILLOCK_EMULATOR_ODIN_BURSTSCHEDULER_H

#include "emulator/odin/EventFifo.h"

namespace hillock::emu::odin {

/// 57 slots that are served one after the other, each for burstTimeRef + 1
/// cycles. The released RTL stores only the first four pushes into a slot
/// after reset; later ones read undefined data. So bursting is refused for
/// compiled networks, and this model reads zeros there.
class BurstScheduler {
public:
  static constexpr unsigned kSlots = 57;

  bool pending() const { return slots[priority].count != 0; }
  Event head() const {
    const Slot &slot = slots[priority];
    return slot.read < 4 ? slot.entries[slot.read] : Event();
  }
  bool anyPending() const {
    for (const Slot &slot : slots)
      if (slot.count != 0)
        return true;
    return false;
  }
  void pop() {
    Slot &slot = slots[priority];
    if (slot.count == 0)
      return;
    slot.read = (slot.read + 1) % 32;
    --slot.count;
  }
  /// The spikes of \p neuron after its first: \p count, every \p interval + 1
  /// slots.
  void push(uint8_t neuron, unsigned count, unsigned interval) {
    for (unsigned j = 1; j <= count; ++j) {
      Slot &slot = slots[(priority + (interval + 1) * j) % kSlots];
      if (slot.write < 4)
        slot.entries[slot.write] = {neuron, 0, j == count};
      slot.write = (slot.write + 1) % 32;
      ++slot.count;
    }
  }
  void tick(uint32_t timeRef) {
    if (phase < timeRef) {
      ++phase;
      return;
    }
    phase = 0;
    priority = (priority + 1) % kSlots;
  }

  unsigned priority = 0; ///< the slot that is served
  uint32_t phase = 0;    ///< cycles since it is

private:
  struct Slot {
    std::array<Event, 4> entries{};
    uint8_t read = 0, write = 0;
    unsigned count = 0;
  };
  std::array<Slot, kSlots> slots{};
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_BURSTSCHEDULER_H
