//===- tests/unit/runtime/crossbar/AgreementTest.cpp - Level against pins -===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random networks, compiled: the crossbar level, which knows a queue and
// neuron programs only, against the emulated chip behind its pins, which knows
// clock edges and memory words only. Every spike of every neuron.
//
//===----------------------------------------------------------------------===//
#include "backends/image/EmitCrossbar.h"
#include "backends/odin/OdinImage.h"
#include "compiler/transform/odin/Lower.h"
#include "dialects/All.h"
#include "image/ImageFile.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "runtime/crossbar/CrossbarSession.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace hillock;

namespace {

using Random = std::mt19937_64;

std::string tensor(Random &random, int rows, int columns, double low,
                   double high) {
  std::uniform_real_distribution<double> value(low, high);
  std::string text = "dense<[";
  for (int r = 0; r < rows; ++r) {
    text += r ? ", [" : "[";
    for (int c = 0; c < columns; ++c)
      text += (c ? ", " : "") + llvm::formatv("{0:F6}", value(random)).str();
    text += "]";
  }
  return text + "]> : tensor<" + std::to_string(rows) + "x" +
         std::to_string(columns) + "xf32>";
}

struct Shape {
  int inputs, hidden, outputs;
  bool recurrent, leaky, biased;
  double low = -0.35, high = 0.45; ///< of weights, in thresholds
};

std::string neurons(const std::string &result, const std::string &input,
                    const std::string &name, int count, bool leaky) {
  const std::string type = "tensor<" + std::to_string(count) + "xf64>";
  const std::string size = std::to_string(count);
  return "  %" + result + " = snn.neurons " + (leaky ? "lif" : "if") + " %" +
         input +
         " conventions <integrator = euler, order = integrate_fire, reset = "
         "zero, compare = strict, refractory = 0, multi = false, clamp = 0> {" +
         (leaky ? "tau_mem = dense<8.0> : " + type +
                      ", v_leak = dense<0.0> : " + type +
                      ", r = dense<8.0> : " + type
                : "r = dense<1.0> : " + type) +
         ", v_threshold = dense<1.0> : " + type +
         ", v_reset = dense<0.0> : " + type + ", name = \"" + name +
         "\"} : (!snn.current<" + size + "xf32>) -> !snn.spikes<" + size +
         ">\n";
}

std::string networkText(Random &random, const Shape &shape) {
  const auto dense = [&](const std::string &result, const std::string &from,
                         int in, int out, bool bias, double scale = 1) {
    const std::string biasText =
        " bias dense<[" +
        [&] {
          std::string list;
          std::uniform_real_distribution<double> value(-0.1, 0.15);
          for (int i = 0; i < out; ++i)
            list +=
                (i ? ", " : "") + llvm::formatv("{0:F6}", value(random)).str();
          return list;
        }() +
        "]> : tensor<" + std::to_string(out) + "xf32>";
    return "  %" + result + " = snn.dense %" + from + " weights " +
           tensor(random, out, in, shape.low * scale, shape.high * scale) +
           (bias ? biasText : "") + " : (!snn.spikes<" + std::to_string(in) +
           ">) -> !snn.current<" + std::to_string(out) + "xf32>\n";
  };
  const std::string h = std::to_string(shape.hidden);
  std::string text = "snn.network @n dt 1.0 time_unit 1.0e-3 {\n"
                     "  %x = snn.input \"x\" : !snn.spikes<" +
                     std::to_string(shape.inputs) + ">\n";
  text += dense("c1", "x", shape.inputs, shape.hidden, shape.biased);
  std::string current = "c1";
  if (shape.recurrent) {
    text +=
        "  %d = snn.delay %h steps dense<1> : tensor<1xi64> : !snn.spikes<" +
        h + ">\n";
    text += dense("cr", "d", shape.hidden, shape.hidden, false, 0.3);
    text += "  %sum = snn.sum %c1, %cr : (!snn.current<" + h +
            "xf32>, !snn.current<" + h + "xf32>) -> !snn.current<" + h +
            "xf32>\n";
    current = "sum";
  }
  text += neurons("h", current, "hidden", shape.hidden, shape.leaky);
  text += dense("c2", "h", shape.hidden, shape.outputs, false);
  text += neurons("o", "c2", "out", shape.outputs, shape.leaky);
  text += "  snn.output \"y\", %o : !snn.spikes<" +
          std::to_string(shape.outputs) + ">\n}\n";
  return text;
}

/// Runs a crossbar.chip on a stimulus; spikes as events of each layer.
class LevelFrame final : public Frame {
public:
  int64_t step() const override { return now; }
  const Signal &get(mlir::Value) override { return nothing; }
  void set(mlir::Value, Signal) override {}
  Expected<Signal> input(mlir::Operation *) override {
    Signal signal(static_cast<size_t>(stimulus->neurons()));
    for (const runtime::Event &event : stimulus->eventsAt(now))
      signal[event.neuron] = event.value;
    return signal;
  }
  void record(mlir::Operation *op, const Signal &signal) override {
    std::string name;
    if (auto layer = llvm::dyn_cast<crossbar::PopulationOp>(op)) {
      if (layer.getTwinOf())
        return;
      name = layer.getName().str();
    } else {
      name = "output " + llvm::cast<crossbar::OutputOp>(op).getName().str();
    }
    for (size_t n = 0; n < signal.size(); ++n)
      if (signal[n] != 0)
        shown[name].push_back({static_cast<uint32_t>(now),
                               static_cast<uint32_t>(n),
                               static_cast<float>(signal[n])});
  }
  int64_t now = 0;
  const runtime::Stimulus *stimulus = nullptr;
  std::map<std::string, std::vector<runtime::Event>> shown;

private:
  Signal nothing;
};

class Agreement : public testing::TestWithParam<std::string> {
protected:
  Agreement() {
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// Returns false when the network was refused for its size.
  void compare(const Shape &shape, uint64_t seed, double rate,
               uint64_t powerUpSeed);

  mlir::MLIRContext context;
  uint64_t spikes = 0, lost = 0, samples = 0, restless = 0;
};

runtime::Stimulus randomStimulus(Random &random, int neurons, double rate) {
  runtime::Stimulus stimulus;
  stimulus.shape = {neurons};
  stimulus.steps = 12;
  std::uniform_real_distribution<double> value;
  for (uint32_t step = 0; step < 12; ++step)
    for (uint32_t n = 0; n < static_cast<uint32_t>(neurons); ++n)
      if (value(random) < rate) // now and then twice in a step
        stimulus.events.push_back({step, n, value(random) < 0.1 ? 2.0f : 1.0f});
  return stimulus;
}

void Agreement::compare(const Shape &shape, uint64_t seed, double rate,
                        uint64_t powerUpSeed) {
  Random random(seed);
  const std::string text = networkText(random, shape);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text;
  auto target = llvm::cantFail(target::findTarget(GetParam()));
  std::vector<std::string> remarks;
  auto chip = transform::lowerToCrossbar(
      *module->getOps<snn::NetworkOp>().begin(), target, remarks);
  ASSERT_TRUE(bool(chip)) << takeText(chip.takeError());
  auto image = backends::emitCrossbarImage(*chip, "{}");
  ASSERT_TRUE(bool(image)) << takeText(image.takeError());
  // Through the bytes of a file.
  auto parsed = image::parseImage(image::serialize(*image), "image");
  ASSERT_TRUE(bool(parsed)) << takeText(parsed.takeError());
  auto config = odin::fromImage(*parsed, "image");
  ASSERT_TRUE(bool(config));
  Error different = backends::compareCrossbar(*chip, *config);
  ASSERT_FALSE(bool(different)) << takeText(std::move(different));
  runtime::odin::DeviceOptions options;
  options.powerUpSeed = powerUpSeed;
  auto session = runtime::CrossbarSession::open(*parsed, "image", options);
  ASSERT_TRUE(bool(session)) << takeText(session.takeError());

  // Several samples on one chip: the potentials must be cleared between them.
  for (int sample = 0; sample < 3; ++sample) {
    const auto stimulus = randomStimulus(random, shape.inputs, rate);
    LevelFrame frame;
    frame.stimulus = &stimulus;
    for (frame.now = 0; frame.now < stimulus.steps; ++frame.now)
      if (Error error = chip->evaluate(frame)) {
        // A network that excites itself without end is none to compare.
        EXPECT_NE(takeText(std::move(error)).find("without end"),
                  std::string::npos);
        ++restless;
        return;
      }
    auto result = session->run({{"x", stimulus}}, 0);
    ASSERT_TRUE(bool(result)) << takeText(result.takeError());
    for (const runtime::SpikeTrain &train : result->populations)
      EXPECT_EQ(train.events, frame.shown[train.name])
          << train.name << ", sample " << sample << ", seed " << seed;
    for (const runtime::SpikeTrain &train : result->outputs)
      EXPECT_EQ(train.events, frame.shown["output " + train.name]);
    EXPECT_EQ(result->populations.size(), 2u);
    const auto &counters = crossbar::countersOf(*chip, frame);
    EXPECT_EQ(result->spikes, counters.spikes);
    EXPECT_EQ(result->cost.work.neuronEvents, counters.neuronEvents);
    EXPECT_EQ(result->cost.work.lost, counters.lost);
    spikes += counters.spikes;
    lost += counters.lost;
    ++samples;
    if (HasFailure())
      return;
  }
}

TEST_P(Agreement, FeedForward) {
  for (uint64_t seed = 0; seed < 4; ++seed)
    compare({9, 20, 6, false, false, false}, seed, 0.3, 0);
  EXPECT_GT(spikes, 100u);
}

TEST_P(Agreement, LeaksAndBiases) {
  for (uint64_t seed = 0; seed < 4; ++seed)
    compare({9, 20, 6, false, true, true}, 100 + seed, 0.3, 0);
  EXPECT_GT(spikes, 100u);
}

TEST_P(Agreement, Recurrence) {
  for (uint64_t seed = 0; seed < 6; ++seed)
    compare({7, 24, 5, true, seed % 2 == 1, false, -0.4, 0.3}, 200 + seed, 0.3,
            0);
  EXPECT_GT(spikes, 50u);
  EXPECT_LT(restless, 6u);
}

TEST_P(Agreement, ManyNeuronsOverflowTheQueue) {
  // All hidden neurons fire at the same event: more than ODIN's 32 places.
  for (uint64_t seed = 0; seed < 2; ++seed)
    compare({3, 100, 4, false, false, false, 0.55, 0.6}, 300 + seed, 0.5, 0);
  if (GetParam() == "odin")
    EXPECT_GT(lost, 0u);
}

TEST_P(Agreement, MemoriesAreRandomAfterPowerUp) {
  compare({9, 20, 6, true, false, true, -0.4, 0.3}, 400, 0.3, 5);
}

INSTANTIATE_TEST_SUITE_P(Targets, Agreement,
                         testing::Values("tinyodin", "odin"),
                         [](const auto &info) { return info.param; });

} // namespace
