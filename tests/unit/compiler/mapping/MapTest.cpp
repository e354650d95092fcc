//===- tests/unit/compiler/mapping/MapTest.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Map.h"
#include "compiler/mapping/check/Compare.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Assemble.h"
#include "compiler/mapping/solver/Statistics.h"
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include <chrono>
#include <gmock/gmock.h>

namespace hillock::mapping::test {

namespace {

using ::testing::HasSubstr;

/// Maps, and compares what the packed words do with the network.
Mapping mapAndCompare(const Network &network,
                      const target::TargetModel &target = loihi(),
                      std::vector<image::Program> code = programs()) {
  auto mapping = map(network, target);
  if (!mapping) {
    ADD_FAILURE() << network.name << ": " << takeText(mapping.takeError());
    return {};
  }
  auto image = assemble(network, *mapping, target, code);
  if (!image) {
    ADD_FAILURE() << network.name << ": " << takeText(image.takeError());
    return std::move(*mapping);
  }
  EXPECT_EQ(takeText(compare(network, *image)), "") << network.name;
  return std::move(*mapping);
}

std::string failure(const Network &network,
                    const target::TargetModel &target = loihi(),
                    ErrorKind wanted = ErrorKind::Input) {
  auto mapping = map(network, target);
  if (mapping)
    return "";
  ErrorKind kind = ErrorKind::Internal;
  const std::string text = takeText(mapping.takeError(), &kind);
  EXPECT_EQ(kind, wanted) << text;
  return text;
}

/// Seconds that \p run takes.
template <typename Run> double timed(const Run &run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

void expectSeconds(double seconds, double most) {
#ifdef HILLOCK_SANITIZED
  (void)seconds, (void)most;
#else
  EXPECT_LT(seconds, most);
#endif
}

// Compartments alone ask for 4 + 4 cores for the 2 x 4096 neurons of the
// first layers, and one for the 512 + 256 + 10 others.
TEST(Map, ScnnTakesTheFewestCores) {
  const Network network = scnn();
  Mapping mapping;
  expectSeconds(timed([&] { mapping = mapAndCompare(network); }), 2.0);
  EXPECT_EQ(mapping.cores.size(), 9u);
  EXPECT_EQ(mapping.statistics.chips, 1u);
  std::printf("%s", describeMapping(network, loihi(), mapping).c_str());
  const PopulationUsage &conv = mapping.statistics.populations[2];
  EXPECT_EQ(conv.cores, 4u);
  EXPECT_EQ(std::tuple(conv.tilesY, conv.tilesX, conv.blocks),
            std::tuple(2u, 2u, 1u));
}

// 38 + 7 neurons on one core; the second layer's sources are discrete, so
// nothing has to be aligned.
TEST(Map, BrailleTakesOneCore) {
  const Mapping mapping = mapAndCompare(braille());
  ASSERT_EQ(mapping.cores.size(), 1u);
  EXPECT_EQ(mapping.cores[0].compartments, 45u);
  // 12 inputs, 38 recurrent and 38 to the output; 38 * 2 slots.
  EXPECT_EQ(mapping.statistics.cores[0].axonsIn, 88u);
  EXPECT_EQ(mapping.statistics.cores[0].slotsOut, 76u);
}

// A row of n <= 64 weights of 8 bits takes ceil((10 + 8 n) / 64) words:
// 114 targets are 64 + 50, 9 + 7 = 16 words, and 1024 rows fill the 16,384
// words exactly; 128 targets (8 cores) would take 18.
TEST(Map, DenseMillion) {
  CounterRandom random(7);
  Network network;
  const uint32_t in = addInput(network, "in", {1024});
  const uint32_t out = addPopulation(network, "out", {1024});
  connect(network, in, out, {dense(random, 1024, 1024)});
  addOutput(network, out);
  Mapping mapping;
  expectSeconds(timed([&] { mapping = mapAndCompare(network); }), 2.0);
  EXPECT_EQ(mapping.cores.size(), 9u);
  for (const CoreUsage &core : mapping.statistics.cores) {
    EXPECT_EQ(core.synapseWords, 16384u);
    EXPECT_EQ(core.axonsIn, 1024u);
  }
}

// Each of 16 inputs reaches three positions of four channels. Rows of the
// inner 14 are equal, the two ends have their own: 3 rows of 2 words.
TEST(Map, ConvolutionRowsAreShared) {
  CounterRandom random(3);
  Network network;
  const uint32_t in = addInput(network, "in", {1, 16});
  const uint32_t out = addPopulation(network, "out", {4, 16});
  ConvStage stage;
  stage.outChannels = 4;
  stage.x = {16, 3, 1, 1, 1, 1};
  stage.weights = randomWeights(random, 12);
  connect(network, in, out, {stage});
  addOutput(network, out);
  const Mapping mapping = mapAndCompare(network);
  ASSERT_EQ(mapping.cores.size(), 1u);
  EXPECT_EQ(mapping.statistics.rowsStored, 3u);
  EXPECT_EQ(mapping.statistics.rowsShared, 13u);
  EXPECT_EQ(mapping.statistics.cores[0].axonsIn, 16u);
  EXPECT_EQ(mapping.statistics.cores[0].synapseWords, 6u);
}

// The four pixels of a pool's window have the same row: 4 x 4 inputs share 4
// discrete axons.
TEST(Map, PooledInputsShareAxons) {
  CounterRandom random(4);
  Network network;
  const uint32_t in = addInput(network, "in", {1, 4, 4});
  const uint32_t out = addPopulation(network, "out", {5});
  connect(network, in, out,
          {pool(1, 4, 2, 2), ReshapeStage{4}, dense(random, 4, 5)});
  addOutput(network, out);
  const Mapping mapping = mapAndCompare(network);
  ASSERT_EQ(mapping.cores.size(), 1u);
  EXPECT_EQ(mapping.statistics.cores[0].axonsIn, 4u);
}

// 16 slots (delay 7, headroom 2) of 1024 neurons do not fit 8192 words, 8
// slots (delay 6) do.
TEST(Map, DelaysLimitCompartments) {
  for (const auto &[delay, cores, bits] :
       {std::tuple(uint8_t{6}, 1u, 3), std::tuple(uint8_t{7}, 2u, 4)}) {
    CounterRandom random(5);
    Network network;
    const uint32_t in = addInput(network, "in", {1024});
    const uint32_t out = addPopulation(network, "out", {1024});
    connect(network, in, out,
            {ElementwiseStage{1024, randomWeights(random, 1)}}, {delay});
    addOutput(network, out);
    const Mapping mapping = mapAndCompare(network);
    EXPECT_EQ(mapping.cores.size(), cores);
    for (const image::CoreTables &core : mapping.cores)
      EXPECT_EQ(core.config.at("delay_bits"), bits);
  }
}

// 40 thresholds, 8 a core.
TEST(Map, ThresholdsLimitCompartments) {
  Network network;
  const uint32_t out = addPopulation(network, "out", {80});
  std::vector<int32_t> thresholds(80);
  for (int32_t n = 0; n < 80; ++n)
    thresholds[n] = 100 + n / 2;
  network.populations[out].registers["vth"] = thresholds;
  addOutput(network, out);
  EXPECT_EQ(mapAndCompare(network).cores.size(), 5u);
}

// 1024 neurons with five targets need 5120 slots: two cores.
TEST(Map, OutputSlotsLimitCompartments) {
  CounterRandom random(6);
  Network network;
  const uint32_t source = addPopulation(network, "source", {1024});
  for (int i = 0; i < 5; ++i) {
    const uint32_t to = addPopulation(network, "to" + std::to_string(i), {4});
    connect(network, source, to, {dense(random, 1024, 4)});
    addOutput(network, to);
  }
  const Mapping mapping = mapAndCompare(network);
  EXPECT_EQ(mapping.statistics.populations[source].cores, 2u);
}

// 6272 sources are more than 4096 axons, but 196 pixels of 32 channels fit.
TEST(Map, ManySourcesBecomePopulations) {
  CounterRandom random(8);
  Network network;
  const uint32_t in = addInput(network, "in", {32, 14, 14});
  const uint32_t out = addPopulation(network, "out", {16});
  connect(network, in, out, {ReshapeStage{6272}, dense(random, 6272, 16)});
  addOutput(network, out);
  const Mapping mapping = mapAndCompare(network);
  EXPECT_EQ(mapping.populations[in].grouping.type, image::AxonType::Pop16);
  for (const CoreUsage &core : mapping.statistics.cores)
    EXPECT_EQ(core.axonsIn, 196u);
}

// 48 channels are more than 32 atoms.
TEST(Map, ManyChannels) {
  CounterRandom random(9);
  Network network;
  const uint32_t in = addInput(network, "in", {48, 8, 8});
  const uint32_t a = addPopulation(network, "a", {48, 8, 8});
  const uint32_t b = addPopulation(network, "b", {40, 8, 8});
  connect(network, in, a, {conv(random, 48, 8, 48, 3, 1, 1)});
  connect(network, a, b, {conv(random, 48, 8, 40, 3, 1, 1)});
  addOutput(network, b);
  const Mapping mapping = mapAndCompare(network);
  EXPECT_EQ(mapping.populations[in].grouping.type, image::AxonType::Pop32);
}

TEST(Map, RecurrentLayerOverSeveralCores) {
  CounterRandom random(10);
  Network network;
  const uint32_t layer = addPopulation(network, "layer", {700});
  connect(network, layer, layer, {dense(random, 700, 700)});
  addOutput(network, layer);
  EXPECT_GE(mapAndCompare(network).cores.size(), 4u);
}

// 3 layers of 9 cores each on chips of 2 x 2 tiles with 4 cores.
TEST(Map, SeveralChips) {
  const auto small = loihiWith([](proto::Target &target) {
    target.mutable_mesh()->set_tiles_x(2);
    target.mutable_mesh()->set_tiles_y(2);
  });
  CounterRandom random(11);
  Network network;
  const Stage stage = dense(random, 1024, 1024);
  uint32_t before = addInput(network, "in", {1024});
  for (int i = 0; i < 3; ++i) {
    const uint32_t layer =
        addPopulation(network, "layer" + std::to_string(i), {1024});
    connect(network, before, layer, {stage});
    before = layer;
  }
  addOutput(network, before);
  const Mapping mapping = mapAndCompare(network, small);
  EXPECT_EQ(mapping.cores.size(), 27u);
  EXPECT_EQ(mapping.statistics.chips, 2u);
  EXPECT_GT(mapping.statistics.chipCrossings, 0u);
}

TEST(Map, CoresHoldOneConfigurationAndOneProgram) {
  Network network;
  for (int i = 0; i < 3; ++i)
    addOutput(network, addPopulation(network, "p" + std::to_string(i), {10}));
  EXPECT_EQ(mapAndCompare(network).cores.size(), 1u);
  network.populations[1].registers["neg_vm_limit"] = {20};
  EXPECT_EQ(mapAndCompare(network).cores.size(), 2u);
  network.populations[2].program = "other";
  const auto any =
      loihiWith([](proto::Target &target) { target.clear_neuron_program(); });
  std::vector<image::Program> code = programs();
  code.push_back(code[0]);
  code[1].name = "other";
  const Mapping mapping = mapAndCompare(network, any, code);
  EXPECT_EQ(mapping.cores.size(), 3u);
  EXPECT_EQ(mapping.programs.size(), 2u);
}

TEST(Map, ExponentOnTheSum) {
  CounterRandom random(12);
  Network network;
  const uint32_t in = addInput(network, "in", {5});
  const uint32_t out = addPopulation(network, "out", {5});
  connect(network, in, out, {dense(random, 5, 5)}).weightExp = -2;
  network.populations[out].registers["weight_exp"] = {-2};
  addOutput(network, out);
  const Mapping mapping = mapAndCompare(network);
  for (const image::SynapseFormat &format : mapping.cores[0].formats)
    EXPECT_TRUE(format.exponentOnSum);
  EXPECT_EQ(mapping.cores[0].config.at("weight_exp"), -2);
  network.projections[0].weightExp = -1;
  EXPECT_THAT(failure(network), HasSubstr("by which the target shifts"));
}

TEST(Map, SameArgumentsSameMapping) {
  const Network network = scnn();
  const Mapping a = mapAndCompare(network), b = mapAndCompare(network);
  EXPECT_EQ(a.cores, b.cores);
}

// 40,000 rows of one word each for a single neuron.
TEST(Map, CapacityErrorSaysWhatAndHowMuch) {
  CounterRandom random(13);
  Network network;
  const uint32_t in = addInput(network, "in", {40000});
  const uint32_t out = addPopulation(network, "out", {1});
  connect(network, in, out, {dense(random, 40000, 1)});
  addOutput(network, out);
  const std::string text = failure(network, loihi(), ErrorKind::Capacity);
  EXPECT_THAT(text, HasSubstr("population 'out' (test: node 'out')"));
  EXPECT_THAT(text, HasSubstr("memory 'synapse' of a core needs"));
  EXPECT_THAT(text, HasSubstr("more than 16,384"));
  EXPECT_THAT(text, HasSubstr("fewer weight bits"));
}

TEST(Map, TooManyCores) {
  const auto small = loihiWith([](proto::Target &target) {
    target.mutable_mesh()->set_tiles_x(1);
    target.mutable_mesh()->set_tiles_y(1);
    target.mutable_mesh()->set_max_chips_x(1);
    target.mutable_mesh()->set_max_chips_y(1);
  });
  Network network;
  for (int i = 0; i < 5; ++i)
    addPopulation(network, "p" + std::to_string(i), {1000});
  EXPECT_THAT(failure(network, small, ErrorKind::Capacity),
              HasSubstr("the network needs 5 cores, 1 more"));
}

TEST(Map, NetworksThatTheTargetCannotExpress) {
  const auto with = [](const auto &change) {
    Network network = braille();
    change(network);
    return failure(network);
  };
  EXPECT_THAT(
      with([](Network &n) { n.populations[1].registers["decay_w"] = {1}; }),
      HasSubstr("did you mean 'decay_"));
  EXPECT_THAT(
      with([](Network &n) { n.populations[1].registers["vth"] = {131072}; }),
      HasSubstr("0..131071"));
  EXPECT_THAT(
      with([](Network &n) { n.populations[1].registers["vth"] = {1, 2}; }),
      HasSubstr("2 values for 38 neurons"));
  EXPECT_THAT(with([](Network &n) { n.populations[1].initial["w"] = {1}; }),
              HasSubstr("cannot set state 'w'"));
  EXPECT_THAT(with([](Network &n) { n.populations[2].program = "x"; }),
              HasSubstr("does not run neuron program 'x'"));
  EXPECT_THAT(with([](Network &n) { n.projections[0].weightBits = 7; }),
              HasSubstr("no weights of 7 bits"));
  EXPECT_THAT(with([](Network &n) { n.projections[0].weightBits = 4; }),
              HasSubstr("multiple of 32"));
  EXPECT_THAT(with([](Network &n) {
                CounterRandom random(1);
                connect(n, 1, 1, {dense(random, 38, 38)}, {63});
              }),
              HasSubstr("the target can do 62"));
  EXPECT_THAT(with([](Network &n) { n.populations[2].name = "recurrent"; }),
              HasSubstr("used twice"));
  EXPECT_THAT(with([](Network &n) { n.outputs[0].population = 0; }),
              HasSubstr("must be a population of the chip"));
}

TEST(Map, EmptyNetwork) {
  const Mapping mapping = mapAndCompare(Network{});
  EXPECT_TRUE(mapping.cores.empty());
}

} // namespace

// Every kind of stage, recurrence, delays, registers a neuron: what the words
// do is what was meant.
TEST(MapProperty, RandomNetworks) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    mapAndCompare(randomNetwork(seed));
    if (HasFailure())
      break;
  }
}

// Other limits: population axons without alignment, long tables.
TEST(MapProperty, RandomNetworksOnAnotherTarget) {
  const auto manycore = llvm::cantFail(target::findTarget("manycore"));
  for (uint64_t seed = 1000; seed < 1040; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    mapAndCompare(randomNetwork(seed), manycore);
    if (HasFailure())
      break;
  }
}

} // namespace hillock::mapping::test
