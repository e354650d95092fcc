//===- dialects/snn/SnnPopulationEval.cpp - Integer neurons ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A population runs its neuron program once a neuron and step. Whoever owns the
// frame interprets the program, so that this dialect needs not know the other.
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/Snn.h"
#include "llvm/ADT/StringExtras.h"
#include <limits>

using namespace hillock;
using namespace hillock::snn;

namespace {

struct ProgramState : OpState {
  void reset() override { states = initial; }

  ProgramRunner *runner = nullptr;
  std::optional<size_t> readout; ///< the state that is the value
  /// One row a neuron, in the order of the program.
  std::vector<int32_t> parameters, initial, states;
};

std::string where(PopulationOp op) {
  if (auto name = op->getAttrOfType<mlir::StringAttr>("name"))
    return "population '" + name.getValue().str() + "'";
  return "population of program '" + op.getProgram().str() + "'";
}

bool contains(const std::vector<std::string> &names, llvm::StringRef name) {
  return llvm::is_contained(names, name);
}

Error checkNames(PopulationOp op, mlir::DictionaryAttr dict,
                 const std::vector<std::string> &names, const char *what) {
  for (mlir::NamedAttribute entry : dict)
    if (!contains(names, entry.getName().getValue()))
      return inputError("program '" + op.getProgram().str() + "' has no " +
                            what + " '" + entry.getName().getValue().str() +
                            "'; it has " + llvm::join(names, ", "),
                        where(op));
  return Error::success();
}

/// Puts the numbers of \p attr into column \p column of \p rows.
Error fill(PopulationOp op, llvm::StringRef name, mlir::Attribute attr,
           size_t column, size_t columns, std::vector<int32_t> &rows) {
  const size_t neurons = rows.size() / columns;
  std::vector<double> values;
  if (auto integer = llvm::dyn_cast<mlir::IntegerAttr>(attr))
    values.assign(neurons, static_cast<double>(integer.getInt()));
  else
    values = valuesOf(llvm::cast<mlir::ElementsAttr>(attr));
  for (size_t k = 0; k < neurons; ++k) {
    if (values[k] < std::numeric_limits<int32_t>::min() ||
        values[k] > std::numeric_limits<int32_t>::max())
      return inputError("'" + name.str() + "' does not fit 32 bits: " +
                            std::to_string(values[k]),
                        where(op));
    rows[k * columns + column] = static_cast<int32_t>(values[k]);
  }
  return Error::success();
}

Error prepare(PopulationOp op, Frame &frame, ProgramState &state) {
  Expected<ProgramRunner *> runner = frame.program(op, op.getProgram());
  if (!runner)
    return runner.takeError();
  const std::vector<std::string> &parameters = (*runner)->parameters();
  const std::vector<std::string> &states = (*runner)->states();
  if (Error error = checkNames(op, op.getRegisters(), parameters, "parameter"))
    return error;
  if (Error error = checkNames(op, op.getInitial(), states, "state"))
    return error;
  if (std::optional<llvm::StringRef> name = op.getReadout()) {
    if (!contains(states, *name))
      return inputError("program '" + op.getProgram().str() +
                            "' has no state '" + name->str() +
                            "' to read out; it has " + llvm::join(states, ", "),
                        where(op));
    state.readout = llvm::find(states, *name) - states.begin();
  }
  const int64_t neurons = elementsOf(op.getResult().getType());
  state.parameters.assign(neurons * parameters.size(), 0);
  state.initial.assign(neurons * states.size(), 0);
  for (size_t p = 0; p < parameters.size(); ++p) {
    mlir::Attribute value = op.getRegisters().get(parameters[p]);
    if (!value)
      return inputError("parameter '" + parameters[p] + "' of program '" +
                            op.getProgram().str() + "' has no register value",
                        where(op));
    if (Error error = fill(op, parameters[p], value, p, parameters.size(),
                           state.parameters))
      return error;
  }
  for (size_t s = 0; s < states.size(); ++s)
    if (mlir::Attribute value = op.getInitial().get(states[s]))
      if (Error error =
              fill(op, states[s], value, s, states.size(), state.initial))
        return error;
  state.reset();
  state.runner = *runner;
  return Error::success();
}

} // namespace

Error PopulationOp::evaluate(Frame &frame) {
  auto &state = frame.state<ProgramState>(getOperation());
  if (!state.runner)
    if (Error error = prepare(*this, frame, state))
      return error;
  const Signal &input = frame.get(getInput());
  const bool graded = llvm::isa<GradedType>(getResult().getType());
  const size_t parameters = state.runner->parameters().size();
  const size_t states = state.runner->states().size();
  Signal output(input.size(), 0.0);
  for (size_t k = 0; k < input.size(); ++k) {
    bool fired = false;
    int32_t payload = 0;
    // The accumulator of a compartment is a 32-bit register that wraps.
    const auto sum = static_cast<int32_t>(static_cast<int64_t>(input[k]));
    state.runner->select(getOperation(), k, frame.step());
    state.runner->step(
        sum,
        llvm::ArrayRef<int32_t>(state.parameters)
            .slice(k * parameters, parameters),
        llvm::MutableArrayRef<int32_t>(state.states).slice(k * states, states),
        fired, payload);
    if (state.readout)
      output[k] = state.states[k * states + *state.readout];
    else if (fired)
      output[k] = graded ? payload : 1;
  }
  frame.set(getResult(), std::move(output));
  return Error::success();
}

std::vector<int32_t> PopulationOp::state(Frame &frame, llvm::StringRef name) {
  auto &state = frame.state<ProgramState>(getOperation());
  if (!state.runner)
    return {};
  const std::vector<std::string> &names = state.runner->states();
  auto found = llvm::find(names, name);
  if (found == names.end())
    return {};
  std::vector<int32_t> values;
  for (size_t k = found - names.begin(); k < state.states.size();
       k += names.size())
    values.push_back(state.states[k]);
  return values;
}
