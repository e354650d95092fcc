//===- emulator/noc/EventWheel.h - What is due when -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The channels of the mesh: whatever is written in a cycle lies here until the
// cycle in which it is read. Cycles in which nothing is due are skipped.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_EVENTWHEEL_H
#define HILLOCK_EMULATOR_NOC_EVENTWHEEL_H

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace hillock::emu {

/// A flit without its data: which packet, and where it goes.
struct Flit {
  uint32_t packet = 0;
  uint32_t destination = 0; ///< packed, see Router.h
};

enum class EventKind : uint8_t {
  FlitToRouter,
  FlitToSink,
  CreditToRouter,
  CreditToSource,
  WakeRouter,
  WakeSource,
};

/// Something that happens to \c module (a router or a node) at \c port.
struct Event {
  uint32_t module = 0;
  uint16_t port = 0;
  EventKind kind = EventKind::WakeRouter;
  Flit flit;
};

class EventWheel {
public:
  static constexpr uint64_t never = UINT64_MAX;

  /// Events up to \p span cycles ahead are cheap; others are possible.
  explicit EventWheel(uint64_t span = 1)
      : slots(std::bit_ceil(std::max<uint64_t>(span + 1, 1024))),
        occupied(slots.size() / 64), mask(slots.size() - 1) {}

  uint64_t now() const { return time; }
  bool empty() const { return waiting == 0; }

  /// \p cycle is later than now().
  void push(uint64_t cycle, const Event &event) {
    ++waiting;
    if (cycle - time > mask) {
      far.push({cycle, event});
      return;
    }
    const uint64_t slot = cycle & mask;
    slots[slot].push_back(event);
    occupied[slot / 64] |= uint64_t(1) << (slot % 64);
  }

  /// Goes to the next cycle in which something is due, and returns all of it;
  /// valid until the next call. The wheel must not be empty.
  std::vector<Event> &advance() {
    due.clear();
    uint64_t next = far.empty() ? never : far.top().cycle;
    next = std::min(next, nextInSlots());
    time = next;
    const uint64_t slot = time & mask;
    due.swap(slots[slot]);
    occupied[slot / 64] &= ~(uint64_t(1) << (slot % 64));
    for (; !far.empty() && far.top().cycle == time; far.pop())
      due.push_back(far.top().event);
    waiting -= due.size();
    return due;
  }

  /// Back to cycle 0, without events.
  void reset() {
    for (std::vector<Event> &slot : slots)
      slot.clear();
    std::fill(occupied.begin(), occupied.end(), 0);
    far = {};
    time = waiting = 0;
  }

private:
  struct Far {
    uint64_t cycle;
    Event event;
    bool operator<(const Far &other) const { return cycle > other.cycle; }
  };

  uint64_t nextInSlots() const {
    const uint64_t first = time + 1;
    const std::size_t words = occupied.size();
    std::size_t word = (first & mask) / 64;
    uint64_t bits = occupied[word] & (~uint64_t(0) << (first % 64));
    // Once round: the first word is looked at twice, its low bits at the end.
    for (std::size_t k = 0; k <= words; ++k) {
      if (bits != 0) {
        const uint64_t slot = word * 64 + uint64_t(std::countr_zero(bits));
        return first + ((slot - first) & mask);
      }
      word = word + 1 == words ? 0 : word + 1;
      bits = occupied[word];
    }
    return never;
  }

  std::vector<std::vector<Event>> slots;
  std::vector<uint64_t> occupied; ///< a bit a slot
  uint64_t mask;
  std::priority_queue<Far> far;
  std::vector<Event> due;
  uint64_t time = 0, waiting = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_EVENTWHEEL_H
