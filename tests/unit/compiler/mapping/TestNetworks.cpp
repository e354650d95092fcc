//===- tests/unit/compiler/mapping/TestNetworks.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/compiler/mapping/TestNetworks.h"
#include "image/ProgramBuilder.h"

namespace hillock::mapping::test {

const target::TargetModel &loihi() {
  static const target::TargetModel model = loihiWith([](proto::Target &) {});
  return model;
}

target::TargetModel loihiWith(void (*change)(proto::Target &target)) {
  proto::Target target = llvm::cantFail(target::findTarget("loihi")).proto();
  change(target);
  return llvm::cantFail(target::TargetModel::create(target, "test"));
}

std::vector<image::Program> programs() {
  image::ProgramBuilder b("loihi1_compartment");
  const auto u = b.state("u", 23), v = b.state("v", 23);
  const auto current = b.add(u, b.input());
  const auto voltage = b.add(b.add(v, current), b.param("bias_mant"));
  const auto fires = b.less(b.shl(b.param("vth"), b.constant(6)), voltage);
  b.write("u", b.decay(current, b.param("decay_u"), 12));
  b.write("v", b.select(fires, b.constant(0), voltage));
  b.fire(fires, b.constant(1));
  return {b.take()};
}

uint32_t addPopulation(Network &network, const std::string &name,
                       std::vector<int64_t> shape) {
  Population population;
  population.name = name;
  population.shape = std::move(shape);
  population.program = "loihi1_compartment";
  population.registers = {{"decay_u", {4095}},    {"decay_v", {128}},
                          {"refract_delay", {1}}, {"vth", {100}},
                          {"ds_offset", {1}},     {"pos_vm_limit", {7}},
                          {"neg_vm_limit", {23}}};
  population.location = "test: node '" + name + "'";
  population.kind = "LIF";
  network.populations.push_back(std::move(population));
  return static_cast<uint32_t>(network.populations.size() - 1);
}

uint32_t addInput(Network &network, const std::string &name,
                  std::vector<int64_t> shape) {
  Population population;
  population.name = name;
  population.shape = std::move(shape);
  population.isInput = true;
  network.populations.push_back(std::move(population));
  return static_cast<uint32_t>(network.populations.size() - 1);
}

Projection &connect(Network &network, uint32_t source, uint32_t target,
                    std::vector<Stage> stages, std::vector<uint8_t> delays) {
  Projection projection;
  projection.source = source;
  projection.target = target;
  projection.connectivity = llvm::cantFail(
      ChainConnectivity::create(std::move(stages), std::move(delays)));
  network.projections.push_back(std::move(projection));
  return network.projections.back();
}

void addOutput(Network &network, uint32_t population) {
  network.outputs.push_back({network.populations[population].name, population});
}

Weights randomWeights(CounterRandom &random, size_t count, double zeros) {
  auto weights = std::make_shared<std::vector<int16_t>>(count);
  for (int16_t &weight : *weights)
    weight = random.bernoulli(zeros)
                 ? int16_t{0}
                 : static_cast<int16_t>(
                       2 * static_cast<int>(random.below(256)) - 256);
  return weights;
}

Stage dense(CounterRandom &random, uint32_t inputs, uint32_t outputs,
            double zeros) {
  return DenseStage(inputs, outputs,
                    randomWeights(random, size_t{inputs} * outputs, zeros));
}

Stage conv(CounterRandom &random, uint32_t inChannels, uint32_t side,
           uint32_t outChannels, uint32_t kernel, uint32_t stride,
           uint32_t padding, uint32_t groups, uint32_t dilation) {
  ConvStage stage;
  stage.inChannels = inChannels;
  stage.outChannels = outChannels;
  stage.groups = groups;
  stage.y = {side, kernel, stride, padding, padding, dilation};
  stage.x = stage.y;
  stage.weights = randomWeights(
      random, size_t{outChannels} * (inChannels / groups) * kernel * kernel);
  return stage;
}

Stage pool(uint32_t channels, uint32_t side, uint32_t kernel, uint32_t stride) {
  const WindowAxis axis{side, kernel, stride, 0, 0, 1};
  return PoolStage{channels, axis, axis};
}

Network scnn() {
  CounterRandom random(34);
  Network network;
  network.name = "scnn";
  network.dtSeconds = 1e-3;
  const uint32_t in = addInput(network, "input", {2, 34, 34});
  const uint32_t c1 = addPopulation(network, "conv1", {16, 16, 16});
  const uint32_t c2 = addPopulation(network, "conv2", {16, 16, 16});
  const uint32_t c3 = addPopulation(network, "conv3", {8, 8, 8});
  const uint32_t hidden = addPopulation(network, "hidden", {256});
  const uint32_t out = addPopulation(network, "out", {10});
  connect(network, in, c1, {conv(random, 2, 34, 16, 5, 2, 1)});
  connect(network, c1, c2, {conv(random, 16, 16, 16, 3, 1, 1)});
  connect(network, c2, c3,
          {pool(16, 16, 2, 2), conv(random, 16, 8, 8, 3, 1, 1)});
  connect(network, c3, hidden,
          {pool(8, 8, 2, 2), ReshapeStage{128}, dense(random, 128, 256)});
  connect(network, hidden, out, {dense(random, 256, 10)});
  addOutput(network, out);
  return network;
}

Network braille() {
  CounterRandom random(12);
  Network network;
  network.name = "braille";
  network.dtSeconds = 1e-3;
  const uint32_t in = addInput(network, "input", {12});
  const uint32_t hidden = addPopulation(network, "recurrent", {38});
  const uint32_t out = addPopulation(network, "out", {7});
  connect(network, in, hidden, {dense(random, 12, 38)});
  connect(network, hidden, hidden, {dense(random, 38, 38)});
  connect(network, hidden, out, {dense(random, 38, 7)});
  addOutput(network, out);
  return network;
}

namespace {

Stage randomSparse(CounterRandom &random, uint32_t inputs, uint32_t outputs,
                   uint32_t longestDelay) {
  std::vector<SparseStage::Entry> entries;
  const uint64_t count = 1 + random.below(3 * inputs);
  for (uint64_t i = 0; i < count; ++i)
    entries.push_back({static_cast<uint32_t>(random.below(inputs)),
                       static_cast<uint32_t>(random.below(outputs)),
                       static_cast<int16_t>(2 + 2 * random.below(120)),
                       static_cast<uint8_t>(random.below(longestDelay + 1))});
  return SparseStage(inputs, outputs, std::move(entries));
}

uint32_t below(CounterRandom &random, uint32_t bound) {
  return static_cast<uint32_t>(random.below(bound));
}

/// Stages from channels x side x side into something small; the shape of the
/// result is left in channels and side (0: a list).
std::vector<Stage> randomStages(CounterRandom &random, uint32_t &channels,
                                uint32_t &side) {
  const uint32_t size = channels * (side ? side * side : 1);
  std::vector<Stage> stages;
  uint32_t kind = below(random, 6);
  if (side == 0)
    kind = 3 + kind % 3;
  if (kind == 2 && side >= 4) { // a pool, then a convolution
    const uint32_t kernel = 2 + below(random, 2);
    stages.push_back(pool(channels, side, kernel, 1 + below(random, kernel)));
    side = std::get<PoolStage>(stages[0]).x.outputs();
  }
  if (kind <= 2) {
    const uint32_t groups = channels % 2 == 0 && random.bernoulli(0.3) ? 2 : 1;
    const uint32_t kernel = 1 + below(random, std::min(side, 4u));
    const uint32_t out = groups * (1 + below(random, 9));
    stages.push_back(conv(random, channels, side, out, kernel,
                          1 + below(random, 3), below(random, kernel), groups,
                          kernel * 2 <= side ? 1 + below(random, 2) : 1));
    channels = out;
    side = std::get<ConvStage>(stages.back()).x.outputs();
    return stages;
  }
  const uint32_t out = 1 + below(random, 150);
  if (kind == 3) {
    stages.push_back(randomSparse(random, size, out, below(random, 7)));
  } else if (kind == 4 && side == 0) {
    stages.push_back(ElementwiseStage{size, randomWeights(random, 1, 0)});
    return stages;
  } else {
    stages.push_back(ReshapeStage{size});
    stages.push_back(dense(random, size, out, 0.3 * below(random, 3)));
  }
  channels = out;
  side = 0;
  return stages;
}

} // namespace

Network randomNetwork(uint64_t seed) {
  CounterRandom random(seed);
  Network network;
  network.name = "random" + std::to_string(seed);
  network.dtSeconds = 1e-3;
  uint32_t channels = 1 + below(random, 7);
  uint32_t side = random.bernoulli(0.75) ? 3 + below(random, 16) : 0;
  const auto shape = [&]() -> std::vector<int64_t> {
    if (side == 0)
      return {channels};
    return {channels, side, side};
  };
  uint32_t before = addInput(network, "input", shape());
  const uint32_t layers = 1 + below(random, 4);
  for (uint32_t i = 0; i < layers; ++i) {
    const std::vector<Stage> stages = randomStages(random, channels, side);
    const uint32_t layer =
        addPopulation(network, "layer" + std::to_string(i), shape());
    Population &population = network.populations[layer];
    const uint32_t size = population.size();
    std::vector<uint8_t> delays;
    if (random.bernoulli(0.3))
      delays.push_back(static_cast<uint8_t>(random.below(7)));
    connect(network, before, layer, stages, delays).weightExp =
        static_cast<int8_t>(below(random, 4)) - 2;
    if (random.bernoulli(0.4)) { // onto itself, with a delay of its own
      std::vector<uint8_t> own(size);
      for (uint8_t &delay : own)
        delay = static_cast<uint8_t>(random.below(6));
      connect(network, layer, layer, {randomSparse(random, size, size, 0)},
              own);
    }
    std::vector<int32_t> bias(size), threshold(size), start(size);
    for (uint32_t n = 0; n < size; ++n) {
      bias[n] = static_cast<int32_t>(random.below(200)) - 100;
      threshold[n] = 50 + static_cast<int32_t>(random.below(3));
      start[n] = static_cast<int32_t>(random.below(1000)) - 500;
    }
    population.registers["bias_mant"] = bias;
    if (random.bernoulli(0.5))
      population.registers["vth"] = threshold;
    if (random.bernoulli(0.3))
      population.initial["v"] = start;
    population.lag = i;
    before = layer;
  }
  addOutput(network, before);
  return network;
}

} // namespace hillock::mapping::test
