//===- tests/unit/compiler/ann/CalibrateTest.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Published float accuracies and how much of them integers keep. Calibration
// sees the training part, evaluation the test part.
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Calibrate.h"
#include "base/Npy.h"
#include "base/Parallel.h"
#include "compiler/ann/Mixed.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "tests/unit/compiler/ann/MnistData.h"
#include "tools/hillock/AnnOptions.h"
#include <atomic>
#include <gmock/gmock.h>

namespace hillock::ann {
namespace {

using testing::HasSubstr;

Network importFile(const std::string &path) {
  auto model = onnx::readModel(path);
  if (!model) {
    ADD_FAILURE() << takeText(model.takeError());
    return {};
  }
  auto net = onnx::importNetwork(*model, path);
  if (!net) {
    ADD_FAILURE() << takeText(net.takeError());
    return {};
  }
  return withoutDecision(std::move(*net));
}

int rightOf(const IntNetwork &net, const LabelledImages &data) {
  std::atomic<int> right = 0;
  parallelChunks(0, static_cast<int64_t>(data.labels.size()), 0,
                 [&](int64_t first, int64_t last, unsigned) {
                   IntRunner runner(net);
                   for (auto i = static_cast<size_t>(first);
                        i < static_cast<size_t>(last); ++i) {
                     const auto out = runner.run(data.images[i]);
                     right += std::max_element(out.begin(), out.end()) -
                                  out.begin() ==
                              data.labels[i];
                   }
                 });
  return right;
}

class Mnist : public testing::Test {
protected:
  void SetUp() override {
    if (dataPath("").empty())
      GTEST_SKIP() << "HILLOCK_DATA is not set";
    net = importFile(dataPath("onnx/mnist_conv_cntk.onnx"));
  }
  Expected<Calibration> quantize(const std::string &format, unsigned bits,
                                 int64_t samples, unsigned threads = 0,
                                 std::optional<PruneOptions> prune = {}) {
    CalibrationOptions options;
    options.prune = prune;
    options.weights = *parseWeightFormat(format);
    options.activationBits = bits;
    options.threads = threads;
    return calibrate(net, readMnist("train", samples).images, options, "mnist");
  }
  Network net;
};

TEST_F(Mnist, EightBitsKeepTheAccuracy) {
  auto result = quantize("int8", 8, 100);
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  // 98.91 % in float; at most 0.1 points less.
  EXPECT_GE(rightOf(result->network, readMnist("t10k", 10000)), 9881);
}

TEST_F(Mnist, FourBitsLoseAtMostFourTenths) {
  auto result = quantize("int4", 4, 100);
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  EXPECT_GE(rightOf(result->network, readMnist("t10k", 10000)), 9851);
  EXPECT_EQ(result->network.values[0].q.bits(), 4u);
  // 5,960 weights in half a byte each, 9 bytes a channel.
  EXPECT_EQ(weightBytes(result->network), (200u + 3200u + 2560u) / 2 + 34 * 9);
}

TEST_F(Mnist, Radix4WeightsLoseAtMostOnePoint) {
  auto result = quantize("log4", 4, 100);
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  // A part of the images keeps the test short: 97.91 % of them.
  EXPECT_GE(rightOf(result->network, readMnist("t10k", 4000, 6000)), 3917);
}

TEST_F(Mnist, AThirdOfTheWeightsIsEnough) {
  // Rounded without a fit, what is left of 70 % pruning decides 84 % of them
  // right, and 89 % in real numbers.
  auto result =
      quantize("int4", 4, 100, 0, PruneOptions{70, PruneScope::Network});
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  EXPECT_GE(rightOf(result->network, readMnist("t10k", 2000)), 1900);
  EXPECT_LT(weightBytes(result->network), 2100u);
}

TEST_F(Mnist, DoesNotDependOnThreads) {
  auto one = quantize("int4", 4, 40, 1), three = quantize("int4", 4, 40, 3);
  ASSERT_TRUE(static_cast<bool>(one));
  ASSERT_TRUE(static_cast<bool>(three));
  for (size_t i = 0; i < one->network.layers.size(); ++i) {
    EXPECT_EQ(one->network.layers[i].weights, three->network.layers[i].weights);
    EXPECT_EQ(one->network.layers[i].bias, three->network.layers[i].bias);
  }
}

TEST_F(Mnist, BudgetsAreKeptOrRefused) {
  const auto samples = readMnist("train", 30).images;
  auto mixture = chooseFormats(net, samples, {}, 4000, "mnist");
  ASSERT_TRUE(static_cast<bool>(mixture)) << takeText(mixture.takeError());
  EXPECT_LE(mixture->bytes, 4000u);
  EXPECT_EQ(mixture->formats.size(), 3u);
  auto refused = chooseFormats(net, samples, {}, 1000, "mnist");
  ASSERT_FALSE(static_cast<bool>(refused));
  ErrorKind kind = ErrorKind::Internal;
  EXPECT_THAT(takeText(refused.takeError(), &kind), HasSubstr("2-bit"));
  EXPECT_EQ(kind, ErrorKind::Capacity);
}

TEST_F(Mnist, EmptyAndBadCalibrationSetsAreErrors) {
  auto none = calibrate(net, {}, {}, "mnist");
  ASSERT_FALSE(static_cast<bool>(none));
  EXPECT_THAT(takeText(none.takeError()), HasSubstr("no samples"));
  std::vector<float> bad(784, std::nanf(""));
  auto infinite = calibrate(net, {bad}, {}, "mnist");
  ASSERT_FALSE(static_cast<bool>(infinite));
  EXPECT_THAT(takeText(infinite.takeError()), HasSubstr("not finite"));
}

/// MLPerf Tiny's keyword spotter, whose file says how it is quantized.
class Keywords : public testing::Test {
protected:
  void SetUp() override {
    if (dataPath("").empty())
      GTEST_SKIP() << "HILLOCK_DATA is not set";
    const std::string folder = dataPath("kws_mlperf_tiny/");
    const std::string path = testing::TempDir() + "/kws.onnx";
    const std::string command = "python3 " HILLOCK_SOURCE
                                "/examples/keywords/make_onnx.py " +
                                folder + "kws_ref_int8_graph.json " + folder +
                                "kws_ref_int8_weights.npz " + path;
    ASSERT_EQ(std::system(command.c_str()), 0);
    net = importFile(path);
    auto read = tool::loadAnnData(
        folder + "kws01", net.values[static_cast<size_t>(net.input)].shape,
        net.values[static_cast<size_t>(net.input)].given, 0, 0);
    ASSERT_TRUE(static_cast<bool>(read)) << takeText(read.takeError());
    data = std::move(*read);
    ASSERT_EQ(data.samples.size(), 1000u);
  }
  std::vector<std::vector<float>> part(size_t first, size_t count) const {
    return {data.samples.begin() + static_cast<ptrdiff_t>(first),
            data.samples.begin() + static_cast<ptrdiff_t>(first + count)};
  }
  int rightIn(const IntNetwork &integers, size_t first, size_t count) const {
    LabelledImages images{
        part(first, count),
        {data.labels.begin() + static_cast<ptrdiff_t>(first),
         data.labels.begin() + static_cast<ptrdiff_t>(first + count)}};
    return rightOf(integers, images);
  }
  Network net;
  tool::AnnData data;
};

TEST_F(Keywords, EightBitLogitsEqualTheReference) {
  CalibrationOptions options;
  options.weights.bits = 8;
  options.activationBits = 8;
  auto result = calibrate(net, part(0, 2), options, "kws");
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  auto reference = readNpy(dataPath("kws_mlperf_tiny/ref_int8_logits.npy"));
  ASSERT_TRUE(static_cast<bool>(reference));
  IntRunner runner(result->network);
  int differing = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const auto out = runner.run(data.samples[static_cast<size_t>(i)]);
    for (int64_t k = 0; k < 12; ++k)
      differing +=
          out[static_cast<size_t>(k)] != reference->valueAt(i * 12 + k);
  }
  EXPECT_EQ(differing, 0);
  EXPECT_EQ(rightIn(result->network, 0, 1000), 902);
}

TEST_F(Keywords, FourBitWeightsLoseAtMostOneAndAHalfPoints) {
  // There is no training part here: each half is judged by a network that was
  // calibrated with samples of the other.
  CalibrationOptions options;
  options.weights.bits = 4;
  options.activationBits = 8;
  int right = 0;
  for (const size_t half : {0u, 500u}) {
    auto result = calibrate(net, part(500 - half, 100), options, "kws");
    ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
    right += rightIn(result->network, half, 500);
  }
  EXPECT_GE(right, 902 - 15);
}

TEST_F(Keywords, FourBitValuesLoseAtMostSixPoints) {
  CalibrationOptions options;
  options.weights.bits = 4;
  options.activationBits = 4;
  auto result = calibrate(net, part(500, 100), options, "kws");
  ASSERT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
  // The input's codes are the file's own, of 8 bits.
  EXPECT_EQ(result->network.values[static_cast<size_t>(net.input)].q.bits(),
            8u);
  EXPECT_GE(rightIn(result->network, 0, 500), (902 - 60) / 2);
}

} // namespace
} // namespace hillock::ann
