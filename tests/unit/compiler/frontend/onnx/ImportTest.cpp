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
#include "compiler/frontend/onnx/Import.h"
#include "compiler/ann/RealEval.h"
#include "compiler/frontend/onnx/Reader.h"
#include "onnx/onnx.pb.h"
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hillock {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

/// A model under construction; nodes are named after their outputs.
struct Maker {
  ::onnx::ModelProto model;
  explicit Maker(std::vector<int64_t> shape, int64_t opset = 13) {
    model.add_opset_import()->set_version(opset);
    auto *graph = model.mutable_graph();
    graph->set_name("test");
    auto *input = graph->add_input();
    input->set_name("x");
    auto *type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(1);
    for (const int64_t size : shape) {
      auto *dim = type->mutable_shape()->add_dim();
      if (size == -1)
        dim->set_dim_param("N");
      else
        dim->set_dim_value(size);
    }
    graph->add_output()->set_name("y");
  }
  Maker &tensor(const std::string &name, std::vector<int64_t> shape,
                std::vector<float> values) {
    auto *proto = model.mutable_graph()->add_initializer();
    proto->set_name(name);
    proto->set_data_type(1);
    for (const int64_t size : shape)
      proto->add_dims(size);
    for (const float value : values)
      proto->add_float_data(value);
    return *this;
  }
  Maker &integers(const std::string &name, std::vector<int64_t> values) {
    auto *proto = model.mutable_graph()->add_initializer();
    proto->set_name(name);
    proto->set_data_type(7);
    proto->add_dims(static_cast<int64_t>(values.size()));
    for (const int64_t value : values)
      proto->add_int64_data(value);
    return *this;
  }
  Maker &node(const std::string &op, std::vector<std::string> inputs,
              const std::string &output,
              std::map<std::string, std::vector<int64_t>> attributes = {}) {
    auto *proto = model.mutable_graph()->add_node();
    proto->set_op_type(op);
    proto->set_name(output);
    for (const std::string &input : inputs)
      proto->add_input(input);
    proto->add_output(output);
    for (const auto &[name, values] : attributes) {
      auto *attribute = proto->add_attribute();
      attribute->set_name(name);
      const bool list = values.size() != 1 || name == "kernel_shape";
      attribute->set_type(list ? ::onnx::AttributeProto::INTS
                               : ::onnx::AttributeProto::INT);
      if (list)
        for (const int64_t value : values)
          attribute->add_ints(value);
      else
        attribute->set_i(values[0]);
    }
    return *this;
  }
  Expected<ann::Network> network() {
    auto parsed =
        hillock::onnx::parseModel(model.SerializeAsString(), "m.onnx");
    if (!parsed)
      return parsed.takeError();
    return hillock::onnx::importNetwork(*parsed, "m.onnx");
  }
  std::vector<float> run(std::vector<float> x, size_t layers) {
    auto net = network();
    if (!net) {
      ADD_FAILURE() << takeText(net.takeError());
      return {};
    }
    EXPECT_EQ(net->layers.size(), layers);
    ann::RealRunner runner(*net);
    const auto out = runner.run(x);
    return {out.begin(), out.end()};
  }
  std::string error() {
    auto net = network();
    if (net)
      return "no error";
    return takeText(net.takeError());
  }
};

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

TEST(OnnxImport, HostileShapesAreErrorsThatNameTheNode) {
  const int64_t huge = int64_t{1} << 62;
  Maker dims({1, huge, huge, huge});
  dims.node("Relu", {"x"}, "y");
  EXPECT_THAT(dims.error(), HasSubstr("input 'x'"));
  Maker negative({1, 3, -7, 5});
  negative.node("Relu", {"x"}, "y");
  EXPECT_THAT(negative.error(), HasSubstr("input 'x'"));
  for (const int64_t stride : {int64_t{0}, int64_t{-1}, huge}) {
    Maker m({1, 1, 4, 4});
    m.tensor("w", {1, 1, 2, 2}, {1, 2, 3, 4});
    m.node("Conv", {"x", "w"}, "y", {{"strides", {stride, 1}}});
    EXPECT_THAT(m.error(), HasSubstr("'y'"));
  }
  for (const int64_t pad : {int64_t{-1}, huge, int64_t{1} << 27}) {
    Maker m({1, 1, 4, 4});
    m.node("MaxPool", {"x"}, "y",
           {{"kernel_shape", {2, 2}}, {"pads", {pad, pad, pad, pad}}});
    EXPECT_THAT(m.error(), HasSubstr("'y'"));
  }
  Maker reshape({1, 4});
  const int64_t large = int64_t{1} << 50;
  reshape.integers("shape", {large, 4, large, 4});
  reshape.node("Reshape", {"x", "shape"}, "y");
  EXPECT_THAT(reshape.error(), HasSubstr("'y'"));
  Maker weights({1, 4});
  weights.tensor("w", {huge, huge}, {1}).node("MatMul", {"x", "w"}, "y");
  EXPECT_THAT(weights.error(), HasSubstr("tensor 'w'"));
}

TEST(OnnxImport, NumbersMustBeFinite) {
  for (const float bad : {std::nanf(""), HUGE_VALF}) {
    Maker m({1, 2});
    m.tensor("w", {2, 1}, {1, bad}).node("MatMul", {"x", "w"}, "y");
    EXPECT_THAT(m.error(), HasSubstr("node 'y'"));
    EXPECT_THAT(m.error(), HasSubstr("not finite"));
  }
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

} // namespace
} // namespace hillock
