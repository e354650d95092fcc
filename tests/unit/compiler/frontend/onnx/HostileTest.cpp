//===- tests/unit/compiler/frontend/onnx/HostileTest.cpp ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models that nobody would export: each ends in an error that names the node.
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Calibrate.h"
#include "tests/unit/compiler/frontend/onnx/Maker.h"
#include <gmock/gmock.h>

namespace hillock {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int64_t huge = int64_t{1} << 62;

TEST(OnnxHostile, HostileShapesAreErrorsThatNameTheNode) {
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

TEST(OnnxHostile, NumbersMustBeFinite) {
  for (const float bad : {std::nanf(""), HUGE_VALF}) {
    Maker m({1, 2});
    m.tensor("w", {2, 1}, {1, bad}).node("MatMul", {"x", "w"}, "y");
    EXPECT_THAT(m.error(), HasSubstr("node 'y'"));
    EXPECT_THAT(m.error(), HasSubstr("not finite"));
  }
}

TEST(OnnxHostile, DimensionsOfZeroAreRefused) {
  Maker input({1, 3, 0, 5});
  input.node("Relu", {"x"}, "y");
  EXPECT_THAT(input.error(), HasSubstr("input 'x'"));
  Maker weights({1, 1, 4, 4});
  weights.tensor("w", {1, 1, 0, 2}, {}).node("Conv", {"x", "w"}, "y");
  EXPECT_THAT(weights.error(), HasSubstr("'y' (Conv)"));
  Maker matrix({1, 4});
  matrix.tensor("w", {4, 0}, {}).node("MatMul", {"x", "w"}, "y");
  EXPECT_THAT(matrix.error(), HasSubstr("'y' (MatMul)"));
  Maker reshape({1, 4});
  reshape.integers("shape", {4, 0});
  reshape.node("Reshape", {"x", "shape"}, "y", {{"allowzero", {1}}});
  EXPECT_THAT(reshape.error(), HasSubstr("'y' (Reshape)"));
}

TEST(OnnxHostile, ProductsOfDimensionsDoNotOverflow) {
  // 2^50 * 2^14 is 0 in 64 bits.
  Maker reshape({1, 4});
  reshape.integers("shape", {int64_t{1} << 50, 1 << 14});
  reshape.node("Reshape", {"x", "shape"}, "y");
  EXPECT_THAT(reshape.error(), HasSubstr("'y' (Reshape)"));
  Maker weights({1, 4});
  weights.tensor("w", {huge, 4}, {}).node("MatMul", {"x", "w"}, "y");
  EXPECT_THAT(weights.error(), HasSubstr("tensor 'w'"));
  // A result of 2^29 elements from two inputs of 2^28.
  Maker concat({1, 1 << 14, 1 << 14});
  concat.node("Concat", {"x", "x"}, "y", {{"axis", {1}}});
  EXPECT_THAT(concat.error(), HasSubstr("'y'"));
  // A padding that makes a small input gigantic.
  Maker padded({1, 1, 4, 4});
  const int64_t wide = 1 << 20;
  padded.tensor("w", {1, 1, 1, 1}, {1});
  padded.node("Conv", {"x", "w"}, "y", {{"pads", {wide, wide, wide, wide}}});
  EXPECT_THAT(padded.error(), HasSubstr("'y'"));
}

TEST(OnnxHostile, NegativeSizesAreRefused) {
  Maker weights({1, 4});
  weights.tensor("w", {-4, -1}, {1, 2, 3, 4}).node("MatMul", {"x", "w"}, "y");
  EXPECT_THAT(weights.error(), HasSubstr("tensor 'w'"));
  Maker group({1, 2, 4, 4});
  group.tensor("w", {2, 1, 1, 1}, {1, 1});
  group.node("Conv", {"x", "w"}, "y", {{"group", {-2}}});
  EXPECT_THAT(group.error(), HasSubstr("'y' (Conv)"));
  Maker axis({1, 4});
  axis.node("Flatten", {"x"}, "y", {{"axis", {-7}}});
  EXPECT_THAT(axis.error(), HasSubstr("'y' (Flatten)"));
}

TEST(OnnxHostile, BiasesAndFoldedNumbersMustBeFinite) {
  for (const float bad : {std::nanf(""), -HUGE_VALF}) {
    Maker bias({1, 2});
    bias.tensor("w", {1, 2}, {1, 1}).tensor("b", {1}, {bad});
    bias.node("Gemm", {"x", "w", "b"}, "y", {{"transB", {1}}});
    EXPECT_THAT(bias.error(), AllOf(HasSubstr("'y'"), HasSubstr("finite")));
    Maker norm({1, 1, 1, 2});
    norm.tensor("w", {1, 1, 1, 1}, {1}).tensor("s", {1}, {bad});
    norm.tensor("t", {1}, {0}).tensor("m", {1}, {0}).tensor("v", {1}, {1});
    norm.node("Conv", {"x", "w"}, "c");
    norm.node("BatchNormalization", {"c", "s", "t", "m", "v"}, "y");
    EXPECT_THAT(norm.error(), AllOf(HasSubstr("node '"), HasSubstr("finite")));
  }
  // A variance below 0 has no root.
  Maker variance({1, 1, 1, 2});
  variance.tensor("w", {1, 1, 1, 1}, {1}).tensor("s", {1}, {1});
  variance.tensor("t", {1}, {0}).tensor("m", {1}, {0}).tensor("v", {1}, {-1});
  variance.node("Conv", {"x", "w"}, "c");
  variance.node("BatchNormalization", {"c", "s", "t", "m", "v"}, "y");
  EXPECT_THAT(variance.error(), HasSubstr("node '"));
}

TEST(OnnxHostile, EmptyAndOddCalibrationSets) {
  Maker m({1, 2});
  m.tensor("w", {2, 1}, {1, 2}).node("MatMul", {"x", "w"}, "y");
  auto net = m.network();
  ASSERT_TRUE(static_cast<bool>(net)) << takeText(net.takeError());
  const auto failure = [&](std::vector<std::vector<float>> samples) {
    auto result = ann::calibrate(*net, samples, {}, "m.onnx");
    return result ? "none" : takeText(result.takeError());
  };
  EXPECT_THAT(failure({}), HasSubstr("m.onnx"));
  EXPECT_THAT(failure({{1, std::nanf("")}}), HasSubstr("m.onnx"));
  EXPECT_THAT(failure({{1, HUGE_VALF}}), HasSubstr("m.onnx"));
  // All zeros have no range, and are no mistake.
  EXPECT_EQ(failure({{0, 0}}), "none");
}

TEST(OnnxHostile, QuantizationOutOfItsType) {
  for (const float bad : {0.0f, -1.0f, std::nanf(""), HUGE_VALF}) {
    Maker m({1, 2});
    m.tensor("s", {}, {bad}).codes("z", 3, {}, {0});
    m.node("QuantizeLinear", {"x", "s", "z"}, "q");
    m.node("DequantizeLinear", {"q", "s", "z"}, "y");
    EXPECT_THAT(m.error(), HasSubstr("'q' (QuantizeLinear)"));
  }
  Maker other({1, 2});
  other.tensor("s", {}, {0.5f}).tensor("t", {}, {0.25f}).codes("z", 3, {}, {0});
  other.node("QuantizeLinear", {"x", "s", "z"}, "q");
  other.node("DequantizeLinear", {"q", "t", "z"}, "y");
  EXPECT_THAT(other.error(), HasSubstr("'y' (DequantizeLinear)"));
  Maker scales({1, 4});
  scales.codes("c", 3, {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  scales.tensor("s", {3}, {1, 1, 1});
  scales.node("DequantizeLinear", {"c", "s"}, "w", {{"axis", {1}}});
  scales.node("MatMul", {"x", "w"}, "y");
  EXPECT_THAT(scales.error(), HasSubstr("'w' (DequantizeLinear)"));
}

} // namespace
} // namespace hillock
