//===- tests/unit/tools/hillock/StreamedModelTest.cpp ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An image that cannot be streamed is loaded as a whole, where that is allowed.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "image/Pack.h"
#include "tests/unit/emulator/engine/TestImages.h"
#include "tools/hillock/Model.h"
#include <filesystem>
#include <gmock/gmock.h>
#include <unistd.h>

using namespace hillock;
using namespace hillock::tool;
using ::testing::HasSubstr;

namespace {

std::string fileOf(const std::string &name) {
  return ::testing::TempDir() + "hillock-" + name + "-" +
         std::to_string(::getpid()) + ".hlk";
}

/// 9,000 axons of a synapse each, no two with the same weight and delay, and
/// streaming tells 8,192 apart.
std::string manyKinds() {
  auto image = test::emptyImage();
  proto::Image proto;
  proto.set_format(image::imageFormat);
  *proto.mutable_target() = image->target.proto();
  *proto.add_program() = image::toProto(test::leakyProgram(3, 90));
  for (uint32_t c = 0; c < 3; ++c) {
    image::CoreTables core = test::plainCore(0, c, 64);
    core.formats = {test::halfFormat(image::Compression::Sparse)};
    core.formats[0].delayBits = 6;
    core.config["delay_bits"] = 6;
    for (uint32_t n = 0; n < 3000; ++n) {
      const uint32_t kind = 3000 * c + n;
      const int weight = 2 * static_cast<int>(kind % 256) - 256;
      test::addAxon(core, 0, {static_cast<uint16_t>(n % 64)},
                    {static_cast<int16_t>(weight)});
      core.rows.delay.push_back(static_cast<uint8_t>(kind / 256));
    }
    Expected<proto::Core> packed = image::pack(core, image->target);
    if (!packed)
      throw std::runtime_error(takeText(packed.takeError()));
    *proto.add_core() = std::move(*packed);
  }
  for (const bool input : {true, false}) {
    proto::Port &port = input ? *proto.mutable_io()->add_input()
                              : *proto.mutable_io()->add_output();
    port.set_name(input ? "in" : "out");
    port.add_shape(1);
    port.set_scale(1);
    port.add_first(0);
    port.add_first(1);
    port.add_core(0);
    port.add_index(input ? 200 : 8); // axon 200 leads to compartment 8
  }
  const std::string path = fileOf("kinds");
  EXPECT_EQ(takeText(writeFile(path, image::serialize(proto))), "");
  return path;
}

/// Spikes of the output when the axon of weight 72 speaks in each step.
Expected<size_t> spikesOf(Expected<std::unique_ptr<Model>> model) {
  if (!model)
    return model.takeError();
  Expected<std::unique_ptr<Runner>> runner = (*model)->runner(1);
  if (!runner)
    return runner.takeError();
  runtime::Stimulus stimulus;
  stimulus.shape = {1};
  stimulus.steps = 12;
  for (uint32_t step = 0; step < 12; ++step)
    stimulus.events.push_back({step, 0, 1});
  Expected<LevelResult> result = (*runner)->run({{"in", stimulus}}, {});
  if (!result)
    return result.takeError();
  return result->outputs.at(0).events.size();
}

TEST(StreamedModel, WhatCannotBeStreamedIsLoadedWhole) {
  const std::string path = manyKinds();
  auto refused = spikesOf(openStreamed(path, /*orWhole=*/false));
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()), HasSubstr("combinations"));
  auto whole = spikesOf(openImage(path)),
       fallen = spikesOf(openStreamed(path, /*orWhole=*/true));
  ASSERT_TRUE(bool(whole)) << takeText(whole.takeError());
  ASSERT_TRUE(bool(fallen)) << takeText(fallen.takeError());
  EXPECT_GT(*whole, 0u);
  EXPECT_EQ(*fallen, *whole);
  std::filesystem::remove(path);
}

TEST(StreamedModel, WhatIsDamagedIsRefusedEitherWay) {
  const std::string path = fileOf("damaged");
  const std::string good = manyKinds();
  auto bytes = readFile(good);
  ASSERT_TRUE(bool(bytes)) << takeText(bytes.takeError());
  (*bytes)[bytes->size() / 2] ^= 1;
  EXPECT_EQ(takeText(writeFile(path, *bytes)), "");
  auto model = openStreamed(path, /*orWhole=*/true);
  ASSERT_FALSE(bool(model));
  EXPECT_THAT(takeText(model.takeError()), HasSubstr("damaged"));
  for (const std::string &file : {path, good})
    std::filesystem::remove(file);
}

TEST(StreamedModel, AnImageHasOneLevel) {
  EXPECT_EQ(takeText(checkImageLevel("a.hlk", std::nullopt)), "");
  EXPECT_EQ(takeText(checkImageLevel("a.hlk", Level::Chip)), "");
  EXPECT_THAT(takeText(checkImageLevel("a.hlk", Level::Integer)),
              HasSubstr("no integer level"));
}

} // namespace
