//===- tests/differential/DifferentialTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// README.md says how to run more networks and how to replay a failure.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "runtime/programs/LibraryPrograms.h"
#include "tests/differential/Engines.h"
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>

using namespace hillock;
using namespace hillock::differential;

namespace {

uint64_t fromEnvironment(const char *name, uint64_t otherwise) {
  const char *text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The engine's name is what comes before the first colon.
std::vector<std::string> engineOf(const std::string &what) {
  const std::string name = what.substr(0, what.find(": "));
  // Two are needed to have different checkpoints.
  if (what.find("another checkpoint") != std::string::npos)
    return {engineNames().front(), name};
  return {name};
}

void reportFailure(uint64_t seed, const Spec &spec, const std::string &what) {
  const std::vector<std::string> only = engineOf(what);
  const Spec small = shrink(spec, [&](const Spec &candidate) {
    return !disagreement(candidate, only).empty();
  });
  const char *folder = std::getenv("HILLOCK_TMP");
  const std::string path = std::string(folder ? folder : ".") +
                           "/differential-" + std::to_string(seed) + ".json";
  const std::string text = toJson(small);
  if (Error error = writeFile(path, text))
    ADD_FAILURE() << takeText(std::move(error));
  ADD_FAILURE() << "network " << seed << ": " << what
                << "\nsmallest: " << disagreement(small, only) << "\nsaved as "
                << path << " (replay: HILLOCK_DIFFERENTIAL_REPLAY=" << path
                << ")";
}

TEST(Differential, AllEnginesAgreeOnRandomNetworks) {
  const uint64_t count = fromEnvironment("HILLOCK_DIFFERENTIAL_NETWORKS", 300);
  const uint64_t first = fromEnvironment("HILLOCK_DIFFERENTIAL_SEED", 1);
  const uint64_t stride =
      std::max<uint64_t>(fromEnvironment("HILLOCK_DIFFERENTIAL_JIT", 15), 1);
  uint64_t alive = 0, spikes = 0, messages = 0, failures = 0;
  std::set<std::string> models;
  for (uint64_t seed = first; seed < first + count && failures < 3; ++seed) {
    const Spec spec = randomSpec(seed);
    Trace expected;
    const std::string what =
        disagreement(spec, {}, &expected, seed % stride == 0);
    if (!what.empty()) {
      reportFailure(seed, spec, what);
      ++failures;
    }
    uint64_t own = 0;
    for (const auto &step : expected.spikes)
      own += step.size();
    for (const emu::CoreCounters &core : expected.counters)
      messages += core.axonsOut;
    alive += own > 0;
    spikes += own;
    for (const Core &core : spec.cores)
      models.insert(core.model);
  }
  std::printf("%llu networks, %llu with spikes, %llu spikes, %llu messages, "
              "%zu neuron models, %zu engines\n",
              static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(alive),
              static_cast<unsigned long long>(spikes),
              static_cast<unsigned long long>(messages), models.size(),
              engineNames().size());
  // Engines that agree on silence have shown nothing.
  if (count >= 100) {
    EXPECT_GT(alive, count * 8 / 10);
    EXPECT_EQ(models.size(), runtime::libraryProgramNames().size());
  }
}

TEST(Differential, SavedNetworks) {
  std::vector<std::string> paths;
  if (const char *path = std::getenv("HILLOCK_DIFFERENTIAL_REPLAY"))
    paths.push_back(path);
  for (const auto &entry :
       std::filesystem::directory_iterator(HILLOCK_DIFFERENTIAL_CASES))
    if (entry.path().extension() == ".json")
      paths.push_back(entry.path().string());
  for (const std::string &path : paths) {
    auto text = readFile(path);
    ASSERT_TRUE(bool(text)) << takeText(text.takeError());
    auto spec = fromJson(*text);
    ASSERT_TRUE(bool(spec)) << takeText(spec.takeError());
    EXPECT_EQ(disagreement(*spec, {}), "") << path;
  }
}

TEST(Differential, NetworksSurviveTheirFiles) {
  for (uint64_t seed = 1; seed < 20; ++seed) {
    const std::string text = toJson(randomSpec(seed));
    auto back = fromJson(text);
    ASSERT_TRUE(bool(back)) << takeText(back.takeError());
    EXPECT_EQ(toJson(*back), text);
    EXPECT_EQ(runReference(*back).spikes,
              runReference(randomSpec(seed)).spikes);
  }
  auto bad = fromJson("{\"seed\": 1}");
  ASSERT_FALSE(bool(bad));
  llvm::consumeError(bad.takeError());
}

/// A reference that is wrong on purpose is found out, and made small.
TEST(Differential, ADifferenceIsSeen) {
  Spec spec = randomSpec(7);
  const Trace right = runReference(spec);
  ASSERT_EQ(compare(right, right), "");
  Trace wrong = right;
  for (auto &step : wrong.spikes)
    if (!step.empty()) {
      ++step.front().payload;
      break;
    }
  EXPECT_NE(compare(right, wrong), "");
  wrong = right;
  ++wrong.states.back()[0].back()[0];
  EXPECT_NE(compare(right, wrong), "");
  wrong = right;
  ++wrong.counters[0].synapticEvents;
  EXPECT_NE(compare(right, wrong), "");
}

size_t synapses(const Spec &spec) {
  size_t count = 0;
  for (const Core &core : spec.cores)
    for (const Row &row : core.rows)
      count += row.synapses.size();
  return count;
}

/// A failure that needs one synapse and a host spike is cut down to them.
TEST(Differential, FailuresShrink) {
  auto fails = [](const Spec &spec) {
    for (const auto &core : runReference(spec).counters)
      if (core.synapticEvents > 0)
        return true;
    return false;
  };
  for (uint64_t seed : {3u, 4u, 5u}) {
    const Spec spec = randomSpec(seed);
    ASSERT_TRUE(fails(spec)) << seed;
    const Spec small = shrink(spec, fails);
    EXPECT_TRUE(fails(small));
    EXPECT_LE(synapses(small), 3u) << seed;
    EXPECT_LE(small.host.size(), 2u) << seed;
    EXPECT_LE(small.steps, 3u) << seed;
  }
}

} // namespace
