//===- compiler/mapping/solver/Map.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Map.h"
#include "compiler/mapping/problem/PartitionProblem.h"
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
         const MapOptions &options)
      : network(network), target(target), options(options),
        registers(network, target),
        lists(listed(network, options.listedSynapses)) {}

  Expected<Mapping> run();

private:
  Expected<Attempt> attempt(bool narrow) const;
  Expected<Attempt> best() const;
  Error placeAndRoute(Mapping &mapping) const;

  const Network &network;
  const target::TargetModel &target;
  const MapOptions &options;
  RegisterTable registers;
  Network lists; ///< the network, quicker to enumerate
};

Expected<Attempt> Mapper::attempt(bool narrow) const {
  Attempt result;
  result.groupings = chooseGroupings(network, target, narrow);
  const CostModel model(lists, target, registers, result.groupings);
  auto cut = cutPopulations(model);
  if (!cut)
    return cut.takeError();
  result.cut = std::move(*cut);
  result.cores = shareCores(model, result.cut, options.shareCores);
  return std::move(result);
}

/// One wide axon takes one input axon and two slots, several narrow ones take
/// more input axons and fewer slots. What is scarce is known afterwards.
Expected<Attempt> Mapper::best() const {
  auto wide = attempt(false);
  const bool choice = chooseGroupings(network, target, true) !=
                      chooseGroupings(network, target, false);
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

Error Mapper::placeAndRoute(Mapping &mapping) const {
  PlacementProblem problem;
  problem.target = target;
  problem.cores = static_cast<uint32_t>(mapping.cores.size());
  for (const CoreTraffic &t : trafficOf(mapping))
    problem.traffic.push_back({t.from, t.to, t.messages});
  if (Error error = problem.check())
    return error;
  const std::vector<Place> places = place(
      problem, options.seed,
      std::min(options.maxProposals, options.proposalsPerCore * problem.cores));
  if (Error error = problem.verify(places))
    return error;
  RoutingProblem routing;
  routing.target = target;
  for (const Traffic &t : problem.traffic)
    routing.flows.push_back({places[t.from], places[t.to], t.messages});
  const std::vector<Route> routes = routeXY(routing);
  if (Error error = routing.check())
    return error;
  if (Error error = routing.verify(routes))
    return error;
  std::vector<std::pair<uint32_t, uint32_t>> moves;
  for (const Place &at : places)
    moves.emplace_back(at.chip, at.core);
  moveTo(mapping, moves);
  for (const auto &[link, messages] : routing.loads(routes))
    mapping.statistics.busiestLink =
        std::max(mapping.statistics.busiestLink, messages);
  return Error::success();
}

Expected<Mapping> Mapper::run() {
  auto chosen = best();
  if (!chosen)
    return chosen.takeError();
  const CostModel model(lists, target, registers, chosen->groupings);
  Mapping mapping = fillTables(model, chosen->cut, chosen->cores);
  if (Error error = placeAndRoute(mapping))
    return std::move(error);
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const Tiling &tiling = chosen->cut.cuts[p].tiling;
    PopulationUsage usage;
    usage.tilesY = tiling.rows;
    usage.tilesX = tiling.columns;
    usage.blocks = tiling.blocks;
    mapping.statistics.populations.push_back(usage);
  }
  addStatistics(lists, target, mapping);
  return std::move(mapping);
}

} // namespace

std::vector<CoreTraffic> trafficOf(const Mapping &mapping) {
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> indexOf;
  for (uint32_t c = 0; c < mapping.cores.size(); ++c)
    indexOf[{mapping.cores[c].chip, mapping.cores[c].core}] = c;
  std::vector<CoreTraffic> result;
  for (uint32_t c = 0; c < mapping.cores.size(); ++c) {
    std::map<uint32_t, uint64_t> to;
    for (const image::AxonOut &axon : mapping.cores[c].axonsOut)
      ++to[indexOf.at({axon.chip, axon.core})];
    for (const auto &[other, messages] : to)
      result.push_back({c, other, messages});
  }
  return result;
}

Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options) {
  const PartitionProblem problem(network, target);
  if (Error error = problem.check())
    return std::move(error);
  auto mapping = Mapper(network, target, options).run();
  if (!mapping)
    return mapping;
  if (Error error = problem.verify(*mapping))
    return std::move(error);
  return mapping;
}

} // namespace hillock::mapping
