//===- tests/unit/compiler/frontend/onnx/MnistTest.cpp --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ONNX model zoo's MNIST network with the input and output that are
// published beside it, and its accuracy on the whole test set.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Parallel.h"
#include "compiler/ann/RealEval.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "compiler/frontend/onnx/Tensors.h"
#include "tests/unit/compiler/ann/MnistData.h"
#include <algorithm>
#include <atomic>

namespace hillock {
namespace {

using ann::dataPath;

Expected<ann::Network> importFile(const std::string &path) {
  auto model = onnx::readModel(path);
  if (!model)
    return model.takeError();
  return onnx::importNetwork(*model, path);
}

std::vector<float> tensorFile(const std::string &path) {
  auto bytes = readFile(path);
  ::onnx::TensorProto proto;
  if (!bytes || !proto.ParseFromString(*bytes))
    return {};
  auto tensor = onnx::decodeTensor(proto, "", path);
  if (!tensor)
    return {};
  return {tensor->values.begin(), tensor->values.end()};
}

TEST(OnnxMnist, NormalFormHasFusedBiasesAndClamps) {
  if (dataPath("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto net = importFile(dataPath("onnx/mnist_conv_cntk.onnx"));
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  std::vector<std::string> kinds;
  for (const ann::Layer &layer : net->layers)
    kinds.push_back(ann::kindName(layer.kind));
  EXPECT_EQ(kinds, (std::vector<std::string>{"conv", "max_pool", "conv",
                                             "max_pool", "reshape", "linear"}));
  EXPECT_EQ(net->layers[0].bias.size(), 8u);
  EXPECT_EQ(net->layers[0].low, 0);
  EXPECT_EQ(net->layers[2].window.begin[0], 2);
  // 28*28*8*25 + 14*14*16*200 + 2560
  EXPECT_EQ(ann::macs(*net), 156800u + 627200u + 2560u);
}

TEST(OnnxMnist, GivesThePublishedOutput) {
  if (dataPath("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto net = importFile(dataPath("onnx/mnist_conv_cntk.onnx"));
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  const auto input = tensorFile(dataPath("onnx/mnist_conv_input_0.pb"));
  const auto expected = tensorFile(dataPath("onnx/mnist_conv_output_0.pb"));
  ASSERT_EQ(input.size(), 784u);
  ASSERT_EQ(expected.size(), 10u);
  ann::RealRunner runner(*net);
  const auto output = runner.run(input);
  for (size_t i = 0; i < 10; ++i)
    EXPECT_NEAR(output[i], expected[i], 1e-3 * std::abs(expected[i]) + 1e-3);
}

TEST(OnnxMnist, HasThePublishedAccuracy) {
  if (dataPath("").empty())
    GTEST_SKIP() << "HILLOCK_DATA is not set";
  auto net = importFile(dataPath("onnx/mnist_conv_cntk.onnx"));
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  const auto data = ann::readMnist("t10k", 10000);
  ASSERT_EQ(data.labels.size(), 10000u);
  std::atomic<int> right = 0;
  parallelChunks(0, 10000, 0, [&](int64_t first, int64_t last, unsigned) {
    ann::RealRunner runner(*net);
    for (auto i = static_cast<size_t>(first); i < static_cast<size_t>(last);
         ++i) {
      const auto output = runner.run(data.images[i]);
      right +=
          std::max_element(output.begin(), output.end()) - output.begin() ==
          data.labels[i];
    }
  });
  EXPECT_EQ(right, 9891);
}

} // namespace
} // namespace hillock
