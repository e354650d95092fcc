//===- tests/unit/compiler/levels/ChipTest.cpp - Integer level against chip ==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/reference/Interpreter.h"
#include "image/ImageFile.h"
#include "runtime/session/Evaluate.h"
#include "runtime/stream/ReadData.h"
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;

namespace {

const char *dataFolder() { return std::getenv("HILLOCK_DATA"); }

struct Compiled {
  std::unique_ptr<pipeline::Compilation> compilation;
  std::shared_ptr<const image::LoadedImage> image;
};

/// Compiles, serializes, reads back: the emulator sees bytes only.
Compiled compile(const std::string &path, frontend::Options front = {},
                 unsigned bits = 8) {
  Compiled result;
  pipeline::Options options;
  options.frontend = front;
  options.quantize.weightBits = bits;
  options.keepLevels = true;
  auto compilation = pipeline::Compilation::run(path, options);
  if (!compilation) {
    ADD_FAILURE() << takeText(compilation.takeError());
    return result;
  }
  result.compilation = std::move(*compilation);
  std::string bytes = image::serialize(result.compilation->image());
  auto parsed = image::parseImage(bytes, "image");
  if (!parsed) {
    ADD_FAILURE() << takeText(parsed.takeError());
    return result;
  }
  auto loaded = image::load(std::move(*parsed), "image");
  if (!loaded) {
    ADD_FAILURE() << takeText(loaded.takeError());
    return result;
  }
  result.image = std::make_shared<image::LoadedImage>(std::move(*loaded));
  return result;
}

runtime::Stimulus randomSpikes(int64_t neurons, int64_t steps, double rate) {
  runtime::Stimulus stimulus;
  stimulus.shape = {neurons};
  stimulus.steps = steps;
  CounterRandom random(7);
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t n = 0; n < neurons; ++n)
      if (random.bernoulli(rate))
        stimulus.events.push_back(
            {static_cast<uint32_t>(t), static_cast<uint32_t>(n), 1});
  return stimulus;
}

/// Every spike of every population on the integer level and on the chip.
void expectSameSpikes(Compiled &model, const runtime::Stimulus &stimulus) {
  snn::NetworkOp network = model.compilation->integer();
  std::vector<reference::Event> events;
  for (const runtime::Event &event : stimulus.events)
    events.push_back({event.step, event.neuron, event.value});
  reference::RunOptions options;
  options.populations = true;
  options.steps = stimulus.steps + 16;
  auto trace = reference::run(
      network, {{network.inputs().front().getName().str(), events}}, options);
  ASSERT_TRUE(bool(trace)) << takeText(trace.takeError());
  auto session = runtime::Session::open(model.image, 1);
  ASSERT_TRUE(bool(session)) << takeText(session.takeError());
  runtime::RunOptions run;
  run.populations = true;
  auto result = session->run({{"", stimulus}}, run);
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  size_t compared = 0;
  for (const runtime::SpikeTrain &train : result->populations) {
    const reference::Recording *recording = trace->probe(train.name);
    if (!recording)
      continue;
    int64_t lag = 0;
    for (snn::PopulationOp op : network.getBody().getOps<snn::PopulationOp>())
      if (op->getAttrOfType<mlir::StringAttr>("name").getValue() == train.name)
        lag = op->getAttrOfType<mlir::IntegerAttr>("lag").getInt();
    std::vector<std::pair<int64_t, int64_t>> chip, integer;
    for (const runtime::Event &event : train.events)
      chip.push_back({event.step, event.neuron});
    for (const reference::Event &event : recording->events)
      if (event.step >= lag && event.step < lag + stimulus.steps)
        integer.push_back({event.step - lag, event.neuron});
    EXPECT_EQ(chip, integer) << train.name;
    compared += chip.size();
  }
  EXPECT_GT(compared, 0u) << "no spike was compared";
}

} // namespace

TEST(Chip, BrailleSpikesAsTheIntegerLevel) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  Compiled model = compile(std::string(dataFolder()) +
                           "/nir/03_rnn/braille_noDelay_bias_zero.nir");
  ASSERT_TRUE(model.image);
  EXPECT_EQ(takeText(model.compilation->checkImage()), "");
  expectSameSpikes(model, randomSpikes(12, 256, 0.1));
}

TEST(Chip, DigitsSpikeAsTheIntegerLevel) {
  Compiled model =
      compile(std::string(HILLOCK_SOURCE_DIR) + "/examples/digits/digits.nir");
  ASSERT_TRUE(model.image);
  EXPECT_EQ(takeText(model.compilation->checkImage()), "");
  expectSameSpikes(model, randomSpikes(64, 64, 0.3));
}

TEST(Chip, ScnnSpikesAsTheIntegerLevel) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  Compiled model =
      compile(std::string(dataFolder()) + "/nir/02_cnn/cnn_sinabs.nir");
  ASSERT_TRUE(model.image);
  EXPECT_EQ(takeText(model.compilation->checkImage()), "");
  runtime::Stimulus stimulus = randomSpikes(2 * 34 * 34, 40, 0.02);
  stimulus.shape = {2, 34, 34};
  expectSameSpikes(model, stimulus);
}

namespace {

/// The 100 recordings on the emulated chip with weights of so many bits.
void expectRight(unsigned bits, size_t right) {
  const std::string folder = dataFolder();
  Compiled model = compile(folder + "/nir/02_cnn/cnn_sinabs.nir", {}, bits);
  ASSERT_TRUE(model.image);
  EXPECT_EQ(takeText(model.compilation->checkImage()), "");
  runtime::ReadOptions options;
  options.inputShape = {2, 34, 34};
  auto data = runtime::readData(folder + "/nmnist/test100.txt", options);
  ASSERT_TRUE(bool(data)) << takeText(data.takeError());
  runtime::EvaluateOptions evaluate;
  evaluate.threads = 2;
  auto result = runtime::evaluate(model.image, *data, evaluate);
  ASSERT_TRUE(bool(result)) << takeText(result.takeError());
  EXPECT_EQ(result->labelled(), 100u);
  EXPECT_GE(result->right(), right);
  for (snn::PopulationOp population :
       model.compilation->integer().getBody().getOps<snn::PopulationOp>())
    EXPECT_LT(population->getAttrOfType<mlir::FloatAttr>("weight_error")
                  .getValueAsDouble(),
              bits == 8 ? 0.02 : 0.2);
}

} // namespace

TEST(Chip, ScnnClassifiesTheRecordings) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  expectRight(8, 98);
}

// One scale for all weights of a layer gives 96, one a channel 99.
TEST(Chip, ScnnClassifiesTheRecordingsInFourBits) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  expectRight(4, 99);
}

TEST(Chip, ScnnInFourBitsSpikesAsTheIntegerLevel) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  Compiled model =
      compile(std::string(dataFolder()) + "/nir/02_cnn/cnn_sinabs.nir", {}, 4);
  ASSERT_TRUE(model.image);
  runtime::Stimulus stimulus = randomSpikes(2 * 34 * 34, 40, 0.02);
  stimulus.shape = {2, 34, 34};
  expectSameSpikes(model, stimulus);
}
