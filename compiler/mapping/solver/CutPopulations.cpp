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
    slots.resize(count);
    least.assign(count, 1);
  }

  Expected<CutNetwork> run();

private:
  std::vector<uint32_t> sinksFirst() const;
  Error cut(uint32_t population);
  bool attempt(uint32_t population, uint32_t parts);
  void addSlots(uint32_t population, const Cut &cut,
                std::vector<BlockCost> &costs) const;
  Error tooSmall(uint32_t population, uint32_t parts) const;

  const CostModel &model;
  const Network &network;
  CutNetwork result;
  std::vector<std::vector<uint32_t>> slots; ///< by population and neuron
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

bool Cutter::attempt(uint32_t population, uint32_t parts) {
  // More than a few shapes of one size hardly differ.
  constexpr size_t shapes = 6;
  const Extent extent = extentOf(network.populations[population]);
  std::vector<Tiling> candidates = tilings(extent, parts);
  if (candidates.size() > shapes)
    candidates.resize(shapes);
  excess.reset();
  for (const Tiling &tiling : candidates) {
    const uint32_t most = model.target().capacity(proto::COMPARTMENT);
    const uint32_t largest = largestBlock(extent, tiling);
    std::optional<Excess> worst;
    Cut cut;
    std::vector<BlockCost> costs;
    if (largest > most) {
      worst = Excess{"compartment", largest, most};
    } else {
      cut = makeCut(population, extent, tiling);
      costs = model.evaluate(cut);
      addSlots(population, cut, costs);
      for (const BlockCost &cost : costs)
        if (const auto found = model.excess(cost);
            found && (!worst || found->ratio() > worst->ratio()))
          worst = found;
    }
    if (!worst) {
      result.cuts[population] = std::move(cut);
      result.costs[population] = std::move(costs);
      return true;
    }
    if (!excess || worst->ratio() < excess->ratio())
      excess = worst;
  }
  return false;
}

Error Cutter::cut(uint32_t population) {
  const Extent extent = extentOf(network.populations[population]);
  const uint32_t capacity = model.target().capacity(proto::COMPARTMENT);
  const uint64_t cores =
      uint64_t{model.target().coresPerChip()} * model.target().maxChips();
  const auto most =
      static_cast<uint32_t>(std::min<uint64_t>(extent.size(), cores));
  uint32_t parts = std::max((extent.size() + capacity - 1) / capacity,
                            least[population]);
  uint32_t failed = parts - 1;
  // Upwards by the excess, at most a factor of three at a time, then back by
  // bisection to the fewest parts that fit.
  while (!attempt(population, std::min(parts, most))) {
    if (parts >= most)
      return tooSmall(population, most);
    failed = parts;
    const double ratio = excess ? std::min(excess->ratio(), 4.0) : 1.0;
    parts = std::max(parts + 1, static_cast<uint32_t>(parts * ratio * 0.75));
  }
  parts = std::min(parts, most);
  while (parts - failed > 1) {
    const uint32_t middle = failed + (parts - failed) / 2;
    (attempt(population, middle) ? parts : failed) = middle;
  }
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
  std::string text =
      "the layer does not fit: cut into " + describeCount(parts, "part") +
      " of " +
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
    for (uint32_t p = 0; p < slots.size(); ++p)
      slots[p].assign(network.populations[p].isInput
                          ? 0
                          : network.populations[p].size(),
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
      model.evaluate(result.cuts[p], &slots);
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
