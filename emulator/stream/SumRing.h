//===- emulator/stream/SumRing.h - Sums in few bits -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sums of steps to come, as Ring in emulator/core, of 8, 16 or 32 bits: all
// that a step of a large network does is move memory, so sums are as narrow as
// the synapses of the worst lane allow if all of them are hit at once. Weights
// that are multiples of a power of two are counted in it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_SUMRING_H
#define HILLOCK_EMULATOR_STREAM_SUMRING_H

#include "base/HugeArray.h"
#include <cstddef>
#include <cstdint>

namespace hillock::emu {

struct Kernels;

struct SumFormat {
  unsigned bytes = 4; ///< 1, 2 or 4
  uint32_t shift = 0; ///< a sum counts 1 << shift; 0 for 4 bytes

  /// The narrowest that holds sums of multiples of 1 << \p shift up to
  /// \p largest on both sides.
  static SumFormat holding(uint64_t largest, uint32_t shift);
};

class SumRing {
public:
  /// All 0; \p lanes is a multiple of lanePadding, \p slots a power of two.
  SumRing(size_t lanes, uint64_t slots, SumFormat format);

  SumFormat format() const { return now; }
  size_t slotBytes() const { return lanes * now.bytes; }
  /// Type has format().bytes bytes.
  template <typename Type> Type *slot(uint64_t step) {
    return memory.as<Type>() + (step & mask) * lanes;
  }
  /// \p count sums of a slot from lane \p first as 32-bit values: where they
  /// lie, or \p room, a cache line's multiple, to which they were copied.
  const int32_t *read(uint64_t step, size_t first, uint32_t count,
                      const Kernels &kernels, int32_t *room) const;
  /// Forgets the sums of a step.
  void clear(uint64_t step);
  void clear();
  /// Goes on in 32 bits, for sums that the format was not chosen for.
  void makeWide();

private:
  HugeArray memory;
  size_t lanes;
  uint64_t mask;
  SumFormat now;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_SUMRING_H
