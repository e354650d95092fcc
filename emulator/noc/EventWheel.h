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

/// A flit arrives at input \c port of router \c tile, or the router wakes up.
struct Event {
  static constexpr uint32_t wake = UINT32_MAX;
  uint32_t tile = 0;
  uint32_t port = wake;
  Flit flit;
};

class EventWheel {
public:
  static constexpr uint64_t never = UINT64_MAX;

  /// Events up to \p span cycles ahead are cheap; others are possible.
  explicit EventWheel(uint64_t span = 1)
      : slots(std::bit_ceil(std::max<uint64_t>(span + 1, least)), none),
        occupied(slots.size() / 64), summary((occupied.size() + 63) / 64),
        mask(slots.size() - 1) {}

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
    uint32_t place = unused;
    if (place == none) {
      place = static_cast<uint32_t>(places.size());
      places.emplace_back();
    } else {
      unused = places[place].next;
    }
    places[place] = {event, slots[slot]};
    slots[slot] = place;
    occupied[slot / 64] |= uint64_t(1) << (slot % 64);
    summary[slot / 4096] |= uint64_t(1) << (slot / 64 % 64);
  }

  /// Goes to the next cycle in which something is due, and returns all of it;
  /// valid until the next call. The wheel must not be empty.
  std::vector<Event> &advance() {
    due.clear();
    time = std::min(far.empty() ? never : far.top().cycle, nextInSlots());
    takeSlot(time & mask);
    for (; !far.empty() && far.top().cycle == time; far.pop())
      due.push_back(far.top().event);
    waiting -= due.size();
    return due;
  }

  /// Back to cycle 0, without events.
  void reset() {
    std::fill(slots.begin(), slots.end(), none);
    std::fill(occupied.begin(), occupied.end(), 0);
    std::fill(summary.begin(), summary.end(), 0);
    places.clear();
    unused = none;
    far = {};
    time = waiting = 0;
  }

private:
  static constexpr uint32_t none = UINT32_MAX;
  static constexpr uint64_t least = 4096; ///< slots: a word of the summary

  /// Events of a cycle are a list; so are places that are not used.
  struct Place {
    Event event;
    uint32_t next = none;
  };
  struct Far {
    uint64_t cycle;
    Event event;
    bool operator<(const Far &other) const { return cycle > other.cycle; }
  };

  void takeSlot(uint64_t slot) {
    for (uint32_t place = slots[slot]; place != none;) {
      Place &one = places[place];
      due.push_back(one.event);
      const uint32_t next = one.next;
      one.next = unused;
      unused = place;
      place = next;
    }
    slots[slot] = none;
    uint64_t &word = occupied[slot / 64];
    word &= ~(uint64_t(1) << (slot % 64));
    if (word == 0)
      summary[slot / 4096] &= ~(uint64_t(1) << (slot / 64 % 64));
  }

  /// The first word that is not 0 from \p word on, once round.
  std::size_t nextWord(std::size_t word) const {
    uint64_t bits = summary[word / 64] & (~uint64_t(0) << (word % 64));
    std::size_t at = word / 64;
    // The first is looked at twice, its low bits at the end.
    for (std::size_t k = 0; bits == 0 && k < summary.size(); ++k) {
      at = at + 1 == summary.size() ? 0 : at + 1;
      bits = summary[at];
    }
    return bits == 0 ? occupied.size()
                     : at * 64 + std::size_t(std::countr_zero(bits));
  }

  uint64_t nextInSlots() const {
    const uint64_t first = time + 1;
    std::size_t word = (first & mask) / 64;
    uint64_t bits = occupied[word] & (~uint64_t(0) << (first % 64));
    if (bits == 0) {
      word = nextWord(word + 1 == occupied.size() ? 0 : word + 1);
      if (word == occupied.size())
        return never;
      bits = occupied[word];
    }
    const uint64_t slot = word * 64 + uint64_t(std::countr_zero(bits));
    return first + ((slot - first) & mask);
  }

  std::vector<uint32_t> slots; ///< first place of each cycle's list
  std::vector<Place> places;
  uint32_t unused = none;
  std::vector<uint64_t> occupied; ///< a bit a slot
  std::vector<uint64_t> summary;  ///< a bit a word of occupied
  uint64_t mask;
  std::priority_queue<Far> far;
  std::vector<Event> due;
  uint64_t time = 0, waiting = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_EVENTWHEEL_H
