//===- base/Random.h - Random numbers from counters -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every random number is a pure function of (seed, stream, counter). There is
// no state to share, so results do not depend on the order in which numbers
// are drawn, hence not on threads.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_RANDOM_H
#define HILLOCK_BASE_RANDOM_H

#include <cstdint>

namespace hillock {

/// SplitMix64 (Steele, Lea, Flood 2014): increment and finaliser.
constexpr uint64_t sm64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// The hash from which the common benchmark networks are made; its constants
/// are part of the workloads' definition and must not change.
constexpr uint64_t H(uint64_t stream, uint64_t i) {
  return sm64(sm64(0x5EED2026u + stream) + i);
}

/// A seeded generator: number \p i of a stream by at(i), or one after the
/// other by next().
class CounterRandom {
public:
  constexpr explicit CounterRandom(uint64_t seed, uint64_t stream = 0)
      : key(sm64(sm64(seed) + stream)) {}

  /// 64 random bits, those of counter \p i.
  constexpr uint64_t at(uint64_t i) const { return sm64(key + i); }
  /// Uniform in [0, 1), a multiple of 2^-53.
  constexpr double uniformAt(uint64_t i) const { return toUnit(at(i)); }
  /// True with probability \p p; never for p <= 0, always for p >= 1.
  constexpr bool bernoulliAt(uint64_t i, double p) const {
    return uniformAt(i) < p;
  }

  constexpr uint64_t next() { return at(counter++); }
  constexpr double uniform() { return toUnit(next()); }
  constexpr bool bernoulli(double p) { return uniform() < p; }
  /// Uniform in 0 .. bound-1 (bound > 0), without modulo bias beyond 2^-32
  /// for bounds below 2^32.
  constexpr uint64_t below(uint64_t bound) {
    if (bound <= (uint64_t{1} << 32))
      return ((next() >> 32) * bound) >> 32;
    return next() % bound;
  }

private:
  static constexpr double toUnit(uint64_t bits) {
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
  }

  uint64_t key;
  uint64_t counter = 0;
};

} // namespace hillock

#endif // HILLOCK_BASE_RANDOM_H
