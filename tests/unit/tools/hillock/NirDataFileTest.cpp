//===- tests/unit/tools/hillock/NirDataFileTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is written is what the reader finds. tests/integration/verbs.sh asks
// NIR's own package.
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/NirDataFile.h"
#include "base/AtomicFile.h"
#include <filesystem>
#include <gmock/gmock.h>
#include <unistd.h>

using namespace hillock;
using namespace hillock::tool;
using ::testing::ElementsAreArray;

namespace {

/// The events of one observable of \p result, read back.
std::vector<runtime::Event> readBack(const LevelResult &result, double dt,
                                     const std::string &node,
                                     const std::string &observable,
                                     int64_t steps) {
  const std::string path =
      (std::filesystem::temp_directory_path() /
       ("hillock-nirdata-" + std::to_string(getpid()) + ".nirdata"))
          .string();
  Expected<std::string> bytes = nirData(result, Level::Chip, dt);
  if (!bytes) {
    ADD_FAILURE() << takeText(bytes.takeError());
    return {};
  }
  EXPECT_EQ(takeText(writeFile(path, *bytes)), "");
  runtime::ReadOptions options;
  options.node = node;
  options.observable = observable;
  Expected<runtime::DataSet> data = runtime::readData(path, options);
  std::filesystem::remove(path);
  if (!data) {
    ADD_FAILURE() << takeText(data.takeError());
    return {};
  }
  EXPECT_EQ(data->samples.front().steps, steps);
  return data->samples.front().events;
}

TEST(NirDataFile, SpikesAreReadBack) {
  // Steps of which t * dt / dt is below t, or is not exact, are among these.
  for (const double dt : {1.0, 0.1, 1e-3, 1.0 / 3, 7e-5}) {
    LevelResult result;
    runtime::SpikeTrain train{"out/a", {2, 3}, 3000, {}, false};
    for (uint32_t t = 0; t < 3000; ++t)
      train.events.push_back({t, t * 5 % 6, 1});
    result.outputs = {train};
    result.populations = {{"hidden", {4}, 3000, {{2, 1, 3}, {2, 2, 1}}, false},
                          {"silent", {4}, 3000, {}, false}};
    EXPECT_THAT(readBack(result, dt, "out.a", "spikes", 3000),
                ElementsAreArray(train.events))
        << dt;
    EXPECT_THAT(readBack(result, dt, "hidden", "spikes", 3000),
                ElementsAreArray(result.populations[0].events));
    EXPECT_TRUE(readBack(result, dt, "silent", "spikes", 3000).empty());
  }
}

TEST(NirDataFile, ProbesAreGrids) {
  LevelResult result;
  result.outputs = {{"out", {2}, 2, {{0, 1, 0.5f}, {1, 0, -2}}, true}};
  result.probes = {{"hidden[3-4]:u", "hidden", "u", {3, 4}, {{5, 0}, {-1, 7}}}};
  EXPECT_THAT(readBack(result, 1, "hidden", "u[3-4]", 2),
              ElementsAreArray(std::vector<runtime::Event>{
                  {0, 0, 5}, {1, 0, -1}, {1, 1, 7}}));
  EXPECT_THAT(readBack(result, 1, "out", "v", 2),
              ElementsAreArray(result.outputs[0].events));
}

} // namespace
