//===- dialects/neurocore/SystemVerify.cpp - What crosses cores -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "dialects/neurocore/Capacity.h"
#include "dialects/neurocore/NeuroCore.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"
#include "llvm/ADT/StringSet.h"
#include <map>
#include <set>

using namespace mlir;
using namespace hillock;
using namespace hillock::neurocore;

namespace {

using Place = std::pair<uint32_t, uint32_t>; // chip, core

struct Core {
  CoreOp op;
  image::CoreTables tables;
  std::vector<std::string> layers;
};

class SystemVerifier {
public:
  explicit SystemVerifier(SystemOp system) : system(system) {}

  LogicalResult run() {
    if (!(system.getDt().convertToDouble() > 0))
      return system.emitOpError() << "dt must be positive";
    return success(succeeded(body()) && succeeded(findTarget()) &&
                   succeeded(findCores()) && succeeded(populations()) &&
                   succeeded(capacities()) && succeeded(slots()) &&
                   succeeded(ports()) && succeeded(routes()) &&
                   succeeded(probes()));
  }

private:
  LogicalResult body();
  LogicalResult findTarget();
  LogicalResult findCores();
  LogicalResult populations();
  LogicalResult capacities();
  LogicalResult slots();
  LogicalResult ports();
  LogicalResult routes();
  LogicalResult routePath(RouteOp op);
  LogicalResult probes();
  LogicalResult compartmentsExist(Operation *op, ElementsAttr chip,
                                  ElementsAttr core, ElementsAttr compartment);
  std::string axonProblem(uint32_t chip, uint32_t core, uint32_t axon,
                          uint32_t atom, std::optional<image::AxonType> type);

  SystemOp system;
  target::TargetModel target;
  std::map<Place, Core> cores;
  std::map<std::string, PopulationOp, std::less<>> layers;
};

LogicalResult SystemVerifier::body() {
  llvm::StringSet<> names;
  for (Operation &op : system.getBody().front()) {
    if (!isa<ChipOp, neurocore::InputOp, OutputOp, PopulationOp, RouteOp,
             ProbeOp>(op))
      return op.emitOpError() << "may not stand in neurocore.system";
    auto name = op.getAttrOfType<StringAttr>("name");
    if (name &&
        !names
             .insert(
                 (op.getName().getStringRef() + " " + name.getValue()).str())
             .second)
      return op.emitOpError()
             << "has the name of another: '" << name.getValue() << "'";
  }
  return success();
}

LogicalResult SystemVerifier::findTarget() {
  Expected<target::TargetModel> found =
      target::findTarget(system.getTarget().str());
  if (!found)
    return system.emitOpError() << takeText(found.takeError());
  target = *found;
  return success();
}

LogicalResult SystemVerifier::findCores() {
  std::set<int64_t> chips;
  for (ChipOp chip : system.getBody().front().getOps<ChipOp>()) {
    if (chip.getId() >= target.maxChips())
      return chip.emitOpError()
             << "has id " << chip.getId() << "; target '" << target.name()
             << "' has at most " << target.maxChips() << " chips";
    if (!chips.insert(chip.getId()).second)
      return chip.emitOpError() << "has the id of another: " << chip.getId();
  }
  std::vector<std::string> programs = system.programs();
  for (CoreOp op : system.cores()) {
    if (op.getId() >= target.coresPerChip())
      return op.emitOpError()
             << "has id " << op.getId() << "; a chip of '" << target.name()
             << "' has " << target.coresPerChip() << " cores";
    auto program = static_cast<uint32_t>(llvm::find(programs, op.getProgram()) -
                                         programs.begin());
    Place place(op.chip(), op.getId());
    if (!cores.try_emplace(place, Core{op, coreTables(op, program), {}}).second)
      return op.emitOpError() << "has the id of another: " << op.getId();
  }
  return success();
}

LogicalResult SystemVerifier::compartmentsExist(Operation *op,
                                                ElementsAttr chip,
                                                ElementsAttr core,
                                                ElementsAttr compartment) {
  std::vector<uint32_t> chips = numbers<uint32_t>(chip);
  std::vector<uint32_t> ids = numbers<uint32_t>(core);
  std::vector<uint16_t> compartments = numbers<uint16_t>(compartment);
  for (size_t n = 0; n < chips.size(); ++n) {
    auto at = cores.find({chips[n], ids[n]});
    if (at == cores.end())
      return op->emitOpError()
             << "neuron " << n << " sits on core " << ids[n] << " of chip "
             << chips[n] << ", which the system does not have";
    if (compartments[n] >= at->second.tables.compartments)
      return op->emitOpError()
             << "neuron " << n << " sits in compartment " << compartments[n]
             << " of core " << ids[n] << " of chip " << chips[n]
             << ", which has " << at->second.tables.compartments;
  }
  return success();
}

LogicalResult SystemVerifier::populations() {
  std::map<std::tuple<uint32_t, uint32_t, uint16_t>, StringRef> taken;
  for (PopulationOp op : system.getBody().front().getOps<PopulationOp>()) {
    layers.emplace(op.getName().str(), op);
    if (failed(compartmentsExist(op, op.getChip(), op.getCore(),
                                 op.getCompartment())))
      return failure();
    std::vector<uint32_t> chips = numbers<uint32_t>(op.getChip());
    std::vector<uint32_t> ids = numbers<uint32_t>(op.getCore());
    std::vector<uint16_t> slots = numbers<uint16_t>(op.getCompartment());
    for (size_t n = 0; n < chips.size(); ++n) {
      auto [at, isNew] =
          taken.try_emplace({chips[n], ids[n], slots[n]}, op.getName());
      if (!isNew)
        return op.emitOpError()
               << "neuron " << n << " sits in compartment " << slots[n]
               << " of core " << ids[n] << " of chip " << chips[n]
               << ", where a neuron of '" << at->second << "' is";
      std::vector<std::string> &names = cores[{chips[n], ids[n]}].layers;
      if (names.empty() || names.back() != op.getName())
        if (!llvm::is_contained(names, op.getName()))
          names.push_back(op.getName().str());
    }
  }
  return success();
}

LogicalResult SystemVerifier::capacities() {
  bool good = true;
  for (auto &[place, core] : cores)
    if (Error error = checkCore(core.tables, target, core.layers)) {
      core.op.emitOpError() << takeText(std::move(error));
      good = false;
    }
  return success(good);
}

/// Why a message has no effect, or "".
std::string SystemVerifier::axonProblem(uint32_t chip, uint32_t core,
                                        uint32_t axon, uint32_t atom,
                                        std::optional<image::AxonType> type) {
  std::string where =
      "core " + std::to_string(core) + " of chip " + std::to_string(chip);
  auto at = cores.find({chip, core});
  if (at == cores.end())
    return "leads to " + where + ", which the system does not have";
  const std::vector<image::AxonIn> &axons = at->second.tables.axonsIn;
  if (axon >= axons.size())
    return "leads to axon " + std::to_string(axon) + " of " + where +
           ", which has " + std::to_string(axons.size());
  if (atom >= axons[axon].popRows)
    return "leads to atom " + std::to_string(atom) + " of axon " +
           std::to_string(axon) + " of " + where + ", which has " +
           std::to_string(axons[axon].popRows);
  if (type && *type != axons[axon].type)
    return "has type " + std::to_string(int(*type)) + ", but axon " +
           std::to_string(axon) + " of " + where + " has type " +
           std::to_string(int(axons[axon].type));
  return {};
}

LogicalResult SystemVerifier::slots() {
  for (auto &[place, core] : cores)
    for (auto [i, slot] : llvm::enumerate(core.tables.axonsOut)) {
      std::string problem =
          axonProblem(slot.chip, slot.core, slot.axon, slot.atom, slot.type);
      if (!problem.empty())
        return core.op.axonOut().emitOpError()
               << "slot " << i << " " << problem;
    }
  return success();
}

LogicalResult SystemVerifier::ports() {
  for (auto op : system.getBody().front().getOps<neurocore::InputOp>()) {
    std::vector<uint32_t> chip = numbers<uint32_t>(op.getChip());
    std::vector<uint32_t> core = numbers<uint32_t>(op.getCore());
    std::vector<uint16_t> axon = numbers<uint16_t>(op.getAxon());
    std::vector<uint16_t> atom = numbers<uint16_t>(op.getAtom());
    for (size_t i = 0; i < chip.size(); ++i) {
      std::string problem =
          axonProblem(chip[i], core[i], axon[i], atom[i], std::nullopt);
      if (!problem.empty())
        return op.emitOpError() << "destination " << i << " " << problem;
    }
  }
  for (OutputOp op : system.getBody().front().getOps<OutputOp>())
    if (failed(compartmentsExist(op, op.getChip(), op.getCore(),
                                 op.getCompartment())))
      return failure();
  return success();
}

/// The path begins at the tile of the source and ends at that of the goal.
LogicalResult SystemVerifier::routePath(RouteOp op) {
  ArrayRef<int64_t> path = op.getPath();
  if (path.empty())
    return success();
  auto tile = [&](ArrayRef<int64_t> core) {
    auto place = target.place(static_cast<uint32_t>(core[0]),
                              static_cast<uint32_t>(core[1]));
    const proto::Mesh &mesh = target.proto().mesh();
    return std::array<int64_t, 2>{
        int64_t(place.chipX) * mesh.tiles_x() + place.tileX,
        int64_t(place.chipY) * mesh.tiles_y() + place.tileY};
  };
  if (path.take_front(2) != ArrayRef<int64_t>(tile(op.getFrom())) ||
      path.take_back(2) != ArrayRef<int64_t>(tile(op.getTo())))
    return op.emitOpError() << "path does not lead from the tile of 'from' to "
                               "the tile of 'to'";
  return success();
}

LogicalResult SystemVerifier::routes() {
  for (RouteOp op : system.getBody().front().getOps<RouteOp>()) {
    for (ArrayRef<int64_t> end : {op.getFrom(), op.getTo()})
      if (!cores.count({end[0], end[1]}))
        return op.emitOpError() << "names core " << end[1] << " of chip "
                                << end[0] << ", which the system does not have";
    const Core &source = cores[{op.getFrom()[0], op.getFrom()[1]}];
    int64_t count =
        llvm::count_if(source.tables.axonsOut, [&](const image::AxonOut &slot) {
          return slot.chip == op.getTo()[0] && slot.core == op.getTo()[1];
        });
    if (count != static_cast<int64_t>(op.getMessages()))
      return op.emitOpError() << "has " << op.getMessages() << " messages, but "
                              << count << " output slots lead this way";
    if (failed(routePath(op)))
      return failure();
  }
  return success();
}

LogicalResult SystemVerifier::probes() {
  for (ProbeOp op : system.getBody().front().getOps<ProbeOp>()) {
    if (op.getPopulation()) {
      auto found = layers.find(op.getPopulation()->str());
      if (found == layers.end()) {
        std::vector<std::string> names;
        for (const auto &layer : layers)
          names.push_back(layer.first);
        return op.emitOpError()
               << "there is no population '" << *op.getPopulation() << "'; "
               << didYouMean(op.getPopulation()->str(), names);
      }
      if (found->second.getIsInput())
        return op.emitOpError() << "population '" << *op.getPopulation()
                                << "' is the host's and has no state";
    } else if (!cores.count({(*op.getCore())[0], (*op.getCore())[1]})) {
      return op.emitOpError()
             << "names core " << (*op.getCore())[1] << " of chip "
             << (*op.getCore())[0] << ", which the system does not have";
    }
  }
  return success();
}

} // namespace

LogicalResult SystemOp::verifyRegions() { return SystemVerifier(*this).run(); }
