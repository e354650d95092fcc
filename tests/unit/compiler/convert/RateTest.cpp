//===- tests/unit/compiler/convert/RateTest.cpp - Spikes a step -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/IntNetwork.h"
#include "compiler/pipeline/Pipeline.h"
#include "image/ImageFile.h"
#include "runtime/session/Session.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock {
namespace {

using testing::HasSubstr;

constexpr ann::Quantization relu4 = {1, -8, -8, 7};
constexpr ann::Quantization wide = {1, 0, -2147483647 - 1, 2147483647};

ann::IntLayer layer(ann::Kind kind, int input, int output,
                    const ann::Quantization &q) {
  ann::IntLayer layer;
  layer.kind = kind;
  layer.name = "layer" + std::to_string(output);
  layer.inputs = {input};
  layer.output = output;
  layer.low = q.low;
  layer.high = q.high;
  return layer;
}

/// x (4) in another shape -> 1 x 1 convolution of weight 1 -> maximum -> y = 3
/// times it.
ann::IntNetwork maximum() {
  ann::IntNetwork net;
  net.name = "maximum";
  net.values = {{"x", {4}, relu4},       {"a", {1, 2, 2}, relu4},
                {"b", {1, 1, 1}, relu4}, {"c", {1}, relu4},
                {"y", {1}, wide},        {"image", {1, 2, 2}, relu4}};
  net.layers.push_back(layer(ann::Kind::Reshape, 0, 5, relu4));
  net.layers.push_back(layer(ann::Kind::Conv, 5, 1, relu4));
  net.layers.back().weights = {1};
  net.layers.back().bias = {0};
  net.layers.back().multipliers = {*ann::multiplierOf(1)};
  net.layers.push_back(layer(ann::Kind::MaxPool, 1, 2, relu4));
  net.layers.back().window.kernel = {2, 2};
  net.layers.back().window.stride = {2, 2};
  net.layers.push_back(layer(ann::Kind::Reshape, 2, 3, relu4));
  net.layers.push_back(layer(ann::Kind::Linear, 3, 4, wide));
  net.layers.back().weights = {3};
  net.layers.back().bias = {0};
  net.layers.back().multipliers = {*ann::multiplierOf(0.5)};
  net.input = 0;
  net.output = 4;
  return net;
}

Expected<std::unique_ptr<pipeline::Compilation>>
compile(const ann::IntNetwork &net) {
  pipeline::Options options;
  options.target = "graded";
  options.integers = &net;
  options.rateCode = true;
  options.keepLevels = true;
  return pipeline::Compilation::run("net.onnx", options);
}

/// Spikes by neuron of each population, and what is read out at last.
struct Ran {
  std::map<std::string, std::vector<int64_t>> counts;
  std::vector<runtime::Event> out;
};

/// \p values, by neuron of x, in each of \p steps steps.
Ran run(const ann::IntNetwork &net, uint32_t steps,
        const std::vector<std::pair<uint32_t, float>> &values) {
  Ran ran;
  auto compiled = compile(net);
  if (!compiled) {
    ADD_FAILURE() << takeText(compiled.takeError());
    return ran;
  }
  EXPECT_EQ(takeText((*compiled)->checkImage()), "");
  // Through bytes, as a user's image goes.
  auto parsed =
      image::parseImage(image::serialize((*compiled)->image()), "image");
  if (!parsed) {
    ADD_FAILURE() << takeText(parsed.takeError());
    return ran;
  }
  auto loaded = image::load(std::move(*parsed), "image");
  if (!loaded) {
    ADD_FAILURE() << takeText(loaded.takeError());
    return ran;
  }
  auto session = runtime::Session::open(
      std::make_shared<const image::LoadedImage>(std::move(*loaded)), 1);
  if (!session) {
    ADD_FAILURE() << takeText(session.takeError());
    return ran;
  }
  runtime::Stimulus stimulus;
  stimulus.shape = {4};
  stimulus.steps = steps;
  for (uint32_t step = 0; step < steps; ++step)
    for (const auto &[neuron, value] : values)
      stimulus.events.push_back({step, neuron, value});
  runtime::RunOptions options;
  options.populations = true;
  auto result = session->run({{"", stimulus}}, options);
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return ran;
  }
  for (const runtime::SpikeTrain &train : result->populations)
    ran.counts[train.name] = train.counts();
  ran.out = result->outputs.front().events;
  return ran;
}

} // namespace

// Payloads of 5, 12, 0 and 9 of 15 for 150 steps: the second spikes 120 times.
// The readout has half of its sum, at a scale of one half.
TEST(Rate, TheBusiestNeuronOfAWindowCounts) {
  Ran ran = run(maximum(), 150, {{0, 5}, {1, 12}, {3, 9}});
  EXPECT_THAT(ran.counts["layer1"], testing::ElementsAre(50, 120, 0, 90));
  ASSERT_FALSE(ran.counts["layer2"].empty());
  EXPECT_EQ(ran.counts["layer2"].front(), 120);
  ASSERT_FALSE(ran.out.empty());
  EXPECT_EQ(ran.out.back().step, 149u);
  EXPECT_EQ(ran.out.back().value, 3 * 15 * 120 / 4);
}

// A channel whose scale is too small for a multiplier is 0 for every input.
TEST(Rate, ChannelsOfNothingNeverSpike) {
  ann::IntNetwork net = maximum();
  net.layers[1].bias = {300'000'000}; // with 2^28 at the start above 2^29
  net.layers[1].multipliers = {{0, 1}};
  EXPECT_THAT(run(net, 50, {{1, 15}}).counts["layer1"],
              testing::ElementsAre(0, 0, 0, 0));
}

// The readout adds 3 * 15 a step at most: 2^30 / 45.
TEST(Rate, StepsUntilTheSumsStopAreSaid) {
  const ann::IntNetwork net = maximum();
  auto compiled = compile(net);
  ASSERT_TRUE(bool(compiled)) << takeText(compiled.takeError());
  EXPECT_THAT((*compiled)->remarks(),
              testing::ElementsAre(
                  testing::AllOf(HasSubstr("layer 'layer4'"),
                                 HasSubstr("runs of up to 23,860,929 steps"))));
}

TEST(Rate, ThresholdsThatNoNeuronHasAreNamed) {
  ann::IntNetwork net = maximum();
  // 15 / 2^-26 is beyond 2^29; 15 / 2^4 is below 1.
  for (const auto &[shift, text] :
       {std::pair(56, "threshold of 1006632960.000000 in neuron 0"),
        std::pair(26, "threshold of 0.937500 in neuron 0")}) {
    net.layers[1].multipliers = {{1 << 30, shift}};
    auto refused = compile(net);
    ASSERT_FALSE(bool(refused));
    EXPECT_THAT(takeText(refused.takeError()),
                testing::AllOf(HasSubstr("layer 'layer1'"), HasSubstr(text),
                               HasSubstr("1 to 536,870,912"),
                               HasSubstr("--code graded")));
  }
}

TEST(Rate, ReadoutsOfScalesTooDifferentAreNamed) {
  ann::IntNetwork net = maximum();
  net.values[4].shape = {2};
  net.layers[4].weights = {3, 3};
  net.layers[4].bias = {0, 0};
  // 8 to the left, and 31 to the right: 39 in all.
  net.layers[4].multipliers = {{1 << 30, 24}, {1 << 30, 62}};
  auto refused = compile(net);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()),
              testing::AllOf(HasSubstr("layer 'layer4'"),
                             HasSubstr("neuron 1 needs a shift of 39"),
                             HasSubstr("--per-tensor")));
}

TEST(Rate, DamagedCodesOfAnImageAreNamed) {
  const ann::IntNetwork net = maximum();
  auto compiled = compile(net);
  ASSERT_TRUE(bool(compiled)) << takeText(compiled.takeError());
  const auto damaged = [&](float scale, int low, int zero, int high) {
    proto::Image image = (*compiled)->image();
    proto::InputCodes &codes =
        *image.mutable_io()->mutable_input(0)->mutable_codes();
    codes.set_scale(scale);
    codes.set_low(low);
    codes.set_zero(zero);
    codes.set_high(high);
    auto loaded = image::load(std::move(image), "image");
    return loaded ? std::string() : takeText(loaded.takeError());
  };
  EXPECT_EQ(damaged(1, -8, -8, 7), "");
  EXPECT_THAT(damaged(0, -8, -8, 7), HasSubstr("the scale of its codes is 0"));
  EXPECT_THAT(damaged(1, -8, 9, 7), HasSubstr("is 9, outside of -8 to 7"));
  EXPECT_THAT(damaged(1, 0, 0, 65536), HasSubstr("are 0 to 65536, more than"));
}

TEST(Rate, NegativeValuesHaveNone) {
  ann::IntNetwork net = maximum();
  for (int v : {1, 2, 3})
    net.values[static_cast<size_t>(v)].q.zero = 0;
  auto refused = compile(net);
  ASSERT_FALSE(bool(refused));
  EXPECT_THAT(takeText(refused.takeError()),
              testing::AllOf(HasSubstr("layer 'layer1'"),
                             HasSubstr("can be negative")));
}

} // namespace hillock
