//===- tests/unit/compiler/reference/BrailleTest.cpp ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The recurrent network of the NIR paper (Braille letters, 12-38-7 CubaLIF).
// Its authors published the hidden spikes of one sample from several platforms;
// under the conventions of each platform every one of them is reproduced.
//
//===----------------------------------------------------------------------===//
#include "base/Npy.h"
#include "compiler/frontend/nir/Reader.h"
#include "tests/unit/compiler/reference/Networks.h"
#include <algorithm>
#include <cmath>

using namespace hillock;
using namespace hillock::reference;
using namespace hillock::reference::test;
using snn::Reset;

namespace {

constexpr double dt = 1e-4;
constexpr int64_t steps = 256;

std::vector<double> field(const nir::Graph &graph, const std::string &node,
                          const std::string &name) {
  const nir::Node *found = nir::findNode(graph, node);
  if (!found || !found->fields.count(name))
    return {};
  const nir::Tensor &tensor = found->fields.at(name);
  std::vector<double> values;
  for (size_t k = 0; k < tensor.size(); ++k)
    values.push_back(tensor.at(k));
  return values;
}

struct Braille {
  explicit Braille(const std::string &variant)
      : graph(need(nir::readFile(
            dataFile("nir/03_rnn/braille_" + variant + ".nir")))) {
    NdArray sample = need(readNpy(dataFile("braille/"
                                           "ds_test_sample0_input.npy")));
    input = recordingOf(sample, 12).events;
  }

  std::vector<double> get(const std::string &node,
                          const std::string &name) const {
    return field(graph, node, name);
  }
  /// The parameters of a CubaLIF node; v_reset is not in the file.
  Parameters parameters(const std::string &node) const {
    Parameters result;
    for (const char *name :
         {"tau_mem", "tau_syn", "r", "v_leak", "v_threshold", "w_in"})
      result[name] = get(node, name);
    result["v_reset"] = {0};
    return result;
  }

  /// \p start: first step in which the recurrent projection takes part.
  Trace run(Reset reset, int64_t start) const {
    Network net(dt);
    const int64_t hidden = int64_t(get("fc1", "weight").size()) / 12;
    mlir::Value forward = net.dense(net.input({12}), hidden,
                                    get("fc1", "weight"), get("fc1", "bias"));
    mlir::Value delayed = net.openLoop({hidden});
    mlir::Value back = net.dense(delayed, hidden, get("lif1.w_rec", "weight"),
                                 get("lif1.w_rec", "bias"), start);
    Convention convention{.reset = reset};
    mlir::Value spikes =
        net.neurons(snn::Kind::CubaLif, net.sum({forward, back}),
                    parameters("lif1.lif"), convention, "lif1");
    net.closeLoop(delayed, spikes);
    mlir::Value out =
        net.dense(spikes, 7, get("fc2", "weight"), get("fc2", "bias"));
    net.output(net.neurons(snn::Kind::CubaLif, out, parameters("lif2"),
                           convention, "lif2"));
    return net.run(input, steps, {"lif1"});
  }

  nir::Graph graph;
  std::vector<Event> input;
};

Recording activity(const std::string &platform, const std::string &variant,
                   int64_t hidden) {
  return recordingOf(need(readNpy(dataFile("nir/03_rnn/" + platform +
                                           "_activity_" + variant + ".npy"))),
                     hidden);
}

/// Letter 'A', the label of the sample, has the most output spikes.
void expectClassOne(const Trace &trace) {
  Signal counts = trace.outputs.at(0).counts();
  EXPECT_EQ(std::max_element(counts.begin(), counts.end()) - counts.begin(), 1);
}

const char *const biasZero = "noDelay_bias_zero";

TEST(Braille, SnnTorch) {
  HILLOCK_NEED_DATA();
  Trace trace = Braille(biasZero).run(Reset::Zero, 0);
  Recording published = activity("snntorch", biasZero, 38);
  EXPECT_EQ(published.events.size(), 119u);
  EXPECT_EQ(countDifferences(trace.probes.at(0), published), 0);
  expectClassOne(trace);
}

// Norse's executor hands zero to a recurrent node at t = 0, instead of the bias
// of the recurrent projection. That alone moves 23 spikes.
TEST(Braille, Norse) {
  HILLOCK_NEED_DATA();
  Trace trace = Braille(biasZero).run(Reset::Zero, 1);
  Recording published = activity("norse", biasZero, 38);
  EXPECT_EQ(published.events.size(), 118u);
  EXPECT_EQ(countDifferences(trace.probes.at(0), published), 0);
  Trace other = Braille(biasZero).run(Reset::Zero, 0);
  EXPECT_EQ(countDifferences(other.probes.at(0), published), 23);
  expectClassOne(trace);
}

// Spyx always subtracts and reports a spike one step later; within one step it
// uses the spikes that it reports, so that only the clock differs.
TEST(Braille, Spyx) {
  HILLOCK_NEED_DATA();
  Trace trace = Braille(biasZero).run(Reset::Subtract, 0);
  Recording published = activity("spyx", biasZero, 38);
  EXPECT_EQ(countDifferences(shifted(trace.probes.at(0), 1), published), 0);
  expectClassOne(trace);
}

// The chip keeps 8-bit weights, scaled by one factor for all projections of a
// population and truncated toward zero, delivers spikes in the next step, and
// adds biases to the membrane in every step, the first included.
TEST(Braille, SpiNNaker2Chip) {
  HILLOCK_NEED_DATA();
  Braille braille(biasZero);
  std::vector<double> forward = braille.get("fc1", "weight");
  std::vector<double> back = braille.get("lif1.w_rec", "weight");
  double most = 0;
  for (const std::vector<double> *weights : {&forward, &back})
    for (double weight : *weights)
      most = std::max(most, std::abs(weight));
  const double scale = 127 / most;
  for (std::vector<double> *weights : {&forward, &back})
    for (double &weight : *weights)
      weight = std::trunc(weight * scale);
  Parameters parameters = braille.parameters("lif1.lif");
  std::vector<double> bias1 = braille.get("fc1", "bias");
  std::vector<double> bias2 = braille.get("lif1.w_rec", "bias");
  // A constant current w_in b settles at i = w_in b and drives v by r i.
  for (size_t k = 0; k < bias1.size(); ++k) {
    parameters["v_threshold"][k] *= scale;
    parameters["v_leak"][k] += parameters["r"][k] * parameters["w_in"][k] *
                               (bias1[k] + bias2[k]) * scale;
  }
  Network net(dt);
  mlir::Value late = snn::DelayOp::create(
      net.builder, net.builder.getUnknownLoc(), net.input({12}), 1);
  mlir::Value current = net.dense(late, 38, forward);
  mlir::Value delayed = net.openLoop({38});
  mlir::Value recurrent = net.dense(delayed, 38, back);
  mlir::Value spikes =
      net.neurons(snn::Kind::CubaLif, net.sum({current, recurrent}), parameters,
                  {.reset = Reset::Zero}, "lif1");
  net.closeLoop(delayed, spikes);
  net.output(spikes);
  Trace trace = net.run(braille.input, steps);
  EXPECT_EQ(countDifferences(trace.outputs.at(0), activity("s2", biasZero, 38)),
            0);
}

// The expected_*.npz files come from another implementation of the same forms,
// in single precision; they cover both layers.
struct Expectation {
  const char *name;
  Reset reset;
  int64_t start;
};

class BrailleExpected : public testing::TestWithParam<Expectation> {};

TEST_P(BrailleExpected, BothLayers) {
  HILLOCK_NEED_DATA();
  const Expectation &expected = GetParam();
  NpzArrays arrays = need(
      readNpz(dataFile(std::string("braille/expected_noDelay_bias_zero__") +
                       expected.name + ".npz")));
  Trace trace = Braille(biasZero).run(expected.reset, expected.start);
  ASSERT_EQ(trace.probes.size(), 1u);
  const int64_t hidden = trace.probes[0].neurons();
  EXPECT_EQ(
      countDifferences(trace.probes[0], recordingOf(arrays.at("lif1"), hidden)),
      0);
  EXPECT_EQ(
      countDifferences(trace.outputs[0], recordingOf(arrays.at("lif2"), 7)), 0);
  expectClassOne(trace);
}

const Expectation expectations[] = {{"euler_zero", Reset::Zero, 0},
                                    {"norse_zero", Reset::Zero, 1},
                                    {"euler_sub", Reset::Subtract, 0},
                                    {"snntorch_sub", Reset::SnnTorch, 0}};

INSTANTIATE_TEST_SUITE_P(Files, BrailleExpected,
                         testing::ValuesIn(expectations),
                         [](const testing::TestParamInfo<Expectation> &info) {
                           return std::string(info.param.name);
                         });

} // namespace
