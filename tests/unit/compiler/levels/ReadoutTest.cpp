//===- tests/unit/compiler/levels/ReadoutTest.cpp - Graded outputs --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks that end in voltages or currents: in real numbers, in integers and
// on the chip. The chip must equal the integers in every value, and both the
// real numbers up to the error of 8-bit weights.
//
//===----------------------------------------------------------------------===//
#include "backends/image/Emit.h"
#include "base/Random.h"
#include "compiler/frontend/nir/Writer.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/programs/Programs.h"
#include "compiler/reference/Interpreter.h"
#include "image/ImageFile.h"
#include "runtime/session/Evaluate.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace hillock;
using nir::NodeType;

namespace {

nir::Tensor filled(nir::Shape shape, double value) {
  size_t count = 1;
  for (int64_t extent : shape)
    count *= static_cast<size_t>(extent);
  return {std::move(shape), std::vector<double>(count, value)};
}

nir::Node makeNode(NodeType type, const std::string &name,
                   std::map<std::string, nir::Tensor> fields = {}) {
  nir::Node node;
  node.type = type;
  node.name = node.path = name;
  node.fields = std::move(fields);
  return node;
}

nir::Node port(NodeType type, const std::string &name, nir::Shape shape) {
  nir::Node node = makeNode(type, name);
  node.integers["shape"] = std::move(shape);
  return node;
}

/// Weights in -1..1, the same for the same seed.
nir::Node linear(const std::string &name, int64_t out, int64_t in,
                 uint64_t seed) {
  CounterRandom random(seed);
  nir::Tensor weight = filled({out, in}, 0);
  for (double &value : std::get<1>(weight.values))
    value = 2 * random.uniform() - 1;
  return makeNode(NodeType::Linear, name, {{"weight", weight}});
}

nir::Node affine(const std::string &name, int64_t out, int64_t in,
                 uint64_t seed) {
  nir::Node node = linear(name, out, in, seed);
  node.type = NodeType::Affine;
  nir::Tensor bias = filled({out}, 0);
  for (int64_t n = 0; n < out; ++n)
    std::get<1>(bias.values)[static_cast<size_t>(n)] = 0.2 * double(n) - 0.3;
  node.fields["bias"] = bias;
  return node;
}

/// Spikes whenever its input does: a quantized weight cannot change that.
std::vector<nir::Node> relay(const std::string &name, int64_t size) {
  nir::Tensor identity = filled({size, size}, 0);
  for (int64_t n = 0; n < size; ++n)
    std::get<1>(identity.values)[static_cast<size_t>(n * size + n)] = 20;
  return {makeNode(NodeType::Linear, name + "_w", {{"weight", identity}}),
          makeNode(NodeType::LIF, name,
                   {{"tau", filled({size}, 0.01)},
                    {"r", filled({size}, 1)},
                    {"v_leak", filled({size}, 0)},
                    {"v_threshold", filled({size}, 1)},
                    {"v_reset", filled({size}, 0)}})};
}

nir::Node li(const std::string &name, int64_t size) {
  return makeNode(NodeType::LI, name,
                  {{"tau", filled({size}, 0.02)},
                   {"r", filled({size}, 3)},
                   {"v_leak", filled({size}, 0.1)}});
}

nir::Node cubaLi(const std::string &name, int64_t size) {
  return makeNode(NodeType::CubaLI, name,
                  {{"tau_syn", filled({size}, 0.005)},
                   {"tau_mem", filled({size}, 0.02)},
                   {"r", filled({size}, 1)},
                   {"v_leak", filled({size}, 0)},
                   {"w_in", filled({size}, 2)}});
}

nir::Node integrator(const std::string &name, int64_t size) {
  return makeNode(NodeType::I, name, {{"r", filled({size}, 1)}});
}

/// input -> nodes, one after the other -> output.
nir::Graph chain(int64_t in, std::vector<nir::Node> nodes, nir::Shape out) {
  nir::Graph graph;
  graph.file = "test.nir";
  graph.version = "1.0.7";
  std::string last = "input";
  for (const nir::Node &node : nodes) {
    graph.edges.push_back({last, node.name});
    last = node.name;
  }
  graph.edges.push_back({last, "output"});
  nodes.push_back(port(NodeType::Input, "input", {in}));
  nodes.push_back(port(NodeType::Output, "output", std::move(out)));
  std::sort(nodes.begin(), nodes.end(),
            [](const auto &a, const auto &b) { return a.name < b.name; });
  std::sort(graph.edges.begin(), graph.edges.end());
  graph.nodes = std::move(nodes);
  return graph;
}

Expected<std::unique_ptr<pipeline::Compilation>>
compileFile(const std::string &path) {
  pipeline::Options options;
  options.frontend.dt = 1e-3;
  options.keepLevels = true;
  return pipeline::Compilation::run(path, options);
}

Expected<std::unique_ptr<pipeline::Compilation>>
compileGraph(const nir::Graph &graph) {
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("readout", "nir", path))
    return makeError(ErrorKind::Input, "no temporary file");
  if (Error error = nir::writeFile(path.str().str(), graph))
    return std::move(error);
  auto result = compileFile(path.str().str());
  llvm::sys::fs::remove(path);
  return result;
}

/// All levels of a compilation, and what they say of the same input.
struct Runs {
  std::shared_ptr<const image::LoadedImage> image;
  reference::Recording real, integer;
  runtime::RunResult chip;
  double scale = 1;
  int64_t lag = 0;
  bool good = false;

  /// Of neuron \p n in network step \p t.
  double realAt(int64_t t, size_t n) const { return real.at(t)[n]; }
  double integerAt(int64_t t, size_t n) const { return integer.at(t + lag)[n]; }
};

runtime::Stimulus randomSpikes(int64_t neurons, int64_t steps, double rate) {
  runtime::Stimulus stimulus;
  stimulus.shape = {neurons};
  stimulus.steps = steps;
  CounterRandom random(11);
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t n = 0; n < neurons; ++n)
      if (random.bernoulli(rate))
        stimulus.events.push_back(
            {static_cast<uint32_t>(t), static_cast<uint32_t>(n), 1});
  return stimulus;
}

Expected<reference::Recording> record(snn::NetworkOp network,
                                      const runtime::Stimulus &stimulus,
                                      int64_t steps) {
  std::vector<reference::Event> events;
  for (const runtime::Event &event : stimulus.events)
    events.push_back({event.step, event.neuron, event.value});
  reference::RunOptions options;
  options.steps = steps;
  auto trace = reference::run(
      network, {{network.inputs().front().getName().str(), events}}, options);
  if (!trace)
    return trace.takeError();
  return trace->outputs.front();
}

Error runAll(pipeline::Compilation &compilation,
             const runtime::Stimulus &stimulus, Runs &runs) {
  if (Error error = compilation.checkImage())
    return error;
  snn::OutputOp output = compilation.integer().outputs().front();
  if (auto lag = output->getAttrOfType<mlir::IntegerAttr>("lag"))
    runs.lag = lag.getInt();
  auto real = record(compilation.real(), stimulus, stimulus.steps);
  if (!real)
    return real.takeError();
  auto integer =
      record(compilation.integer(), stimulus, stimulus.steps + runs.lag);
  if (!integer)
    return integer.takeError();
  auto parsed =
      image::parseImage(image::serialize(compilation.image()), "image");
  if (!parsed)
    return parsed.takeError();
  auto loaded = image::load(std::move(*parsed), "image");
  if (!loaded)
    return loaded.takeError();
  runs.image = std::make_shared<image::LoadedImage>(std::move(*loaded));
  runs.scale = runs.image->proto.io().output(0).scale();
  auto session = runtime::Session::open(runs.image, 1);
  if (!session)
    return session.takeError();
  runtime::RunOptions options;
  options.populations = true;
  auto chip = session->run({{"", stimulus}}, options);
  if (!chip)
    return chip.takeError();
  runs.real = std::move(*real);
  runs.integer = std::move(*integer);
  runs.chip = std::move(*chip);
  runs.good = true;
  return Error::success();
}

/// The chip equals the integers, and these the real numbers within \p tolerance
/// of the range of all values.
void expectLevelsAgree(const Runs &runs, double tolerance) {
  ASSERT_TRUE(runs.good);
  const runtime::SpikeTrain &output = runs.chip.outputs.front();
  EXPECT_TRUE(output.graded);
  EXPECT_EQ(runs.image->proto.io().output(0).state(), "v");
  const auto size = static_cast<size_t>(output.neurons());
  std::vector<float> chip(size * static_cast<size_t>(output.steps));
  for (const runtime::Event &event : output.events)
    chip[event.step * size + event.neuron] = event.value;
  double low = 0, high = 0, worst = 0;
  for (int64_t t = 0; t < output.steps; ++t)
    for (size_t n = 0; n < size; ++n) {
      const float value = chip[static_cast<size_t>(t) * size + n];
      ASSERT_EQ(value, static_cast<float>(runs.integerAt(t, n) / runs.scale))
          << "step " << t << ", neuron " << n;
      low = std::min(low, runs.realAt(t, n));
      high = std::max(high, runs.realAt(t, n));
      worst = std::max(worst, std::abs(value - runs.realAt(t, n)));
    }
  EXPECT_GT(high - low, 0);
  EXPECT_LT(worst, tolerance * (high - low));
  // What the population puts out is what the output reads.
  size_t shown = 0;
  for (const runtime::SpikeTrain &train : runs.chip.populations)
    if (train.graded && train.events == output.events)
      ++shown;
  EXPECT_EQ(shown, 1u);
}

Runs runGraph(const nir::Graph &graph, int64_t neurons, double rate = 0.1,
              int64_t steps = 200) {
  Runs runs;
  auto compilation = compileGraph(graph);
  if (!compilation)
    ADD_FAILURE() << takeText(compilation.takeError());
  else if (Error error =
               runAll(**compilation, randomSpikes(neurons, steps, rate), runs))
    ADD_FAILURE() << takeText(std::move(error));
  return runs;
}

std::vector<nir::Node> behindRelay(int64_t size, std::vector<nir::Node> nodes) {
  std::vector<nir::Node> all = relay("hidden", size);
  all.insert(all.end(), nodes.begin(), nodes.end());
  return all;
}

} // namespace

TEST(Readout, LeakyIntegrator) {
  expectLevelsAgree(
      runGraph(chain(20,
                     behindRelay(20, {affine("fc", 4, 20, 1), li("out", 4)}),
                     {4}),
               20),
      0.005);
}

TEST(Readout, CurrentBasedLeakyIntegrator) {
  // The bias passes the synaptic filter, too: it rises from 0.
  expectLevelsAgree(
      runGraph(
          chain(20, behindRelay(20, {affine("fc", 4, 20, 2), cubaLi("out", 4)}),
                {4}),
          20),
      0.005);
}

TEST(Readout, PerfectIntegrator) {
  expectLevelsAgree(runGraph(chain(20,
                                   behindRelay(20, {affine("fc", 4, 20, 3),
                                                    integrator("out", 4)}),
                                   {4}),
                             20),
                    0.005);
}

TEST(Readout, BiasBeginsWithTheNetwork) {
  // The chip's first steps, in which the spikes are on their way, must not
  // count: 2 of 20 would be an error of a tenth.
  for (const nir::Node &node :
       {li("out", 4), cubaLi("out", 4), integrator("out", 4)})
    expectLevelsAgree(
        runGraph(
            chain(20, behindRelay(20, {affine("fc", 4, 20, 3), node}), {4}), 20,
            /*rate=*/0, /*steps=*/20),
        0.005);
}

TEST(Readout, CurrentItself) {
  Runs runs =
      runGraph(chain(20, behindRelay(20, {affine("fc", 5, 20, 4)}), {5}), 20);
  expectLevelsAgree(runs, 0.005);
  // Called like the node.
  bool found = false;
  for (const auto &population : runs.image->proto.debug().population())
    found |= population.name() == "fc";
  EXPECT_TRUE(found);
}

TEST(Readout, FromTheInputAlone) {
  expectLevelsAgree(runGraph(chain(20, {linear("fc", 3, 20, 5)}, {3}), 20),
                    0.005);
}

TEST(Readout, FlattenedVoltages) {
  nir::Node conv =
      makeNode(NodeType::Conv2d, "conv",
               {{"weight", {{2, 1, 1, 1}, std::vector<double>{0.8, -0.6}}},
                {"bias", filled({2}, 0.05)}});
  conv.integers = {{"stride", {1}},
                   {"padding", {0}},
                   {"dilation", {1}},
                   {"groups", {1}},
                   {"input_shape", {3, 3}}};
  nir::Node voltage = makeNode(NodeType::LI, "out",
                               {{"tau", filled({2, 3, 3}, 0.02)},
                                {"r", filled({2, 3, 3}, 1)},
                                {"v_leak", filled({2, 3, 3}, 0)}});
  nir::Node flatten = makeNode(NodeType::Flatten, "flat");
  flatten.integers = {
      {"start_dim", {0}}, {"end_dim", {-1}}, {"input_type", {2, 3, 3}}};
  nir::Graph graph = chain(9, {conv, voltage, flatten}, {18});
  for (nir::Node &node : graph.nodes)
    if (node.type == NodeType::Input)
      node.integers["shape"] = {1, 3, 3};
  expectLevelsAgree(runGraph(graph, 9), 0.005);
}

TEST(Readout, EveryOutputOfACurrentIsRead) {
  nir::Graph graph = chain(6, {linear("fc", 3, 6, 5)}, {3});
  graph.nodes.push_back(port(NodeType::Output, "second", {3}));
  graph.edges.push_back({"fc", "second"});
  std::sort(graph.edges.begin(), graph.edges.end());
  std::sort(graph.nodes.begin(), graph.nodes.end(),
            [](const auto &a, const auto &b) { return a.name < b.name; });
  auto compilation = compileGraph(graph);
  ASSERT_TRUE(bool(compilation)) << takeText(compilation.takeError());
  Runs runs;
  Error error = runAll(**compilation, randomSpikes(6, 50, 0.3), runs);
  ASSERT_EQ(takeText(std::move(error)), "");
  ASSERT_EQ(runs.chip.outputs.size(), 2u);
  EXPECT_FALSE(runs.chip.outputs[0].events.empty());
  EXPECT_EQ(runs.chip.outputs[0].events, runs.chip.outputs[1].events);
  std::vector<std::string> names;
  for (const auto &population : runs.image->proto.debug().population())
    names.push_back(population.name());
  EXPECT_THAT(names,
              testing::UnorderedElementsAre("input", "fc", "fc_readout"));
}

TEST(Readout, ManySourcesUseTheWholeWeight) {
  // 400 sources and a long memory: not all can spike in every step.
  Runs runs = runGraph(
      chain(400, behindRelay(400, {linear("fc", 4, 400, 6), li("out", 4)}),
            {4}),
      400, 0.05);
  expectLevelsAgree(runs, 0.005);
}

TEST(Readout, NestedRecurrence) {
  const char *data = std::getenv("HILLOCK_DATA");
  if (!data)
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto compilation =
      compileFile(std::string(data) + "/nir/generated/nested_recurrent.nir");
  ASSERT_TRUE(bool(compilation)) << takeText(compilation.takeError());
  Runs runs;
  Error error = runAll(**compilation, randomSpikes(3, 200, 0.5), runs);
  EXPECT_EQ(takeText(std::move(error)), "");
  expectLevelsAgree(runs, 0.005);
}

TEST(Readout, SurvivesTheWayBackFromTheImage) {
  auto compilation = compileGraph(chain(4, {affine("fc", 3, 4, 9)}, {3}));
  ASSERT_TRUE(bool(compilation)) << takeText(compilation.takeError());
  auto loaded = image::load((*compilation)->image(), "image");
  ASSERT_TRUE(bool(loaded)) << takeText(loaded.takeError());
  mlir::MLIRContext context;
  auto module = backends::fromImage(&context, *loaded, "");
  ASSERT_TRUE(bool(module)) << takeText(module.takeError());
  auto systems = (*module)->getBody()->getOps<neurocore::SystemOp>();
  auto again = backends::emitImage(*systems.begin(), [](llvm::StringRef name) {
    return programs::libraryProgram(name);
  });
  ASSERT_TRUE(bool(again)) << takeText(again.takeError());
  EXPECT_EQ(again->io().output(0).state(), "v");
  EXPECT_EQ(image::serialize(*again),
            image::serialize((*compilation)->image()));
}

TEST(Readout, DamagedPortsAreRefused) {
  auto compilation = compileGraph(chain(4, {linear("fc", 3, 4, 9)}, {3}));
  ASSERT_TRUE(bool(compilation)) << takeText(compilation.takeError());
  const proto::Image good = (*compilation)->image();
  auto refusal = [&](auto change) {
    proto::Image bad = good;
    change(*bad.mutable_io());
    auto loaded = image::load(bad, "image");
    return loaded ? std::string() : takeText(loaded.takeError());
  };
  EXPECT_THAT(
      refusal([](proto::Io &io) { io.mutable_output(0)->set_state("w"); }),
      testing::HasSubstr("has no state 'w'"));
  EXPECT_THAT(
      refusal([](proto::Io &io) { io.mutable_output(0)->set_scale(0); }),
      testing::HasSubstr("the scale is not a positive number"));
  EXPECT_THAT(
      refusal([](proto::Io &io) { io.mutable_input(0)->set_state("v"); }),
      testing::HasSubstr("an input has no state to read"));
}

TEST(Readout, GradedValuesDoNotTravel) {
  std::vector<nir::Node> nodes = {linear("fc", 4, 6, 7), li("inner", 4),
                                  linear("fc2", 2, 4, 8)};
  for (nir::Node &node : relay("last", 2))
    nodes.push_back(node);
  auto compilation = compileGraph(chain(6, nodes, {2}));
  ASSERT_FALSE(bool(compilation));
  EXPECT_THAT(
      takeText(compilation.takeError()),
      testing::AllOf(testing::HasSubstr("node 'inner'"),
                     testing::HasSubstr("a graded voltage enters 'last'"),
                     testing::HasSubstr("an output may be graded")));
}

TEST(Readout, TheLargestSumDecides) {
  // Class n is input n: its own readout rises.
  nir::Tensor weight = filled({3, 3}, -0.5);
  for (size_t n = 0; n < 3; ++n)
    std::get<1>(weight.values)[n * 4] = 1;
  auto compilation = compileGraph(chain(
      3, {makeNode(NodeType::Linear, "fc", {{"weight", weight}}), li("out", 3)},
      {3}));
  ASSERT_TRUE(bool(compilation)) << takeText(compilation.takeError());
  auto loaded = image::load((*compilation)->image(), "image");
  ASSERT_TRUE(bool(loaded)) << takeText(loaded.takeError());
  auto image = std::make_shared<image::LoadedImage>(std::move(*loaded));
  runtime::DataSet data;
  for (uint32_t label : {2u, 0u, 1u}) {
    runtime::Stimulus stimulus;
    stimulus.shape = {3};
    stimulus.steps = 20;
    for (uint32_t t = 0; t < 20; t += 3)
      stimulus.events.push_back({t, label, 1});
    data.samples.push_back(stimulus);
    data.labels.push_back(label);
  }
  for (runtime::Decision decision :
       {runtime::Decision::Sum, runtime::Decision::Max,
        runtime::Decision::Last}) {
    runtime::EvaluateOptions options;
    options.decision = decision;
    auto result = runtime::evaluate(image, data, options);
    ASSERT_TRUE(bool(result)) << takeText(result.takeError());
    EXPECT_TRUE(result->graded);
    EXPECT_EQ(result->right(), 3u);
  }
}

TEST(Readout, Scores) {
  // Three steps of three neurons; the second is silent in one step, the third
  // always.
  runtime::SpikeTrain train{"y", {3}, 3, {}, true};
  train.events = {{0, 0, -3}, {0, 1, -1}, {1, 0, -2}, {2, 0, -4}, {2, 1, 5}};
  using runtime::Decision;
  using Values = std::vector<double>;
  EXPECT_EQ(runtime::scores(train, Decision::Count), (Values{3, 2, 0}));
  EXPECT_EQ(runtime::scores(train, Decision::Sum), (Values{-9, 4, 0}));
  EXPECT_EQ(runtime::scores(train, Decision::Max), (Values{-2, 5, 0}));
  EXPECT_EQ(runtime::scores(train, Decision::Last), (Values{-4, 5, 0}));
  EXPECT_EQ(runtime::decide({1, 3, 3}), 1);
  EXPECT_EQ(runtime::decide({}), -1);
}
