//===- dialects/crossbar/CrossbarEval.cpp - The meaning of a chip ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference of this level: a queue, and neuron programs that are run one
// event after the other. It knows nothing of clocks, words or handshakes.
//
//===----------------------------------------------------------------------===//
#include "dialects/crossbar/Crossbar.h"
#include "dialects/neurocore/Values.h"
#include "dialects/neuron/Library.h"
#include "dialects/neuron/ModelRun.h"
#include <cmath>
#include <deque>

using namespace mlir;
using namespace hillock;
using namespace hillock::crossbar;
using hillock::neurocore::numbers;

namespace {

struct Neuron {
  neuron::ModelRun *program = nullptr; ///< null: nobody is at this address
  std::vector<int32_t> parameters, initial, state;
  uint32_t fired = 0; ///< times in this step
};

struct QueuedEvent {
  uint8_t address = 0;
  int8_t virtualWeight = 0; ///< 0: a neuron event
};

struct State : hillock::OpState {
  void reset() override {
    for (Neuron &neuron : neurons)
      neuron.state = neuron.initial;
    queue.clear();
    counters = {};
  }

  bool ready = false;
  size_t depth = 0, sweep = 0;
  std::map<std::string, neuron::ModelRun> programs;
  std::vector<Neuron> neurons;              ///< by address
  std::vector<std::vector<int8_t>> weights; ///< by source; empty: all 0
  std::deque<QueuedEvent> queue;
  Counters counters;

  Error prepare(ChipOp chip);
  /// Runs the neuron's program; a spike enters the queue.
  void update(size_t address, int32_t weight, int32_t reference);
  Error rest(ChipOp chip);
  Error send(ChipOp chip, QueuedEvent event);
};

Error State::prepare(ChipOp chip) {
  depth = chip.getQueue();
  sweep = chip.getSweep();
  neurons.resize(addresses);
  weights.resize(addresses);
  for (auto population : chip.getBody().getOps<PopulationOp>()) {
    const std::string name = population.getProgram().str();
    if (!programs.count(name)) {
      if (neuron::library::text(name).empty())
        return inputError("there is no neuron program '" + name + "'",
                          "population '" + population.getName().str() + "'");
      auto model = neuron::library::parse(chip.getContext(), name);
      programs.emplace(name, neuron::ModelRun(*model));
    }
    neuron::ModelRun &program = programs.at(name);
    const auto places = numbers<uint8_t>(population.getAddress());
    for (size_t n = 0; n < places.size(); ++n) {
      Neuron &neuron = neurons[places[n]];
      neuron.program = &program;
      for (const std::string &param : program.paramNames())
        neuron.parameters.push_back(
            entryOf(population.getRegisters(), param, n));
      for (const std::string &state : program.stateNames())
        neuron.initial.push_back(entryOf(
            population.getInitial().value_or(DictionaryAttr()), state, n));
    }
  }
  for (auto synapses : chip.getBody().getOps<SynapsesOp>()) {
    const auto sources = numbers<uint8_t>(synapses.getSources());
    const auto all = numbers<int8_t>(synapses.getWeights());
    for (size_t r = 0; r < sources.size(); ++r)
      weights[sources[r]].assign(all.begin() + r * sweep,
                                 all.begin() + (r + 1) * sweep);
  }
  reset();
  ready = true;
  return Error::success();
}

void State::update(size_t address, int32_t weight, int32_t reference) {
  Neuron &neuron = neurons[address];
  if (!neuron.program)
    return;
  bool fired = false;
  int32_t payload = 0;
  neuron.program->step({weight, reference}, neuron.parameters, neuron.state,
                       fired, payload);
  if (!fired)
    return;
  ++neuron.fired;
  ++counters.spikes;
  if (queue.size() < depth)
    queue.push_back({static_cast<uint8_t>(address), 0});
  else
    ++counters.lost;
}

Error State::rest(ChipOp chip) {
  uint64_t events = 0;
  // The event in work keeps its place in the queue until it is done.
  for (; !queue.empty(); queue.pop_front()) {
    if (++events > restlessEvents)
      return inputError(
          "one event of the host has caused more than " +
              std::to_string(restlessEvents) +
              " others: neurons excite each other without end",
          "chip '" + chip.getSymName().str() + "'",
          "weaken the recurrent weights, or raise the thresholds");
    const QueuedEvent event = queue.front();
    if (event.virtualWeight != 0) {
      ++counters.virtualEvents;
      update(event.address, event.virtualWeight, 0);
      continue;
    }
    ++counters.neuronEvents;
    const std::vector<int8_t> &row = weights[event.address];
    for (size_t n = 0; n < sweep; ++n)
      update(n, row.empty() ? 0 : row[n], 0);
  }
  return Error::success();
}

Error State::send(ChipOp chip, QueuedEvent event) {
  ++counters.hostEvents;
  queue.push_back(event);
  return rest(chip);
}

/// How often a neuron with this value spikes.
Expected<uint32_t> timesOf(double value, StringRef input) {
  constexpr double most = 1024;
  if (value < 0 || value > most || value != std::floor(value))
    return inputError("a value of " + std::to_string(value) +
                          ", which is no number of spikes",
                      "input '" + input.str() + "'",
                      "encode the input as spikes: whole numbers from 0 to " +
                          std::to_string(static_cast<int>(most)) + " a step");
  return static_cast<uint32_t>(value);
}

Error sendInput(InputOp op, ChipOp chip, Frame &frame, State &state) {
  Expected<Signal> signal = frame.input(op);
  if (!signal)
    return signal.takeError();
  const auto first = numbers<uint32_t>(op.getFirst());
  const auto virtuals = numbers<uint8_t>(op.getVirtuals());
  const auto address = numbers<uint8_t>(op.getAddress());
  const auto weight = numbers<int8_t>(op.getWeight());
  for (size_t n = 0; n < signal->size(); ++n) {
    Expected<uint32_t> times = timesOf((*signal)[n], op.getName());
    if (!times)
      return times.takeError();
    for (uint32_t k = 0; k < *times; ++k)
      for (uint32_t i = first[n]; i < first[n + 1]; ++i)
        if (Error error = state.send(
                chip, {address[i], virtuals[i] ? weight[i] : int8_t(0)}))
          return error;
  }
  return Error::success();
}

Signal firedAt(const State &state, ElementsAttr address) {
  Signal signal;
  for (uint8_t at : numbers<uint8_t>(address))
    signal.push_back(state.neurons[at].fired);
  return signal;
}

} // namespace

const Counters &crossbar::countersOf(ChipOp chip, Frame &frame) {
  return frame.state<State>(chip).counters;
}

Error ChipOp::evaluate(Frame &frame) {
  State &state = frame.state<State>(*this);
  if (!state.ready)
    if (Error error = state.prepare(*this))
      return error;
  for (Neuron &neuron : state.neurons)
    neuron.fired = 0;
  for (auto always : getBody().getOps<AlwaysOp>()) {
    const auto address = numbers<uint8_t>(always.getAddress());
    const auto times = numbers<int32_t>(always.getTimes());
    for (size_t i = 0; i < address.size(); ++i)
      for (int32_t k = 0; k < times[i]; ++k)
        if (Error error = state.send(*this, {address[i], 0}))
          return error;
  }
  for (auto input : getBody().getOps<InputOp>())
    if (Error error = sendInput(input, *this, frame, state))
      return error;
  if (getLeak()) {
    ++state.counters.references;
    for (size_t n = 0; n < state.sweep; ++n)
      state.update(n, 0, 1);
    if (Error error = state.rest(*this))
      return error;
  }
  for (auto population : getBody().getOps<PopulationOp>())
    frame.record(population, firedAt(state, population.getAddress()));
  for (auto output : getBody().getOps<OutputOp>())
    frame.record(output, firedAt(state, output.getAddress()));
  return Error::success();
}

// The parts have no meaning of their own; the chip evaluates them.
Error InputOp::evaluate(Frame &) { return Error::success(); }
Error AlwaysOp::evaluate(Frame &) { return Error::success(); }
Error PopulationOp::evaluate(Frame &) { return Error::success(); }
Error SynapsesOp::evaluate(Frame &) { return Error::success(); }
Error OutputOp::evaluate(Frame &) { return Error::success(); }
