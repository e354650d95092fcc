//===- emulator/noc/Credits.h - Places of a receiver ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a sender knows of the buffer at the other end: how many of its places
// are free, and from which cycle on. Nothing has to happen in that cycle unless
// somebody waits for it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_CREDITS_H
#define HILLOCK_EMULATOR_NOC_CREDITS_H

#include <cstdint>
#include <vector>

namespace hillock::emu {

class Credits {
public:
  static constexpr uint64_t never = UINT64_MAX;

  explicit Credits(uint32_t places) : times(places), fresh(places) {}

  void reset() {
    fresh = static_cast<uint32_t>(times.size());
    first = count = 0;
  }
  /// First cycle in which a place can be taken; never: not before one is given
  /// back.
  uint64_t freeFrom() const {
    return fresh != 0 ? 0 : count != 0 ? times[first] : never;
  }
  /// Takes the place that is free first.
  void take() {
    if (fresh != 0) {
      --fresh;
      return;
    }
    first = wrapped(first + 1);
    --count;
  }
  /// A place is free from cycle \p from on; never falls from call to call.
  void give(uint64_t from) { times[wrapped(first + count++)] = from; }

private:
  uint32_t wrapped(uint32_t at) const {
    return at < times.size() ? at : at - static_cast<uint32_t>(times.size());
  }
  std::vector<uint64_t> times; ///< ring of places that were given back
  uint32_t fresh, first = 0, count = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_CREDITS_H
