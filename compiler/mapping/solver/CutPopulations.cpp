//===- compiler/mapping/solver/CutPopulations.cpp -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Partition.h"
#include <algorithm>
#include <cmath>

namespace hillock::mapping {

namespace {

class Cutter {
public:
  explicit Cutter(const CostModel &model)
      : model(model), network(model.network()) {
    const size_t count = network.populations.size();
    result.cuts.resize(count);
    result.costs.resize(count);
    result.slots.resize(count);
    slots.resize(count);
    slotTotals.resize(count);
    least.assign(count, 1);
  }

  Expected<CutNetwork> run();

private:
  std::vector<uint32_t> sinksFirst() const;
  Error cut(uint32_t population);
  /// A cut that fits, and what it costs: its own cores, and those that its
  /// sources need for their output slots.
  struct Solution {
    Cut cut;
    std::vector<BlockCost> costs;
    CostModel::SourceSlots slots;
    double price = 0;
    bool burdensSources = false;
  };
  std::optional<Solution> attempt(uint32_t population, uint32_t parts);
  std::optional<Solution> attempt(uint32_t population, const Tiling &tiling);
  void price(uint32_t population, Solution &solution) const;
  void improve(uint32_t population, Solution &best);
  void addSlots(uint32_t population, const Cut &cut,
                std::vector<BlockCost> &costs) const;
  Error tooSmall(uint32_t population, uint32_t parts) const;

  const CostModel &model;
  const Network &network;
  CutNetwork result;
  std::vector<std::vector<uint32_t>> slots; ///< by population and neuron
  std::vector<uint64_t> slotTotals;         ///< by population, as far as known
  std::vector<uint32_t> least;              ///< parts, by population
  // Of the last attempt() that failed.
  std::optional<Excess> excess;
};

/// Populations in an order in which targets come before their sources, as far
/// as cycles permit: the slots of a source depend on the cuts of its targets.
std::vector<uint32_t> Cutter::sinksFirst() const {
  std::vector<std::vector<uint32_t>> targets(network.populations.size());
  for (const Projection &projection : network.projections)
    targets[projection.source].push_back(projection.target);
  std::vector<uint32_t> order;
  std::vector<size_t> next(network.populations.size());
  std::vector<bool> entered(network.populations.size());
  for (uint32_t root = 0; root < network.populations.size(); ++root) {
    std::vector<uint32_t> stack;
    if (!entered[root])
      stack.push_back(root);
    entered[root] = true;
    while (!stack.empty()) {
      const uint32_t p = stack.back();
      if (next[p] == targets[p].size()) {
        order.push_back(p);
        stack.pop_back();
        continue;
      }
      const uint32_t to = targets[p][next[p]++];
      if (!entered[to]) {
        entered[to] = true;
        stack.push_back(to);
      }
    }
  }
  return order;
}

void Cutter::addSlots(uint32_t population, const Cut &cut,
                      std::vector<BlockCost> &costs) const {
  for (BlockCost &cost : costs)
    cost.slotsOut = 0;
  const std::vector<uint32_t> &mine = slots[population];
  for (size_t n = 0; n < mine.size(); ++n)
    costs[cut.blockOf[n]].slotsOut += mine[n];
}

/// A source needs cores for its neurons, or more for its slots.
void Cutter::price(uint32_t population, Solution &solution) const {
  const std::vector<uint64_t> &slotsOfSources = solution.slots.total;
  const double neurons = model.neuronsPerCore();
  const double slotsOfCore = model.target().capacity(proto::AXON_OUT);
  const auto parts = static_cast<double>(solution.cut.sizes.size());
  solution.price = parts;
  for (uint32_t p = 0; p < slotsOfSources.size(); ++p) {
    if (slotsOfSources[p] == 0)
      continue;
    const bool own = p == population; // its cores are these
    const double alone = own ? parts : network.populations[p].size() / neurons;
    const double wanted =
        static_cast<double>(slotTotals[p] + slotsOfSources[p]) / slotsOfCore;
    solution.price += std::max(alone, wanted) - (own ? parts : 0);
    solution.burdensSources |= wanted > alone;
  }
}

std::optional<Cutter::Solution> Cutter::attempt(uint32_t population,
                                                const Tiling &tiling) {
  const Extent extent = extentOf(network.populations[population]);
  const uint32_t most = model.neuronsPerCore();
  const uint32_t largest = largestBlock(extent, tiling);
  std::optional<Excess> worst;
  Solution solution;
  if (largest > most) {
    worst = Excess{"compartment", largest, most};
  } else {
    solution.cut = makeCut(population, extent, tiling);
    solution.costs = model.evaluate(solution.cut, solution.slots);
    addSlots(population, solution.cut, solution.costs);
    for (const BlockCost &cost : solution.costs)
      if (const auto found = model.excess(cost);
          found && (!worst || found->ratio() > worst->ratio()))
        worst = found;
    price(population, solution);
  }
  if (!worst)
    return solution;
  if (!excess || worst->ratio() < excess->ratio())
    excess = worst;
  return std::nullopt;
}

std::optional<Cutter::Solution> Cutter::attempt(uint32_t population,
                                                uint32_t parts) {
  // More than a few shapes of one size hardly differ.
  constexpr size_t shapes = 6;
  std::vector<Tiling> candidates =
      tilings(extentOf(network.populations[population]), parts);
  if (candidates.size() > shapes)
    candidates.resize(shapes);
  excess.reset();
  std::optional<Solution> best;
  for (const Tiling &tiling : candidates) {
    std::optional<Solution> found = attempt(population, tiling);
    if (!found || (best && best->price <= found->price))
      continue;
    best = std::move(found);
    if (!best->burdensSources)
      break;
  }
  return best;
}

/// A few more parts may relieve the sources.
void Cutter::improve(uint32_t population, Solution &best) {
  const auto parts = static_cast<uint32_t>(best.cut.sizes.size());
  const uint32_t step = std::max(1u, parts / 12);
  for (uint32_t i = 1; i <= 6 && best.burdensSources; ++i) {
    const uint32_t more = parts + i * step;
    if (more > network.populations[population].size() || more >= best.price)
      return;
    auto found = attempt(population, more);
    if (found && found->price < best.price)
      best = std::move(*found);
  }
}

Error Cutter::cut(uint32_t population) {
  const Extent extent = extentOf(network.populations[population]);
  const uint32_t capacity = model.neuronsPerCore();
  const uint64_t cores =
      uint64_t{model.target().coresPerChip()} * model.target().maxChips();
  const auto most =
      static_cast<uint32_t>(std::min<uint64_t>(extent.size(), cores));
  const uint64_t slotsOfCore = model.target().capacity(proto::AXON_OUT);
  const auto forSlots = static_cast<uint32_t>(std::min<uint64_t>(
      most, (slotTotals[population] + slotsOfCore - 1) / slotsOfCore));
  uint32_t parts = std::max(
      {(extent.size() + capacity - 1) / capacity, least[population], forSlots});
  uint32_t failed = parts - 1;
  // Upwards by the excess, at most a factor of three at a time, then back by
  // bisection to the fewest parts that fit.
  std::optional<Solution> best;
  while (!(best = attempt(population, std::min(parts, most)))) {
    if (parts >= most)
      return tooSmall(population, most);
    failed = parts;
    const double ratio = excess ? std::min(excess->ratio(), 4.0) : 1.0;
    parts = std::max(parts + 1, static_cast<uint32_t>(parts * ratio * 0.75));
  }
  parts = std::min(parts, most);
  while (parts - failed > 1) {
    const uint32_t middle = failed + (parts - failed) / 2;
    auto found = attempt(population, middle);
    (found ? parts : failed) = middle;
    if (found)
      best = std::move(found);
  }
  improve(population, *best);
  result.cuts[population] = std::move(best->cut);
  result.costs[population] = std::move(best->costs);
  result.slots[population] = std::move(best->slots);
  return Error::success();
}

std::string remedyFor(const Excess &excess) {
  if (excess.memory == "synapse" || excess.memory == "length of a row")
    return "use fewer weight bits, a smaller kernel or fan-in, fewer channels "
           "or a larger target";
  if (excess.memory == "axon_in")
    return "use a smaller kernel or fan-in, or a target with more input axons";
  if (excess.memory == "axon_out")
    return "let fewer layers listen to this one, or use a smaller layer or a "
           "target with more output axons";
  if (excess.memory == "accumulators")
    return "shorten delays";
  return "use fewer distinct values of parameters or weight formats, or a "
         "larger target";
}

Error Cutter::tooSmall(uint32_t population, uint32_t parts) const {
  const Population &what = network.populations[population];
  std::string text = "the layer does not fit: cut into " +
                     describeCount(parts, "part") + " of " +
                     describeCount((what.size() + parts - 1) / parts, "neuron");
  if (excess)
    text += ", memory '" + excess->memory + "' of a core needs " +
            withSeparators(excess->used) + ", " +
            withSeparators(excess->used - excess->most) + " more than " +
            withSeparators(excess->most);
  return makeError(ErrorKind::Capacity, text,
                   describePopulation(network, population),
                   excess ? remedyFor(*excess) : "use a larger target");
}

Expected<CutNetwork> Cutter::run() {
  // Cycles: the slots of a source may grow when a target is cut after it. Then
  // it is cut finer, and everything is tried again.
  constexpr int rounds = 24;
  const std::vector<uint32_t> order = sinksFirst();
  for (int round = 0; round < rounds; ++round) {
    slotTotals.assign(slots.size(), 0);
    for (uint32_t p = 0; p < slots.size(); ++p)
      slots[p].assign(
          network.populations[p].isInput ? 0 : network.populations[p].size(),
          0);
    for (uint32_t p : order) {
      if (network.populations[p].isInput)
        continue;
      if (result.cuts[p].blockOf.empty() ||
          result.cuts[p].sizes.size() < least[p]) {
        if (Error error = cut(p))
          return std::move(error);
      } else {
        // Cut in an earlier round; its sources may have changed its slots.
        addSlots(p, result.cuts[p], result.costs[p]);
        for (const BlockCost &cost : result.costs[p])
          if (model.excess(cost)) {
            if (Error error = cut(p))
              return std::move(error);
            break;
          }
      }
      const CostModel::SourceSlots &taken = result.slots[p];
      for (uint32_t q = 0; q < slotTotals.size(); ++q) {
        slotTotals[q] += taken.total[q];
        for (size_t n = 0; n < taken.each[q].size(); ++n)
          slots[q][n] += taken.each[q][n];
      }
    }
    bool settled = true;
    for (uint32_t p : order) {
      if (network.populations[p].isInput)
        continue;
      addSlots(p, result.cuts[p], result.costs[p]);
      for (const BlockCost &cost : result.costs[p])
        if ((excess = model.excess(cost))) {
          const auto parts = static_cast<uint32_t>(result.cuts[p].sizes.size());
          if (parts >= network.populations[p].size())
            return tooSmall(p, parts);
          least[p] = parts + 1;
          settled = false;
          break;
        }
    }
    if (settled)
      return std::move(result);
  }
  for (uint32_t p : order)
    for (const BlockCost &cost : result.costs[p])
      if ((excess = model.excess(cost)))
        return tooSmall(p, static_cast<uint32_t>(result.cuts[p].sizes.size()));
  return std::move(result);
}

} // namespace

Expected<CutNetwork> cutPopulations(const CostModel &model) {
  return Cutter(model).run();
}

} // namespace hillock::mapping
