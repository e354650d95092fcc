//===- tests/unit/compiler/reference/ScnnTest.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The convolutional network of the NIR paper on N-MNIST recordings: 300 steps
// of 1 ms. The layer-0 spikes under a reset to zero have the cosine with the
// Speck chip's activity that the paper gives for its simulators.
//
//===----------------------------------------------------------------------===//
#include "base/Csv.h"
#include "base/Npy.h"
#include "compiler/frontend/nir/Reader.h"
#include "runtime/stream/ReadData.h"
#include "tests/unit/compiler/reference/Networks.h"
#include <cmath>

using namespace hillock;
using namespace hillock::reference;
using namespace hillock::reference::test;
using snn::Reset;

namespace {

constexpr int64_t steps = 300;

std::vector<double> weights(const nir::Graph &graph, const std::string &node) {
  const nir::Node *found = nir::findNode(graph, node);
  std::vector<double> values;
  if (found && found->fields.count("weight"))
    for (size_t k = 0; k < found->fields.at("weight").size(); ++k)
      values.push_back(found->fields.at("weight").at(k));
  return values;
}

/// dt is one step and r is 1: an input adds itself to the membrane. All biases
/// of the file are zero.
struct Scnn : Network {
  explicit Scnn(const Convention &given, bool singlePrecision = false)
      : Network(1, singlePrecision), convention(given) {
    nir::Graph graph =
        need(nir::readFile(dataFile("nir/02_cnn/cnn_sinabs.nir")));
    mlir::Value x = input({2, 34, 34});
    const Shape one = {1, 1, 1, 1}, none = {0, 0, 0, 0};
    x = fire(
        conv(x, {16, 16, 16}, {16, 2, 5, 5}, weights(graph, "0"), {2, 2}, one),
        "1");
    x = fire(
        conv(x, {16, 16, 16}, {16, 16, 3, 3}, weights(graph, "2"), {1, 1}, one),
        "3");
    x = pool(x, {16, 8, 8}, snn::PoolKind::Sum, {2, 2}, {2, 2}, none);
    x = fire(
        conv(x, {8, 8, 8}, {8, 16, 3, 3}, weights(graph, "5"), {1, 1}, one),
        "6");
    x = pool(x, {8, 4, 4}, snn::PoolKind::Sum, {2, 2}, {2, 2}, none);
    x = fire(dense(flatten(x), 256, weights(graph, "9")), "10");
    x = fire(dense(x, 10, weights(graph, "11")), "12");
    output(x);
    verify();
  }

  mlir::Value fire(mlir::Value x, const std::string &name) {
    const size_t size = snn::elementsOf(x.getType());
    return neurons(snn::Kind::If, x,
                   {{"r", std::vector<double>(size, 1)},
                    {"v_threshold", std::vector<double>(size, 1)},
                    {"v_reset", std::vector<double>(size, 0)}},
                   convention, name);
  }

  Convention convention;
};

const std::vector<std::string> layers = {"1", "3", "6", "10", "12"};

/// The published counts are of whole frames only: the last one, in which the
/// recording ends, does not count.
std::vector<Event> eventsOf(const runtime::Stimulus &stimulus) {
  std::vector<Event> events;
  for (const runtime::Event &event : stimulus.events)
    if (event.step < stimulus.events.back().step)
      events.push_back({event.step, event.neuron, event.value});
  return events;
}

TEST(Scnn, FirstLayerSpikes) {
  HILLOCK_NEED_DATA();
  NpzArrays frames =
      need(readNpz(dataFile("nmnist/cnn_numbers_reconstructed.npz")));
  NpzArrays packed =
      need(readNpz(dataFile("nmnist/cnn_numbers_layer0_if_zero_spikes.npz")));
  ASSERT_TRUE(frames.count("frames") && packed.count("spikes"));
  Scnn net({.reset = Reset::Zero});
  Interpreter interpreter(net.network);
  // Both arrays are (300, 10 digits, channels, rows, columns); the bits are
  // packed with the most significant first.
  constexpr int64_t in = 2 * 34 * 34, out = 16 * 16 * 16;
  int64_t differences = 0, total = 0;
  for (int64_t digit = 0; digit < 10; ++digit) {
    std::vector<Event> events;
    Recording expected;
    expected.shape = {16, 16, 16};
    expected.steps = steps;
    for (int64_t t = 0; t < steps; ++t) {
      for (int64_t k = 0; k < in; ++k)
        if (double value =
                frames.at("frames").valueAt((t * 10 + digit) * in + k);
            value != 0)
          events.push_back({t, k, value});
      for (int64_t k = 0; k < out; ++k) {
        const int64_t bit = (t * 10 + digit) * out + k;
        if (packed.at("spikes").bytes[bit / 8] >> (7 - bit % 8) & 1)
          expected.events.push_back({t, k, 1});
      }
    }
    RunOptions options{.steps = steps, .probes = {"1"}};
    Trace trace = need(interpreter.run({{"x", events}}, options));
    ASSERT_EQ(trace.probes.size(), 1u);
    differences += countDifferences(trace.probes[0], expected);
    total += trace.probes[0].events.size();
  }
  EXPECT_EQ(total, 49711);
  EXPECT_EQ(differences, 0);
}

//===----------------------------------------------------------------------===//
// Output counts of 100 test samples
//===----------------------------------------------------------------------===//

/// Every sample has silence up to the length of the longest.
constexpr int64_t longest = 313;

std::string text(const Signal &counts) {
  std::string line;
  for (double count : counts)
    line += std::to_string(int64_t(count)) + " ";
  return line;
}

/// Double and single precision may part only at a membrane that stood within
/// 1e-5 of the threshold: what the run that did not fire still shows.
void expectRoundingOnly(Interpreter &exact, Interpreter &rounded,
                        const std::vector<Event> &events,
                        const std::string &sample, const Signal &published) {
  RunOptions options{.steps = longest, .probes = layers};
  for (const std::string &layer : layers)
    options.probes.push_back(layer + ":voltage");
  Trace a = need(exact.run({{"x", events}}, options));
  Trace b = need(rounded.run({{"x", events}}, options));
  EXPECT_EQ(text(b.outputs[0].counts()), text(published)) << sample;
  std::optional<Difference> first;
  size_t where = 0;
  for (size_t layer = 0; layer < layers.size(); ++layer) {
    auto found = firstDifference(a.probes[layer], b.probes[layer]);
    if (found && (!first || found->step < first->step)) {
      first = found;
      where = layer;
    }
  }
  ASSERT_TRUE(first) << sample << ": no spike differs";
  const Trace &silent = first->first < first->second ? a : b;
  const double voltage =
      silent.probes[layers.size() + where].at(first->step)[first->neuron];
  EXPECT_NEAR(voltage, 1, 1e-5)
      << sample << ": layer " << layers[where] << ", step " << first->step
      << ", neuron " << first->neuron;
}

void compareCounts(const std::string &file, const Convention &convention,
                   int64_t correctWanted) {
  CsvTable table = need(readCsv(dataFile("nmnist/" + file)));
  std::vector<double> rows = table.values.toDoubles();
  ASSERT_EQ(rows.size(), 1200u);
  Scnn net(convention), single(convention, true);
  Interpreter exact(net.network), rounded(single.network);
  runtime::ReadOptions read;
  read.inputShape = {2, 34, 34};
  read.steps = longest;
  read.merge = runtime::Merge::Sum;
  int64_t correct = 0, rounding = 0;
  for (size_t row = 0; row < 100; ++row) {
    const double *expected = &rows[row * 12];
    const std::string sample = std::to_string(int64_t(expected[0]));
    runtime::DataSet data = need(
        runtime::readData(dataFile("nmnist/test/" + sample + ".bs2"), read));
    ASSERT_EQ(data.samples.size(), 1u);
    std::vector<Event> events = eventsOf(data.samples[0]);
    Trace trace = need(exact.run({{"x", events}}, {.steps = longest}));
    ASSERT_EQ(trace.outputs.size(), 1u);
    Signal counts = trace.outputs[0].counts();
    const Signal published(expected + 2, expected + 12);
    correct += std::max_element(published.begin(), published.end()) -
                   published.begin() ==
               int64_t(expected[1]);
    if (counts != published) {
      ++rounding;
      expectRoundingOnly(exact, rounded, events, sample, published);
    }
  }
  EXPECT_EQ(correct, correctWanted);
  testing::Test::RecordProperty("samples_that_differ_by_rounding",
                                int(rounding));
}

TEST(Scnn, CountsWithResetToZero) {
  HILLOCK_NEED_DATA();
  compareCounts("scnn_expected_counts_test100_euler_zero.csv",
                {.reset = Reset::Zero}, 100);
}

TEST(Scnn, CountsWithSubtraction) {
  HILLOCK_NEED_DATA();
  compareCounts("scnn_expected_counts_test100_euler_sub.csv",
                {.reset = Reset::Subtract}, 97);
}

} // namespace
