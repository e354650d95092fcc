//===- tests/unit/base/DescribeTest.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Progress.h"
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <set>

namespace hillock {
namespace {

TEST(Describe, Numbers) {
  EXPECT_EQ(withSeparators(uint64_t{0}), "0");
  EXPECT_EQ(withSeparators(uint64_t{999}), "999");
  EXPECT_EQ(withSeparators(uint64_t{1000}), "1,000");
  EXPECT_EQ(withSeparators(~uint64_t{0}), "18,446,744,073,709,551,615");
  EXPECT_EQ(withSeparators(int64_t{-1234567}), "-1,234,567");
  EXPECT_EQ(withSeparators(std::numeric_limits<int64_t>::min()),
            "-9,223,372,036,854,775,808");
  EXPECT_EQ(describeCount(1, "neuron"), "1 neuron");
  EXPECT_EQ(describeCount(4096, "synapse"), "4,096 synapses");
  EXPECT_EQ(describeCount(2, "entry", "entries"), "2 entries");
}

TEST(Describe, Sizes) {
  EXPECT_EQ(describeBytes(1), "1 byte");
  EXPECT_EQ(describeBytes(1023), "1,023 bytes");
  EXPECT_EQ(describeBytes(1536), "1.5 KiB");
  EXPECT_EQ(describeBytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(describeBytes(~uint64_t{0}), "16.0 EiB");
  EXPECT_EQ(describeBits(1), "1 bit");
  EXPECT_EQ(describeBits(1 << 20), "1,048,576 bits (128.0 KiB)");
}

TEST(Describe, PlacesShapesAndLists) {
  EXPECT_EQ(describeCore(0, 3, 2), "core (chip 0, tile 3, core 2)");
  EXPECT_EQ(describeShape({2, 34, 34}), "(2, 34, 34)");
  EXPECT_EQ(describeShape({}), "()");
  EXPECT_EQ(describeList({}), "none");
  EXPECT_EQ(describeList({"a"}), "a");
  EXPECT_EQ(describeList({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(describeList({"a", "b", "c", "d", "e"}), "a, b, c and 2 more");
  EXPECT_EQ(describeList({"a", "b"}, 0), "a and 1 more");
}

TEST(Describe, Seconds) {
  EXPECT_EQ(describeSeconds(0.5), "0.5 s");
  EXPECT_EQ(describeSeconds(83.2), "1 min 23 s");
  EXPECT_EQ(describeSeconds(7330), "2 h 02 min");
  EXPECT_EQ(describeSeconds(-1), "unknown time");
}

TEST(Describe, ClosestMatch) {
  const std::vector<std::string> known = {"loihi", "spinnaker", "odin"};
  EXPECT_EQ(closestMatch("lohi", known), "loihi");
  EXPECT_EQ(closestMatch("Loihi", known), "loihi");
  EXPECT_EQ(closestMatch("lioihi", known), "loihi");
  EXPECT_EQ(closestMatch("spinaker", known), "spinnaker");
  EXPECT_EQ(closestMatch("truenorth", known), std::nullopt);
  EXPECT_EQ(closestMatch("", known), std::nullopt);
  EXPECT_EQ(closestMatch("x", {"y"}), std::nullopt);
  EXPECT_EQ(closestMatch(std::string(100000, 'x'), known), std::nullopt);
  EXPECT_EQ(didYouMean("lohi", known), "did you mean 'loihi'?");
  EXPECT_EQ(didYouMean("zzz", known), "known are loihi, spinnaker and odin");
  EXPECT_EQ(didYouMean("zzz", {}), "");
}

TEST(Parallel, VisitsEachIndexOnceWithAnyNumberOfThreads) {
  for (unsigned threads : {0u, 1u, 2u, 3u, 8u, 100u}) {
    std::vector<std::atomic<int>> visits(37);
    parallelFor(-5, 32, threads,
                [&](int64_t i) { ++visits[static_cast<size_t>(i + 5)]; });
    for (auto &count : visits)
      EXPECT_EQ(count, 1);
  }
  parallelFor(3, 3, 4, [](int64_t) { FAIL(); });
  parallelFor(3, -3, 4, [](int64_t) { FAIL(); });
}

TEST(Parallel, SplitsAlwaysAlike) {
  std::set<std::pair<int64_t, int64_t>> chunks;
  std::mutex mutex;
  parallelChunks(0, 10, 4, [&](int64_t first, int64_t last, unsigned) {
    std::lock_guard<std::mutex> guard(mutex);
    chunks.emplace(first, last);
  });
  const std::set<std::pair<int64_t, int64_t>> expected = {
      {0, 3}, {3, 6}, {6, 8}, {8, 10}};
  EXPECT_EQ(chunks, expected);
}

TEST(Progress, DrawsALine) {
  EXPECT_EQ(Progress::line("eval", 5, 10, 2.0, 60),
            "eval [============>            ]  50% 5/10, 2.5/s, ETA 2.0 s");
  EXPECT_EQ(Progress::line("eval", 5, 10, 2.0, 20), "eval  50% 5/10, 2.5/");
  EXPECT_EQ(Progress::line("read", 1234, 0, 1.0, 80), "read 1,234, 1,234/s");
  EXPECT_EQ(Progress::line("eval", 0, 10, 0.0, 20), "eval   0% 0/10");
}

TEST(Progress, CountsInSilence) {
  testing::internal::CaptureStderr();
  {
    Progress progress("x", 100, Progress::Show::Never);
    parallelFor(0, 100, 4, [&](int64_t) { progress.advance(); });
    EXPECT_EQ(progress.done(), 100u);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

} // namespace
} // namespace hillock
