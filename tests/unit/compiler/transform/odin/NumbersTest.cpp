//===- tests/unit/compiler/transform/odin/NumbersTest.cpp - Whole numbers -===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/odin/Numbers.h"
#include "compiler/transform/odin/Place.h"
#include "target/TargetModel.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::transform::odin;

namespace {

proto::CrossbarRules rulesOf(const std::string &target) {
  return llvm::cantFail(target::findTarget(target)).proto().crossbar();
}

/// One layer of neurons that share \p weights, from as many inputs.
RealNetwork networkOf(uint32_t inputs, uint32_t neurons,
                      std::vector<double> weights, double threshold = 1) {
  RealNetwork network;
  network.name = "n";
  network.inputs = {{"x", "input", "x", {inputs}, 0, inputs}};
  network.layers = {{"fc", "if", "node 'fc'", {neurons}, 0, neurons}};
  RealNeuron neuron;
  neuron.threshold = threshold;
  network.neurons.assign(neurons, neuron);
  network.fanIn.resize(neurons);
  for (uint32_t n = 0; n < neurons; ++n)
    for (uint32_t i = 0; i < inputs; ++i)
      network.fanIn[n].push_back({i, weights[i % weights.size()]});
  return network;
}

std::vector<int32_t> weightsOf(const Quantized &q, uint32_t neuron) {
  std::vector<int32_t> weights;
  for (const ChipSynapse &synapse : q.fanIn[neuron])
    weights.push_back(synapse.weight);
  return weights;
}

TEST(OdinNumbers, ThresholdFiresWhenTheRealOneDoes) {
  EXPECT_EQ(wholeThreshold(1, true, 10), 11);   // v > 10
  EXPECT_EQ(wholeThreshold(1, false, 10), 10);  // v >= 10
  EXPECT_EQ(wholeThreshold(1, true, 10.5), 11); // v > 10.5
  EXPECT_EQ(wholeThreshold(1, false, 10.5), 11);
  EXPECT_EQ(wholeThreshold(0.1, true, 30), 4); // 3.0000000000000004
  EXPECT_EQ(wholeThreshold(0.3, true, 1 / 0.3), 2);
}

TEST(OdinNumbers, MultiplesOfOneNumberStayExact) {
  // Multiples of 0.07, whatever the largest is.
  for (int largest : {3, 5, 7}) {
    const double unit = 0.07;
    auto network = networkOf(
        4, 2, {unit * largest, -unit * 2, unit * 1, -unit * largest}, 1);
    const Quantized q = quantize(network, rulesOf("tinyodin"));
    EXPECT_NEAR(q.weightError[0], 0, 1e-6);
    const auto w = weightsOf(q, 0);
    EXPECT_EQ(w[0] * 2, -w[1] * largest);
    EXPECT_EQ(w[0], -w[3]);
    // v units are more than the threshold exactly from here on.
    EXPECT_EQ(q.neurons[0].threshold,
              wholeThreshold(1, true, q.neurons[0].scale));
  }
  // All sixteen codes.
  std::vector<double> codes;
  for (int code = -8; code <= 7; ++code)
    codes.push_back(code * 0.03);
  const auto all = quantize(networkOf(16, 1, codes), rulesOf("tinyodin"));
  EXPECT_NEAR(all.weightError[0], 0, 1e-6);
  EXPECT_EQ(weightsOf(all, 0).front(), -8);
  EXPECT_EQ(weightsOf(all, 0).back(), 7);
  EXPECT_EQ(weightsOf(all, 0).size(), 15u); // 0 is no synapse
}

TEST(OdinNumbers, ScaleStopsAtTheLargestThreshold) {
  // A threshold of 100 weights: 7 units a weight would be 700 units.
  const auto q = quantize(networkOf(1, 1, {1}, 100), rulesOf("odin"));
  EXPECT_LE(q.neurons[0].threshold, 255);
  EXPECT_EQ(weightsOf(q, 0), std::vector<int32_t>{2}); // 201 of 255
}

TEST(OdinNumbers, LeakIsWhatTheNetworkLosesAtHalfItsThreshold) {
  auto network = networkOf(1, 1, {0.07});
  network.neurons[0].decay = 0.9;
  const auto q = quantize(network, rulesOf("tinyodin"));
  EXPECT_TRUE(q.leaks);
  // 7 or 8 units are 0.07: half a threshold is 50 or 57, a tenth of it 5.
  EXPECT_NEAR(q.neurons[0].leak, 0.05 * q.neurons[0].scale, 0.5);
  EXPECT_FALSE(q.remarks.empty());
}

TEST(OdinPlace, InputsTakeTheRowsAboveTheNeurons) {
  auto network = networkOf(5, 20, {0.1, -0.1});
  const auto rules = rulesOf("tinyodin");
  const auto placed = llvm::cantFail(
      place(network, quantize(network, rules), rules, "tinyodin"));
  EXPECT_EQ(placed.sweep, 20u);
  EXPECT_TRUE(placed.twins.empty());
  ASSERT_EQ(placed.inputEvents.size(), 5u);
  for (uint32_t i = 0; i < 5; ++i) {
    ASSERT_EQ(placed.inputEvents[i].size(), 1u);
    EXPECT_EQ(placed.inputEvents[i][0].address, 20 + i);
    EXPECT_EQ(placed.inputEvents[i][0].weight, 0);
  }
}

TEST(OdinPlace, InputsWithoutARowSendAnEventForEachSynapse) {
  // 254 rows are left beside 2 neurons; virtual events reach neurons 0 to 15.
  auto network = networkOf(300, 2, {0.1, -0.1});
  const auto rules = rulesOf("tinyodin");
  const auto placed = llvm::cantFail(
      place(network, quantize(network, rules), rules, "tinyodin"));
  EXPECT_EQ(placed.rows.size(), 254u);
  size_t events = 0;
  for (const auto &list : placed.inputEvents)
    events += list.size();
  EXPECT_EQ(events, 254u + 46u * 2);
}

TEST(OdinPlace, InputsWithoutSynapsesTakeNoRow) {
  // Pruning leaves 3 of 784 pixels with synapses.
  auto network = networkOf(784, 20, {0.1});
  for (auto &synapses : network.fanIn)
    std::erase_if(synapses, [](const auto &s) { return s.source % 300 != 0; });
  const auto rules = rulesOf("tinyodin");
  const auto placed = llvm::cantFail(
      place(network, quantize(network, rules), rules, "tinyodin"));
  EXPECT_EQ(placed.rows.size(), 3u);
  for (uint32_t i = 0; i < 784; ++i)
    EXPECT_EQ(placed.inputEvents[i].size(), i % 300 == 0 ? 1u : 0u);
}

TEST(OdinPlace, FewTargetsOfManyNeuronsAreVirtualEvents) {
  // On ODIN a sweep takes 512 cycles whatever the neurons are, a virtual event
  // 8: an input with 3 targets sends 3 of them.
  auto network = networkOf(10, 3, {0.1, -0.1});
  const auto rules = rulesOf("odin");
  const auto placed =
      llvm::cantFail(place(network, quantize(network, rules), rules, "odin"));
  EXPECT_TRUE(placed.rows.empty());
  for (const auto &events : placed.inputEvents) {
    ASSERT_EQ(events.size(), 3u);
    EXPECT_NE(events[0].weight, 0);
  }
}

TEST(OdinPlace, SaysWhatWouldFit) {
  const auto rules = rulesOf("tinyodin");
  auto network = networkOf(64, 200, {0.1});
  auto refused = place(network, quantize(network, rules), rules, "tinyodin");
  ASSERT_FALSE(refused);
  ErrorKind kind = ErrorKind::Internal;
  const std::string text = takeText(refused.takeError(), &kind);
  EXPECT_EQ(kind, ErrorKind::Capacity);
  EXPECT_NE(text.find("needs 264 addresses: 200 neurons, 64 rows"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("with 192 neurons in 'fc' it would fit"),
            std::string::npos)
      << text;
  auto most = networkOf(64, 192, {0.1});
  EXPECT_TRUE(bool(place(most, quantize(most, rules), rules, "tinyodin")));
}

/// x -> a (2 neurons) -> b (2 neurons), a with synapses of both signs.
RealNetwork twoLayers() {
  RealNetwork network = networkOf(1, 4, {0.2});
  network.layers = {{"a", "if", "node 'a'", {2}, 0, 2},
                    {"b", "if", "node 'b'", {2}, 2, 2}};
  // Sources: input 0, then neurons 1..4.
  network.fanIn[2] = {{1, 0.5}, {2, -0.5}};
  network.fanIn[3] = {{1, -0.3}, {2, -0.3}};
  return network;
}

TEST(OdinPlace, NeuronsOfBothSignsGetACopyWhereTheSourceHasTheSign) {
  const RealNetwork network = twoLayers();
  const auto odin = rulesOf("odin"), tiny = rulesOf("tinyodin");
  const auto onTiny =
      llvm::cantFail(place(network, quantize(network, tiny), tiny, "tinyodin"));
  EXPECT_TRUE(onTiny.twins.empty());
  EXPECT_EQ(onTiny.sweep, 4u);
  const auto onOdin =
      llvm::cantFail(place(network, quantize(network, odin), odin, "odin"));
  ASSERT_EQ(onOdin.twins.size(), 1u);
  EXPECT_EQ(onOdin.twins[0].neuron, 0u);
  EXPECT_EQ(onOdin.twins[0].address, 4u);
  EXPECT_EQ(onOdin.sweep, 5u);
  EXPECT_EQ(onOdin.rows.at(0), (std::vector<int8_t>{0, 0, 7, 0, 0}));
  EXPECT_EQ(onOdin.rows.at(4), (std::vector<int8_t>{0, 0, 0, -7, 0}));
  EXPECT_EQ(onOdin.rows.at(1), (std::vector<int8_t>{0, 0, -7, -7, 0}));
  // The input drives the copy like the neuron: 2 + 1 virtual events.
  EXPECT_EQ(onOdin.inputEvents[0].size(), 3u);
  bool said = false;
  for (const std::string &remark : onOdin.remarks)
    said |=
        remark.find("1 of 2 neurons excite and inhibit") != std::string::npos;
  EXPECT_TRUE(said);
}

TEST(OdinPlace, BiasesAreSourcesThatSpikeInEveryStep) {
  auto network = networkOf(1, 2, {0.07});
  network.neurons[0].drive = 0.02;
  network.neurons[1].drive = -0.5; // 50 units and more: several events
  const auto rules = rulesOf("tinyodin");
  const auto q = quantize(network, rules);
  const auto placed = llvm::cantFail(place(network, q, rules, "tinyodin"));
  for (uint32_t n = 0; n < 2; ++n) {
    int32_t sum = 0;
    for (const auto &always : placed.always)
      sum += always.times * placed.rows.at(always.address)[n];
    EXPECT_EQ(sum, q.neurons[n].drive) << n;
  }
}

} // namespace
