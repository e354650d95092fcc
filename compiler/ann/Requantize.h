//===- compiler/ann/Requantize.h - Scaling by integers ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one definition of how a 32-bit sum becomes a code (docs/int4.md): exact
// product, one rounding to nearest with ties upward, zero point, clamp.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_REQUANTIZE_H
#define HILLOCK_COMPILER_ANN_REQUANTIZE_H

#include <cmath>
#include <cstdint>
#include <optional>

namespace hillock::ann {

/// mantissa / 2^shift. The mantissa is 0 or 2^30 .. 2^31 - 1, the shift 1..62.
struct Multiplier {
  int32_t mantissa = 0;
  int32_t shift = 1;
  bool operator==(const Multiplier &) const = default;
};

/// The multiplier nearest to \p ratio >= 0; 0 for what is below 2^-32, nothing
/// for 2^30 and more or what is no number.
inline std::optional<Multiplier> multiplierOf(double ratio) {
  if (!(ratio >= 0) || ratio >= 0x1p30)
    return std::nullopt;
  if (ratio < 0x1p-32)
    return Multiplier{};
  int exponent = 0;
  double mantissa =
      std::nearbyint(std::ldexp(std::frexp(ratio, &exponent), 31));
  if (mantissa == 0x1p31) {
    mantissa = 0x1p30;
    ++exponent;
  }
  return Multiplier{static_cast<int32_t>(mantissa), 31 - exponent};
}

/// floor(x * m / 2^s + 1/2): the product has at most 62 bits and a sign.
constexpr int64_t scaled(int32_t x, Multiplier m) {
  return (int64_t{x} * m.mantissa + (int64_t{1} << (m.shift - 1))) >> m.shift;
}

constexpr int32_t clampCode(int64_t code, int32_t low, int32_t high) {
  return code < low ? low : code > high ? high : static_cast<int32_t>(code);
}

constexpr int32_t requantize(int32_t sum, Multiplier m, int32_t zero,
                             int32_t low, int32_t high) {
  return clampCode(zero + scaled(sum, m), low, high);
}

/// Two factors for the sum of two values: a * mantissaA + b * mantissaB, both
/// below 2^20 so that codes of 8 bits sum in 32, rounded once as above.
struct PairMultiplier {
  int32_t a = 0, b = 0;
  int32_t shift = 1; ///< 1..30
};

inline std::optional<PairMultiplier> pairMultiplierOf(double a, double b) {
  const double top = a > b ? a : b;
  if (!(a >= 0) || !(b >= 0) || !(top < 0x1p18))
    return std::nullopt;
  int exponent = 0;
  std::frexp(top, &exponent); // top < 2^exponent
  int shift = 20 - exponent;
  shift = shift > 30 ? 30 : shift;
  const auto factor = [&](double x) {
    const double f = std::nearbyint(std::ldexp(x, shift));
    return static_cast<int32_t>(f >= 0x1p20 ? 0x1p20 - 1 : f);
  };
  return PairMultiplier{factor(a), factor(b), shift};
}

constexpr int32_t addScaled(int32_t a, int32_t b, PairMultiplier m,
                            int32_t zero, int32_t low, int32_t high) {
  const int32_t sum = a * m.a + b * m.b;
  return clampCode(
      int64_t{zero} +
          ((int64_t{sum} + (int64_t{1} << (m.shift - 1))) >> m.shift),
      low, high);
}

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_REQUANTIZE_H
