//===- tests/unit/compiler/ann/LevelsTest.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ann dialect holds what the plain structures hold, level by level, and its
// evaluations give what the fast kernels give.
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "compiler/ann/Calibrate.h"
#include "compiler/ann/RealEval.h"
#include "compiler/ann/ir/Convert.h"
#include "compiler/ann/ir/Passes.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>

namespace hillock::ann {
namespace {

/// Every kind of layer, with padding, strides, groups and a branch.
Network zoo() {
  Network net;
  net.name = "zoo";
  const CounterRandom random(7);
  uint64_t at = 0;
  const auto add = [&](Kind kind, std::vector<int> inputs, Shape reshape,
                       const auto &change) {
    Layer layer;
    layer.kind = kind;
    layer.name = "layer" + std::to_string(net.layers.size());
    layer.inputs = std::move(inputs);
    change(layer);
    net.values.push_back({layer.name, std::move(reshape), {}});
    layer.output = static_cast<int>(net.values.size()) - 1;
    auto shape = inferShape(net, layer);
    EXPECT_TRUE(static_cast<bool>(shape)) << takeText(shape.takeError());
    net.values.back().shape = *shape;
    net.layers.push_back(std::move(layer));
    return net.layers.back().output;
  };
  const auto weights = [&](Layer &layer, size_t count, size_t channels) {
    for (size_t i = 0; i < count; ++i)
      layer.weights.push_back(static_cast<float>(random.uniformAt(at++) - 0.5));
    for (size_t i = 0; i < channels; ++i)
      layer.bias.push_back(random.uniformAt(at++) - 0.5);
  };
  net.values.push_back({"x", {2, 7, 6}, {}});
  net.input = 0;
  const int a = add(Kind::Conv, {0}, {}, [&](Layer &l) {
    l.window.kernel = {3, 3};
    l.window.begin = {1, 0};
    l.window.end = {1, 2};
    l.low = 0;
    weights(l, 4 * 2 * 9, 4);
  });
  const int b = add(Kind::Conv, {a}, {}, [&](Layer &l) {
    l.groups = 2;
    l.window.kernel = {1, 2};
    l.window.dilation = {1, 2};
    l.window.begin = {0, 1};
    l.window.end = {0, 1};
    weights(l, 4 * 2 * 2, 4);
  });
  const int c = add(Kind::Add, {a, b}, {}, [](Layer &l) { l.high = 1; });
  const int d = add(Kind::MaxPool, {c}, {}, [](Layer &l) {
    l.window.kernel = {2, 2};
    l.window.stride = {2, 2};
    l.window.extra = {1, 0};
  });
  const int e = add(Kind::AveragePool, {c}, {}, [](Layer &l) {
    l.window.kernel = {3, 3};
    l.window.stride = {2, 2};
    l.window.begin = {1, 1};
    l.window.end = {1, 1};
  });
  const int f = add(Kind::Concat, {d, e}, {}, [](Layer &) {});
  const int g = add(Kind::Transpose, {f}, {},
                    [](Layer &l) { l.permutation = {1, 2, 0}; });
  const int64_t count = net.values[static_cast<size_t>(g)].elements();
  const int h = add(Kind::Reshape, {g}, {count}, [](Layer &) {});
  const int i = add(Kind::Clip, {h}, {}, [](Layer &l) { l.low = -0.25f; });
  net.output = add(Kind::Linear, {i}, {}, [&](Layer &l) {
    weights(l, static_cast<size_t>(5 * count), 5);
  });
  return net;
}

std::vector<std::vector<float>> samples(size_t count) {
  const CounterRandom random(11);
  std::vector<std::vector<float>> result(count);
  for (size_t s = 0; s < count; ++s)
    for (size_t i = 0; i < 84; ++i)
      result[s].push_back(
          static_cast<float>(2 * random.uniformAt(s * 84 + i) - 1));
  return result;
}

class Levels : public testing::TestWithParam<std::string> {
protected:
  Levels() {
    mlir::DialectRegistry registry;
    registry.insert<AnnDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  }
  /// The module as its text says it.
  void reparse() {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os);
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    ASSERT_TRUE(module);
  }
  Calibration quantized(const Network &net) {
    CalibrationOptions options;
    const bool pruned = GetParam() == "pruned";
    const bool affine = GetParam() == "affine" || pruned;
    options.weights = *parseWeightFormat(affine ? "int4" : GetParam());
    options.weights.affine = affine;
    if (pruned)
      options.prune = PruneOptions{85, PruneScope::Network};
    auto result = calibrate(net, samples(40), options, "zoo");
    EXPECT_TRUE(static_cast<bool>(result)) << takeText(result.takeError());
    return std::move(*result);
  }
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

TEST_P(Levels, RealNumbersSurviveAndMeanTheSame) {
  const Network net = zoo();
  emitReal(net, *module, "zoo.onnx");
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*module)));
  reparse();
  auto back = readReal(findNetwork(*module));
  ASSERT_TRUE(static_cast<bool>(back)) << takeText(back.takeError());
  RealRunner runner(*back);
  for (const auto &x : samples(3)) {
    auto slow = interpret(findNetwork(*module), x);
    ASSERT_TRUE(static_cast<bool>(slow)) << takeText(slow.takeError());
    const auto fast = runner.run(x);
    ASSERT_EQ(slow->size(), fast.size());
    for (size_t i = 0; i < fast.size(); ++i)
      EXPECT_NEAR((*slow)[i], fast[i], 1e-5);
  }
}

TEST_P(Levels, IntegersAreTheSameBitForBit) {
  const Network net = zoo();
  const Calibration calibration = quantized(net);
  emitQuantized(net, calibration.plan, *module, "zoo.onnx");
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*module)));
  reparse();
  auto rounded = interpret(findNetwork(*module), samples(1)[0]);
  ASSERT_TRUE(static_cast<bool>(rounded)) << takeText(rounded.takeError());
  mlir::PassManager passes(&context);
  passes.addPass(createLowerToIntegers());
  ASSERT_TRUE(mlir::succeeded(passes.run(*module)));
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*module)));
  reparse();
  auto back = readInteger(findNetwork(*module));
  ASSERT_TRUE(static_cast<bool>(back)) << takeText(back.takeError());
  IntRunner direct(calibration.network), read(*back);
  for (const auto &x : samples(20)) {
    const auto fast = direct.run(x);
    const auto again = read.run(x);
    auto slow = interpret(findNetwork(*module), x);
    ASSERT_TRUE(static_cast<bool>(slow)) << takeText(slow.takeError());
    for (size_t i = 0; i < fast.size(); ++i) {
      EXPECT_EQ(fast[i], again[i]);
      EXPECT_EQ(fast[i], (*slow)[i]);
    }
  }
}

TEST_P(Levels, AFloatBehindTheInputIsRefused) {
  const Network net = zoo();
  const Calibration calibration = quantized(net);
  NetworkOp op = emitInteger(calibration.network, *module, "zoo.onnx");
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*module)));
  context.getDiagEngine().registerHandler(
      [](mlir::Diagnostic &) { return mlir::success(); });
  for (auto add : op.getBody().front().getOps<AddOp>())
    add.getResult().setType(mlir::RankedTensorType::get(
        mlir::cast<mlir::RankedTensorType>(add.getResult().getType())
            .getShape(),
        mlir::Float32Type::get(&context)));
  EXPECT_TRUE(mlir::failed(mlir::verify(*module)));
}

INSTANTIATE_TEST_SUITE_P(Formats, Levels,
                         testing::Values("int8", "int4", "affine", "int2",
                                         "log2", "log4", "pruned"),
                         [](const auto &info) { return info.param; });

} // namespace
} // namespace hillock::ann
