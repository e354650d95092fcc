//===- tests/unit/compiler/ann/PruneTest.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which weights go, that they stay away in every format, and that the way they
// are stored says what they were.
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Prune.h"
#include "base/Random.h"
#include "compiler/ann/Calibrate.h"
#include "compiler/ann/Encoding.h"
#include <gmock/gmock.h>
#include <numeric>

namespace hillock::ann {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// x (n) -> fc0 -> fc1 with the given weights, each with one output.
Network chain(std::vector<float> first, std::vector<float> second) {
  Network net;
  net.name = "chain";
  net.values = {{"x", {static_cast<int64_t>(first.size())}, {}},
                {"y", {1}, {}},
                {"z", {static_cast<int64_t>(second.size())}, {}}};
  Layer a;
  a.kind = Kind::Linear;
  a.name = "fc0";
  a.inputs = {0};
  a.output = 1;
  a.weights = std::move(first);
  Layer b = a;
  b.name = "fc1";
  b.inputs = {1};
  b.output = 2;
  b.weights = std::move(second);
  net.layers = {a, b};
  net.input = 0;
  net.output = 2;
  return net;
}

std::vector<std::vector<float>> pruned(const Network &net, double percent,
                                       PruneScope scope = PruneScope::Layer) {
  auto result = prune(net, {percent, scope});
  EXPECT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  std::vector<std::vector<float>> weights;
  for (const Layer &layer : result->layers)
    weights.push_back(layer.weights);
  return weights;
}

TEST(Prune, TheSmallestGoFirstAndOfEqualOnesTheFirst) {
  const Network net = chain({3, -1, 2, 1, -2}, {0.5f, 9});
  // 40 % of 5 and of 2 weights are 2 and 0.
  EXPECT_THAT(pruned(net, 40)[0], ElementsAre(3, 0, 2, 0, -2));
  EXPECT_THAT(pruned(net, 40)[1], ElementsAre(0.5f, 9));
  EXPECT_THAT(pruned(net, 60)[0], ElementsAre(3, 0, 0, 0, -2));
  EXPECT_THAT(pruned(net, 99)[0], ElementsAre(3, 0, 0, 0, 0));
  EXPECT_THAT(pruned(net, 0)[0], ElementsAre(3, -1, 2, 1, -2));
}

TEST(Prune, TheNetworkScopeDoesNotDependOnTheScaleOfALayer) {
  // Shares: 9/9, 4/13, 1/14 and 1/1, 0.25/1.25. Of five weights two go: 1/14,
  // then 0.25/1.25 = 0.2.
  const Network net = chain({3, 1, 2}, {1, 0.5f});
  const auto both = pruned(net, 40, PruneScope::Network);
  EXPECT_THAT(both[0], ElementsAre(3, 0, 2));
  EXPECT_THAT(both[1], ElementsAre(1, 0));
  const auto larger =
      pruned(chain({3, 1, 2}, {1000, 500}), 40, PruneScope::Network);
  EXPECT_THAT(larger[0], ElementsAre(3, 0, 2));
  EXPECT_THAT(larger[1], ElementsAre(1000, 0));
}

TEST(Prune, ZerosOfAPrunedNetworkStay) {
  const Network net = chain({0, 1, 0, 2}, {0, 1, 2, 3});
  auto kept = keptWeights(net, std::nullopt);
  ASSERT_TRUE(static_cast<bool>(kept));
  EXPECT_THAT((*kept)[0], ElementsAre(0, 1, 0, 1)); // half of them: on purpose
  EXPECT_TRUE((*kept)[1].empty());
  kept = keptWeights(net, PruneOptions{0});
  ASSERT_TRUE(static_cast<bool>(kept));
  EXPECT_THAT((*kept)[1], ElementsAre(0, 1, 1, 1));
}

TEST(Prune, PercentagesOutsideAreUsageErrors) {
  const Network net = chain({1}, {1});
  for (const double percent : {-1.0, 99.5, 100.0, std::nan("")}) {
    auto result = prune(net, {percent});
    ASSERT_FALSE(static_cast<bool>(result));
    ErrorKind kind = ErrorKind::Internal;
    EXPECT_THAT(takeText(result.takeError(), &kind), HasSubstr("0 to 99"));
    EXPECT_EQ(kind, ErrorKind::Usage);
  }
}

//===----------------------------------------------------------------------===//
// Calibration
//===----------------------------------------------------------------------===//

/// (2, 6, 6) -> conv 3x3, 5 channels -> 80 -> 4.
Network images() {
  Network net;
  net.name = "images";
  net.values = {{"x", {2, 6, 6}, {}},
                {"a", {5, 4, 4}, {}},
                {"b", {80}, {}},
                {"c", {4}, {}}};
  const CounterRandom random(3);
  uint64_t at = 0;
  const auto weights = [&](Layer &layer, size_t count, size_t channels) {
    for (size_t i = 0; i < count; ++i)
      layer.weights.push_back(static_cast<float>(random.uniformAt(at++) - 0.5));
    for (size_t i = 0; i < channels; ++i)
      layer.bias.push_back(random.uniformAt(at++) - 0.5);
  };
  Layer conv;
  conv.kind = Kind::Conv;
  conv.name = "conv";
  conv.inputs = {0};
  conv.output = 1;
  conv.window.kernel = {3, 3};
  conv.low = 0;
  weights(conv, 90, 5);
  Layer flat;
  flat.kind = Kind::Reshape;
  flat.name = "flat";
  flat.inputs = {1};
  flat.output = 2;
  Layer full;
  full.kind = Kind::Linear;
  full.name = "full";
  full.inputs = {2};
  full.output = 3;
  weights(full, 320, 4);
  net.layers = {conv, flat, full};
  net.input = 0;
  net.output = 3;
  return net;
}

std::vector<std::vector<float>> noise(size_t count) {
  const CounterRandom random(17);
  std::vector<std::vector<float>> samples(count);
  for (size_t s = 0; s < count; ++s)
    for (size_t i = 0; i < 72; ++i)
      samples[s].push_back(
          static_cast<float>(2 * random.uniformAt(s * 72 + i) - 1));
  return samples;
}

struct Case {
  const char *format;
  bool affine, perChannel, learn;
};

class PrunedFormats : public testing::TestWithParam<Case> {
protected:
  Expected<Calibration> quantize(const Network &net,
                                 std::optional<PruneOptions> prune) const {
    CalibrationOptions options;
    options.weights = *parseWeightFormat(GetParam().format);
    options.weights.affine = GetParam().affine;
    options.weights.perChannel = GetParam().perChannel;
    options.learnRounding = GetParam().learn;
    options.prune = prune;
    return calibrate(net, noise(30), options, "images");
  }
};

TEST_P(PrunedFormats, PrunedWeightsAreExactlyZero) {
  const Network net = images();
  for (const double percent : {50.0, 95.0}) {
    const PruneOptions options{percent};
    auto kept = keptWeights(net, options);
    ASSERT_TRUE(static_cast<bool>(kept));
    auto result = quantize(net, options);
    ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
    for (const size_t l : {size_t{0}, size_t{2}}) {
      const IntLayer &layer = result->network.layers[l];
      const size_t filter = layer.weights.size() / layer.bias.size();
      for (size_t i = 0; i < layer.weights.size(); ++i)
        if (!(*kept)[l][i])
          EXPECT_EQ(layer.weights[i],
                    layer.zeros.empty() ? 0 : layer.zeros[i / filter]);
    }
    // What a row of the table says is what is stored.
    ASSERT_EQ(result->losses.size(), 2u);
    EXPECT_EQ(result->losses[0].bytes + result->losses[1].bytes,
              weightBytes(result->network));
    EXPECT_GE(result->losses[1].zeros, percent < 60 ? 160u : 304u);
  }
}

TEST_P(PrunedFormats, ALayerWithoutAWeightGivesItsBiases) {
  Network net = images();
  std::fill(net.layers[2].weights.begin(), net.layers[2].weights.end(), 0.0f);
  auto result = quantize(net, std::nullopt);
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  IntRunner runner(result->network);
  const Quantization &q = result->plan.values[3];
  for (const auto &x : noise(3)) {
    const auto out = runner.run(x);
    for (size_t o = 0; o < 4; ++o)
      EXPECT_NEAR(q.real(out[o]), net.layers[2].bias[o], 0.01);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, PrunedFormats,
    testing::Values(
        Case{"int8", false, true, true}, Case{"int4", false, true, true},
        Case{"int4", false, true, false}, Case{"int4", false, false, true},
        Case{"int4", true, true, true}, Case{"int4", true, false, false},
        Case{"int2", false, true, true}, Case{"log2", false, true, true},
        Case{"log4", false, true, true}, Case{"log4", false, true, false}),
    [](const auto &info) {
      const Case &c = info.param;
      return std::string(c.format) + (c.affine ? "Affine" : "") +
             (c.perChannel ? "" : "Tensor") + (c.learn ? "" : "Nearest");
    });

/// Without the half of its weights that matters least, the other half fitted
/// again, a layer loses less than a quarter of its output's power.
TEST(Prune, TheOthersMakeUpForWhatIsGone) {
  const auto error = [](std::optional<PruneOptions> prune, bool fit) {
    CalibrationOptions options;
    options.prune = prune;
    options.fitPruned = fit;
    auto result = calibrate(images(), noise(30), options, "images");
    EXPECT_TRUE(static_cast<bool>(result));
    return result->losses[0].error;
  };
  const PruneOptions half{50};
  EXPECT_LT(error(half, true), 0.25);
  EXPECT_LT(error(half, true), error(half, false));
  EXPECT_GT(error(half, true), error(std::nullopt, true));
}

//===----------------------------------------------------------------------===//
// Storage
//===----------------------------------------------------------------------===//

/// A layer of \p outputs filters of (channels, rows, columns), of whose weights
/// \p density are not zero.
IntLayer randomLayer(uint64_t seed, int64_t outputs, int64_t channels,
                     int64_t rows, int64_t columns, unsigned bits,
                     double density, bool affine) {
  const CounterRandom random(seed);
  IntLayer layer;
  layer.kind = Kind::Conv;
  layer.name = "conv";
  layer.window.kernel = {rows, columns};
  layer.format.bits = bits;
  layer.format.affine = affine;
  layer.bias.resize(static_cast<size_t>(outputs));
  const int32_t low = layer.format.low(), span = layer.format.high() - low + 1;
  const auto filter = static_cast<uint64_t>(channels * rows * columns);
  for (uint64_t o = 0; affine && o < static_cast<uint64_t>(outputs); ++o)
    layer.zeros.push_back(low +
                          static_cast<int32_t>(random.at(1000000 + o) %
                                               static_cast<uint64_t>(span)));
  for (uint64_t i = 0; i < static_cast<uint64_t>(outputs) * filter; ++i) {
    const int32_t zero = affine ? layer.zeros[i / filter] : 0;
    const auto code = low + static_cast<int32_t>(random.at(2 * i) %
                                                 static_cast<uint64_t>(span));
    layer.weights.push_back(static_cast<int8_t>(
        random.uniformAt(2 * i + 1) < density ? code : zero));
  }
  return layer;
}

/// Reads the entries as docs/int4.md describes them, into the layer's order.
std::vector<int32_t> decoded(const SkipCode &code, const IntLayer &layer) {
  const size_t filter = layer.weights.size() / layer.bias.size();
  const auto taps =
      static_cast<size_t>(layer.window.kernel[0] * layer.window.kernel[1]);
  const size_t channels = filter / taps;
  std::vector<int32_t> weights(layer.weights.size(), 0);
  size_t entry = 0;
  for (size_t o = 0; o < layer.bias.size(); ++o) {
    size_t number = 0;
    for (uint32_t i = 0; i < code.counts[o]; ++i, ++entry, ++number) {
      const int32_t stored = code.entries[entry];
      number += static_cast<size_t>(stored >> code.codeBits);
      const int32_t sign = 1 << (code.codeBits - 1);
      const int32_t low = stored & (2 * sign - 1);
      const int32_t weight = (low ^ sign) - sign;
      const size_t channel = number % channels, tap = number / channels;
      weights[o * filter + channel * taps + tap] =
          weight - (layer.zeros.empty() ? 0 : layer.zeros[o]);
    }
  }
  EXPECT_EQ(entry, code.entries.size());
  return weights;
}

TEST(SkipCode, SaysWhatTheWeightsAre) {
  int sparse = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const CounterRandom random(seed * 7919);
    const auto pick = [&](uint64_t i, uint64_t low, uint64_t high) {
      return static_cast<int64_t>(low + random.at(i) % (high - low + 1));
    };
    constexpr unsigned bits[] = {2, 4, 8};
    constexpr double densities[] = {0, 0.001, 0.01, 0.05, 0.1, 0.3, 0.5};
    const IntLayer layer =
        randomLayer(seed, pick(0, 1, 9), pick(1, 1, 60), pick(2, 1, 5),
                    pick(3, 1, 5), bits[random.at(4) % 3],
                    densities[random.at(5) % 7], random.at(6) % 3 == 0);
    const std::optional<SkipCode> code = skipCodeOf(layer);
    const uint64_t dense = packedBytes(layer.weights.size(), layer.format.bits);
    EXPECT_LE(weightBytes(layer) - 4 * layer.bias.size() - layer.zeros.size(),
              dense);
    if (!code)
      continue;
    ++sparse;
    EXPECT_LT(code->bytes(), dense);
    const std::vector<int32_t> weights = decoded(*code, layer);
    const size_t filter = layer.weights.size() / layer.bias.size();
    for (size_t i = 0; i < weights.size(); ++i)
      ASSERT_EQ(weights[i],
                layer.weights[i] -
                    (layer.zeros.empty() ? 0 : layer.zeros[i / filter]))
          << "seed " << seed << ", weight " << i;
  }
  EXPECT_GT(sparse, 100);
}

TEST(SkipCode, ExtremesTakeWhatTheyMust) {
  IntLayer layer = randomLayer(1, 3, 16, 5, 5, 4, 0, false);
  // No weight: a count an output.
  std::optional<SkipCode> code = skipCodeOf(layer);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->bytes(), 3u);
  EXPECT_TRUE(code->entries.empty());
  // One, the last of all: 399 zeros before it are one entry of 16 bits.
  layer.weights.back() = -8;
  code = skipCodeOf(layer);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->entryBits, 16u);
  EXPECT_THAT(code->counts, ElementsAre(0, 0, 1));
  EXPECT_THAT(code->entries, ElementsAre(399 << 4 | 8));
  // The first of all: a byte.
  layer.weights.back() = 0;
  layer.weights.front() = 7;
  code = skipCodeOf(layer);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->entryBits, 8u);
  EXPECT_THAT(code->entries, ElementsAre(7));
  // Seventeen zeros before a weight: sixteen zeros are an entry of their own.
  layer = randomLayer(1, 1, 40, 1, 1, 4, 0, false);
  layer.weights = std::vector<int8_t>(40, 0);
  for (const size_t i : {0, 1, 2, 3, 21})
    layer.weights[i] = 1;
  code = skipCodeOf(layer);
  ASSERT_TRUE(code);
  EXPECT_THAT(code->entries, ElementsAre(1, 1, 1, 1, 15 << 4, 1 << 4 | 1));
  // Dense ones stay packed.
  EXPECT_FALSE(skipCodeOf(randomLayer(1, 3, 16, 5, 5, 4, 1, false)));
  EXPECT_FALSE(skipCodeOf(randomLayer(1, 3, 16, 5, 5, 8, 0.6, true)));
  // 300 entries of an output are counted in two bytes.
  layer = randomLayer(1, 1, 3000, 1, 1, 4, 0, false);
  for (size_t i = 0; i < 3000; i += 10)
    layer.weights[i] = 3;
  code = skipCodeOf(layer);
  ASSERT_TRUE(code);
  EXPECT_EQ(code->bytes(), 302u);
}

} // namespace
} // namespace hillock::ann
