//===- tests/unit/runtime/stream/StimulusTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "runtime/stream/Encode.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock::runtime {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Stimulus encode(std::vector<float> image, Encoding encoding, int64_t steps,
                double max = 1, uint64_t sample = 0, uint64_t seed = 1) {
  const EncodeOptions options{encoding, steps, max, seed};
  Expected<Stimulus> result = encodeImage(
      image, {static_cast<int64_t>(image.size())}, sample, options, "image");
  if (!result) {
    ADD_FAILURE() << takeText(result.takeError());
    return {};
  }
  EXPECT_EQ(takeText(result->check()), "");
  EXPECT_EQ(result->steps, steps);
  return std::move(*result);
}

std::vector<uint32_t> stepsOf(const Stimulus &stimulus, uint32_t neuron) {
  std::vector<uint32_t> steps;
  for (const Event &event : stimulus.events)
    if (event.neuron == neuron)
      steps.push_back(event.step);
  return steps;
}

TEST(Stimulus, NormaliseSortsAndMerges) {
  Stimulus stimulus{{4}, 5, {{3, 1, 2}, {0, 2, 1}, {3, 1, 1}, {3, 0, 0}}};
  Stimulus counted = stimulus;
  counted.normalise(Merge::Sum);
  EXPECT_THAT(counted.events, ElementsAre(Event{0, 2, 1}, Event{3, 1, 3}));
  EXPECT_FALSE(counted.isBinary());
  stimulus.normalise(Merge::One);
  EXPECT_THAT(stimulus.events,
              ElementsAre(Event{0, 2, 1}, Event{3, 0, 1}, Event{3, 1, 1}));
  EXPECT_TRUE(stimulus.isBinary());
  EXPECT_EQ(stimulus.eventsAt(3).size(), 2u);
  EXPECT_TRUE(stimulus.eventsAt(1).empty());
  EXPECT_TRUE(stimulus.eventsAt(100).empty());
}

TEST(Stimulus, DenseAndBack) {
  const std::vector<float> dense = {0, 1, 0, 0, 0, 0.5f, 0, 0, -2};
  const Stimulus stimulus =
      Stimulus::fromDense({3}, DenseView{dense.data(), 3, 3});
  EXPECT_THAT(stimulus.events,
              ElementsAre(Event{0, 1, 1}, Event{1, 2, 0.5f}, Event{2, 2, -2}));
  EXPECT_EQ(stimulus.toDense(), dense);
}

TEST(Stimulus, CheckFindsEachFault) {
  auto fault = [](std::vector<Event> events) {
    return takeText(Stimulus{{2, 2}, 3, std::move(events)}.check());
  };
  EXPECT_EQ(fault({{0, 0, 1}, {0, 3, 1}, {2, 0, -1}}), "");
  EXPECT_THAT(fault({{3, 0, 1}}), HasSubstr("event 0: step"));
  EXPECT_THAT(fault({{0, 4, 1}}), HasSubstr("neuron"));
  EXPECT_THAT(fault({{0, 0, 0}}), HasSubstr("value"));
  EXPECT_THAT(fault({{0, 0, NAN}}), HasSubstr("value"));
  EXPECT_THAT(fault({{1, 0, 1}, {0, 0, 1}}), HasSubstr("event 1: events"));
  EXPECT_THAT(fault({{1, 0, 1}, {1, 0, 1}}), HasSubstr("order"));
}

TEST(Encode, NamesRoundTrip) {
  for (Encoding one :
       {Encoding::Rate, Encoding::Current, Encoding::Latency, Encoding::None})
    EXPECT_EQ(parseEncoding(encodingName(one)), one);
  EXPECT_EQ(parseEncoding("poisson"), std::nullopt);
}

TEST(Encode, CurrentSpacesSpikesEvenly) {
  // By hand: charge 1/4 a step reaches 1 after steps 3, 7, 11 (from 0);
  // 0.4 after 1.2/... : 0.4 0.8 1.2* 0.6 1.0* 0.4 0.8 1.2* 0.6 1.0*
  const Stimulus result = encode({0.25f, 0, 1, 0.5f, 2}, Encoding::Current, 12);
  EXPECT_THAT(stepsOf(result, 0), ElementsAre(3, 7, 11));
  EXPECT_TRUE(stepsOf(result, 1).empty());
  EXPECT_EQ(stepsOf(result, 2).size(), 12u);
  EXPECT_THAT(stepsOf(result, 3), ElementsAre(1, 3, 5, 7, 9, 11));
  EXPECT_EQ(stepsOf(result, 4).size(), 12u); // saturates
  EXPECT_THAT(stepsOf(encode({102}, Encoding::Current, 10, 255), 0),
              ElementsAre(2, 4, 7, 9)); // 102/255 = 0.4
  // A third is no binary fraction, and still fires in each third step.
  const Stimulus third = encode({85}, Encoding::Current, 30000, 255);
  EXPECT_EQ(third.events.size(), 10000u);
  EXPECT_EQ(third.events[0].step, 2u);
  EXPECT_EQ(third.events[9999].step, 29999u);
}

TEST(Encode, LatencyIsEarlierForBrighter) {
  const Stimulus result = encode({0, 255, 51, 1}, Encoding::Latency, 101, 255);
  EXPECT_TRUE(stepsOf(result, 0).empty());
  EXPECT_THAT(stepsOf(result, 1), ElementsAre(0));
  EXPECT_THAT(stepsOf(result, 2), ElementsAre(80)); // (1 - 1/5) * 100
  EXPECT_THAT(stepsOf(result, 3), ElementsAre(100));
  EXPECT_EQ(encode({1, 0.1f}, Encoding::Latency, 1).events.size(), 2u);
}

TEST(Encode, NoneRepeatsTheValues) {
  EXPECT_THAT(encode({0, -1.5f}, Encoding::None, 2, 0).events,
              ElementsAre(Event{0, 1, -1.5f}, Event{1, 1, -1.5f}));
}

TEST(Encode, RateIsBernoulli) {
  const Stimulus result = encode({0.2f, 0, 1, 0.7f}, Encoding::Rate, 20000);
  // within 5 standard deviations of the binomial distribution
  EXPECT_NEAR(static_cast<double>(stepsOf(result, 0).size()), 4000, 283);
  EXPECT_NEAR(static_cast<double>(stepsOf(result, 3).size()), 14000, 325);
  EXPECT_TRUE(stepsOf(result, 1).empty());
  EXPECT_EQ(stepsOf(result, 2).size(), 20000u);
  // A longer run begins like a shorter one; other samples and seeds differ.
  const std::vector<float> image(50, 0.5f);
  const Stimulus shorter = encode(image, Encoding::Rate, 10);
  const Stimulus longer = encode(image, Encoding::Rate, 20);
  EXPECT_TRUE(std::equal(shorter.events.begin(), shorter.events.end(),
                         longer.events.begin()));
  EXPECT_NE(encode(image, Encoding::Rate, 10, 1, 1).events, shorter.events);
  EXPECT_NE(encode(image, Encoding::Rate, 10, 1, 0, 2).events, shorter.events);
}

TEST(Encode, RefusesWhatItCannotExpress) {
  auto fault = [](float value, EncodeOptions options) {
    return takeText(
        encodeImage(std::span(&value, 1), {1}, 0, options, "img").takeError());
  };
  EXPECT_THAT(fault(-1, {Encoding::Rate, 5, 1, 1}),
              HasSubstr("img: element 0 is -1"));
  EXPECT_THAT(fault(NAN, {Encoding::None, 5, 1, 1}), HasSubstr("remove it"));
  EXPECT_THAT(fault(1, {Encoding::Current, 0, 1, 1}), HasSubstr("0 steps"));
  EXPECT_THAT(fault(1, {Encoding::Current, 1, 0, 1}),
              HasSubstr("--encode-max"));
}

} // namespace
} // namespace hillock::runtime
