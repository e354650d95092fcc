//===- tests/unit/compiler/levels/LevelsTest.cpp - Real against integer ---===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/Frontend.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transform/loihi/Passes.h"
#include "runtime/stream/ReadData.h"
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

using namespace hillock;
using namespace mlir;

namespace {

struct Levels {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  snn::NetworkOp real, integer;

  explicit Levels(const std::string &file, frontend::Options options = {},
                  unsigned bits = 8) {
    context.loadDialect<snn::SnnDialect>();
    module = ModuleOp::create(UnknownLoc::get(&context));
    auto imported = frontend::importFile(file, options, *module);
    if (!imported) {
      ADD_FAILURE() << takeText(imported.takeError());
      return;
    }
    real = imported->network;
    std::vector<std::string> remarks;
    transform::QuantizeOptions own;
    own.weightBits = bits;
    auto quantized = transform::quantizeToLoihi(real, own, remarks);
    if (!quantized) {
      ADD_FAILURE() << takeText(quantized.takeError());
      return;
    }
    integer = *quantized;
  }
};

reference::Inputs toInputs(snn::NetworkOp network,
                           const runtime::Stimulus &stimulus) {
  std::vector<reference::Event> events;
  for (const runtime::Event &event : stimulus.events)
    events.push_back({event.step, event.neuron, event.value});
  return {{network.inputs().front().getName().str(), events}};
}

int64_t decide(const Signal &counts) {
  return std::max_element(counts.begin(), counts.end()) - counts.begin();
}

struct Score {
  int right = 0, agree = 0, samples = 0;
};

/// Decisions on the integer level, and how often both levels agree.
Score score(Levels &levels, const runtime::DataSet &data, int64_t lag) {
  reference::Interpreter real(levels.real), integer(levels.integer);
  Score result;
  for (size_t i = 0; i < data.samples.size(); ++i) {
    reference::RunOptions options;
    options.steps = data.samples[i].steps;
    auto a = real.run(toInputs(levels.real, data.samples[i]), options);
    options.steps += lag;
    auto b = integer.run(toInputs(levels.integer, data.samples[i]), options);
    if (!a || !b) {
      ADD_FAILURE() << takeText(a.takeError()) << takeText(b.takeError());
      return result;
    }
    int64_t first = decide(a->outputs.front().counts());
    int64_t second = decide(b->outputs.front().counts());
    result.right += second == data.labels[i];
    result.agree += first == second;
    ++result.samples;
  }
  return result;
}

const char *dataFolder() { return std::getenv("HILLOCK_DATA"); }

} // namespace

TEST(Levels, DigitsKeepTheirAccuracyInIntegers) {
  const char *root = std::getenv("HILLOCK_ROOT");
  std::string folder =
      std::string(root ? root : HILLOCK_SOURCE_DIR) + "/examples/digits/";
  Levels levels(folder + "digits.nir");
  ASSERT_TRUE(levels.integer);
  runtime::ReadOptions options;
  options.inputShape = {64};
  options.encode = runtime::EncodeOptions();
  options.encode->encoding = runtime::Encoding::Current;
  options.encode->max = 16;
  options.encode->steps = 32;
  options.maxSamples = 120;
  auto data = runtime::readData(folder + "test.npz", options);
  ASSERT_TRUE(bool(data)) << takeText(data.takeError());
  Score result = score(levels, *data, 2);
  // 358 of 360 in real numbers (examples/digits/README.md).
  EXPECT_GE(result.right, 117) << "of " << result.samples;
  EXPECT_GE(result.agree, 117);
}

TEST(Levels, ScnnOnEventRecordings) {
  if (!dataFolder())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  Levels levels(std::string(dataFolder()) + "/nir/02_cnn/cnn_sinabs.nir");
  ASSERT_TRUE(levels.integer);
  runtime::ReadOptions options;
  options.inputShape = {2, 34, 34};
  options.maxSamples = 20;
  auto data = runtime::readData(
      std::string(dataFolder()) + "/nmnist/test100.txt", options);
  ASSERT_TRUE(bool(data)) << takeText(data.takeError());
  Score result = score(levels, *data, 5);
  EXPECT_GE(result.right, 19) << "of " << result.samples;
}
