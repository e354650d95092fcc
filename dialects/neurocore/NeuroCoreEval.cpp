//===- dialects/neurocore/NeuroCoreEval.cpp - The meaning of a system -----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference of this level: written to be read, straight from the tables,
// without the image's words and without the emulator's tricks. A message is
// kept by the core that it was sent to, one step in the outbox of the network,
// then in the inbox of the core.
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/NeuroCore.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"
#include "target/TargetModel.h"
#include "llvm/ADT/StringExtras.h"
#include <map>

using namespace mlir;
using namespace hillock;
using namespace hillock::neurocore;

namespace {

struct Message {
  uint32_t axon = 0, atom = 0;
  int32_t payload = 1;
};

/// A row that a message has selected.
struct ActiveRow {
  uint32_t row = 0, base = 0;
  int32_t payload = 1;
};

struct CoreState : hillock::OpState {
  void reset() override {
    inbox.clear();
    sent.clear();
    active.clear();
    for (std::vector<uint32_t> &slot : ring)
      llvm::fill(slot, 0);
    states = initial;
    llvm::fill(payloads, 0);
  }

  bool ready = false;
  image::CoreTables tables;
  ProgramRunner *runner = nullptr;
  std::vector<Message> inbox; ///< delivered in this step
  std::vector<Message> sent;  ///< to be delivered in the next step
  std::vector<ActiveRow> active;
  /// ring[t mod size][compartment]: what arrives in step t. Unsigned, because
  /// an accumulator is a 32-bit register that wraps.
  std::vector<std::vector<uint32_t>> ring;
  /// A row a compartment, in the order of the program.
  std::vector<int32_t> parameters, initial, states;
  std::vector<int32_t> payloads; ///< of this step's spikes, 0: none
};

struct SystemState : hillock::OpState {
  std::vector<CoreOp> cores;
  std::map<std::pair<uint32_t, uint32_t>, CoreOp> byPlace;
  target::TargetModel target;
};

CoreState &stateOf(Operation *core, Frame &frame) {
  return frame.state<CoreState>(core);
}

CoreState *coreAt(Operation *system, Frame &frame, uint32_t chip,
                  uint32_t core) {
  auto &cores = frame.state<SystemState>(system).byPlace;
  auto at = cores.find({chip, core});
  return at == cores.end() ? nullptr : &stateOf(at->second, frame);
}

Error noCore(uint32_t chip, uint32_t core) {
  return makeError(ErrorKind::Internal,
                   "there is no core " + std::to_string(core) + " of chip " +
                       std::to_string(chip),
                   "neurocore.system", "verify the IR before running it");
}

//===----------------------------------------------------------------------===//
// Preparing a core
//===----------------------------------------------------------------------===//

/// What a field holds that nobody set: 0, or the legal value next to it.
std::optional<int32_t> standardValue(const target::TargetModel &target,
                                     const std::string &name) {
  for (proto::Role role : {proto::COMPARTMENT, proto::COMPARTMENT_PROFILE,
                           proto::THRESHOLD_PROFILE, proto::CORE_CONFIG})
    if (const proto::Field *field = target.field(role, name)) {
      if (field->has_min() && field->min() > 0)
        return static_cast<int32_t>(field->min());
      if (field->has_max() && field->max() < 0)
        return static_cast<int32_t>(field->max());
      return 0;
    }
  return std::nullopt;
}

std::optional<int32_t> parameterValue(const image::CoreTables &tables,
                                      const target::TargetModel &target,
                                      const std::string &name, uint32_t c) {
  if (auto at = tables.compartmentFields.find(name);
      at != tables.compartmentFields.end())
    return at->second[c];
  const image::FieldValues *words[] = {
      &tables.compartmentProfiles[tables.profileOf[c]],
      &tables.thresholdProfiles[tables.thresholdOf[c]], &tables.config};
  for (const image::FieldValues *word : words)
    if (auto at = word->find(name); at != word->end())
      return static_cast<int32_t>(at->second);
  return standardValue(target, name);
}

Error fillParameters(CoreOp op, CoreState &core,
                     const target::TargetModel &target) {
  for (uint32_t c = 0; c < core.tables.compartments; ++c) {
    for (const std::string &name : core.runner->parameters()) {
      auto value = parameterValue(core.tables, target, name, c);
      if (!value)
        return inputError("program '" + op.getProgram().str() +
                              "' reads parameter '" + name +
                              "', which no memory of target '" + target.name() +
                              "' has a field for",
                          "core " + std::to_string(op.getId()));
      core.parameters.push_back(*value);
    }
    for (const std::string &name : core.runner->states()) {
      auto at = core.tables.initialState.find(name);
      core.initial.push_back(
          at == core.tables.initialState.end() ? 0 : at->second[c]);
    }
  }
  return Error::success();
}

Error prepareCore(CoreOp op, Frame &frame, const target::TargetModel &target) {
  CoreState &core = stateOf(op, frame);
  core.tables = coreTables(op, 0);
  Expected<ProgramRunner *> runner = frame.program(op, op.getProgram());
  if (!runner)
    return runner.takeError();
  core.runner = *runner;
  if (Error error = fillParameters(op, core, target))
    return error;
  uint8_t longest = 0;
  for (uint8_t delay : core.tables.rows.delay)
    longest = std::max(longest, delay);
  core.ring.assign(size_t(longest) + 1,
                   std::vector<uint32_t>(core.tables.compartments));
  core.payloads.assign(core.tables.compartments, 0);
  core.ready = true;
  core.reset();
  return Error::success();
}

Error prepareSystem(SystemOp op, Frame &frame) {
  auto &system = frame.state<SystemState>(op);
  if (!system.cores.empty())
    return Error::success();
  Expected<target::TargetModel> target =
      target::findTarget(op.getTarget().str());
  if (!target)
    return target.takeError();
  system.target = *target;
  system.cores = op.cores();
  for (CoreOp core : system.cores) {
    system.byPlace[{core.chip(), core.getId()}] = core;
    if (Error error = prepareCore(core, frame, system.target))
      return error;
  }
  return Error::success();
}

/// The spikes of neurons by their places, as numbers: a payload or 0.
Expected<Signal> spikesOf(Operation *op, Frame &frame, ElementsAttr chip,
                          ElementsAttr core, ElementsAttr compartment) {
  std::vector<uint32_t> chips = numbers<uint32_t>(chip);
  std::vector<uint32_t> cores = numbers<uint32_t>(core);
  std::vector<uint16_t> compartments = numbers<uint16_t>(compartment);
  Signal signal;
  for (size_t n = 0; n < chips.size(); ++n) {
    CoreState *state = coreAt(op->getParentOp(), frame, chips[n], cores[n]);
    if (!state)
      return noCore(chips[n], cores[n]);
    signal.push_back(state->payloads[compartments[n]]);
  }
  return signal;
}

/// A state of neurons by their places.
Expected<Signal> statesOf(OutputOp op, Frame &frame, llvm::StringRef state) {
  std::vector<uint32_t> chips = numbers<uint32_t>(op.getChip());
  std::vector<uint32_t> cores = numbers<uint32_t>(op.getCore());
  std::vector<uint16_t> slots = numbers<uint16_t>(op.getCompartment());
  Signal signal;
  for (size_t n = 0; n < chips.size(); ++n) {
    CoreState *core = coreAt(op->getParentOp(), frame, chips[n], cores[n]);
    if (!core)
      return noCore(chips[n], cores[n]);
    const std::vector<std::string> &names = core->runner->states();
    const auto found = llvm::find(names, state);
    if (found == names.end())
      return inputError("the neuron program has no state '" + state.str() +
                            "'; it has " + llvm::join(names, ", "),
                        "output '" + op.getName().str() + "'");
    signal.push_back(core->states[slots[n] * names.size() +
                                  static_cast<size_t>(found - names.begin())]);
  }
  return signal;
}

Error evaluateAll(Region &body, Frame &frame) {
  for (Operation &op : body.front())
    if (Error error = cast<EvaluatableOpInterface>(op).evaluate(frame))
      return error;
  return Error::success();
}

} // namespace

//===----------------------------------------------------------------------===//
// One time step
//===----------------------------------------------------------------------===//

Error SystemOp::evaluate(Frame &frame) {
  if (Error error = prepareSystem(*this, frame))
    return error;
  for (CoreOp op : frame.state<SystemState>(*this).cores) {
    CoreState &core = stateOf(op, frame);
    core.inbox = std::move(core.sent);
    core.sent.clear();
  }
  // Chips before ports, whatever the order in the text: a port looks at the
  // spikes of this step.
  for (auto chip : getBody().front().getOps<ChipOp>())
    if (Error error = chip.evaluate(frame))
      return error;
  for (Operation &op : getBody().front())
    if (!isa<ChipOp>(op))
      if (Error error = cast<EvaluatableOpInterface>(op).evaluate(frame))
        return error;
  return Error::success();
}

Error ChipOp::evaluate(Frame &frame) { return evaluateAll(getBody(), frame); }

Error CoreOp::evaluate(Frame &frame) {
  if (AxonInOp op = axonIn())
    if (Error error = op.evaluate(frame))
      return error;
  if (SynapsesOp op = synapses())
    if (Error error = op.evaluate(frame))
      return error;
  if (Error error = compartments().evaluate(frame))
    return error;
  if (AxonOutOp op = axonOut())
    return op.evaluate(frame);
  return Error::success();
}

/// Messages select rows.
Error AxonInOp::evaluate(Frame &frame) {
  CoreState &core = stateOf((*this)->getParentOp(), frame);
  core.active.clear();
  for (const Message &message : core.inbox) {
    const image::AxonIn &axon = core.tables.axonsIn[message.axon];
    core.active.push_back(
        {axon.firstRow + message.atom, axon.cxBase, message.payload});
  }
  core.inbox.clear();
  return Error::success();
}

/// What a synapse adds to the accumulator for a payload of 1.
static int64_t weightOf(const image::SynapseFormat &format, int16_t mantissa) {
  if (format.exponentOnSum)
    return mantissa;
  const int64_t scaled = format.weightExp >= 0
                             ? int64_t{mantissa} << format.weightExp
                             : int64_t{mantissa} >> -format.weightExp;
  return scaled * 64;
}

/// Selected rows add to the accumulators of this and later steps.
Error SynapsesOp::evaluate(Frame &frame) {
  CoreState &core = stateOf((*this)->getParentOp(), frame);
  const image::SynapseRows &rows = core.tables.rows;
  for (const ActiveRow &active : core.active) {
    const image::SynapseFormat &format =
        core.tables.formats[rows.format[active.row]];
    for (uint32_t s = rows.first[active.row]; s < rows.first[active.row + 1];
         ++s) {
      const uint64_t at = static_cast<uint64_t>(frame.step()) + rows.delayOf(s);
      core.ring[at % core.ring.size()][active.base + rows.target[s]] +=
          static_cast<uint32_t>(weightOf(format, rows.mantissa[s]) *
                                active.payload);
    }
  }
  core.active.clear();
  return Error::success();
}

/// Every compartment runs the program on its accumulator.
Error CompartmentsOp::evaluate(Frame &frame) {
  CoreState &core = stateOf((*this)->getParentOp(), frame);
  std::vector<uint32_t> &sums =
      core.ring[static_cast<uint64_t>(frame.step()) % core.ring.size()];
  const size_t parameters = core.runner->parameters().size();
  const size_t states = core.runner->states().size();
  for (uint32_t c = 0; c < core.tables.compartments; ++c) {
    bool fired = false;
    int32_t payload = 0;
    core.runner->step(
        static_cast<int32_t>(sums[c]),
        ArrayRef<int32_t>(core.parameters).slice(c * parameters, parameters),
        MutableArrayRef<int32_t>(core.states).slice(c * states, states), fired,
        payload);
    core.payloads[c] = fired ? payload : 0;
    sums[c] = 0;
  }
  return Error::success();
}

/// Spikes become messages of the next step.
Error AxonOutOp::evaluate(Frame &frame) {
  CoreState &core = stateOf((*this)->getParentOp(), frame);
  Operation *system = (*this)->getParentOfType<SystemOp>();
  for (uint32_t c = 0; c < core.tables.compartments; ++c) {
    if (core.payloads[c] == 0)
      continue;
    for (uint32_t i = core.tables.outFirst[c]; i < core.tables.outFirst[c + 1];
         ++i) {
      const image::AxonOut &slot = core.tables.axonsOut[i];
      CoreState *goal = coreAt(system, frame, slot.chip, slot.core);
      if (!goal)
        return noCore(slot.chip, slot.core);
      goal->sent.push_back({slot.axon, slot.atom, core.payloads[c]});
    }
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

/// The stimulus of this step is delivered in the next.
Error hillock::neurocore::InputOp::evaluate(Frame &frame) {
  Expected<Signal> stimulus = frame.input(*this);
  if (!stimulus)
    return stimulus.takeError();
  std::vector<uint32_t> first = numbers<uint32_t>(getFirst());
  if (stimulus->size() + 1 != first.size())
    return inputError("the stimulus has " + std::to_string(stimulus->size()) +
                          " values, the input " +
                          std::to_string(first.size() - 1) + " neurons",
                      "input '" + getName().str() + "'");
  std::vector<uint32_t> chip = numbers<uint32_t>(getChip());
  std::vector<uint32_t> core = numbers<uint32_t>(getCore());
  std::vector<uint16_t> axon = numbers<uint16_t>(getAxon());
  std::vector<uint16_t> atom = numbers<uint16_t>(getAtom());
  for (size_t n = 0; n < stimulus->size(); ++n) {
    const auto payload = static_cast<int32_t>((*stimulus)[n]);
    if (payload == 0)
      continue;
    for (uint32_t i = first[n]; i < first[n + 1]; ++i) {
      CoreState *goal = coreAt((*this)->getParentOp(), frame, chip[i], core[i]);
      if (!goal)
        return noCore(chip[i], core[i]);
      goal->sent.push_back({axon[i], atom[i], payload});
    }
  }
  return Error::success();
}

Error OutputOp::evaluate(Frame &frame) {
  Expected<Signal> values = getState() ? statesOf(*this, frame, *getState())
                                       : spikesOf(*this, frame, getChip(),
                                                  getCore(), getCompartment());
  if (!values)
    return values.takeError();
  frame.record(*this, *values);
  return Error::success();
}

Error PopulationOp::evaluate(Frame &frame) {
  if (getIsInput())
    return Error::success();
  Expected<Signal> spikes =
      spikesOf(*this, frame, getChip(), getCore(), getCompartment());
  if (!spikes)
    return spikes.takeError();
  frame.record(*this, *spikes);
  return Error::success();
}

/// Whatever way a message takes, it arrives in the next step.
Error RouteOp::evaluate(Frame &) { return Error::success(); }

/// The places that a probe looks at, in order.
static std::vector<std::pair<CoreState *, uint32_t>> probed(ProbeOp op,
                                                            Frame &frame) {
  std::vector<std::pair<CoreState *, uint32_t>> places;
  Operation *system = op->getParentOp();
  if (op.getCore()) {
    CoreState *core =
        coreAt(system, frame, static_cast<uint32_t>((*op.getCore())[0]),
               static_cast<uint32_t>((*op.getCore())[1]));
    for (uint32_t c = 0; core && c < core->tables.compartments; ++c)
      places.emplace_back(core, c);
    return places;
  }
  for (auto layer :
       cast<SystemOp>(system).getBody().front().getOps<PopulationOp>()) {
    if (layer.getName() != *op.getPopulation())
      continue;
    std::vector<uint32_t> chips = numbers<uint32_t>(layer.getChip());
    std::vector<uint32_t> cores = numbers<uint32_t>(layer.getCore());
    std::vector<uint16_t> slots = numbers<uint16_t>(layer.getCompartment());
    for (size_t n = 0; n < chips.size(); ++n)
      places.emplace_back(coreAt(system, frame, chips[n], cores[n]), slots[n]);
  }
  return places;
}

Error ProbeOp::evaluate(Frame &frame) {
  Signal signal;
  for (auto [core, compartment] : probed(*this, frame)) {
    if (!core)
      return makeError(ErrorKind::Internal, "it names a core that is not there",
                       "probe of '" + getId().str() + "'");
    const std::vector<std::string> &names = core->runner->states();
    const size_t state =
        static_cast<size_t>(llvm::find(names, getId()) - names.begin());
    if (state == names.size())
      return inputError("the neuron program has no state '" + getId().str() +
                            "'; it has " + llvm::join(names, ", "),
                        "probe of '" + getId().str() + "'");
    signal.push_back(core->states[compartment * names.size() + state]);
  }
  frame.record(*this, signal);
  return Error::success();
}
