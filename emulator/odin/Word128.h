//===- emulator/odin/Word128.h - A neuron's word ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_WORD128_H
#define HILLOCK_EMULATOR_ODIN_WORD128_H

#include <cstdint>

namespace hillock::emu::odin {

/// 128 bits; ODIN's neurons fill them, tinyODIN's the lowest 32.
struct Word128 {
  uint64_t lo = 0, hi = 0;

  bool bit(unsigned index) const {
    return ((index < 64 ? lo >> index : hi >> (index - 64)) & 1) != 0;
  }
  /// Bits low + width - 1 down to low; width is at most 32.
  uint32_t bits(unsigned low, unsigned width) const {
    uint64_t value;
    if (low >= 64)
      value = hi >> (low - 64);
    else if (low + width <= 64)
      value = lo >> low;
    else
      value = lo >> low | hi << (64 - low);
    return static_cast<uint32_t>(value & ((uint64_t(1) << width) - 1));
  }
  /// No field that is written straddles the two halves.
  void set(unsigned low, unsigned width, uint32_t value) {
    uint64_t &half = low < 64 ? lo : hi;
    unsigned shift = low % 64;
    uint64_t mask = ((uint64_t(1) << width) - 1) << shift;
    half = (half & ~mask) | ((uint64_t(value) << shift) & mask);
  }
  uint8_t byte(unsigned index) const {
    return static_cast<uint8_t>(bits(8 * index, 8));
  }
  bool operator==(const Word128 &) const = default;
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_WORD128_H
