//===- compiler/mapping/passes/ToNeuroCore.cpp - A mapping as IR ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/passes/ToNeuroCore.h"
#include "dialects/neurocore/Capacity.h"
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"

using namespace mlir;
using namespace hillock::neurocore;

namespace hillock::mapping {

namespace {

class Builder {
public:
  Builder(const Network &network, const Mapping &mapping,
          const target::TargetModel &model, OpBuilder &builder, Location loc)
      : network(network), mapping(mapping), model(model), builder(builder),
        context(builder.getContext()), loc(loc) {}

  Expected<SystemOp> run(const SystemOptions &options);

private:
  Error checkCores() const;
  void buildCores();
  void buildInput(uint32_t index);
  void buildOutput(const Network::Output &output);
  void buildPopulation(uint32_t index);
  void buildRoutes();
  std::vector<int64_t> tiles(const image::CoreTables &from,
                             std::pair<uint32_t, uint32_t> to) const;

  /// Chip and core of each entry, as lists.
  struct Places {
    ElementsAttr chip, core;
  };
  template <typename Range, typename Get>
  Places places(const Range &range, Get coreIndex) {
    std::vector<uint32_t> chips, cores;
    for (const auto &entry : range) {
      const image::CoreTables &core = mapping.cores[coreIndex(entry)];
      chips.push_back(core.chip);
      cores.push_back(core.core);
    }
    return {listOf(context, chips, "chip"), listOf(context, cores, "core")};
  }
  Places placesOf(const PlacedPopulation &placed) {
    return places(placed.core, [](uint32_t core) { return core; });
  }
  ElementsAttr compartmentsOf(const PlacedPopulation &placed) {
    return listOf(context,
                  std::vector<uint16_t>(placed.compartment.begin(),
                                        placed.compartment.end()),
                  "compartment");
  }

  const Network &network;
  const Mapping &mapping;
  const target::TargetModel &model;
  OpBuilder &builder;
  MLIRContext *context;
  Location loc;
};

Expected<SystemOp> Builder::run(const SystemOptions &options) {
  if (Error error = checkCores())
    return std::move(error);
  auto system = SystemOp::create(builder, loc, network.name, options.target,
                                 llvm::APFloat(network.dtSeconds),
                                 options.notes.empty()
                                     ? StringAttr()
                                     : builder.getStringAttr(options.notes));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&system.getBody().emplaceBlock());
  buildCores();
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (network.populations[p].isInput)
      buildInput(p);
  for (const Network::Output &output : network.outputs)
    buildOutput(output);
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    buildPopulation(p);
  if (options.routes)
    buildRoutes();
  return system;
}

/// The verifier says the same, but as a diagnostic without a kind.
Error Builder::checkCores() const {
  std::vector<std::vector<std::string>> layers(mapping.cores.size());
  for (size_t p = 0; p < network.populations.size(); ++p)
    for (uint32_t core : mapping.populations[p].core)
      if (layers[core].empty() ||
          layers[core].back() != network.populations[p].name)
        layers[core].push_back(network.populations[p].name);
  for (size_t c = 0; c < mapping.cores.size(); ++c)
    if (Error error = checkDemand(mapping.cores[c], model, layers[c]))
      return error;
  return Error::success();
}

void Builder::buildCores() {
  OpBuilder::InsertionGuard guard(builder);
  ChipOp chip;
  for (const image::CoreTables &tables : mapping.cores) {
    if (!chip || chip.getId() != tables.chip) {
      if (chip)
        builder.setInsertionPointAfter(chip);
      chip = ChipOp::create(builder, loc, tables.chip);
      builder.setInsertionPointToStart(&chip.getBody().emplaceBlock());
    }
    buildCore(builder, loc, tables, mapping.programs[tables.program]);
  }
}

void Builder::buildInput(uint32_t index) {
  const Population &population = network.populations[index];
  const PlacedPopulation &placed = mapping.populations[index];
  std::vector<uint16_t> axon, atom;
  for (const HostAxon &host : placed.host) {
    axon.push_back(host.axon);
    atom.push_back(host.atom);
  }
  Places at =
      places(placed.host, [](const HostAxon &host) { return host.core; });
  std::vector<uint32_t> first = placed.hostFirst;
  if (first.empty()) // an input that nobody listens to
    first.assign(population.size() + 1, 0);
  neurocore::InputOp::create(builder, loc, population.name, population.shape,
                             listOf(context, first, "first"), at.chip, at.core,
                             listOf(context, axon, "axon"),
                             listOf(context, atom, "atom"));
}

void Builder::buildOutput(const Network::Output &output) {
  const Population &population = network.populations[output.population];
  const PlacedPopulation &placed = mapping.populations[output.population];
  Places at = placesOf(placed);
  OutputOp::create(builder, loc, output.name, population.shape, at.chip,
                   at.core, compartmentsOf(placed), population.lag,
                   output.state.empty() ? StringAttr()
                                        : builder.getStringAttr(output.state),
                   llvm::APFloat(output.state.empty() ? 1 : population.scale));
}

void Builder::buildPopulation(uint32_t index) {
  const Population &population = network.populations[index];
  const PlacedPopulation &placed = mapping.populations[index];
  uint8_t bits = 0;
  for (const Projection &projection : network.projections)
    if (projection.target == index)
      bits = std::max(bits, projection.weightBits);
  uint64_t synapses = 0;
  if (index < mapping.statistics.populations.size())
    synapses = mapping.statistics.populations[index].synapses;
  Places at = placesOf(placed);
  PopulationOp::create(
      builder, loc, builder.getStringAttr(population.name),
      builder.getDenseI64ArrayAttr(population.shape),
      builder.getStringAttr(population.kind), at.chip, at.core,
      compartmentsOf(placed), builder.getI64IntegerAttr(population.lag),
      builder.getF64FloatAttr(population.scale),
      builder.getF64FloatAttr(population.weightError),
      builder.getI64IntegerAttr(static_cast<int64_t>(synapses)),
      builder.getI64IntegerAttr(bits),
      population.location.empty() ? StringAttr()
                                  : builder.getStringAttr(population.location),
      population.isInput ? builder.getUnitAttr() : UnitAttr());
}

/// The tiles from core to core, first along x, then along y, on the mesh of
/// all chips.
std::vector<int64_t> Builder::tiles(const image::CoreTables &from,
                                    std::pair<uint32_t, uint32_t> to) const {
  const proto::Mesh &mesh = model.proto().mesh();
  auto tileOf = [&](uint32_t chip, uint32_t core) {
    target::TargetModel::Place place = model.place(chip, core);
    return std::pair<int64_t, int64_t>(
        int64_t{place.chipX} * mesh.tiles_x() + place.tileX,
        int64_t{place.chipY} * mesh.tiles_y() + place.tileY);
  };
  auto [x, y] = tileOf(from.chip, from.core);
  const auto [goalX, goalY] = tileOf(to.first, to.second);
  std::vector<int64_t> path = {x, y};
  while (x != goalX || y != goalY) {
    if (x != goalX)
      x += x < goalX ? 1 : -1;
    else
      y += y < goalY ? 1 : -1;
    path.insert(path.end(), {x, y});
  }
  return path;
}

void Builder::buildRoutes() {
  for (const image::CoreTables &from : mapping.cores) {
    std::map<std::pair<uint32_t, uint32_t>, int64_t> messages;
    for (const image::AxonOut &slot : from.axonsOut)
      ++messages[{slot.chip, slot.core}];
    for (const auto &[to, count] : messages)
      RouteOp::create(builder, loc, ArrayRef<int64_t>{from.chip, from.core},
                      ArrayRef<int64_t>{to.first, to.second}, count,
                      tiles(from, to));
  }
}

} // namespace

Expected<SystemOp> toNeurocore(const Network &network, const Mapping &mapping,
                               const target::TargetModel &model,
                               const SystemOptions &options, OpBuilder &builder,
                               Location loc) {
  return Builder(network, mapping, model, builder, loc).run(options);
}

} // namespace hillock::mapping
