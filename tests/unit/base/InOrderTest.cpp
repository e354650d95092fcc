//===- tests/unit/base/InOrderTest.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/InOrder.h"
#include <atomic>
#include <gmock/gmock.h>
#include <memory>
#include <numeric>

using namespace hillock;
using ::testing::HasSubstr;

namespace {

TEST(InOrder, UsesEveryItemOnceAndInOrder) {
  for (const unsigned threads : {1u, 2u, 5u})
    for (const size_t count : {size_t{0}, size_t{1}, size_t{3}, size_t{1000}}) {
      std::vector<size_t> seen;
      std::atomic<size_t> made = 0, furthest = 0;
      const auto make = [&](size_t item) -> Expected<size_t> {
        ++made;
        for (size_t is = furthest; is < item;)
          if (furthest.compare_exchange_weak(is, item))
            break;
        return item * item;
      };
      const auto use = [&](size_t item, size_t square) {
        EXPECT_EQ(square, item * item);
        EXPECT_LE(furthest, item + 2 * threads); // what waits is bounded
        seen.push_back(item);
        return Error::success();
      };
      ASSERT_FALSE(bool(InOrder<size_t>::run(count, threads, make, use)));
      std::vector<size_t> all(count);
      std::iota(all.begin(), all.end(), size_t{0});
      EXPECT_EQ(seen, all);
      EXPECT_EQ(made, count);
    }
}

TEST(InOrder, TheFirstErrorInOrderIsTold) {
  for (const unsigned threads : {1u, 4u}) {
    size_t used = 0;
    const auto make = [](size_t item) -> Expected<int> {
      if (item >= 7)
        return inputError("item " + std::to_string(item));
      return 1;
    };
    const auto use = [&](size_t, int one) {
      used += static_cast<size_t>(one);
      return Error::success();
    };
    EXPECT_THAT(takeText(InOrder<int>::run(100, threads, make, use)),
                HasSubstr("item 7"));
    EXPECT_EQ(used, 7u);
    const auto refuse = [](size_t item, int) -> Error {
      return item == 3 ? inputError("no room") : Error::success();
    };
    EXPECT_THAT(
        takeText(InOrder<int>::run(
            5, threads, [](size_t) -> Expected<int> { return 0; }, refuse)),
        HasSubstr("no room"));
  }
}

TEST(InOrder, EndsAtTheFirstEmptyItem) {
  for (const unsigned threads : {1u, 2u, 5u})
    for (const size_t count : {size_t{0}, size_t{1}, size_t{300}}) {
      std::vector<size_t> seen;
      std::atomic<size_t> furthest = 0;
      const auto make = [&](size_t item) -> Expected<std::unique_ptr<size_t>> {
        for (size_t is = furthest; is < item;)
          if (furthest.compare_exchange_weak(is, item))
            break;
        if (item >= count)
          return nullptr;
        return std::make_unique<size_t>(item);
      };
      const auto use = [&](size_t item, std::unique_ptr<size_t> made) {
        EXPECT_EQ(*made, item);
        EXPECT_LE(furthest, item + 2); // three items at a time
        seen.push_back(item);
        return Error::success();
      };
      ASSERT_FALSE(bool(
          InOrder<std::unique_ptr<size_t>>::runToEmpty(threads, 3, make, use)));
      std::vector<size_t> all(count);
      std::iota(all.begin(), all.end(), size_t{0});
      EXPECT_EQ(seen, all);
    }
}

} // namespace
