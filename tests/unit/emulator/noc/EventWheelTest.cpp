//===- tests/unit/emulator/noc/EventWheelTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/EventWheel.h"
#include "base/Random.h"
#include <gtest/gtest.h>
#include <map>

using namespace hillock;
using namespace hillock::emu;

namespace {

// Against a sorted map, with delays below, at and beyond the size of the wheel.
TEST(EventWheel, GivesEverythingInItsCycle) {
  CounterRandom random(7);
  EventWheel wheel(10);
  std::multimap<uint64_t, uint32_t> expected;
  uint32_t next = 0;
  auto add = [&](uint64_t delay) {
    expected.emplace(wheel.now() + delay, next);
    wheel.push(wheel.now() + delay, {next++, 0, {}});
  };
  add(1);
  for (int round = 0; round < 20000 && !wheel.empty(); ++round) {
    std::vector<uint32_t> got;
    for (const Event &event : wheel.advance())
      got.push_back(event.tile);
    ASSERT_EQ(wheel.now(), expected.begin()->first);
    std::vector<uint32_t> wanted;
    while (!expected.empty() && expected.begin()->first == wheel.now()) {
      wanted.push_back(expected.begin()->second);
      expected.erase(expected.begin());
    }
    std::sort(got.begin(), got.end());
    std::sort(wanted.begin(), wanted.end());
    ASSERT_EQ(got, wanted);
    static constexpr uint64_t ranges[] = {2, 70, 4095, 4097, 100000};
    for (uint64_t k = expected.size() < 200 ? random.below(4) : 0; k > 0; --k)
      add(1 + random.below(ranges[random.below(5)]));
    if (expected.empty())
      add(1);
  }
  EXPECT_GT(next, 10000u);
}

TEST(EventWheel, ReachesExactlyItsSpan) {
  EventWheel wheel(1);
  for (uint64_t delay : {4095, 4096, 4097}) {
    const uint64_t from = wheel.now();
    wheel.push(from + delay, {});
    EXPECT_EQ(wheel.advance().size(), 1u);
    EXPECT_EQ(wheel.now(), from + delay);
    EXPECT_TRUE(wheel.empty());
  }
}

} // namespace
