//===- backends/image/Emit.cpp - neurocore to image -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/image/Emit.h"
#include "base/Describe.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"
#include "image/Pack.h"

using namespace mlir;
using namespace hillock::neurocore;

namespace hillock::backends {

namespace {

class Emitter {
public:
  Emitter(SystemOp system, const ProgramSource &programs)
      : system(system), source(programs) {}

  Expected<proto::Image> run();

private:
  Error emitPrograms();
  Error checkParameters(const image::Program &program);
  Error emitCores();
  Error emitInput(neurocore::InputOp op);
  Error emitOutput(OutputOp op);
  Error emitPopulation(PopulationOp op);
  /// Index into Image.core of each place.
  Expected<std::vector<uint32_t>> coresOf(ElementsAttr chip, ElementsAttr core,
                                          const std::string &where) const;

  SystemOp system;
  const ProgramSource &source;
  target::TargetModel target;
  proto::Image image;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> indexOf;
};

template <typename List, typename Values>
void assign(List *list, const Values &values) {
  list->Reserve(static_cast<int>(values.size()));
  for (auto value : values)
    list->Add(static_cast<uint32_t>(value));
}

Expected<proto::Image> Emitter::run() {
  Expected<target::TargetModel> found =
      target::findTarget(system.getTarget().str());
  if (!found)
    return found.takeError();
  target = *found;
  image.set_format(image::imageFormat);
  image.set_producer("hillock");
  *image.mutable_target() = target.proto();
  if (Error error = emitPrograms())
    return std::move(error);
  if (Error error = emitCores())
    return std::move(error);
  image.mutable_io()->set_dt_seconds(system.getDt().convertToDouble());
  image.mutable_debug()->set_network(system.getSymName().str());
  if (system.getNotes())
    image.mutable_debug()->set_notes_json(system.getNotes()->str());
  for (Operation &op : system.getBody().front()) {
    Error error = Error::success();
    if (auto input = dyn_cast<neurocore::InputOp>(op))
      error = emitInput(input);
    else if (auto output = dyn_cast<OutputOp>(op))
      error = emitOutput(output);
    else if (auto population = dyn_cast<PopulationOp>(op))
      error = emitPopulation(population);
    if (error)
      return std::move(error);
  }
  return std::move(image);
}

Error Emitter::emitPrograms() {
  for (const std::string &name : system.programs()) {
    Expected<image::Program> program = source(name);
    if (!program)
      return program.takeError();
    if (Error error = checkParameters(*program))
      return error;
    *image.add_program() = image::toProto(*program);
  }
  return Error::success();
}

Error Emitter::checkParameters(const image::Program &program) {
  for (const std::string &param : program.params) {
    std::vector<std::string> known;
    bool found = false;
    for (proto::Role role : {proto::COMPARTMENT, proto::COMPARTMENT_PROFILE,
                             proto::THRESHOLD_PROFILE, proto::CORE_CONFIG}) {
      found |= target.field(role, param) != nullptr;
      if (const proto::Memory *memory = target.memory(role))
        for (const proto::Field &field : memory->field())
          known.push_back(field.name());
    }
    if (!found)
      return inputError("program '" + program.name + "' reads parameter '" +
                            param + "', which no memory of target '" +
                            target.name() + "' has a field for",
                        "system '" + system.getSymName().str() + "'",
                        didYouMean(param, known));
  }
  return Error::success();
}

Error Emitter::emitCores() {
  std::vector<std::string> programs = system.programs();
  for (CoreOp op : system.cores()) {
    auto program = static_cast<uint32_t>(llvm::find(programs, op.getProgram()) -
                                         programs.begin());
    const image::CoreTables tables = coreTables(op, program);
    Expected<proto::Core> core = image::pack(tables, target);
    if (!core)
      return core.takeError();
    indexOf[{tables.chip, tables.core}] =
        static_cast<uint32_t>(image.core_size());
    *image.add_core() = std::move(*core);
  }
  return Error::success();
}

Expected<std::vector<uint32_t>>
Emitter::coresOf(ElementsAttr chip, ElementsAttr core,
                 const std::string &where) const {
  std::vector<uint32_t> chips = numbers<uint32_t>(chip);
  std::vector<uint32_t> cores = numbers<uint32_t>(core);
  std::vector<uint32_t> indices;
  for (size_t i = 0; i < chips.size(); ++i) {
    auto at = indexOf.find({chips[i], cores[i]});
    if (at == indexOf.end())
      return makeError(ErrorKind::Internal,
                       "there is no core " + std::to_string(cores[i]) +
                           " of chip " + std::to_string(chips[i]),
                       where);
    indices.push_back(at->second);
  }
  return indices;
}

Error Emitter::emitInput(neurocore::InputOp op) {
  proto::Port &port = *image.mutable_io()->add_input();
  port.set_name(op.getName().str());
  assign(port.mutable_shape(), op.getShape());
  auto cores =
      coresOf(op.getChip(), op.getCore(), "input '" + port.name() + "'");
  if (!cores)
    return cores.takeError();
  assign(port.mutable_first(), numbers<uint32_t>(op.getFirst()));
  assign(port.mutable_core(), *cores);
  assign(port.mutable_index(), numbers<uint16_t>(op.getAxon()));
  assign(port.mutable_atom(), numbers<uint16_t>(op.getAtom()));
  return Error::success();
}

Error Emitter::emitOutput(OutputOp op) {
  proto::Port &port = *image.mutable_io()->add_output();
  port.set_name(op.getName().str());
  assign(port.mutable_shape(), op.getShape());
  port.set_lag(static_cast<uint32_t>(op.getLag()));
  if (op.getState()) {
    port.set_state(op.getState()->str());
    port.set_scale(op.getScale().convertToDouble());
  }
  auto cores =
      coresOf(op.getChip(), op.getCore(), "output '" + port.name() + "'");
  if (!cores)
    return cores.takeError();
  std::vector<uint16_t> compartments = numbers<uint16_t>(op.getCompartment());
  // One compartment a neuron, in the same form as an input's axons.
  for (uint32_t n = 0; n <= compartments.size(); ++n)
    port.add_first(n);
  assign(port.mutable_core(), *cores);
  assign(port.mutable_index(), compartments);
  return Error::success();
}

Error Emitter::emitPopulation(PopulationOp op) {
  proto::Population &population = *image.mutable_debug()->add_population();
  population.set_name(op.getName().str());
  assign(population.mutable_shape(), op.getShape());
  if (op.getSource())
    population.set_location(op.getSource()->str());
  population.set_kind(op.getKind().str());
  population.set_lag(static_cast<uint32_t>(op.getLag()));
  population.set_is_input(op.getIsInput());
  population.set_scale(op.getScale().convertToDouble());
  population.set_synapses(op.getSynapses());
  population.set_weight_error(op.getWeightError().convertToDouble());
  population.set_weight_bits(static_cast<uint32_t>(op.getBits()));
  auto cores = coresOf(op.getChip(), op.getCore(),
                       "population '" + population.name() + "'");
  if (!cores)
    return cores.takeError();
  assign(population.mutable_core(), *cores);
  assign(population.mutable_compartment(),
         numbers<uint16_t>(op.getCompartment()));
  return Error::success();
}

} // namespace

Expected<proto::Image> emitImage(SystemOp system,
                                 const ProgramSource &programs) {
  return Emitter(system, programs).run();
}

} // namespace hillock::backends
