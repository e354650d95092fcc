//===- tests/unit/emulator/learning/LearningEngineTest.cpp ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every formula once, with numbers worked by hand.
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningEngine.h"
#include <gtest/gtest.h>
#include <set>

using namespace hillock;
using namespace hillock::emu;

namespace {

/// The same number for everything of a kind.
struct FixedRandom : LearningRandom {
  int32_t impulses = 0, inside = 0;
  double decays = 0, synapses = 0;
  int32_t impulse(const TraceDraw &draw) const override {
    return draw.offset == 0 ? inside : impulses;
  }
  double decay(const TraceDraw &) const override { return decays; }
  double synapse(const SynapseDraw &) const override { return synapses; }
};

/// One source, one target.
struct Pair {
  LearningConfig config;
  std::shared_ptr<FixedRandom> random = std::make_shared<FixedRandom>();
  std::optional<LearningEngine> engine;

  Pair(const std::string &dw = "", uint32_t epochSteps = 1) {
    config.sources = config.targets = 1;
    config.rule.epochSteps = epochSteps;
    if (!dw.empty())
      rule(LearningTarget::Weight, dw);
  }
  Pair &rule(LearningTarget target, const std::string &text) {
    auto products = parseLearningProducts(text);
    if (products)
      config.rule.of(target) = *products;
    else
      ADD_FAILURE() << takeText(products.takeError());
    return *this;
  }
  Pair &trace(TraceIndex index, double impulse, double tau) {
    config.rule.traces[index] = {impulse, tau};
    return *this;
  }
  Pair &weight(int32_t value) {
    config.initial.weight = {value};
    return *this;
  }
  void step(int32_t pre, bool post) {
    if (!engine) {
      auto made = LearningEngine::create(config, random);
      if (!made) {
        ADD_FAILURE() << takeText(made.takeError());
        return;
      }
      engine.emplace(std::move(*made));
    }
    EXPECT_FALSE(bool(engine->step({pre}, {uint8_t(post)})));
  }
  int32_t at(TraceIndex index) const { return engine->trace(index)[0]; }
  int32_t w() const { return engine->synapses().weight[0]; }
  int32_t d() const { return engine->synapses().delay[0]; }
  int32_t t() const { return engine->synapses().tag[0]; }
};

/// A trace that keeps its value when decays round up (number 0).
constexpr double forever = 1e9;

TEST(LearningEngine, Decay) {
  // 100 * exp(-1/10) = 90.48374...; the number is compared with .48374.
  for (auto [number, expected] :
       {std::pair(0.48, 91), std::pair(0.49, 90), std::pair(0.0, 91)}) {
    Pair pair;
    pair.trace(TraceX1, 100, 10).trace(TraceY3, 100, 10);
    pair.random->decays = number;
    pair.step(1, true);
    EXPECT_EQ(pair.at(TraceX1), 100);
    EXPECT_EQ(pair.at(TraceY3), 100);
    pair.step(0, false);
    EXPECT_EQ(pair.at(TraceX1), expected);
    EXPECT_EQ(pair.at(TraceY3), expected);
    EXPECT_EQ(pair.at(TraceX2), 0);
  }
}

TEST(LearningEngine, NoTimeConstantIsNoMemory) {
  Pair pair("", 2);
  pair.trace(TraceX1, 40, 0);
  pair.step(0, false);
  pair.step(1, false); // in the epoch's last step
  EXPECT_EQ(pair.at(TraceX1), 40);
  pair.step(1, false);
  pair.step(0, false);
  EXPECT_EQ(pair.at(TraceX1), 0);
}

TEST(LearningEngine, ImpulseFraction) {
  // 20.3: 20 and round(0.3 * 256) = 77 256ths.
  for (auto [number, expected] : {std::pair(76, 21), std::pair(77, 20)}) {
    Pair pair;
    pair.trace(TraceX2, 20.3, forever);
    pair.random->impulses = number;
    pair.step(1, false);
    EXPECT_EQ(pair.at(TraceX2), expected);
  }
  Pair pair;
  pair.trace(TraceY1, 100, forever);
  pair.step(0, true);
  pair.step(0, true);
  EXPECT_EQ(pair.at(TraceY1), 127);
}

TEST(LearningEngine, SpikeTimesAndFoldedSpikes) {
  Pair pair("", 4);
  pair.trace(TraceX1, 16.25, forever).trace(TraceY2, 10.5, forever);
  pair.random->impulses = 200; // above both fractions
  pair.random->inside = 127;   // below 128 of y2, above 64 of x1
  pair.step(1, true);
  EXPECT_EQ(pair.at(TraceX1), 0); // waits for the end of the epoch
  EXPECT_EQ(pair.engine->preSpikeTimes()[0], 1u);
  EXPECT_FALSE(pair.engine->epochEnded());
  pair.step(0, true);
  EXPECT_EQ(pair.at(TraceY2), 11); // the spike of step 1, rounded up
  EXPECT_EQ(pair.engine->postSpikeTimes()[0], 2u);
  pair.step(1, false);
  EXPECT_EQ(pair.at(TraceX1), 16);
  EXPECT_EQ(pair.engine->preSpikeTimes()[0], 3u);
  pair.step(0, false);
  EXPECT_TRUE(pair.engine->epochEnded());
  EXPECT_EQ(pair.at(TraceX1), 32); // 16 + 16, decays round up to stay
  EXPECT_EQ(pair.at(TraceY2), 21);
  EXPECT_EQ(pair.engine->preSpikeTimes()[0], 3u); // still there
  pair.step(0, false);
  EXPECT_EQ(pair.engine->preSpikeTimes()[0], 0u);
  EXPECT_EQ(pair.engine->postSpikeTimes()[0], 0u);
}

/// dw = 2^-2*x1*y0 with x1 = 64 is 64 << 5 on 2^7, that is 16.
TEST(LearningEngine, OneFactor) {
  Pair pair("2^-2*x1*y0");
  pair.trace(TraceX1, 64, 0).weight(10);
  pair.step(1, false);
  EXPECT_EQ(pair.w(), 10); // no y0
  pair.step(1, true);
  EXPECT_EQ(pair.w(), 26);
  pair.step(0, true); // x1 is 0 now
  EXPECT_EQ(pair.w(), 26);
}

TEST(LearningEngine, RoundingOfTheVariable) {
  auto run = [](const char *rule, double number) {
    Pair pair(rule);
    pair.trace(TraceX1, 3, 0).weight(0);
    pair.random->synapses = number;
    pair.step(1, true);
    return pair.w();
  };
  EXPECT_EQ(run("2^-2*x1*y0", 0.74), 1); // 3 << 5 = 96 = 0.75 * 128
  EXPECT_EQ(run("2^-2*x1*y0", 0.75), 0);
  EXPECT_EQ(run("-2^-2*x1*y0", 0.24), 0); // -0.75 = -1 + 0.25
  EXPECT_EQ(run("-2^-2*x1*y0", 0.25), -1);
}

/// Two traces: 7 + 7 + 4 bits, so the product loses 3 before the exponent.
TEST(LearningEngine, TwoFactors) {
  auto run = [](const char *rule, double number) {
    Pair pair(rule);
    pair.trace(TraceX1, 101, 0).trace(TraceY1, 50, 0).weight(0);
    pair.random->synapses = number;
    pair.step(1, true);
    return pair.w();
  };
  // 5050 >> 3 = 631 = 4 * 128 + 119, and 119 / 128 = 0.9296875.
  EXPECT_EQ(run("2^-7*x0*x1*y1", 0.92), 5);
  EXPECT_EQ(run("2^-7*x0*x1*y1", 0.93), 4);
  // -5050 >> 3 = -632 = -5 * 128 + 8: 0.0625.
  EXPECT_EQ(run("-2^-7*x0*x1*y1", 0.06), -4);
  EXPECT_EQ(run("-2^-7*x0*x1*y1", 0.07), -5);
  // 5050 >> 3 << 7 is more than the accumulator: 32767 = 255.99 * 128.
  EXPECT_EQ(run("x0*x1*y1", 0.5), 255);
}

TEST(LearningEngine, FactorsAreClamped) {
  Pair pair("2^-2*x0*(x1 + 255)");
  pair.trace(TraceX1, 100, 0).weight(0);
  pair.random->synapses = 0.9;
  pair.step(1, false);
  EXPECT_EQ(pair.w(), 31); // 355 becomes 127; 127 / 4 = 31.75
  Pair below("2^-2*x0*(x1 - 255)");
  below.trace(TraceX1, 100, 0).weight(0);
  below.random->synapses = 0.9;
  below.step(1, false);
  EXPECT_EQ(below.w(), -32); // -155 becomes -128
  Pair sign("-4*x0*sgn(w)");
  sign.weight(9);
  sign.step(1, false);
  EXPECT_EQ(sign.w(), 5);
  sign.step(1, false);
  EXPECT_EQ(sign.w(), 1);
  sign.step(1, false);
  EXPECT_EQ(sign.w(), -3);
}

TEST(LearningEngine, EveryFourthEpoch) {
  Pair pair("u2*5", 3);
  pair.weight(0);
  std::vector<int32_t> seen;
  for (int i = 0; i < 27; ++i) {
    pair.step(0, false);
    seen.push_back(pair.w());
  }
  // Epochs 4 and 8 end with steps 12 and 24.
  std::vector<int32_t> expected(27, 10);
  std::fill(expected.begin(), expected.begin() + 23, 5);
  std::fill(expected.begin(), expected.begin() + 11, 0);
  EXPECT_EQ(seen, expected);
}

/// x1 rises at offset 2; y0 looks at it at the offset of its own spike, u0 at
/// the end.
TEST(LearningEngine, WhenTracesAreSampled) {
  auto run = [](const char *rule, int post) {
    Pair pair(rule, 4);
    pair.trace(TraceX1, 64, 1).weight(0);
    pair.random->decays = 0.999;
    for (int offset = 1; offset <= 4; ++offset)
      pair.step(offset == 2, offset == post);
    return pair.w();
  };
  EXPECT_EQ(run("x1*y0", 1), 0);
  EXPECT_EQ(run("x1*y0", 2), 64);
  EXPECT_EQ(run("x1*y0", 3), 23); // 64 / e = 23.54
  EXPECT_EQ(run("x1*y0", 4), 8);  // 23 / e = 8.46
  EXPECT_EQ(run("u0*x1", 1), 8);
  EXPECT_EQ(run("u0*x1*y0", 1), 8);
  EXPECT_EQ(run("u0*x1*y0", 0), 0);
}

TEST(LearningEngine, SignModesAndRanges) {
  auto run = [](const char *rule, image::SignMode sign, int32_t weight) {
    Pair pair(rule);
    pair.config.sign = sign;
    pair.weight(weight);
    pair.random->synapses = 0.5;
    pair.step(1, false);
    return pair.w();
  };
  using image::SignMode;
  EXPECT_EQ(run("-7*x0", SignMode::Mixed, 5), -2);
  EXPECT_EQ(run("-7*x0", SignMode::Excitatory, 5), 0);
  EXPECT_EQ(run("7*x0", SignMode::Excitatory, 250), 255);
  EXPECT_EQ(run("7*x0", SignMode::Inhibitory, -5), 0);
  EXPECT_EQ(run("-7*x0", SignMode::Inhibitory, -250), -255);
  EXPECT_EQ(run("-7*2^3*x0", SignMode::Mixed, -250), -256);
  EXPECT_EQ(run("7*2^3*x0", SignMode::Mixed, 250), 255);
}

/// The sum's lower bound is -32769 = -257 * 128 + 127.
TEST(LearningEngine, TagsAndDelays) {
  for (auto [number, tag] : {std::pair(0.5, -256), std::pair(0.995, -257)}) {
    Pair pair;
    pair.rule(LearningTarget::Tag, "-7*2^8*x0")
        .rule(LearningTarget::Delay, "-x0*4 + y0*7");
    pair.config.initial.delay = {6};
    pair.random->synapses = number;
    pair.step(1, false);
    EXPECT_EQ(pair.t(), tag);
    EXPECT_EQ(pair.d(), 2);
    pair.step(1, false);
    EXPECT_EQ(pair.d(), 0);
    pair.step(1, true);
    EXPECT_EQ(pair.d(), 3);
    EXPECT_EQ(pair.w(), 0);
  }
}

TEST(LearningEngine, SumsSeeTheVariablesOfBefore) {
  Pair pair("u0*t");
  pair.rule(LearningTarget::Tag, "u0*w").rule(LearningTarget::Delay, "u0*w");
  pair.weight(3);
  pair.config.initial.tag = {5};
  pair.step(0, false);
  EXPECT_EQ(pair.w(), 8);
  EXPECT_EQ(pair.t(), 8);
  EXPECT_EQ(pair.d(), 3);
}

TEST(LearningEngine, GradedSpikes) {
  auto make = [](GradedSpikes mode) {
    Pair pair("", 4);
    pair.config.graded = mode;
    pair.trace(TraceX1, 0, forever).trace(TraceX2, 10, forever);
    return pair;
  };
  Pair over = make(GradedSpikes::Overwrite);
  over.step(201, false); // 100.5, ties to even
  EXPECT_EQ(over.at(TraceX1), 100);
  over.step(7, false); // 3.5
  EXPECT_EQ(over.at(TraceX1), 4);
  EXPECT_EQ(over.at(TraceX2), 10);
  EXPECT_EQ(over.engine->preSpikeTimes()[0], 2u);

  Pair saturate = make(GradedSpikes::AddSaturate);
  saturate.step(200, false);
  saturate.step(100, false);
  EXPECT_EQ(saturate.at(TraceX1), 127);
  saturate.step(255, false); // 127 + 128 = 255
  EXPECT_EQ(saturate.at(TraceX1), 127);
  saturate.step(258, false); // 127 + 129 = 256 is 0 in eight bits
  EXPECT_EQ(saturate.at(TraceX1), 0);

  Pair carry = make(GradedSpikes::AddCarry);
  carry.step(200, false);
  EXPECT_EQ(carry.at(TraceX1), 100);
  EXPECT_EQ(carry.engine->preSpikeTimes()[0], 0u); // did not count
  carry.step(100, false);                          // 150
  EXPECT_EQ(carry.at(TraceX1), 23);
  EXPECT_EQ(carry.at(TraceX2), 0);
  EXPECT_EQ(carry.engine->preSpikeTimes()[0], 2u);
  carry.step(250, false); // 148: the carry of step 2 is folded in
  EXPECT_EQ(carry.at(TraceX1), 21);
  EXPECT_EQ(carry.at(TraceX2), 10);
  carry.step(0, false);
  EXPECT_EQ(carry.at(TraceX2), 20);
}

/// Matrices are [post * sources + pre].
TEST(LearningEngine, Orientation) {
  LearningConfig config;
  config.sources = 3;
  config.targets = 2;
  config.rule.of(LearningTarget::Weight) =
      llvm::cantFail(parseLearningProducts("x0*y0"));
  auto engine = LearningEngine::create(config, std::make_shared<FixedRandom>());
  ASSERT_TRUE(bool(engine)) << takeText(engine.takeError());
  ASSERT_FALSE(bool(engine->step({0, 0, 1}, {0, 1})));
  EXPECT_EQ(engine->synapses().weight,
            (std::vector<int32_t>{0, 0, 0, 0, 0, 1}));
  std::string text = takeText(engine->step({0, 0}, {0, 1}));
  EXPECT_NE(text.find("2 and 2 neurons, there are 3 and 2"), std::string::npos)
      << text;
}

TEST(LearningEngine, BadConfigurations) {
  auto random = std::make_shared<FixedRandom>();
  LearningConfig config;
  config.sources = config.targets = 1;
  config.initial.weight = {1, 2};
  auto engine = LearningEngine::create(config, random);
  EXPECT_NE(takeText(engine.takeError()).find("2 values for 1 synapses"),
            std::string::npos);
  config.initial.weight = {256};
  engine = LearningEngine::create(config, random);
  EXPECT_NE(takeText(engine.takeError()).find("not in -256..255"),
            std::string::npos);
  config.initial.weight = {};
  config.rule.epochSteps = 0;
  engine = LearningEngine::create(config, random);
  EXPECT_FALSE(bool(engine));
  llvm::consumeError(engine.takeError());
  engine = LearningEngine::create(LearningConfig(), nullptr);
  EXPECT_FALSE(bool(engine));
  llvm::consumeError(engine.takeError());
}

//===--- Random numbers ---------------------------------------------------===//

TEST(LearningRandom, RecordedNumbersGoWhereLavaUsedThem) {
  RecordedLearningRandom random(
      {{1, 2}, {3, 4}, {5, 6}, {.1, .2}, {.3, .4}, {.5}});
  EXPECT_EQ(random.impulse({2, TraceX1, 7, 1}), 2);
  EXPECT_EQ(random.impulse({2, TraceX2, 7, 0}), 0); // folded: always up
  EXPECT_EQ(random.impulse({1, TraceY3, 7, 1}), 3);
  EXPECT_EQ(random.impulse({1, TraceY3, 7, 0}), 5);
  EXPECT_EQ(random.decay({2, TraceX1, 0, 1}), .2);
  EXPECT_EQ(random.decay({1, TraceY1, 0, 1}), .3);
  EXPECT_EQ(random.synapse({1, LearningTarget::Tag, 3, 4}), .5);
}

TEST(LearningRandom, CounterNumbersAreUniformAndApart) {
  CounterLearningRandom random(7), again(7), other(8);
  double sum = 0, impulses = 0;
  std::set<double> seen;
  int count = 0;
  for (uint32_t trace = 0; trace < 5; ++trace)
    for (uint32_t neuron = 0; neuron < 10; ++neuron)
      for (uint64_t step = 1; step <= 20; ++step)
        for (uint32_t offset = 1; offset <= 4; ++offset, ++count) {
          TraceDraw draw{step, trace, neuron, offset};
          EXPECT_EQ(random.decay(draw), again.decay(draw));
          EXPECT_NE(random.decay(draw), other.decay(draw));
          seen.insert(random.decay(draw));
          sum += random.decay(draw);
          impulses += random.impulse(draw);
          EXPECT_LT(random.impulse(draw), 256);
        }
  // 4000 numbers: the mean's deviation is 0.0046 of the range.
  EXPECT_EQ(seen.size(), size_t(count));
  EXPECT_NEAR(sum / count, 0.5, 0.02);
  EXPECT_NEAR(impulses / count, 127.5, 5);
  EXPECT_NE(random.synapse({1, LearningTarget::Weight, 0, 1}),
            random.synapse({1, LearningTarget::Weight, 1, 0}));
}

} // namespace
