//===- base/FixedPoint.h - Integer arithmetic of chips ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few integer operations of which neuromorphic datapaths are made. A field
// of "b bits" here is b value bits plus one sign bit, the way the Loihi
// literature counts (the 23-bit current register holds -2^23 .. 2^23-1).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_FIXEDPOINT_H
#define HILLOCK_BASE_FIXEDPOINT_H

#include <cstdint>
#include <limits>

namespace hillock {

/// Two's complement wrap to \p bits value bits and a sign:
/// ((x + 2^b) mod 2^(b+1)) - 2^b. \p bits is 0..62.
constexpr int64_t wrap(int64_t x, unsigned bits) {
  const uint64_t half = uint64_t{1} << bits;
  // Unsigned arithmetic is modulo 2^64, of which 2^(b+1) is a divisor.
  const uint64_t shifted = (static_cast<uint64_t>(x) + half) & (2 * half - 1);
  return static_cast<int64_t>(shifted) - static_cast<int64_t>(half);
}

/// True when \p x is unchanged by wrap() and saturate() to \p bits (0..62).
constexpr bool fits(int64_t x, unsigned bits) {
  const int64_t half = int64_t{1} << bits;
  return x >= -half && x < half;
}

/// Clamps to -2^b .. 2^b - 1. \p bits is 0..62.
constexpr int64_t saturate(int64_t x, unsigned bits) {
  const int64_t half = int64_t{1} << bits;
  return x < -half ? -half : x >= half ? half - 1 : x;
}

/// Clamps to \p low .. \p high (low <= high).
constexpr int64_t clampTo(int64_t x, int64_t low, int64_t high) {
  return x < low ? low : x > high ? high : x;
}

/// |x| without overflow at the smallest int64_t.
constexpr uint64_t magnitude(int64_t x) {
  return x < 0 ? uint64_t{0} - static_cast<uint64_t>(x)
               : static_cast<uint64_t>(x);
}

/// sgn(x) * ((|x| * factor) >> shift): exponential decay that rounds toward
/// zero, so that positive and negative charge fade alike (the decay of Loihi's
/// current and voltage, with shift 12 and factor 4096 - decay; nengo-loihi
/// block emulation `decay_int`). |x| * factor must fit 64 bits.
constexpr int64_t decayTowardZero(int64_t x, uint64_t factor,
                                  unsigned shift = 12) {
  const auto kept = static_cast<int64_t>((magnitude(x) * factor) >> shift);
  return x < 0 ? -kept : kept;
}

/// Right shift that rounds toward minus infinity. A shift of 63 or more leaves
/// the sign only.
constexpr int64_t shiftRightFloor(int64_t x, unsigned shift) {
  return x >> (shift > 63 ? 63 : shift);
}

/// Right shift that rounds toward zero.
constexpr int64_t shiftRightTowardZero(int64_t x, unsigned shift) {
  if (shift > 63)
    return 0;
  const auto kept = static_cast<int64_t>(magnitude(x) >> shift);
  return x < 0 ? -kept : kept;
}

/// Right shift that rounds to nearest, ties to the even result.
constexpr int64_t shiftRightHalfEven(int64_t x, unsigned shift) {
  if (shift == 0)
    return x;
  if (shift > 63)
    return 0;
  const int64_t floor = x >> shift;
  const uint64_t rest = static_cast<uint64_t>(x) & ((uint64_t{1} << shift) - 1);
  const uint64_t half = uint64_t{1} << (shift - 1);
  const bool up = rest > half || (rest == half && (floor & 1));
  return floor + (up ? 1 : 0);
}

/// Left shift of any integer; bits that leave the 64 are lost, as in hardware.
constexpr int64_t shiftLeft(int64_t x, unsigned shift) {
  return shift > 63 ? 0
                    : static_cast<int64_t>(static_cast<uint64_t>(x) << shift);
}

/// Scales by 2^exponent: left when positive, floor when negative.
constexpr int64_t scaleByPowerOfTwo(int64_t x, int exponent) {
  return exponent >= 0
             ? shiftLeft(x, static_cast<unsigned>(exponent))
             : shiftRightFloor(x, static_cast<unsigned>(-(exponent + 1)) + 1);
}

/// The integer nearest to \p x, ties to even (numpy.round, torch.round).
/// Saturates at the ends of int64_t; a NaN gives 0. Independent of the
/// floating-point environment.
constexpr int64_t roundHalfEven(double x) {
  if (x != x)
    return 0;
  if (x >= 9223372036854775808.0)
    return std::numeric_limits<int64_t>::max();
  if (x < -9223372036854775808.0)
    return std::numeric_limits<int64_t>::min();
  auto whole = static_cast<int64_t>(x); // toward zero
  // Exact: beyond 2^53 the difference is 0, below it the subtraction is exact.
  const double rest = x - static_cast<double>(whole);
  if (rest > 0.5 || (rest == 0.5 && (whole & 1)))
    ++whole;
  else if (rest < -0.5 || (rest == -0.5 && (whole & 1)))
    --whole;
  return whole;
}

} // namespace hillock

#endif // HILLOCK_BASE_FIXEDPOINT_H
