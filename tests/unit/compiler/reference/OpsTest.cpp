//===- tests/unit/compiler/reference/OpsTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One small case an op, with values worked out by hand; convolutions against
// the textbook sum.
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Neuron.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "tests/unit/compiler/reference/Networks.h"

using namespace hillock;
using namespace hillock::reference;
using namespace hillock::reference::test;

namespace {

/// A network in text form: \p body inside of snn.network with dt 1.
struct Parsed {
  explicit Parsed(const std::string &body, const std::string &beside = {}) {
    context.loadDialect<snn::SnnDialect, neuron::NeuronDialect,
                        mlir::arith::ArithDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(
        beside + "snn.network @net dt 1.0 time_unit 0.0 {\n" + body + "\n}",
        &context);
    if (!module) {
      ADD_FAILURE() << "the network does not parse";
      return;
    }
    module->walk([&](snn::NetworkOp op) { network = op; });
  }

  Expected<Trace> tryRun(const std::vector<Signal> &x,
                         std::vector<std::string> probes = {}) {
    RunOptions options{int64_t(x.size()), std::move(probes)};
    return reference::run(network, {{"x", eventsOf(x)}}, options);
  }
  Trace runAll(const std::vector<Signal> &x,
               std::vector<std::string> probes = {}) {
    return module ? need(tryRun(x, std::move(probes))) : Trace();
  }
  /// The values of output "y", steps x neurons.
  std::vector<double> run(const std::vector<Signal> &x) {
    Trace trace = runAll(x);
    return trace.outputs.empty() ? Signal() : trace.outputs[0].dense();
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  snn::NetworkOp network;
};

using Values = std::vector<double>;

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

TEST(Dense, WeightsBiasAndStart) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.spikes<2>
    %y = snn.dense %x weights dense<[[1.0, -2.0], [0.5, 4.0], [0.0, 3.0]]>
         : tensor<3x2xf32> bias dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
         {start = 1 : i64} : (!snn.spikes<2>) -> !snn.current<3xf32>
    snn.output "y", %y : !snn.current<3xf32>)");
  EXPECT_EQ(net.run({{1, 1}, {1, 1}, {0, 2}, {0, 0}}),
            (Values{0, 0, 0, 9, 24.5, 33, 6, 28, 36, 10, 20, 30}));
}

// A negative shift drops bits of each weight: -3 >> 1 is -2, 3 >> 1 is 1.
TEST(Sparse, IntegerFormatAndPayload) {
  const std::string body = R"(
    %x = snn.input "x" : !snn.graded<2xf32>
    %y = snn.sparse %x from dense<[0, 0, 1, 1]> : tensor<4xi64>
         to dense<[0, 1, 1, 1]> : tensor<4xi64>
         weights dense<[-3, 3, 3, 3]> : tensor<4xi16>
         format <bits = 8, shift = SHIFT, sign = mixed>
         : (!snn.graded<2xf32>) -> !snn.current<2xi32>
    snn.output "y", %y : !snn.current<2xi32>)";
  auto with = [&](const std::string &shift) {
    std::string text = body;
    return Parsed(text.replace(text.find("SHIFT"), 5, shift))
        .run({{5, 0}, {0, 1}, {1, 2}});
  };
  EXPECT_EQ(with("-1"), (Values{-10, 5, 0, 2, -2, 5}));
  EXPECT_EQ(with("0"), (Values{-15, 15, 0, 6, -3, 15}));
  EXPECT_EQ(with("6"), (Values{-960, 960, 0, 384, -192, 960}));
}

/// Some numbers without a pattern that a wrong index could hit.
double number(int64_t k) { return double((k * 7919 + 13) % 23) - 11; }

std::vector<double> numbers(int64_t count) {
  std::vector<double> values;
  for (int64_t k = 0; k < count; ++k)
    values.push_back(number(k));
  return values;
}

struct ConvCase {
  const char *name;
  Shape in, out, kernel, stride, padding, dilation;
  int64_t groups;
};

class Conv : public testing::TestWithParam<ConvCase> {};

// y[o, p] = b[o] + sum over c, k of w[o, c, k] x[group(o) + c, s p + d k - pad]
TEST_P(Conv, IsTheTextbookSum) {
  const ConvCase &c = GetParam();
  const int64_t rows = c.in[1], columns = c.in[2];
  const int64_t inPerGroup = c.kernel[1], outPerGroup = c.out[0] / c.groups;
  auto count = [](const Shape &shape) {
    int64_t product = 1;
    for (int64_t size : shape)
      product *= size;
    return product;
  };
  std::vector<double> weights = numbers(count(c.kernel)), x;
  for (int64_t k = 0; k < count(c.in); ++k)
    x.push_back(k % 3 ? number(k + 5) : 0);
  std::vector<double> bias = numbers(c.out[0]), expected;
  for (int64_t o = 0; o < c.out[0]; ++o)
    for (int64_t i = 0; i < c.out[1]; ++i)
      for (int64_t j = 0; j < c.out[2]; ++j) {
        double sum = bias[o];
        for (int64_t ch = 0; ch < inPerGroup; ++ch)
          for (int64_t a = 0; a < c.kernel[2]; ++a)
            for (int64_t b = 0; b < c.kernel[3]; ++b) {
              int64_t row = i * c.stride[0] + a * c.dilation[0] - c.padding[0];
              int64_t column =
                  j * c.stride[1] + b * c.dilation[1] - c.padding[1];
              if (row < 0 || row >= rows || column < 0 || column >= columns)
                continue;
              int64_t channel = o / outPerGroup * inPerGroup + ch;
              sum += weights[((o * inPerGroup + ch) * c.kernel[2] + a) *
                                 c.kernel[3] +
                             b] *
                     x[(channel * rows + row) * columns + column];
            }
        expected.push_back(sum);
      }
  Network net(1);
  net.output(net.conv(net.input(c.in, true), c.out, c.kernel, weights, c.stride,
                      c.padding, c.dilation, c.groups, bias));
  EXPECT_EQ(net.run(eventsOf(llvm::ArrayRef<Signal>(x)), 1).outputs.at(0).at(0),
            expected);
}

const ConvCase convCases[] = {{"plain",
                               {2, 5, 6},
                               {3, 3, 4},
                               {3, 2, 3, 3},
                               {1, 1},
                               {0, 0, 0, 0},
                               {1, 1},
                               1},
                              {"rectangular",
                               {2, 9, 7},
                               {4, 5, 5},
                               {4, 2, 5, 3},
                               {1, 1},
                               {0, 0, 0, 0},
                               {1, 1},
                               1},
                              {"strided",
                               {2, 7, 6},
                               {3, 4, 2},
                               {3, 2, 3, 2},
                               {2, 3},
                               {1, 0, 1, 0},
                               {1, 1},
                               1},
                              {"dilated",
                               {1, 8, 7},
                               {2, 4, 5},
                               {2, 1, 3, 2},
                               {1, 1},
                               {0, 1, 0, 1},
                               {2, 4},
                               1},
                              {"grouped",
                               {4, 4, 4},
                               {6, 4, 4},
                               {6, 2, 3, 3},
                               {1, 1},
                               {1, 1, 1, 1},
                               {1, 1},
                               2},
                              {"depthwise",
                               {3, 4, 4},
                               {3, 2, 2},
                               {3, 1, 3, 3},
                               {1, 1},
                               {0, 0, 0, 0},
                               {1, 1},
                               3},
                              // "same" with an even kernel: one more at the end
                              {"lopsided",
                               {1, 4, 5},
                               {1, 4, 5},
                               {1, 1, 2, 4},
                               {1, 1},
                               {0, 1, 1, 2},
                               {1, 1},
                               1}};

INSTANTIATE_TEST_SUITE_P(Shapes, Conv, testing::ValuesIn(convCases),
                         [](const testing::TestParamInfo<ConvCase> &info) {
                           return std::string(info.param.name);
                         });

TEST(Conv, OneAxis) {
  Network net(1);
  net.output(net.conv(net.input({2, 4}, true), {1, 3}, {1, 2, 2}, {1, 2, 3, 4},
                      {1}, {0, 0}, {1}));
  Signal x = {1, 0, 2, 3, 0, 1, 0, 5};
  EXPECT_EQ(net.run(eventsOf(llvm::ArrayRef<Signal>(x)), 1).outputs.at(0).at(0),
            (Signal{1 + 4, 4 + 3, 2 + 6 + 20}));
}

TEST(Pool, SumAndAverage) {
  // A 3x3 picture, windows 2x2, stride 2, one row and column of zeros before.
  for (auto kind : {snn::PoolKind::Sum, snn::PoolKind::Average}) {
    Network net(1);
    net.output(net.pool(net.input({1, 3, 3}, true), {1, 2, 2}, kind, {2, 2},
                        {2, 2}, {1, 1, 0, 0}));
    Signal x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const double scale = kind == snn::PoolKind::Sum ? 1 : 0.25;
    EXPECT_EQ(
        net.run(eventsOf(llvm::ArrayRef<Signal>(x)), 1).outputs.at(0).at(0),
        (Signal{1 * scale, 5 * scale, 11 * scale, 28 * scale}));
  }
}

//===----------------------------------------------------------------------===//
// Elementwise ops and delays
//===----------------------------------------------------------------------===//

TEST(Elementwise, ScaleSumFlatten) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.graded<1x2xf32>
    %a = snn.scale %x by dense<3.0> : tensor<1xf32>
         : (!snn.graded<1x2xf32>) -> !snn.graded<1x2xf32>
    %b = snn.scale %x by dense<[[1.0, -1.0]]> : tensor<1x2xf32>
         : (!snn.graded<1x2xf32>) -> !snn.graded<1x2xf32>
    %s = snn.sum %a, %b, %b : (!snn.graded<1x2xf32>, !snn.graded<1x2xf32>,
         !snn.graded<1x2xf32>) -> !snn.graded<1x2xf32>
    %y = snn.flatten %s : (!snn.graded<1x2xf32>) -> !snn.graded<2xf32>
    snn.output "y", %y : !snn.graded<2xf32>)");
  EXPECT_EQ(net.run({{2, 5}}), (Values{10, 5}));
}

TEST(Delay, StepsOfEachNeuron) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.spikes<4>
    %y = snn.delay %x steps dense<[0, 1, 2, 3]> : tensor<4xi64>
         : !snn.spikes<4>
    snn.output "y", %y : !snn.spikes<4>)");
  EXPECT_EQ(net.run({{1, 2, 3, 4}, {5, 6, 7, 8}, {0, 0, 0, 0}, {0, 0, 0, 0}}),
            (Values{1, 0, 0, 0, 5, 2, 0, 0, 0, 6, 3, 0, 0, 0, 7, 4}));
}

// A ring of two steps: what enters comes around again and again.
TEST(Delay, CarriesALoop) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.spikes<1>
    %back = snn.delay %y steps dense<2> : tensor<1xi64> : !snn.spikes<1>
    %y = snn.sum %x, %back
         : (!snn.spikes<1>, !snn.spikes<1>) -> !snn.spikes<1>
    snn.output "y", %y : !snn.spikes<1>)");
  EXPECT_EQ(net.run({{1}, {0}, {0}, {0}, {1}, {0}}),
            (Values{1, 0, 1, 0, 2, 0}));
  // A second run starts from silence again.
  Interpreter interpreter(net.network);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        need(interpreter.run({{"x", {{0, 0, 1}}}}, {3})).outputs.at(0).dense(),
        (Values{1, 0, 1}));
}

//===----------------------------------------------------------------------===//
// Neurons
//===----------------------------------------------------------------------===//

/// Spikes and voltages of one neuron with dt 1, r 1, threshold 1.
struct Response {
  Values out, voltage;
};

Response respond(snn::Kind kind, const Convention &convention,
                 const Values &input, Parameters parameters = {}) {
  Network net(1);
  parameters.insert({"r", {1}});
  bool spiking = kind == snn::Kind::If || kind == snn::Kind::Lif ||
                 kind == snn::Kind::CubaLif;
  if (spiking) {
    parameters.insert({"v_threshold", {1}});
    parameters.insert({"v_reset", {0}});
  }
  if (kind == snn::Kind::Threshold)
    parameters.erase("r");
  net.output(
      net.neurons(kind, net.input({1}, true), parameters, convention, "n"));
  std::vector<Signal> steps;
  for (double value : input)
    steps.push_back({value});
  Trace trace = net.run(eventsOf(steps), input.size(), {"n:voltage"});
  return {trace.outputs.at(0).dense(), trace.probes.at(0).dense()};
}

TEST(Neurons, CompareAtTheThreshold) {
  Response strict = respond(snn::Kind::If, {}, {0.5, 0.5, 0.5});
  EXPECT_EQ(strict.out, (Values{0, 0, 1}));
  EXPECT_EQ(strict.voltage, (Values{0.5, 1, 0}));
  Convention loose;
  loose.compare = snn::Compare::NotStrict;
  EXPECT_EQ(respond(snn::Kind::If, loose, {0.5, 0.5, 0.5}).out,
            (Values{0, 1, 0}));
}

TEST(Neurons, Resets) {
  Convention value, zero, subtract;
  zero.reset = snn::Reset::Zero;
  subtract.reset = snn::Reset::Subtract;
  Parameters below = {{"v_reset", {-0.5}}};
  EXPECT_EQ(respond(snn::Kind::If, value, {1.75, 0.25}, below).voltage,
            (Values{-0.5, -0.25}));
  EXPECT_EQ(respond(snn::Kind::If, zero, {1.75, 0.25}, below).voltage,
            (Values{0, 0.25}));
  EXPECT_EQ(respond(snn::Kind::If, subtract, {1.75, 0.25}, below).voltage,
            (Values{0.75, 1}));
}

// What the subtraction leaves above the threshold makes snnTorch's form take
// the threshold off at once and give it back if there is no spike.
TEST(Neurons, SnnTorchReset) {
  Convention convention;
  convention.reset = snn::Reset::SnnTorch;
  Response response = respond(snn::Kind::If, convention, {3.5, 0, 0, 0});
  // 3.5 fires -> 2.5; 2.5 - 1 = 1.5 fires -> 1.5; 0.5 silent -> given back
  EXPECT_EQ(response.out, (Values{1, 1, 0, 0}));
  EXPECT_EQ(response.voltage, (Values{2.5, 1.5, 1.5, 1.5}));
}

TEST(Neurons, SeveralSpikesAndClamp) {
  Convention convention;
  convention.reset = snn::Reset::Subtract;
  convention.multi = true;
  convention.clamp = 1;
  Response response =
      respond(snn::Kind::If, convention, {2.75, -5, 0.5, 3.5, 0});
  EXPECT_EQ(response.out, (Values{2, 0, 0, 3, 0}));
  EXPECT_EQ(response.voltage, (Values{0.75, -1, -0.5, 0, 0}));
}

TEST(Neurons, Refractory) {
  Convention convention;
  convention.refractory = 2;
  Response response = respond(snn::Kind::If, convention, {2, 2, 2, 2, 2, 2, 2});
  EXPECT_EQ(response.out, (Values{1, 0, 0, 1, 0, 0, 1}));
}

// The same neurons, compared one step later.
TEST(Neurons, FireIntegrateIsOneStepLater) {
  const Values input = {0.75, 0.75, 2.5, 0, 0.5, -3, 4, 1, 1, 1, 0, 0};
  for (auto reset : {snn::Reset::Value, snn::Reset::Subtract})
    for (int64_t refractory : {0, 1, 3}) {
      Convention early, late;
      early.reset = late.reset = reset;
      early.refractory = late.refractory = refractory;
      late.order = snn::Order::FireIntegrate;
      Parameters tau = {{"tau_mem", {4}}, {"v_leak", {0}}, {"r", {4}}};
      Values a = respond(snn::Kind::Lif, early, input, tau).out;
      Values b = respond(snn::Kind::Lif, late, input, tau).out;
      EXPECT_EQ(b[0], 0);
      EXPECT_EQ(Values(a.begin(), a.end() - 1), Values(b.begin() + 1, b.end()))
          << "refractory " << refractory;
    }
}

TEST(Neurons, Integrators) {
  auto voltage = [](snn::Integrator integrator) {
    Convention convention;
    convention.integrator = integrator;
    return respond(snn::Kind::Li, convention, {8, 0},
                   {{"tau_mem", {4}}, {"v_leak", {2}}, {"r", {1}}})
        .out;
  };
  EXPECT_EQ(voltage(snn::Integrator::Euler), (Values{2.5, 2.375}));
  const double b = std::exp(-0.25);
  Values exact = voltage(snn::Integrator::Exact);
  EXPECT_DOUBLE_EQ(exact[0], 10 * (1 - b));
  EXPECT_DOUBLE_EQ(exact[1], 10 * (1 - b) * b + 2 * (1 - b));
  Values mixed = voltage(snn::Integrator::DecayExpGainEuler);
  EXPECT_DOUBLE_EQ(mixed[0], 2.5);
  EXPECT_DOUBLE_EQ(mixed[1], 2.5 * b + 0.5);
}

// The membrane is driven by the current of the same step.
TEST(Neurons, CubaUsesTheNewCurrent) {
  Parameters parameters = {{"tau_mem", {2}},
                           {"tau_syn", {4}},
                           {"r", {3}},
                           {"v_leak", {0}},
                           {"w_in", {2}}};
  EXPECT_EQ(respond(snn::Kind::CubaLi, {}, {8, 0}, parameters).out,
            (Values{6, 7.5}));
}

TEST(Neurons, IntegratorAndThreshold) {
  EXPECT_EQ(respond(snn::Kind::I, {}, {2, -5, 1}).out, (Values{2, -3, -2}));
  EXPECT_EQ(
      respond(snn::Kind::Threshold, {}, {2, 0.5, 1, 3}, {{"v_threshold", {1}}})
          .out,
      (Values{1, 0, 0, 1}));
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

const char *const population = R"(
    %x = snn.input "x" : !snn.graded<2xi32>
    %y = snn.population "if" %x registers {bias = 1 : i32,
         vth = dense<[4, 6]> : tensor<2xi32>, v_reset = 0 : i32,
         reset_mode = 1 : i32, refract_delay = 0 : i32} initial {INITIAL}
         {name = "p"} : (!snn.graded<2xi32>) -> !snn.spikes<2>
    snn.output "y", %y : !snn.spikes<2>)";

std::string populationWith(const std::string &initial) {
  std::string text = population;
  return text.replace(text.find("INITIAL"), 7, initial);
}

TEST(Population, RegistersAndInitialStates) {
  Parsed net(populationWith("v = dense<[2, -1]> : tensor<2xi32>"));
  Trace trace = net.runAll({{3, 3}, {3, 3}, {0, 0}}, {"p", "p:v"});
  ASSERT_EQ(trace.probes.size(), 2u);
  // v: 2+3+1 = 6 > 4 -> 2, 6 -> 2, 3; -1+4 = 3, 7 > 6 -> 1, 2
  EXPECT_EQ(trace.probes[0].dense(), (Values{1, 0, 1, 1, 0, 0}));
  EXPECT_EQ(trace.probes[1].dense(), (Values{2, 3, 2, 1, 3, 2}));
  EXPECT_EQ(trace.outputs[0].counts(), (Signal{2, 1}));
}

TEST(Population, UnknownNames) {
  Parsed state(populationWith("w = 1 : i32"));
  Expected<Trace> trace = state.tryRun({{0, 0}});
  ASSERT_FALSE(trace);
  EXPECT_EQ(takeText(trace.takeError()),
            "population 'p': program 'if' has no state 'w'; it has v, ref");
  Parsed probe(populationWith(""));
  trace = probe.tryRun({{0, 0}}, {"p:u"});
  ASSERT_FALSE(trace);
  EXPECT_EQ(takeText(trace.takeError()),
            "probe 'p:u': program 'if' has no state 'u'");
}

TEST(Population, ModelBesideTheNetwork) {
  const std::string body = R"(
    %x = snn.input "x" : !snn.graded<2xi32>
    %y = snn.population "doubled" %x registers {} initial {}
         : (!snn.graded<2xi32>) -> !snn.graded<2xi32>
    snn.output "y", %y : !snn.graded<2xi32>)";
  Parsed net(body, R"(
    neuron.model @doubled ports 1 {
      %x = neuron.input 0
      %zero = arith.constant 0 : i32
      %sum = arith.addi %x, %x : i32
      %some = arith.cmpi ne, %x, %zero : i32
      neuron.fire %some payload %sum
    })");
  EXPECT_EQ(net.run({{1, 0}, {0, -4}}), (Values{2, 0, 0, -8}));
  Parsed without(body);
  Expected<Trace> trace = without.tryRun({{1, 1}});
  ASSERT_FALSE(trace);
  EXPECT_NE(takeText(trace.takeError()).find("no neuron program 'doubled'"),
            std::string::npos);
}

// A random number depends on neuron, step and draw alone.
TEST(Population, RandomSource) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.graded<2xi32>
    %y = snn.population "dice" %x registers {} initial {} {name = "dice"}
         : (!snn.graded<2xi32>) -> !snn.graded<2xi32>
    snn.output "y", %y : !snn.graded<2xi32>)",
             R"(
    neuron.model @dice ports 1 {
      %a = neuron.random
      %b = neuron.random
      %ten = arith.constant 10 : i32
      %high = arith.muli %b, %ten : i32
      %sum = arith.addi %a, %high : i32
      %true = arith.constant true
      neuron.fire %true payload %sum
    })");
  Interpreter interpreter(net.network);
  interpreter.setRandom([](const Draw &draw) {
    return int32_t(1 + draw.index + 2 * draw.neuron + 4 * draw.step);
  });
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(need(interpreter.run(Inputs(), {2})).outputs.at(0).dense(),
              (Values{21, 43, 65, 87}));
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

TEST(Interpreter, NamesThatDoNotExist) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.spikes<2>
    snn.output "y", %x : !snn.spikes<2>)");
  auto message = [&](const Inputs &inputs, const RunOptions &options) {
    Expected<Trace> trace = reference::run(net.network, inputs, options);
    return trace ? std::string() : takeText(trace.takeError());
  };
  EXPECT_EQ(message({{"z", {}}}, {1}),
            "network 'net': the network has no input 'z'; its inputs are x");
  EXPECT_EQ(message({{"x", {{0, 2, 1}}}}, {1}),
            "input 'x': an event for neuron 2; there are 2");
  EXPECT_EQ(message({{"x", {{1, 0, 1}, {0, 0, 1}}}}, {2}),
            "input 'x': events are not sorted by step: 0 after 1");
  EXPECT_NE(message({}, {1, {"p"}}).find("there is no population to probe"),
            std::string::npos);
  // Events of one neuron and step add up; a missing input is silent.
  Trace trace =
      need(reference::run(net.network, {{"x", {{0, 1, 2}, {0, 1, 3}}}}, {1}));
  EXPECT_EQ(trace.outputs.at(0).at(0), (Signal{0, 5}));
  EXPECT_EQ(need(reference::run(net.network, {}, {4})).outputs.at(0).events,
            std::vector<Event>());
}

TEST(Interpreter, StimulusFunction) {
  Parsed net(R"(
    %x = snn.input "x" : !snn.spikes<1>
    snn.output "y", %x : !snn.spikes<1>)");
  Interpreter interpreter(net.network);
  Trace trace = need(interpreter.run(
      [](llvm::StringRef, int64_t step) { return Signal{double(step)}; }, {3}));
  EXPECT_EQ(trace.outputs.at(0).dense(), (Values{0, 1, 2}));
  Expected<Trace> wrong = interpreter.run(
      [](llvm::StringRef, int64_t) { return Signal{1, 2}; }, {3});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(takeText(wrong.takeError()),
            "input 'x': the stimulus has 2 values in step 0, the network takes "
            "1");
}

TEST(Interpreter, FirstDifference) {
  Recording a, b;
  a.shape = b.shape = {4};
  a.steps = b.steps = 3;
  a.events = {{0, 1, 1}, {1, 0, 2}, {2, 3, 1}};
  b.events = {{0, 1, 1}, {1, 0, 2.5}, {1, 2, 1}};
  auto found = firstDifference(a, b);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->step, 1);
  EXPECT_EQ(found->neuron, 0);
  EXPECT_EQ(countDifferences(a, b), 3);
  EXPECT_EQ(countDifferences(a, b, 0.5), 2);
  EXPECT_FALSE(firstDifference(a, a));
}

} // namespace
