//===- tests/unit/emulator/odin/OdinModelsTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The event-driven model against the plain one, and how fast they are.
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/ReadOdin.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::runtime;
using namespace hillock::emu::odin;

namespace {

std::vector<OdinCase> recordedCases() {
  std::vector<std::string> paths;
  if (const char *folder = std::getenv("HILLOCK_DATA")) {
    std::error_code code;
    std::filesystem::directory_iterator it(std::string(folder) + "/odin", code);
    for (; !code && it != std::filesystem::directory_iterator();
         it.increment(code))
      if (it->path().extension() == ".json")
        paths.push_back(it->path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<OdinCase> cases;
  for (const std::string &path : paths) {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    auto json = llvm::json::parse((*buffer)->getBuffer());
    auto one = readOdinCase(*json->getAsObject());
    if (one)
      cases.push_back(*one);
    else
      ADD_FAILURE() << path << ": " << takeText(one.takeError());
  }
  return cases;
}

/// Of this process alone; others may use the machine.
double processorSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Mcycle/s of the best run of a quarter of a second: one run can be over in a
/// fifth of a millisecond, which a busy machine disturbs by a factor of two.
template <typename Model>
double speed(const OdinCase &odin, bool record, uint64_t hashEvery) {
  double best = 0;
  const double end = processorSeconds() + 0.25;
  while (best == 0 || processorSeconds() < end) {
    Recorder recorder(hashEvery);
    Model model(odin.initial, record ? &recorder : nullptr);
    double start = processorSeconds();
    Outcome outcome = emu::odin::run(model, odin.stimulus);
    double time = processorSeconds() - start;
    best = std::max(best, static_cast<double>(outcome.cycles) / time / 1e6);
  }
  return best;
}

// HILLOCK_ODIN_CASE: a part of the name of those that are wanted.
// Not a check: speeds depend on the machine. Run with
// --gtest_also_run_disabled_tests.
TEST(OdinModels, DISABLED_Speed) {
  const char *only = std::getenv("HILLOCK_ODIN_CASE");
  for (const OdinCase &odin : recordedCases())
    if (!only || odin.name.find(only) != std::string::npos)
      printf("%-32s edge %7.1f  fast %8.1f  recorded %8.1f  hashed %7.1f "
             "Mcycle/s\n",
             odin.name.c_str(), speed<EdgeModel>(odin, false, 0),
             speed<FastModel>(odin, false, 0), speed<FastModel>(odin, true, 0),
             speed<FastModel>(odin, true, 1024));
}

} // namespace
