//===- tests/unit/compiler/convert/GradedTest.cpp - The same integers -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Outputs of the converted network, on the integer level and on the emulated
// chip, beside those of the integer network that it was made of.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "compiler/ann/Calibrate.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/reference/Interpreter.h"
#include "image/ImageFile.h"
#include "runtime/session/Session.h"
#include "tests/unit/compiler/ann/MnistData.h"
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock {
namespace {

using testing::HasSubstr;

/// A network on the chip and on the integer level.
struct Converted {
  ann::IntNetwork net;
  std::unique_ptr<pipeline::Compilation> compilation;
  std::optional<runtime::Session> session;
  std::unique_ptr<reference::Interpreter> interpreter;
  int64_t lag = 0;

  explicit Converted(ann::IntNetwork given) : net(std::move(given)) {
    pipeline::Options options;
    options.target = "graded";
    options.integers = &net;
    options.keepLevels = true;
    auto compiled = pipeline::Compilation::run("net", options);
    if (!compiled) {
      ADD_FAILURE() << takeText(compiled.takeError());
      return;
    }
    compilation = std::move(*compiled);
    EXPECT_EQ(takeText(compilation->checkImage()), "");
    // The emulator sees bytes only.
    auto parsed =
        image::parseImage(image::serialize(compilation->image()), "image");
    if (!parsed) {
      ADD_FAILURE() << takeText(parsed.takeError());
      return;
    }
    auto loaded = image::load(std::move(*parsed), "image");
    if (!loaded) {
      ADD_FAILURE() << takeText(loaded.takeError());
      return;
    }
    lag = loaded->proto.io().output(0).lag();
    auto opened = runtime::Session::open(
        std::make_shared<const image::LoadedImage>(std::move(*loaded)), 1);
    if (!opened) {
      ADD_FAILURE() << takeText(opened.takeError());
      return;
    }
    session.emplace(std::move(*opened));
    interpreter =
        std::make_unique<reference::Interpreter>(compilation->integer());
  }

  const ann::IntValue &input() const {
    return net.values[static_cast<size_t>(net.input)];
  }

  /// Codes less the output's zero point.
  std::vector<int32_t> expected(const std::vector<float> &image) {
    ann::IntRunner runner(net);
    const auto codes = runner.run(image);
    std::vector<int32_t> result(codes.begin(), codes.end());
    for (int32_t &code : result)
      code -= net.values[static_cast<size_t>(net.output)].q.zero;
    return result;
  }

  std::vector<int32_t> onChip(const std::vector<float> &image) {
    runtime::Stimulus stimulus;
    stimulus.shape = input().shape;
    stimulus.steps = 1;
    for (size_t n = 0; n < image.size(); ++n)
      if (image[n] != 0)
        stimulus.events.push_back({0, static_cast<uint32_t>(n), image[n]});
    auto result = session->run({{"", stimulus}}, {});
    if (!result) {
      ADD_FAILURE() << takeText(result.takeError());
      return {};
    }
    std::vector<int32_t> codes;
    for (double sum : result->outputs.front().sums())
      codes.push_back(static_cast<int32_t>(sum));
    return codes;
  }

  std::vector<int32_t> onIntegerLevel(const std::vector<float> &image) {
    std::vector<reference::Event> events;
    const ann::Quantization &q = input().q;
    for (size_t n = 0; n < image.size(); ++n)
      if (const int32_t payload = q.code(image[n]) - q.zero)
        events.push_back(
            {0, static_cast<int64_t>(n), static_cast<double>(payload)});
    reference::RunOptions options;
    options.steps = lag + 1;
    auto trace = interpreter->run({{input().name, events}}, options);
    if (!trace) {
      ADD_FAILURE() << takeText(trace.takeError());
      return {};
    }
    std::vector<int32_t> codes(expected(image).size());
    for (const reference::Event &event : trace->outputs.front().events)
      if (event.step == lag)
        codes[static_cast<size_t>(event.neuron)] =
            static_cast<int32_t>(event.value);
    return codes;
  }
};

/// Images of codes of the whole range.
std::vector<float> randomImage(const ann::IntValue &input, uint64_t seed) {
  CounterRandom random(seed);
  std::vector<float> image(
      static_cast<size_t>(ann::countElements(input.shape).value_or(0)));
  const auto count = static_cast<uint64_t>(input.q.high - input.q.low + 1);
  for (float &value : image)
    value = static_cast<float>(
        input.q.real(input.q.low + static_cast<int64_t>(random.below(count))));
  return image;
}

//===----------------------------------------------------------------------===//
// Small networks with every kind of layer
//===----------------------------------------------------------------------===//

class Builder {
public:
  explicit Builder(uint64_t seed) : random(seed) {}

  int value(ann::Shape shape, ann::Quantization q) {
    net.values.push_back(
        {"v" + std::to_string(net.values.size()), std::move(shape), q});
    return static_cast<int>(net.values.size()) - 1;
  }
  ann::IntLayer &layer(ann::Kind kind, std::vector<int> inputs, int output) {
    ann::IntLayer layer;
    layer.kind = kind;
    layer.name = "layer" + std::to_string(net.layers.size());
    layer.inputs = std::move(inputs);
    layer.output = output;
    const ann::Quantization &q = net.values[static_cast<size_t>(output)].q;
    layer.low = q.low;
    layer.high = q.high;
    net.layers.push_back(std::move(layer));
    net.output = output;
    return net.layers.back();
  }
  void weigh(ann::IntLayer &layer, size_t count, size_t channels, unsigned bits,
             double ratio) {
    layer.format.bits = bits;
    for (size_t i = 0; i < count; ++i)
      layer.weights.push_back(static_cast<int8_t>(
          static_cast<int64_t>(random.below(uint64_t{1} << bits)) -
          (int64_t{1} << (bits - 1))));
    for (size_t c = 0; c < channels; ++c) {
      layer.bias.push_back(static_cast<int32_t>(random.below(200)) - 100);
      layer.multipliers.push_back(
          *ann::multiplierOf(ratio * (0.5 + random.uniform())));
    }
  }

  ann::IntNetwork net;

private:
  CounterRandom random;
};

constexpr ann::Quantization signed4 = {1, 0, -8, 7};
constexpr ann::Quantization relu4 = {1, -8, -8, 7};
constexpr ann::Quantization shifted8 = {1, 17, -128, 127};
constexpr ann::Quantization wide = {1, 0, -2147483647 - 1, 2147483647};

/// Convolutions with padding, strides and groups, both pools with windows that
/// overlap, a concat of branches of different length, a matrix.
ann::IntNetwork everything(uint64_t seed) {
  Builder b(seed);
  b.net.name = "everything";
  b.net.input = b.value({2, 9, 8}, shifted8);
  const int conv = b.value({4, 9, 8}, signed4);
  {
    ann::IntLayer &l = b.layer(ann::Kind::Conv, {b.net.input}, conv);
    l.window.kernel = {3, 3};
    l.window.begin = {1, 1};
    l.window.end = {1, 1};
    b.weigh(l, 4 * 2 * 9, 4, 4, 0.002);
  }
  const int pool = b.value({4, 4, 3}, signed4);
  {
    ann::IntLayer &l = b.layer(ann::Kind::MaxPool, {conv}, pool);
    l.window.kernel = {3, 3};
    l.window.stride = {2, 2};
  }
  const int average = b.value({4, 9, 8}, relu4);
  {
    ann::IntLayer &l = b.layer(ann::Kind::AveragePool, {conv}, average);
    l.window.kernel = {2, 2};
    l.window.begin = {1, 0};
    l.window.end = {0, 1};
    for (int n = 1; n <= 4; ++n)
      l.multipliers.push_back(*ann::multiplierOf(1.7 / n));
    l.low = -8;
  }
  const int branch = b.value({2, 4, 3}, shifted8);
  {
    ann::IntLayer &l = b.layer(ann::Kind::Conv, {average}, branch);
    l.window.kernel = {3, 2};
    l.window.stride = {2, 3};
    l.window.end = {0, 0};
    l.groups = 2;
    b.weigh(l, 2 * 2 * 6, 2, 8, 0.05);
  }
  const int joined = b.value({6, 4, 3}, relu4);
  {
    ann::IntLayer &l = b.layer(ann::Kind::Concat, {pool, branch}, joined);
    l.multipliers = {*ann::multiplierOf(0.8), *ann::multiplierOf(0.06)};
  }
  const int clipped = b.value({6, 4, 3}, shifted8);
  {
    ann::IntLayer &l = b.layer(ann::Kind::Clip, {joined}, clipped);
    l.multipliers = {*ann::multiplierOf(6.5)};
    l.low = 0;
    l.high = 100;
  }
  const int flat = b.value({72}, shifted8);
  b.layer(ann::Kind::Reshape, {clipped}, flat);
  const int out = b.value({5}, wide);
  b.weigh(b.layer(ann::Kind::Linear, {flat}, out), 5 * 72, 5, 4, 30);
  return std::move(b.net);
}

} // namespace

TEST(Graded, EveryKindOfLayerGivesTheSameCodes) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Converted model(everything(seed));
    ASSERT_EQ(takeText(ann::check(model.net, "net")), "");
    ASSERT_TRUE(model.session);
    bool some = false;
    for (uint64_t k = 0; k < 50; ++k) {
      const std::vector<float> image =
          randomImage(model.input(), 1000 * seed + k);
      const std::vector<int32_t> expected = model.expected(image);
      some |= expected != std::vector<int32_t>(5, 0);
      ASSERT_EQ(model.onChip(image), expected) << seed << ", " << k;
      if (k < 10)
        ASSERT_EQ(model.onIntegerLevel(image), expected) << seed << ", " << k;
    }
    EXPECT_TRUE(some);
  }
}

TEST(Graded, WhatSpikesCannotComputeIsNamed) {
  Builder b(1);
  b.net.input = b.value({4}, signed4);
  const int out = b.value({4}, signed4);
  b.layer(ann::Kind::Add, {b.net.input, b.net.input}, out).pair =
      *ann::pairMultiplierOf(0.5, 0.5);
  pipeline::Options options;
  options.target = "graded";
  options.integers = &b.net;
  auto refused = pipeline::Compilation::run("net.onnx", options);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()),
              testing::AllOf(HasSubstr("layer 'layer0'"), HasSubstr("add"),
                             HasSubstr("net.onnx")));
}

TEST(Graded, SignedMaximaNeedWholeWindows) {
  Builder b(1);
  b.net.input = b.value({1, 4, 4}, signed4);
  const int out = b.value({1, 3, 3}, signed4);
  ann::IntLayer &l = b.layer(ann::Kind::MaxPool, {b.net.input}, out);
  l.window.kernel = {2, 2};
  l.window.stride = {2, 2};
  l.window.begin = l.window.end = {1, 1};
  pipeline::Options options;
  options.target = "graded";
  options.integers = &b.net;
  auto refused = pipeline::Compilation::run("net.onnx", options);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()), HasSubstr("both signs"));
}

TEST(Graded, TheOtherChipsDoNotSendValues) {
  const ann::IntNetwork net = everything(1);
  for (const char *target : {"loihi", "tinyodin"}) {
    pipeline::Options options;
    options.target = target;
    options.integers = &net;
    auto refused = pipeline::Compilation::run("net.onnx", options);
    EXPECT_FALSE(bool(refused)) << target;
    llvm::consumeError(refused.takeError());
  }
}

namespace {

/// The published MNIST network in \p weights bits, with values of \p values.
void expectSameOnMnist(const ann::WeightFormat &weights, unsigned values,
                       int64_t count) {
  const std::string path = ann::dataPath("onnx/mnist_conv_cntk.onnx");
  auto file = onnx::readModel(path);
  ASSERT_TRUE(bool(file)) << takeText(file.takeError());
  auto real = onnx::importNetwork(*file, path);
  ASSERT_TRUE(bool(real)) << takeText(real.takeError());
  ann::CalibrationOptions options;
  options.weights = weights;
  options.activationBits = values;
  options.learnRounding = false;
  options.seed = 1;
  auto calibrated =
      ann::calibrate(*real, ann::readMnist("train", 50).images, options, path);
  ASSERT_TRUE(bool(calibrated)) << takeText(calibrated.takeError());
  Converted model(std::move(calibrated->network));
  ASSERT_TRUE(model.session);
  const ann::LabelledImages test = ann::readMnist("t10k", count);
  int64_t right = 0;
  for (size_t k = 0; k < test.images.size(); ++k) {
    const std::vector<int32_t> codes = model.onChip(test.images[k]);
    ASSERT_EQ(codes, model.expected(test.images[k])) << "image " << k;
    right += std::max_element(codes.begin(), codes.end()) - codes.begin() ==
             test.labels[k];
    const std::vector<float> noise = randomImage(model.input(), k);
    ASSERT_EQ(model.onChip(noise), model.expected(noise)) << "noise " << k;
    if (k < 2)
      ASSERT_EQ(model.onIntegerLevel(noise), model.expected(noise));
  }
  EXPECT_GE(right, count * 95 / 100);
}

} // namespace

// 250 images and 250 of noise; HILLOCK_FUZZ_CASES=10000 for all.
TEST(Graded, MnistGivesTheSameCodes) {
  if (ann::dataPath("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  const char *cases = std::getenv("HILLOCK_FUZZ_CASES");
  expectSameOnMnist({}, 4,
                    cases ? std::clamp(std::atoi(cases), 1, 10000) : 250);
}

TEST(Graded, OtherFormatsGiveTheSameCodes) {
  if (ann::dataPath("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  expectSameOnMnist({ann::Code::Linear, 8}, 8, 40);
  expectSameOnMnist({ann::Code::Linear, 4}, 8, 40);
  expectSameOnMnist({ann::Code::Log2, 4}, 4, 40);
}

} // namespace hillock
