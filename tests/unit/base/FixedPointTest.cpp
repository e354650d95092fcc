//===- tests/unit/base/FixedPointTest.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/FixedPoint.h"
#include "base/Random.h"
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hillock {
namespace {

// All of it is usable at compile time.
static_assert(wrap(128, 7) == -128 && wrap(-129, 7) == 127);
static_assert(decayTowardZero(-8388607, 4096 - 50) == -8286207);
static_assert(saturate(1000, 7) == 127 && roundHalfEven(2.5) == 2);

nlohmann::json golden(const char *table) {
  const char *data = std::getenv("HILLOCK_DATA");
  if (!data)
    return {};
  std::ifstream file(std::string(data) +
                     "/loihi/loihi_golden_nengo_functions.json");
  if (!file)
    return {};
  return nlohmann::json::parse(file).at("functions").at(table);
}

TEST(FixedPoint, DecayEqualsNengoLoihi) {
  const nlohmann::json cases = golden("decay_int");
  if (cases.empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  EXPECT_EQ(cases.size(), 368u);
  for (const auto &one : cases) {
    const int64_t x = one["x"], decay = one["decay"], offset = one["offset"];
    const auto factor = static_cast<uint64_t>(4096 - decay - offset);
    EXPECT_EQ(decayTowardZero(x, factor), one["y"].get<int64_t>()) << one;
  }
}

TEST(FixedPoint, WrapEqualsNengoLoihi) {
  const nlohmann::json cases = golden("overflow_signed");
  if (cases.empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  EXPECT_EQ(cases.size(), 39u);
  for (const auto &one : cases) {
    const int64_t x = one["x"];
    const unsigned bits = one["bits"];
    EXPECT_EQ(wrap(x, bits), one["y"].get<int64_t>()) << one;
    EXPECT_EQ(!fits(x, bits), one["overflowed"].get<bool>()) << one;
  }
}

TEST(FixedPoint, ExtremesAreDefined) {
  constexpr int64_t lowest = std::numeric_limits<int64_t>::min();
  constexpr int64_t highest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(wrap(lowest, 62), 0); // -2^63 = -2^63 mod 2^63
  EXPECT_EQ(wrap(highest, 62), -1);
  EXPECT_EQ(magnitude(lowest), uint64_t{1} << 63);
  EXPECT_EQ(shiftRightTowardZero(lowest, 63), -1);
  EXPECT_EQ(shiftRightFloor(-1, 200), -1);
  EXPECT_EQ(shiftLeft(1, 64), 0);
  EXPECT_EQ(scaleByPowerOfTwo(-5, -1), -3);
  EXPECT_EQ(scaleByPowerOfTwo(-5, 2), -20);
  EXPECT_EQ(scaleByPowerOfTwo(-5, std::numeric_limits<int>::min()), -1);
  EXPECT_EQ(saturate(lowest, 20), -(1 << 20));
  EXPECT_EQ(clampTo(7, -3, 5), 5);
}

TEST(FixedPoint, RoundsTiesToEven) {
  EXPECT_EQ(roundHalfEven(0.5), 0);
  EXPECT_EQ(roundHalfEven(1.5), 2);
  EXPECT_EQ(roundHalfEven(-0.5), 0);
  EXPECT_EQ(roundHalfEven(-1.5), -2);
  EXPECT_EQ(roundHalfEven(-2.5), -2);
  EXPECT_EQ(roundHalfEven(0.49999999999999994), 0);
  EXPECT_EQ(roundHalfEven(1e300), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(roundHalfEven(-1e300), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(roundHalfEven(std::nan("")), 0);
  // The C library rounds so too in its default mode.
  for (int i = -400; i <= 400; ++i)
    EXPECT_EQ(roundHalfEven(i / 8.0), std::lrint(i / 8.0)) << i;
  for (int i = -400; i <= 400; ++i)
    EXPECT_EQ(shiftRightHalfEven(i, 3), std::lrint(i / 8.0)) << i;
}

TEST(Random, IsSplitMix64) {
  // First outputs of the published generator with seed 0.
  EXPECT_EQ(sm64(0), 0xE220A8397B1DCDAFu);
  EXPECT_EQ(sm64(0x9E3779B97F4A7C15u), 0x6E789E6AA1B965F4u);
  EXPECT_EQ(sm64(2 * 0x9E3779B97F4A7C15u), 0x06C45D188009454Fu);
}

TEST(Random, GivesTheWorkloadsTheirInput) {
  // Workload W1: 784 inputs, 1000 steps, p = 0.2, 156,830 spikes.
  int64_t spikes = 0;
  for (uint64_t i = 0; i < 784 * 1000; ++i)
    spikes += (H(3, i) >> 32) < 858993459;
  EXPECT_EQ(spikes, 156830);
}

TEST(Random, IsUniformAndAddressable) {
  CounterRandom random(7, 3);
  double sum = 0, squares = 0;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / count, 0.5, 0.005);
  EXPECT_NEAR(squares / count, 1 / 3.0, 0.005);
  CounterRandom again(7, 3);
  (void)again.next();
  EXPECT_EQ(again.next(), CounterRandom(7, 3).at(1));
  EXPECT_NE(CounterRandom(7, 4).at(1), CounterRandom(7, 3).at(1));
  EXPECT_FALSE(random.bernoulli(0));
  EXPECT_TRUE(random.bernoulli(1));
  for (int i = 0; i < 1000; ++i)
    EXPECT_LT(random.below(10), 10u);
}

} // namespace
} // namespace hillock
