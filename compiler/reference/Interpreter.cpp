//===- compiler/reference/Interpreter.cpp - Runs a network ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/reference/Interpreter.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::reference {

std::vector<Population> populationsOf(snn::NetworkOp network) {
  std::vector<Population> populations;
  auto order = network.schedule();
  if (failed(order))
    return populations;
  for (mlir::Operation *op : *order) {
    if (!llvm::isa<snn::NeuronsOp, snn::PopulationOp>(op))
      continue;
    auto name = op->getAttrOfType<mlir::StringAttr>("name");
    populations.push_back({name
                               ? name.getValue().str()
                               : "neurons" + std::to_string(populations.size()),
                           op});
  }
  return populations;
}

static void append(Recording &recording, int64_t step, const Signal &signal) {
  for (size_t k = 0; k < signal.size(); ++k)
    if (signal[k] != 0)
      recording.events.push_back({step, static_cast<int64_t>(k), signal[k]});
}

//===----------------------------------------------------------------------===//
// The frame of a run
//===----------------------------------------------------------------------===//

namespace {

/// What is read after each step.
struct Probe {
  mlir::Operation *population;
  std::string quantity; ///< empty: what it puts out
};

} // namespace

class Interpreter::RunFrame final : public Frame {
public:
  explicit RunFrame(snn::NetworkOp op);

  int64_t step() const override { return now; }
  const Signal &get(mlir::Value value) override { return values[value]; }
  void set(mlir::Value value, Signal signal) override {
    values[value] = std::move(signal);
  }
  Expected<Signal> input(mlir::Operation *op) override {
    return (*stimulus)(llvm::cast<snn::InputOp>(op).getName(), now);
  }
  void record(mlir::Operation *op, const Signal &signal) override {
    append(trace.outputs[outputIndex[op]], now, signal);
  }
  Expected<ProgramRunner *> program(mlir::Operation *op,
                                    llvm::StringRef name) override {
    return programs.find(op, name);
  }

  Expected<Trace> run(const Stimulus &stimulus, const RunOptions &options);

  snn::NetworkOp network;
  Programs programs;

private:
  Error prepare(const RunOptions &options);
  Expected<Probe> resolve(llvm::StringRef name);
  void addProbe(std::string name, Probe probe);
  Error readProbes();

  std::vector<Population> populations;
  int64_t now = 0;
  const Stimulus *stimulus = nullptr;
  // Looked up, never iterated.
  llvm::DenseMap<mlir::Value, Signal> values;
  llvm::DenseMap<mlir::Operation *, size_t> outputIndex;
  Trace trace;
  std::vector<Probe> probes; ///< parallel to trace.probes
};

Interpreter::RunFrame::RunFrame(snn::NetworkOp op)
    : network(op), populations(populationsOf(op)) {
  // Parsing a model may load dialects, which a context allows one thread only;
  // a program that does not exist is an error of the run.
  for (const Population &population : populations)
    if (auto integer = llvm::dyn_cast<snn::PopulationOp>(population.op))
      if (auto found = programs.find(integer, integer.getProgram()); !found)
        llvm::consumeError(found.takeError());
}

Expected<Probe> Interpreter::RunFrame::resolve(llvm::StringRef name) {
  // The whole name first: names of populations may contain a colon.
  for (const Population &population : populations)
    if (name == population.name)
      return Probe{population.op, ""};
  auto [head, quantity] = name.rsplit(':');
  std::vector<std::string> known;
  for (const Population &population : populations) {
    if (head == population.name && !quantity.empty())
      return Probe{population.op, quantity.str()};
    known.push_back(population.name);
  }
  return inputError("there is no population to probe as '" + name.str() + "'",
                    "network '" + network.getSymName().str() + "'",
                    "the populations are " + llvm::join(known, ", ") +
                        "; add ':voltage' or ':STATE' for what is inside");
}

void Interpreter::RunFrame::addProbe(std::string name, Probe probe) {
  llvm::ArrayRef<int64_t> shape =
      snn::shapeOf(probe.population->getResult(0).getType());
  Recording recording;
  recording.name = std::move(name);
  recording.shape = shape.vec();
  recording.steps = trace.steps;
  trace.probes.push_back(std::move(recording));
  probes.push_back(std::move(probe));
}

Error Interpreter::RunFrame::prepare(const RunOptions &options) {
  resetStates();
  values.clear();
  probes.clear();
  trace = Trace();
  trace.steps = options.steps;
  for (snn::OutputOp output : network.outputs()) {
    outputIndex[output] = trace.outputs.size();
    Recording recording;
    recording.name = output.getName().str();
    recording.shape = snn::shapeOf(output.getValue().getType()).vec();
    recording.steps = options.steps;
    trace.outputs.push_back(std::move(recording));
  }
  for (const std::string &name : options.probes) {
    Expected<Probe> probe = resolve(name);
    if (!probe)
      return probe.takeError();
    addProbe(name, std::move(*probe));
  }
  if (options.populations)
    for (const Population &population : populations)
      addProbe(population.name, {population.op, ""});
  return Error::success();
}

Error Interpreter::RunFrame::readProbes() {
  for (size_t p = 0; p < probes.size(); ++p) {
    const Probe &probe = probes[p];
    Recording &recording = trace.probes[p];
    if (probe.quantity.empty()) {
      append(recording, now, get(probe.population->getResult(0)));
      continue;
    }
    if (auto neurons = llvm::dyn_cast<snn::NeuronsOp>(probe.population)) {
      if (probe.quantity != "voltage")
        return inputError("a real-valued population has no '" + probe.quantity +
                              "'",
                          "probe '" + recording.name + "'", "probe ':voltage'");
      append(recording, now, neurons.voltage(*this));
      continue;
    }
    auto population = llvm::cast<snn::PopulationOp>(probe.population);
    std::vector<int32_t> state = population.state(*this, probe.quantity);
    if (state.empty())
      return inputError("program '" + population.getProgram().str() +
                            "' has no state '" + probe.quantity + "'",
                        "probe '" + recording.name + "'");
    append(recording, now, Signal(state.begin(), state.end()));
  }
  return Error::success();
}

Expected<Trace> Interpreter::RunFrame::run(const Stimulus &given,
                                           const RunOptions &options) {
  if (Error error = prepare(options))
    return std::move(error);
  stimulus = &given;
  for (now = 0; now < options.steps; ++now) {
    if (Error error = network.evaluate(*this))
      return std::move(error);
    if (Error error = readProbes())
      return std::move(error);
  }
  return std::move(trace);
}

//===----------------------------------------------------------------------===//
// Inputs as events
//===----------------------------------------------------------------------===//

static Error checkInputs(snn::NetworkOp network, const Inputs &inputs) {
  std::map<std::string, int64_t> sizes;
  std::vector<std::string> names;
  for (snn::InputOp input : network.inputs()) {
    names.push_back(input.getName().str());
    sizes[names.back()] = snn::elementsOf(input.getResult().getType());
  }
  for (const auto &[name, events] : inputs) {
    auto size = sizes.find(name);
    if (size == sizes.end())
      return inputError("the network has no input '" + name + "'",
                        "network '" + network.getSymName().str() + "'",
                        "its inputs are " + llvm::join(names, ", "));
    int64_t last = 0;
    for (const Event &event : events) {
      if (event.neuron < 0 || event.neuron >= size->second)
        return inputError("an event for neuron " +
                              std::to_string(event.neuron) + "; there are " +
                              std::to_string(size->second),
                          "input '" + name + "'");
      if (event.step < last)
        return inputError(
            "events are not sorted by step: " + std::to_string(event.step) +
                " after " + std::to_string(last),
            "input '" + name + "'");
      last = event.step;
    }
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

Interpreter::Interpreter(snn::NetworkOp network)
    : frame(std::make_unique<RunFrame>(network)) {}
Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter &&) noexcept = default;

Expected<Trace> Interpreter::run(const Stimulus &stimulus,
                                 const RunOptions &options) {
  return frame->run(stimulus, options);
}

Expected<Trace> Interpreter::run(const Inputs &inputs,
                                 const RunOptions &options) {
  snn::NetworkOp network = frame->network;
  if (Error error = checkInputs(network, inputs))
    return std::move(error);
  struct Cursor {
    int64_t size;
    const std::vector<Event> *events;
    size_t next = 0;
  };
  std::map<std::string, Cursor, std::less<>> cursors;
  static const std::vector<Event> silence;
  for (snn::InputOp input : network.inputs()) {
    auto found = inputs.find(input.getName().str());
    cursors[input.getName().str()] = {
        snn::elementsOf(input.getResult().getType()),
        found == inputs.end() ? &silence : &found->second};
  }
  // Several events of a neuron in one step add up.
  Stimulus stimulus = [&](llvm::StringRef name,
                          int64_t step) -> Expected<Signal> {
    Cursor &cursor = cursors.find(std::string_view(name))->second;
    Signal signal(cursor.size, 0.0);
    const std::vector<Event> &events = *cursor.events;
    for (; cursor.next < events.size() && events[cursor.next].step <= step;
         ++cursor.next)
      if (events[cursor.next].step == step)
        signal[events[cursor.next].neuron] += events[cursor.next].value;
    return std::move(signal);
  };
  return frame->run(stimulus, options);
}

void Interpreter::setRandom(RandomSource source) {
  frame->programs.setRandom(std::move(source));
}

Expected<Trace> run(snn::NetworkOp network, const Inputs &inputs,
                    const RunOptions &options) {
  return Interpreter(network).run(inputs, options);
}

} // namespace hillock::reference
