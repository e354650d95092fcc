//===- tests/unit/dialects/neuron/LibraryTest.cpp - All models ------------===//
//===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each model of the library is run from the IR by ModelRun, from the IR by
// evaluate(), and from its bytecode by the scalar interpreter; they must agree
// on random parameters and inputs. What the numbers should be is tested
// elsewhere, against other simulators.
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Library.h"
#include "base/Random.h"
#include "compiler/programs/Programs.h"
#include "dialects/neuron/ModelRun.h"
#include "dialects/neuron/NeuronEval.h"
#include "image/ProgramVm.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::neuron;

namespace {
// Small numbers, large ones, and all 32 bits.
int32_t randomInput(CounterRandom &random) {
  const uint64_t kind = random.below(8);
  if (kind == 0)
    return static_cast<int32_t>(random.next());
  if (kind < 4)
    return static_cast<int32_t>(random.below(20001)) - 10000;
  if (kind < 6)
    return static_cast<int32_t>(random.below(1u << 24)) - (1 << 23);
  return 0;
}

// The ends of a range more often than what lies between.
int32_t randomParameter(CounterRandom &random, ParamOp param) {
  const auto low = static_cast<int64_t>(param.getLow());
  const auto high = static_cast<int64_t>(param.getHigh());
  const uint64_t kind = random.below(6);
  if (kind < 2)
    return static_cast<int32_t>(kind == 0 ? low : high);
  const uint64_t size = static_cast<uint64_t>(high - low) + 1;
  const uint64_t some = kind == 2 ? size : std::min<uint64_t>(size, 2000);
  return static_cast<int32_t>(low + static_cast<int64_t>(random.below(some)));
}

// The outside of a model that is run through evaluate().
class OneCompartment : public Frame {
public:
  OneCompartment(const std::vector<int32_t> &parameters,
                 const std::vector<int32_t> &arrived)
      : params(parameters), inputs(arrived) {}

  int64_t step() const override { return 0; }
  const Signal &get(mlir::Value value) override { return values[value]; }
  void set(mlir::Value value, Signal signal) override {
    values[value] = std::move(signal);
  }
  Expected<Signal> input(mlir::Operation *op) override {
    if (auto port = mlir::dyn_cast<InputOp>(op))
      return Signal{double(inputs[static_cast<size_t>(port.getPort())])};
    size_t index = 0;
    for (ParamOp param : op->getBlock()->getOps<ParamOp>()) {
      if (param.getOperation() == op)
        return Signal{double(params[index])};
      ++index;
    }
    return Signal{0.0};
  }
  void record(mlir::Operation *, const Signal &signal) override {
    fire = signal;
  }

  Signal fire = {0.0, 0.0};

private:
  const std::vector<int32_t> &params, &inputs;
  llvm::DenseMap<mlir::Value, Signal> values;
};

class LibraryModel : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    model = library::parse(&context, GetParam());
    ASSERT_TRUE(model);
  }

  void drawParameters(CounterRandom &random) {
    params.clear();
    for (ParamOp param : model->getBody()->getOps<ParamOp>())
      params.push_back(randomParameter(random, param));
  }

  void drawInputs(CounterRandom &random) {
    inputs.clear();
    for (uint64_t port = 0; port < model->getPorts(); ++port)
      inputs.push_back(randomInput(random));
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<ModelOp> model;
  std::vector<int32_t> params, inputs;
};

TEST_P(LibraryModel, HasItsFileNameAndADescription) {
  EXPECT_EQ(model->getSymName(), GetParam());
  EXPECT_TRUE(model->getDoc().has_value());
}

TEST_P(LibraryModel, BytecodeComputesTheSame) {
  Expected<image::Program> program = programs::toBytecode(model.get());
  ASSERT_TRUE(bool(program)) << takeText(program.takeError());
  ASSERT_FALSE(bool(image::check(*program)));
  ModelRun run(model.get());
  ASSERT_EQ(program->params, run.paramNames());
  std::vector<int32_t> state(run.stateNames().size()), other;
  CounterRandom random(7);
  int spikes = 0;
  for (int step = 0; step < 10000; ++step) {
    if (step % 250 == 0)
      drawParameters(random);
    drawInputs(random);
    other = state;
    bool fired = false, otherFired = false;
    int32_t payload = 0, otherPayload = 0;
    run.step(inputs, params, state, fired, payload);
    image::runScalar(*program, params, other, inputs, 0, otherFired,
                     otherPayload);
    ASSERT_EQ(state, other) << "step " << step;
    ASSERT_EQ(fired, otherFired) << "step " << step;
    if (fired) {
      ASSERT_EQ(payload, otherPayload) << "step " << step;
      ++spikes;
    }
  }
  // Some only put out a state, and some are due in one step of a run.
  const bool fires =
      llvm::any_of(program->code, [](const image::Instruction &one) {
        return one.op == image::Opcode::Fire;
      });
  if (fires && program->paramIndex("step") < 0)
    EXPECT_GT(spikes, 0);
  EXPECT_LT(spikes, 10000);
}

TEST_P(LibraryModel, EvaluateComputesTheSame) {
  ModelRun run(model.get());
  std::vector<int32_t> state(run.stateNames().size());
  CounterRandom random(8);
  drawParameters(random);
  OneCompartment frame(params, inputs);
  for (int step = 0; step < 1000; ++step) {
    if (step % 100 == 0)
      drawParameters(random);
    drawInputs(random);
    bool fired = false;
    int32_t payload = 0;
    run.step(inputs, params, state, fired, payload);
    Error error = model->evaluate(frame);
    ASSERT_FALSE(bool(error)) << takeText(std::move(error));
    ASSERT_EQ(frame.fire, (Signal{double(fired), double(payload)}));
    auto &now = frame.state<ModelState>(model->getOperation()).now;
    for (size_t i = 0; i < state.size(); ++i)
      ASSERT_EQ(now[run.stateNames()[i]], state[i]) << run.stateNames()[i];
  }
}

TEST_P(LibraryModel, SurvivesTheWayThroughBytecode) {
  Expected<image::Program> program = programs::libraryProgram(GetParam());
  ASSERT_TRUE(bool(program)) << takeText(program.takeError());
  auto raised = programs::fromBytecode(*program, &context);
  ASSERT_TRUE(bool(raised)) << takeText(raised.takeError());
  Expected<image::Program> again = programs::toBytecode(raised->get());
  ASSERT_TRUE(bool(again)) << takeText(again.takeError());
  EXPECT_EQ(image::print(*program), image::print(*again));
  EXPECT_TRUE(*program == *again);
}

INSTANTIATE_TEST_SUITE_P(Neuron, LibraryModel,
                         testing::ValuesIn(library::names()),
                         [](const auto &each) { return each.param; });

TEST(Library, RefusesUnknownNames) {
  EXPECT_TRUE(library::text("liff").empty());
  Expected<image::Program> program = programs::libraryProgram("cuba_liff");
  ASSERT_FALSE(bool(program));
  EXPECT_NE(takeText(program.takeError()).find("did you mean 'cuba_lif'?"),
            std::string::npos);
}
} // namespace
