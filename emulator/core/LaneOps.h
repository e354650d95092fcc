//===- emulator/core/LaneOps.h - Scalar meaning of opcodes ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each opcode's arithmetic as the lane loops do it: free of undefined behaviour
// for any operands, without branches, so that the compiler can vectorize it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_LANEOPS_H
#define HILLOCK_EMULATOR_CORE_LANEOPS_H

#include "emulator/core/Simd.h"
#include <cstdint>

namespace hillock::emu::lane {

HILLOCK_INLINE uint32_t bits(int32_t x) { return static_cast<uint32_t>(x); }
HILLOCK_INLINE int32_t value(uint32_t x) { return static_cast<int32_t>(x); }
HILLOCK_INLINE uint32_t magnitude(int32_t x) {
  return x < 0 ? 0u - bits(x) : bits(x);
}

HILLOCK_INLINE int32_t add(int32_t a, int32_t b) {
  return value(bits(a) + bits(b));
}
HILLOCK_INLINE int32_t sub(int32_t a, int32_t b) {
  return value(bits(a) - bits(b));
}
HILLOCK_INLINE int32_t mul(int32_t a, int32_t b) {
  return value(bits(a) * bits(b));
}
HILLOCK_INLINE int32_t shl(int32_t a, int32_t b) {
  return value(bits(a) << (bits(b) & 31));
}
HILLOCK_INLINE int32_t shr(int32_t a, int32_t b) {
  return a >> (bits(b) & 31); // arithmetic since C++20
}
HILLOCK_INLINE int32_t decay(int32_t a, int32_t b, int32_t shift) {
  uint64_t product = uint64_t(magnitude(a)) * magnitude(b);
  uint32_t result = static_cast<uint32_t>(product >> (shift & 63));
  return value((a ^ b) < 0 ? 0u - result : result);
}
/// decay() where |b| <= 2^shift and shift <= 15: with |a| = h 2^shift + l the
/// result is h |b| + (l |b| >> shift), which needs 32 bits only.
HILLOCK_INLINE int32_t decaySmall(int32_t a, int32_t b, int32_t shift) {
  uint32_t m = magnitude(a), f = magnitude(b);
  uint32_t high = m >> shift, low = m & ((1u << shift) - 1);
  uint32_t result = high * f + ((low * f) >> shift);
  return value((a ^ b) < 0 ? 0u - result : result);
}
HILLOCK_INLINE int32_t mulShr(int32_t a, int32_t b, int32_t shift) {
  int64_t product = int64_t(a) * b;
  return value(static_cast<uint32_t>(uint64_t(product >> (shift & 63))));
}
/// \p bits value bits and a sign, by moving them to the top and back.
HILLOCK_INLINE int32_t wrap(int32_t a, int32_t valueBits) {
  int32_t up = valueBits >= 31 ? 0 : (31 - valueBits) & 31;
  return value(bits(a) << up) >> up;
}

} // namespace hillock::emu::lane

#endif // HILLOCK_EMULATOR_CORE_LANEOPS_H
