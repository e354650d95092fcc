//===- tests/unit/compiler/frontend/onnx/ImportTest.cpp -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small models, made here: what is fused and folded, and what is refused with
// the node's name.
//
//===----------------------------------------------------------------------===//
#include "tests/unit/compiler/frontend/onnx/Maker.h"
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

TEST(OnnxImport, FoldsBatchNormalizationIntoTheConvolution) {
  // y = 3 (2 x + 1 - 4) / sqrt(4) + 5 = 3 x + 0.5, then clamped at 6.
  Maker m({-1, 1, 1, 3}, 11);
  m.tensor("w", {1, 1, 1, 1}, {2}).tensor("b", {1}, {1});
  m.tensor("s", {1}, {3}).tensor("t", {1}, {5});
  m.tensor("m", {1}, {4}).tensor("v", {1}, {4});
  m.tensor("lo", {}, {-2}).tensor("hi", {}, {6});
  m.node("Conv", {"x", "w", "b"}, "c");
  m.node("BatchNormalization", {"c", "s", "t", "m", "v"}, "n");
  m.node("Clip", {"n", "lo", "hi"}, "y");
  EXPECT_THAT(m.run({1, 2, -3}, 1), ElementsAre(FloatNear(3.5f, 1e-4f), 6, -2));
}

TEST(OnnxImport, SamePaddingAndGroups) {
  // Stride 2 over 4 columns, kernel 3: one cell of padding, at the end for
  // SAME_UPPER, at the beginning for SAME_LOWER.
  for (const bool upper : {true, false}) {
    Maker m({1, 2, 1, 4});
    m.tensor("w", {2, 1, 1, 3}, {1, 1, 1, 1, 10, 100});
    m.node("Conv", {"x", "w"}, "y", {{"group", {2}}, {"strides", {1, 2}}});
    auto *pad = m.model.mutable_graph()->mutable_node(0)->add_attribute();
    pad->set_name("auto_pad");
    pad->set_type(::onnx::AttributeProto::STRING);
    pad->set_s(upper ? "SAME_UPPER" : "SAME_LOWER");
    const auto y = m.run({1, 2, 3, 4, 5, 6, 7, 8}, 1);
    if (upper)
      EXPECT_THAT(y, ElementsAre(6, 7, 765, 87));
    else
      EXPECT_THAT(y, ElementsAre(3, 9, 650, 876));
  }
}

TEST(OnnxImport, PoolsWithCeilModeAndPadding) {
  Maker max({1, 1, 1, 5});
  max.node("MaxPool", {"x"}, "y",
           {{"kernel_shape", {1, 2}}, {"strides", {1, 2}}, {"ceil_mode", {1}}});
  EXPECT_THAT(max.run({1, 5, 2, 3, -4}, 1), ElementsAre(5, 3, -4));
  Maker mean({1, 1, 1, 3});
  mean.node("AveragePool", {"x"}, "y",
            {{"kernel_shape", {1, 2}}, {"pads", {0, 1, 0, 0}}});
  EXPECT_THAT(mean.run({2, 4, 8}, 1), ElementsAre(2, 3, 6));
  Maker counted({1, 1, 1, 3});
  counted.node("AveragePool", {"x"}, "y",
               {{"kernel_shape", {1, 2}},
                {"pads", {0, 1, 0, 0}},
                {"count_include_pad", {1}}});
  EXPECT_THAT(counted.run({2, 4, 8}, 1), ElementsAre(1, 3, 6));
}

TEST(OnnxImport, FoldsTransposesIntoTheMatrix) {
  // Channels last before the flatten, as some exporters do.
  Maker m({1, 2, 1, 2});
  m.tensor("w", {4, 1}, {1, 10, 100, 1000});
  m.integers("shape", {1, -1});
  m.node("Transpose", {"x"}, "t", {{"perm", {0, 2, 3, 1}}});
  m.node("Reshape", {"t", "shape"}, "r");
  m.node("MatMul", {"r", "w"}, "y");
  // x = c0: 1 2, c1: 3 4; channels last: 1 3 2 4.
  EXPECT_THAT(m.run({1, 2, 3, 4}, 2), ElementsAre(1 + 30 + 200 + 4000));
}

TEST(OnnxImport, BranchesAreNotFused) {
  Maker m({1, 2});
  m.tensor("w", {2, 2}, {1, 0, 0, 1});
  m.node("Gemm", {"x", "w"}, "g").node("Relu", {"g"}, "r");
  m.node("Add", {"g", "r"}, "y");
  EXPECT_THAT(m.run({-1, 2}, 3), ElementsAre(-1, 4));
}

TEST(OnnxImport, ExportersComputeShapes) {
  Maker m({-1, 1, 2, 2});
  m.integers("zero", {0}).integers("minus", {-1});
  m.tensor("w", {4, 1}, {1, 2, 3, 4});
  m.node("Shape", {"x"}, "s").node("Gather", {"s", "zero"}, "n");
  m.node("Concat", {"n", "minus"}, "to", {{"axis", {0}}});
  m.node("Reshape", {"x", "to"}, "f").node("MatMul", {"f", "w"}, "y");
  EXPECT_THAT(m.run({1, 1, 1, 1}, 2), ElementsAre(10));
}

TEST(OnnxImport, UnknownOpsAreNamed) {
  Maker m({1, 4});
  m.node("LSTM", {"x"}, "y");
  const std::string text = m.error();
  EXPECT_THAT(text, HasSubstr("'y' (LSTM)"));
  EXPECT_THAT(text, HasSubstr("AveragePool"));
}

TEST(OnnxImport, ExternalDataStaysBesideTheFile) {
  for (const char *place : {"/etc/passwd", "../secret", "a/../../b", ""}) {
    Maker m({1, 2});
    m.tensor("w", {2, 1}, {1, 1}).node("MatMul", {"x", "w"}, "y");
    auto *w = m.model.mutable_graph()->mutable_initializer(0);
    w->set_data_location(::onnx::TensorProto::EXTERNAL);
    auto *entry = w->add_external_data();
    entry->set_key("location");
    entry->set_value(place);
    auto parsed = hillock::onnx::parseModel(m.model.SerializeAsString(),
                                            "m.onnx", testing::TempDir());
    ASSERT_FALSE(static_cast<bool>(parsed));
    EXPECT_THAT(takeText(parsed.takeError()), HasSubstr("tensor 'w'"));
  }
}

TEST(OnnxImport, ReadsExternalData) {
  const std::string folder = testing::TempDir();
  const float values[] = {9, 2, 3}; // the first is skipped by the offset
  std::FILE *file = std::fopen((folder + "/onnx_weights.bin").c_str(), "wb");
  ASSERT_NE(file, nullptr);
  std::fwrite(values, sizeof(float), 3, file);
  std::fclose(file);
  Maker m({1, 2});
  m.tensor("w", {2, 1}, {}).node("MatMul", {"x", "w"}, "y");
  auto *w = m.model.mutable_graph()->mutable_initializer(0);
  w->set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto &[key, value] :
       std::map<std::string, std::string>{{"location", "onnx_weights.bin"},
                                          {"offset", "4"},
                                          {"length", "8"}}) {
    auto *entry = w->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
  auto parsed =
      hillock::onnx::parseModel(m.model.SerializeAsString(), "m.onnx", folder);
  ASSERT_TRUE(static_cast<bool>(parsed)) << takeText(parsed.takeError());
  EXPECT_THAT(parsed->initializers[0].values, ElementsAre(2, 3));
}

TEST(OnnxImport, QuantizedNetworksKeepTheirCodes) {
  // x in steps of 0.5 (uint8, 0 is code 128: int8 code 0), weights of codes
  // 1, -2 at 0.25 and 3, 4 at 2, one scale an output (axis 1).
  Maker m({1, 2});
  m.tensor("s", {}, {0.5f}).codes("z", 2, {}, {128});
  m.codes("c", 3, {2, 2}, {1, 3, -2, 4}).tensor("t", {2}, {0.25f, 2});
  m.codes("n", 3, {2}, {0, 0});
  m.node("QuantizeLinear", {"x", "s", "z"}, "q");
  m.node("DequantizeLinear", {"q", "s", "z"}, "d");
  m.node("DequantizeLinear", {"c", "t", "n"}, "w", {{"axis", {1}}});
  m.node("MatMul", {"d", "w"}, "y");
  auto net = m.network();
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  const ann::Value &x = net->values[static_cast<size_t>(net->input)];
  ASSERT_TRUE(x.given);
  EXPECT_EQ(*x.given, (ann::Quantization{0.5, 0, -128, 127}));
  ASSERT_EQ(net->layers.size(), 1u);
  ASSERT_TRUE(net->layers[0].given);
  EXPECT_THAT(net->layers[0].given->codes, ElementsAre(1, -2, 3, 4));
  EXPECT_THAT(net->layers[0].given->scales, ElementsAre(0.25, 2));
  // 1.3 is 1.5 (2.6 steps), -0.2 is 0 (0.4 of a step).
  EXPECT_THAT(m.run({1.3f, -0.2f}, 1), ElementsAre(0.375f, 9));
}

TEST(OnnxImport, OpsetsFromSevenOn) {
  // What changed between opsets: axes and bounds became inputs.
  for (int64_t opset = 7; opset <= 24; ++opset) {
    Maker m({1, 1, 1, 2}, opset);
    m.tensor("w", {1, 1, 1, 1}, {2}).node("Conv", {"x", "w"}, "c");
    if (opset < 11) {
      m.node("Clip", {"c"}, "p");
      auto *node = m.model.mutable_graph()->mutable_node(1);
      for (const auto &[name, value] :
           std::map<std::string, float>{{"min", 0}, {"max", 3}}) {
        auto *attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_type(::onnx::AttributeProto::FLOAT);
        attribute->set_f(value);
      }
    } else {
      m.tensor("lo", {}, {0}).tensor("hi", {}, {3});
      m.node("Clip", {"c", "lo", "hi"}, "p");
    }
    if (opset < 13)
      m.node("Squeeze", {"p"}, "y", {{"axes", {1, 2}}});
    else
      m.integers("axes", {1, 2}).node("Squeeze", {"p", "axes"}, "y");
    EXPECT_EQ(m.run({1, 2}, m.network()->layers.size()),
              (std::vector<float>{2, 3}))
        << opset;
  }
  Maker old({1, 2}, 6);
  old.node("Relu", {"x"}, "y");
  EXPECT_THAT(old.error(), HasSubstr("opset 6"));
}

} // namespace
} // namespace hillock
