//===- emulator/odin/EventFifo.h - The scheduler's queue --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_EVENTFIFO_H
#define HILLOCK_EMULATOR_ODIN_EVENTFIFO_H

#include <array>
#include <cstdint>

namespace hillock::emu::odin {

/// An event that waits: a spike of a neuron, or (virt != 0) a virtual one.
struct Event {
  uint8_t address = 0;
  uint8_t virt = 0;  ///< tinyODIN: weight; ODIN: {weight, inhibitory, leak}
  bool last = false; ///< ends a burst; only in the slots of bursts
};

/// A ring of 128 (tinyODIN) or 32 entries (ODIN). What is pushed when it is
/// full is lost, even if an entry leaves at the same edge.
class EventFifo {
public:
  explicit EventFifo(unsigned depth) : depth(depth) {}

  unsigned size() const { return count; }
  bool empty() const { return count == 0; }
  bool full() const { return count == depth; }
  /// The oldest entry; also that of an empty ring has a value.
  const Event &head() const { return entries[first]; }
  /// Entry \p index from the oldest.
  const Event &at(unsigned index) const {
    return entries[(first + index) % depth];
  }

  /// One clock edge; false when the push was lost.
  bool clock(bool push, Event event, bool pop) {
    bool lost = push && full(), stored = push && !lost;
    if (stored)
      entries[(first + count) % depth] = event;
    if (pop && count != 0) {
      first = (first + 1) % depth;
      --count;
    }
    if (stored)
      ++count;
    return !lost;
  }

private:
  unsigned depth;
  unsigned first = 0, count = 0;
  std::array<Event, 128> entries{};
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_EVENTFIFO_H
