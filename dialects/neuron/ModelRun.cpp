//===- dialects/neuron/ModelRun.cpp - Runs a model step by step -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/ModelRun.h"

#include "dialects/neuron/NeuronEval.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include <algorithm>

using namespace hillock::neuron;

static int indexOf(const std::vector<std::string> &names,
                   llvm::StringRef name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

int ModelRun::stateIndex(llvm::StringRef name) const {
  return indexOf(states, name);
}
int ModelRun::paramIndex(llvm::StringRef name) const {
  return indexOf(params, name);
}

// Takes a body apart into slots and instructions.
struct ModelRun::Builder {
  explicit Builder(ModelRun &target) : run(target) {}

  ModelRun &run;
  llvm::DenseMap<mlir::Value, Slot> slots;

  Slot define(mlir::Value value, int32_t initial = 0) {
    const auto slot = static_cast<Slot>(run.values.size());
    run.values.push_back(initial);
    slots[value] = slot;
    return slot;
  }

  void visit(mlir::Operation &op) {
    llvm::TypeSwitch<mlir::Operation *>(&op)
        .Case([&](StateOp state) {
          run.stateReads.push_back(
              {define(state), static_cast<uint32_t>(run.states.size())});
          run.states.push_back(state.getId().str());
        })
        .Case([&](ParamOp param) {
          run.paramReads.push_back(
              {define(param), static_cast<uint32_t>(run.params.size())});
          run.params.push_back(param.getId().str());
        })
        .Case([&](InputOp input) {
          run.inputReads.push_back(
              {define(input), static_cast<uint32_t>(input.getPort())});
        })
        .Case([&](RandomOp draw) {
          // Without a function: the stream is asked for this draw.
          run.code.push_back(
              {nullptr, static_cast<int32_t>(run.draws++), {}, define(draw)});
        })
        .Case([&](FireOp fire) {
          run.fires = true;
          run.condition = slots.lookup(fire.getCondition());
          run.graded = static_cast<bool>(fire.getPayload());
          if (run.graded)
            run.payloadSlot = slots.lookup(fire.getPayload());
        })
        .Case([&](WriteOp write) {
          // The index is set when all states are known.
          run.writes.push_back({slots.lookup(write.getValue()), 0});
        })
        .Case([&](mlir::arith::ConstantOp constant) {
          define(constant, ruleOf(constant)->attribute);
        })
        .Default([&](mlir::Operation *other) { compute(*other); });
  }

  void compute(mlir::Operation &op) {
    const Rule rule = *ruleOf(&op);
    Instruction instruction{rule.apply, rule.attribute, {}, 0};
    for (auto [i, operand] : llvm::enumerate(op.getOperands()))
      instruction.operands[i] = slots.lookup(operand);
    instruction.result = define(op.getResult(0));
    run.code.push_back(instruction);
  }
};

ModelRun::ModelRun(ModelOp model)
    : portCount(static_cast<size_t>(model.getPorts())) {
  Builder builder(*this);
  for (mlir::Operation &op : *model.getBody())
    builder.visit(op);
  for (auto [write, copy] :
       llvm::zip_equal(model.getBody()->getOps<WriteOp>(), writes))
    copy.index = static_cast<uint32_t>(stateIndex(write.getId()));
  named.resize(params.size());
}

void ModelRun::load(llvm::ArrayRef<int32_t> inputs,
                    llvm::ArrayRef<int32_t> parameters,
                    llvm::ArrayRef<int32_t> state) {
  for (const Copy &read : stateReads)
    values[read.slot] = state[read.index];
  for (const Copy &read : paramReads)
    values[read.slot] = parameters[read.index];
  for (const Copy &read : inputReads)
    values[read.slot] = read.index < inputs.size() ? inputs[read.index] : 0;
}

void ModelRun::step(llvm::ArrayRef<int32_t> inputs,
                    llvm::ArrayRef<int32_t> parameters,
                    llvm::MutableArrayRef<int32_t> state, bool &fired,
                    int32_t &payload) {
  load(inputs, parameters, state);
  for (const Instruction &i : code) {
    const int32_t operands[3] = {values[i.operands[0]], values[i.operands[1]],
                                 values[i.operands[2]]};
    values[i.result] = i.apply  ? i.apply(operands, i.attribute)
                       : random ? random(static_cast<size_t>(i.attribute))
                                : 0;
  }
  for (const Copy &write : writes)
    state[write.index] = values[write.slot];
  fired = fires && values[condition] != 0;
  payload = !fired ? 0 : graded ? values[payloadSlot] : 1;
}

void ModelRun::step(llvm::ArrayRef<int32_t> inputs,
                    llvm::function_ref<int32_t(llvm::StringRef)> parameter,
                    llvm::MutableArrayRef<int32_t> state, bool &fired,
                    int32_t &payload) {
  for (size_t i = 0; i < params.size(); ++i)
    named[i] = parameter(params[i]);
  step(inputs, llvm::ArrayRef<int32_t>(named), state, fired, payload);
}
