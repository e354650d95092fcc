//===- tests/unit/backends/image/LevelsTest.cpp - One network, all levels -===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/image/Emit.h"
#include "base/Random.h"
#include "compiler/mapping/passes/Extract.h"
#include "compiler/mapping/passes/Passes.h"
#include "compiler/programs/Programs.h"
#include "compiler/reference/Interpreter.h"
#include "emulator/core/Emulator.h"
#include "tests/unit/backends/image/Support.h"
#include <gmock/gmock.h>

using namespace hillock;
using namespace hillock::test;
using testing::HasSubstr;

namespace {

/// "[[..], ..]" of \p shape with even numbers of -\p most .. \p most.
std::string literal(std::vector<int64_t> shape, CounterRandom &random,
                    int most) {
  if (shape.empty())
    return std::to_string(
        2 * static_cast<int>(random.below(static_cast<uint64_t>(most) + 1)) -
        most);
  std::string text = "[";
  std::vector<int64_t> inner(shape.begin() + 1, shape.end());
  for (int64_t i = 0; i < shape[0]; ++i)
    text += (i ? ", " : "") + literal(inner, random, most);
  return text + "]";
}

const char *const registers =
    "registers {decay_u = 2000 : i32, decay_v = 300 : i32, "
    "refract_delay = 2 : i32, vth = 500 : i32, bias_mant = 60 : i32, "
    "bias_exp = 3 : i32, pos_vm_limit = 7 : i32, neg_vm_limit = 23 : i32, "
    "ds_offset = 1 : i32, dm_offset = 0 : i32}";

/// Convolution, sum pool, dense layer, recurrence with a delay a neuron.
std::string networkText() {
  CounterRandom random(7);
  const std::string format = "format <bits = 8, shift = 6, "
                             "sign = mixed>";
  const std::string program = "snn.population \"loihi1_compartment\" ";
  return
      R"(snn.network @net dt 1.0e-3 time_unit 1.0 {
  %x = snn.input "x" : !snn.spikes<2x6x6>
  %dx = snn.delay %x steps dense<1> : tensor<1xi64> : !snn.spikes<2x6x6>
  %c = snn.conv %dx weights dense<)" +
      literal({3, 2, 3, 3}, random, 200) + R"(> : tensor<3x2x3x3xi16>
    stride [1, 1] padding [1, 1, 1, 1] dilation [1, 1] groups 1 )" +
      format + R"( : (!snn.spikes<2x6x6>) -> !snn.current<3x6x6xi32>
  %a = )" +
      program + "%c " + registers +
      R"( initial {v = 1000 : i32} {name = "a", kind = "lif"}
    : (!snn.current<3x6x6xi32>) -> !snn.spikes<3x6x6>
  %da = snn.delay %a steps dense<3> : tensor<1xi64> : !snn.spikes<3x6x6>
  %p = snn.pool sum %da kernel [2, 2] stride [2, 2] padding [0, 0, 0, 0]
    : (!snn.spikes<3x6x6>) -> !snn.spikes<3x3x3>
  %f = snn.flatten %p : (!snn.spikes<3x3x3>) -> !snn.spikes<27>
  %d = snn.dense %f weights dense<)" +
      literal({10, 27}, random, 160) + R"(> : tensor<10x27xi16> )" + format +
      R"( : (!snn.spikes<27>) -> !snn.current<10xi32>
  %db = snn.delay %b steps dense<[1, 2, 3, 4, 5, 6, 5, 4, 3, 2]>
    : tensor<10xi64> : !snn.spikes<10>
  %r = snn.sparse %db from dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]>
    : tensor<10xi32> to dense<[3, 4, 4, 0, 1, 9, 9, 2, 8, 7]> : tensor<10xi32>
    weights dense<[60, -60, 30, 90, 20, -100, 100, 70, -20, 16]>
    : tensor<10xi16> )" +
      format + R"( : (!snn.spikes<10>) -> !snn.current<10xi32>
  %s = snn.sum %d, %r : (!snn.current<10xi32>, !snn.current<10xi32>)
    -> !snn.current<10xi32>
  %b = )" +
      program + "%s " + registers +
      R"( initial {} {name = "b", kind = "lif", lag = 2 : i64}
    : (!snn.current<10xi32>) -> !snn.spikes<10>
  snn.output "y", %b {lag = 2 : i64} : !snn.spikes<10>
}
)";
}

constexpr int64_t steps = 60;

std::vector<Signal> stimulus() {
  CounterRandom random(11);
  std::vector<Signal> signals(steps, Signal(72));
  for (Signal &signal : signals)
    for (double &value : signal)
      value = random.bernoulli(0.2);
  return signals;
}

std::vector<Signal> signalsOf(const reference::Recording *recording) {
  std::vector<Signal> signals;
  for (int64_t t = 0; recording && t < steps; ++t)
    signals.push_back(recording->at(t));
  return signals;
}

double total(const std::vector<Signal> &signals) {
  double sum = 0;
  for (const Signal &signal : signals)
    for (double value : signal)
      sum += value;
  return sum;
}

class Levels : public testing::Test {
protected:
  void SetUp() override {
    context = makeContext();
    module = parse(networkText(), *context);
    ASSERT_TRUE(module);
    network = *module->getOps<snn::NetworkOp>().begin();
    auto target = target::findTarget("loihi");
    ASSERT_TRUE(bool(target));
    auto mapped = mapping::mapToNeurocore(network, *target, {}, {});
    ASSERT_TRUE(bool(mapped)) << takeText(mapped.takeError());
    system = *mapped;
    ASSERT_EQ(diagnosticsOf(system), "");
    reference::RunOptions options;
    options.steps = steps;
    options.populations = true;
    auto trace = reference::run(
        network, {{"x", reference::eventsOf(stimulus())}}, options);
    ASSERT_TRUE(bool(trace)) << takeText(trace.takeError());
    a = signalsOf(trace->probe("a"));
    y = signalsOf(trace->output("y"));
    ASSERT_GT(total(a), 100);
    ASSERT_GT(total(y), 20);
  }

  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  snn::NetworkOp network;
  neurocore::SystemOp system;
  std::vector<Signal> a, y; ///< of the snn level
};

TEST_F(Levels, NeurocoreSpikesLikeSnn) {
  Signals run = runSystem(system, {{"x", stimulus()}}, steps);
  EXPECT_EQ(run["population a"], a);
  EXPECT_EQ(run["output y"], y);
}

TEST_F(Levels, TheEmulatorSpikesLikeSnn) {
  auto proto = backends::emitImage(system, programs::libraryProgram);
  ASSERT_TRUE(bool(proto)) << takeText(proto.takeError());
  auto loaded = image::load(*proto, "test");
  ASSERT_TRUE(bool(loaded)) << takeText(loaded.takeError());
  auto image = std::make_shared<image::LoadedImage>(std::move(*loaded));
  auto emulator = emu::Emulator::create(image, {});
  ASSERT_TRUE(bool(emulator)) << takeText(emulator.takeError());
  const proto::Port &in = image->proto.io().input(0);
  const proto::Port &out = image->proto.io().output(0);
  EXPECT_EQ(out.lag(), 2u);
  std::vector<Signal> input = stimulus();
  for (int64_t t = 0; t < steps; ++t) {
    (*emulator)->step();
    Signal spikes(10);
    for (const emu::Spike &spike : (*emulator)->spikes())
      for (int n = 0; n < 10; ++n)
        if (out.core(n) == spike.core && out.index(n) == spike.compartment)
          spikes[size_t(n)] = spike.payload;
    EXPECT_EQ(spikes, y[size_t(t)]) << "step " << t;
    std::vector<emu::HostSpike> sent;
    for (uint32_t n = 0; n < 72; ++n)
      if (input[size_t(t)][n] != 0)
        for (uint32_t i = in.first(int(n)); i < in.first(int(n) + 1); ++i)
          sent.push_back({in.core(int(i)), in.index(int(i)), in.atom(int(i))});
    ASSERT_FALSE(bool((*emulator)->send(sent)));
  }
}

TEST_F(Levels, ExtractionKeepsWhatTheNetworkSays) {
  auto problem = mapping::extractNetwork(network);
  ASSERT_TRUE(bool(problem)) << takeText(problem.takeError());
  ASSERT_EQ(problem->populations.size(), 3u);
  EXPECT_EQ(problem->populations[0].name, "x");
  EXPECT_TRUE(problem->populations[0].isInput);
  EXPECT_EQ(problem->populations[1].initial.at("v"),
            std::vector<int32_t>{1000});
  EXPECT_EQ(problem->populations[2].lag, 2u);
  EXPECT_DOUBLE_EQ(problem->dtSeconds, 1e-3);
  ASSERT_EQ(problem->projections.size(), 3u);
  // Neuron 6 of b reaches neuron 9 after 5 steps, 4 of them in the synapse.
  std::vector<mapping::Synapse> synapses;
  problem->projections[2].connectivity->append(6, synapses);
  ASSERT_EQ(synapses.size(), 1u);
  EXPECT_EQ(synapses[0].target, 9u);
  EXPECT_EQ(synapses[0].mantissa, 100);
  EXPECT_EQ(synapses[0].delay, 4);
}

//===----------------------------------------------------------------------===//
// What cannot be mapped
//===----------------------------------------------------------------------===//

std::string extractionError(const std::string &body) {
  auto context = makeContext();
  auto module =
      parse("snn.network @n dt 1.0 time_unit 1.0 {\n" + body + "\n}", *context);
  if (!module)
    return "does not parse";
  auto problem =
      mapping::extractNetwork(*module->getOps<snn::NetworkOp>().begin());
  return problem ? "" : takeText(problem.takeError());
}

const std::string inputAndDelay =
    "%x = snn.input \"x\" : !snn.spikes<2>\n"
    "%d = snn.delay %x steps dense<1> : tensor<1xi64> : !snn.spikes<2>\n";

std::string dense(const std::string &from, const std::string &shift,
                  const std::string &weights = "[[2, 4]]") {
  return "%c = snn.dense " + from + " weights dense<" + weights +
         "> : tensor<1x2xi16> format <bits = 8, shift = " + shift +
         ", sign = mixed> : (!snn.spikes<2>) -> !snn.current<1xi32>\n";
}

const std::string population =
    "%p = snn.population \"loihi1_compartment\" %c registers {} initial {} : "
    "(!snn.current<1xi32>) -> !snn.spikes<1>\n";

TEST(Extract, AcceptsTheSimplest) {
  EXPECT_EQ(extractionError(inputAndDelay + dense("%d", "6") + population), "");
}

TEST(Extract, NeedsADelay) {
  EXPECT_THAT(extractionError(inputAndDelay + dense("%x", "6") + population),
              HasSubstr("snn.input reaches a population in the same step"));
}

TEST(Extract, RefusesWeightsThatTheChipWouldCut) {
  EXPECT_EQ(extractionError(inputAndDelay + dense("%d", "5") + population), "");
  EXPECT_THAT(extractionError(inputAndDelay + dense("%d", "4") + population),
              HasSubstr("has a weight of 2 * 2^4, but the chip's weights are "
                        "multiples of 2^6"));
}

TEST(Extract, NeedsWeights) {
  EXPECT_THAT(
      extractionError(inputAndDelay +
                      "%p = snn.population \"loihi1_compartment\" %d registers "
                      "{} initial {} : (!snn.spikes<2>) -> !snn.spikes<2>"),
      HasSubstr("leads to a population without weights"));
}

TEST(Extract, RefusesTwoWeightsOnAPath) {
  EXPECT_THAT(
      extractionError(
          inputAndDelay + dense("%d", "6") +
          "%e = snn.dense %c weights dense<2> : tensor<1x1xi16> format "
          "<bits = 8, shift = 6, sign = mixed> : "
          "(!snn.current<1xi32>) -> !snn.current<1xi32>\n"
          "%p = snn.population \"loihi1_compartment\" %e registers {} initial "
          "{} : (!snn.current<1xi32>) -> !snn.spikes<1>\n"),
      HasSubstr("has weights, and so has another op on its path"));
}

TEST(Extract, RefusesDelaysOfMoreThanAByte) {
  const std::string text =
      "%x = snn.input \"x\" : !snn.spikes<2>\n"
      "%d = snn.delay %x steps dense<257> : tensor<1xi64> : !snn.spikes<2>\n";
  EXPECT_THAT(extractionError(text + dense("%d", "6") + population),
              HasSubstr("snn.delay of 257 steps cannot be mapped"));
}

TEST(Extract, RefusesAnOutputThatIsNoPopulation) {
  EXPECT_THAT(
      extractionError(inputAndDelay + "snn.output \"y\", %d : !snn.spikes<2>"),
      HasSubstr("'y' is not what a population puts out"));
}

} // namespace
