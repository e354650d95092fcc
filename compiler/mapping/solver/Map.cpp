//===- compiler/mapping/solver/Map.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Map.h"
#include "base/InOrder.h"
#include "compiler/mapping/problem/PartitionVerify.h"
#include "compiler/mapping/problem/RoutingProblem.h"
#include "compiler/mapping/solver/Fill.h"
#include "compiler/mapping/solver/Listed.h"
#include "compiler/mapping/solver/Place.h"
#include "compiler/mapping/solver/Statistics.h"
#include <algorithm>

namespace hillock::mapping {

namespace {

struct Attempt {
  std::vector<Grouping> groupings;
  CutNetwork cut;
  std::vector<LogicalCore> cores;
};

class Mapper {
public:
  Mapper(const Network &network, const target::TargetModel &target,
         const MapOptions &options, std::vector<ProjectionSize> sizesOf)
      : network(network), target(target), options(options),
        sizes(std::move(sizesOf)), registers(network, target),
        lists(listed(network, sizes, options.listedSynapses)) {}

  Expected<Mapping> run(CoreSink &sink);

private:
  CostModel model(std::vector<Grouping> groupings) const {
    return CostModel(lists, target, registers, std::move(groupings),
                     options.neuronsPerCore);
  }
  Expected<Attempt> attempt(bool narrow) const;
  Expected<Attempt> best() const;
  Expected<PackedMapping> fill() const;
  Error placeAndRoute(PackedMapping &packed) const;
  uint64_t proposals(const PlacementProblem &problem) const;

  const Network &network;
  const target::TargetModel &target;
  const MapOptions &options;
  std::vector<ProjectionSize> sizes;
  RegisterTable registers;
  Network lists; ///< the network, quicker to enumerate
};

Expected<Attempt> Mapper::attempt(bool narrow) const {
  Attempt result;
  result.groupings = chooseGroupings(network, target, sizes, narrow);
  const CostModel costs = model(result.groupings);
  auto cut = cutPopulations(costs);
  if (!cut)
    return cut.takeError();
  result.cut = std::move(*cut);
  result.cores = shareCores(costs, result.cut, options.shareCores);
  return std::move(result);
}

/// One wide axon takes one input axon and two slots, several narrow ones take
/// more input axons and fewer slots. What is scarce is known afterwards.
Expected<Attempt> Mapper::best() const {
  auto wide = attempt(false);
  const bool choice = chooseGroupings(network, target, sizes, true) !=
                      chooseGroupings(network, target, sizes, false);
  if (!choice)
    return wide;
  auto narrow = attempt(true);
  if (!narrow) {
    llvm::consumeError(narrow.takeError());
    return wide;
  }
  if (!wide) {
    llvm::consumeError(wide.takeError());
    return narrow;
  }
  return narrow->cores.size() < wide->cores.size() ? std::move(narrow)
                                                   : std::move(wide);
}

/// An exchange looks at the connections of two cores at two places.
uint64_t Mapper::proposals(const PlacementProblem &problem) const {
  const uint64_t wanted =
      std::min(options.maxProposals, options.proposalsPerCore * problem.cores);
  const uint64_t each =
      8 * uint64_t{problem.traffic.size()} / std::max(1u, problem.cores) + 1;
  return std::min(wanted, options.maxPlacementWork / each);
}

Error Mapper::placeAndRoute(PackedMapping &packed) const {
  PlacementProblem problem;
  problem.target = target;
  problem.cores = static_cast<uint32_t>(packed.mapping.cores.size());
  problem.traffic = packed.traffic();
  if (Error error = problem.check())
    return error;
  const std::vector<Place> places =
      place(problem, options.seed, proposals(problem));
  if (Error error = problem.verify(places))
    return error;
  std::vector<Tile> tiles;
  for (const Place &at : places)
    tiles.push_back(tileOf(target, at));
  addTraffic(target, problem.traffic, tiles, packed.mapping.statistics);
  // The cores of a tile share its routes.
  std::map<std::pair<Tile, Tile>, Flow> flows;
  for (const Traffic &t : problem.traffic)
    flows
        .try_emplace({tiles[t.from], tiles[t.to]},
                     Flow{places[t.from], places[t.to], 0})
        .first->second.messages += t.messages;
  RoutingProblem routing;
  routing.target = target;
  for (const auto &[ends, flow] : flows)
    routing.flows.push_back(flow);
  const std::vector<Route> routes = routeXY(routing);
  if (Error error = routing.check())
    return error;
  if (Error error = routing.verify(routes))
    return error;
  std::vector<std::pair<uint32_t, uint32_t>> moves;
  for (const Place &at : places)
    moves.emplace_back(at.chip, at.core);
  packed.moveTo(moves);
  for (const auto &[link, messages] : routing.loads(routes))
    packed.mapping.statistics.busiestLink =
        std::max(packed.mapping.statistics.busiestLink, messages);
  return Error::success();
}

Expected<PackedMapping> Mapper::fill() const {
  auto chosen = best();
  if (!chosen)
    return chosen.takeError();
  auto packed =
      fillTables(model(chosen->groupings), chosen->cut, chosen->cores);
  if (!packed)
    return packed;
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const Tiling &tiling = chosen->cut.cuts[p].tiling;
    PopulationUsage &usage = packed->mapping.statistics.populations[p];
    usage.tilesY = tiling.rows;
    usage.tilesX = tiling.columns;
    usage.blocks = tiling.blocks;
  }
  return packed;
}

Expected<Mapping> Mapper::run(CoreSink &sink) {
  auto packed = fill();
  if (!packed)
    return packed.takeError();
  lists = Network();
  Mapping &mapping = packed->mapping;
  if (Error error = placeAndRoute(*packed))
    return std::move(error);
  PartitionVerifier verifier(network, target, mapping);
  if (Error error = verifier.begin())
    return std::move(error);
  if (Error error = sink.begin(mapping))
    return std::move(error);
  struct Made {
    Statistics statistics; ///< of this core
    std::string bytes;
  };
  const auto make = [&](size_t item) -> Expected<Made> {
    const auto core = static_cast<uint32_t>(item);
    image::CoreTables tables = packed->take(core);
    if (Error error = verifier.core(core, tables))
      return std::move(error);
    Made made;
    addCore(target, tables, made.statistics);
    auto bytes = sink.encode(core, std::move(tables));
    if (!bytes)
      return bytes.takeError();
    made.bytes = std::move(*bytes);
    return made;
  };
  const auto use = [&](size_t, Made made) {
    join(mapping.statistics, made.statistics);
    return sink.add(std::move(made.bytes));
  };
  if (Error error = InOrder<Made>::run(mapping.cores.size(), 0, make, use))
    return std::move(error);
  addPlaces(mapping);
  return std::move(mapping);
}

/// Keeps all tables.
class Keeper : public CoreSink {
public:
  Error begin(const Mapping &mapping) override {
    cores.resize(mapping.cores.size());
    return Error::success();
  }
  Expected<std::string> encode(uint32_t index,
                               image::CoreTables tables) override {
    cores[index] = std::move(tables);
    return std::string();
  }
  Error add(std::string) override { return Error::success(); }
  std::vector<image::CoreTables> cores;
};

} // namespace

Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options, CoreSink &sink) {
  std::vector<ProjectionSize> sizes;
  if (Error error = PartitionProblem(network, target).check(&sizes))
    return std::move(error);
  return Mapper(network, target, options, std::move(sizes)).run(sink);
}

Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options) {
  Keeper keeper;
  auto mapping = map(network, target, options, keeper);
  if (mapping)
    mapping->cores = std::move(keeper.cores);
  return mapping;
}

} // namespace hillock::mapping
