//===- tests/unit/emulator/noc/CreditsTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Credits.h"
#include "base/Random.h"
#include <gtest/gtest.h>
#include <queue>

using namespace hillock;
using namespace hillock::emu;

namespace {

// Against a queue of all places, those never used as of cycle 0.
TEST(Credits, GivesPlacesInTheirOrder) {
  for (uint32_t places : {1u, 2u, 7u}) {
    CounterRandom random(places);
    Credits credits(places);
    std::queue<uint64_t> expected;
    uint32_t taken = 0;
    uint64_t from = 0;
    for (uint32_t p = 0; p < places; ++p)
      expected.push(0);
    for (int round = 0; round < 1000; ++round) {
      ASSERT_EQ(credits.freeFrom(),
                expected.empty() ? Credits::never : expected.front());
      if (!expected.empty() && random.below(2)) {
        credits.take();
        expected.pop();
        ++taken;
      } else if (taken > 0) {
        from += random.below(3);
        credits.give(from);
        expected.push(from);
        --taken;
      }
    }
    credits.reset();
    for (uint32_t p = 0; p < places; ++p) {
      ASSERT_EQ(credits.freeFrom(), 0u);
      credits.take();
    }
    ASSERT_EQ(credits.freeFrom(), Credits::never);
  }
}

} // namespace
