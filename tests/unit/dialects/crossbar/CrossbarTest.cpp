//===- tests/unit/dialects/crossbar/CrossbarTest.cpp - Events by hand -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/crossbar/Crossbar.h"
#include "dialects/All.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>
#include <map>

using namespace hillock;

namespace {

class TestFrame final : public Frame {
public:
  int64_t step() const override { return now; }
  const Signal &get(mlir::Value) override { return nothing; }
  void set(mlir::Value, Signal) override {}
  Expected<Signal> input(mlir::Operation *) override {
    return stimulus[static_cast<size_t>(now)];
  }
  void record(mlir::Operation *op, const Signal &signal) override {
    if (auto output = llvm::dyn_cast<crossbar::OutputOp>(op))
      shown[output.getName().str()].push_back(signal);
  }
  int64_t now = 0;
  std::vector<Signal> stimulus;
  std::map<std::string, std::vector<Signal>> shown;

private:
  Signal nothing;
};

class CrossbarTest : public testing::Test {
protected:
  CrossbarTest() {
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  crossbar::ChipOp parse(const std::string &text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return {};
    return *module->getOps<crossbar::ChipOp>().begin();
  }

  std::string run(crossbar::ChipOp chip, std::vector<Signal> stimulus) {
    frame.stimulus = std::move(stimulus);
    for (frame.now = 0; frame.now < int64_t(frame.stimulus.size()); ++frame.now)
      if (Error error = chip.evaluate(frame))
        return takeText(std::move(error));
    return {};
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  TestFrame frame;
};

/// Two inputs (rows 3 and 4) on neurons 0..2 of tinyODIN.
std::string chipText(const std::string &weights, const std::string &thresholds,
                     const std::string &more = "", int queue = 128) {
  return "crossbar.chip @t target \"tinyodin\" dt 0.0 queue " +
         std::to_string(queue) + " sweep 3 " + more + " {\n" + R"mlir(
  crossbar.input "x" shape [2] first dense<[0, 1, 2]> : tensor<3xi32>
      virtual dense<0> : tensor<2xi8> address dense<[3, 4]> : tensor<2xi8>
      weight dense<0> : tensor<2xi8>
  crossbar.population "n" program "tinyodin_lif" shape [3]
      address dense<[0, 1, 2]> : tensor<3xi8>
      registers {leak_str = 1 : i32, thr = dense<)mlir" +
         thresholds + R"mlir(> : tensor<3xi32>}
  crossbar.synapses sources dense<[0, 1, 2, 3, 4]> : tensor<5xi8>
      weights dense<)mlir" +
         weights + R"mlir(> : tensor<15xi8>
  crossbar.output "y" shape [3] address dense<[0, 1, 2]> : tensor<3xi8>
})mlir";
}

TEST_F(CrossbarTest, EventsOfAStepActOneAfterTheOther) {
  // Input 0 excites neuron 0 by 5 (threshold 5), input 1 inhibits it by 5: a
  // sum over the step would be 0, but the first event comes first. Neuron 0
  // excites neuron 1 (3 of 4), so that it needs two spikes.
  auto chip =
      parse(chipText("[0,3,0, 0,0,0, 0,0,0, 5,0,0, -5,0,0]", "[5, 4, 9]"));
  ASSERT_TRUE(chip);
  ASSERT_EQ(run(chip, {{1, 1}, {1, 0}, {1, 0}, {2, 0}}), "");
  // Step 0: neuron 0 fires, then goes to -5. Step 1: 0, silent. Step 2: fires,
  // and neuron 1 with 3 + 3. Step 3: fires twice; neuron 1 with the second.
  const std::vector<Signal> expected = {
      {1, 0, 0}, {0, 0, 0}, {1, 1, 0}, {2, 1, 0}};
  EXPECT_EQ(frame.shown["y"], expected);
  const auto counters = crossbar::countersOf(chip, frame);
  EXPECT_EQ(counters.hostEvents, 6u);
  EXPECT_EQ(counters.neuronEvents, 6u + 6u);
  EXPECT_EQ(counters.references, 0u);
}

TEST_F(CrossbarTest, ALeakEndsTheStep) {
  auto chip = parse(
      chipText("[0,0,0, 0,0,0, 0,0,0, 3,-3,0, 0,0,0]", "[5, 4, 9]", "leak"));
  ASSERT_TRUE(chip);
  // 3, leak 2, 5: fires in the second step. Without the leak it would be 6.
  // With a pause: 3, 2, 1, 4, 3, 6 ...
  ASSERT_EQ(run(chip, {{1, 0}, {1, 0}, {1, 0}, {0, 0}, {1, 0}, {1, 0}}), "");
  EXPECT_EQ(frame.shown["y"][0], (Signal{0, 0, 0}));
  EXPECT_EQ(frame.shown["y"][1], (Signal{1, 0, 0}));
  EXPECT_EQ(frame.shown["y"][4], (Signal{0, 0, 0}));
  EXPECT_EQ(frame.shown["y"][5], (Signal{1, 0, 0}));
  EXPECT_EQ(crossbar::countersOf(chip, frame).references, 6u);
}

TEST_F(CrossbarTest, WhatTheFullQueueDoesNotTakeIsLost) {
  // The input makes all three fire; with the event in work the queue of two
  // holds one of them. It excites nobody.
  auto chip = parse(
      chipText("[0,0,0, 0,0,0, 0,0,0, 7,7,7, 0,0,0]", "[5, 4, 6]", "", 2));
  ASSERT_TRUE(chip);
  ASSERT_EQ(run(chip, {{1, 0}}), "");
  EXPECT_EQ(frame.shown["y"][0], (Signal{1, 1, 1}));
  EXPECT_EQ(crossbar::countersOf(chip, frame).lost, 2u);
  EXPECT_EQ(crossbar::countersOf(chip, frame).neuronEvents, 2u);
}

TEST_F(CrossbarTest, SaysThatAChipDoesNotComeToRest) {
  auto chip =
      parse(chipText("[0,7,0, 7,0,0, 0,0,0, 7,0,0, 0,0,0]", "[5, 5, 6]"));
  ASSERT_TRUE(chip);
  EXPECT_NE(run(chip, {{1, 0}}).find("excite each other without end"),
            std::string::npos);
}

TEST_F(CrossbarTest, TakesWholeNumbersOfSpikesOnly) {
  auto chip =
      parse(chipText("[0,0,0, 0,0,0, 0,0,0, 7,0,0, 0,0,0]", "[5, 5, 6]"));
  ASSERT_TRUE(chip);
  EXPECT_NE(run(chip, {{0.5, 0}}).find("no number of spikes"),
            std::string::npos);
}

} // namespace
