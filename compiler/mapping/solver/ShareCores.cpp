//===- compiler/mapping/solver/ShareCores.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Partition.h"
#include <algorithm>

namespace hillock::mapping {

namespace {

struct Item {
  uint32_t population = 0, block = 0;
  double fill = 0; ///< of the fullest memory
};

double fillOf(const CostModel &model, const BlockCost &cost) {
  double fill = 0;
  const auto add = [&](proto::Role role, uint64_t used) {
    if (const uint32_t most = model.target().capacity(role))
      fill = std::max(fill, static_cast<double>(used) / most);
  };
  add(proto::COMPARTMENT, cost.neurons);
  add(proto::SYNAPSE, cost.words[0]);
  add(proto::AXON_IN, cost.axonsIn);
  add(proto::AXON_OUT, cost.slotsOut);
  return fill;
}

/// Adds \p from to \p into; neurons and offsets are set by arrange().
void add(BlockCost &into, const BlockCost &from) {
  into.axonsIn += from.axonsIn;
  into.slotsOut += from.slotsOut;
  for (size_t f = 0; f < freedoms; ++f) {
    into.words[f] += from.words[f];
    mergeSorted(into.formats[f], from.formats[f]);
  }
  mergeSorted(into.profiles, from.profiles);
  mergeSorted(into.thresholds, from.thresholds);
  mergeSorted(into.configs, from.configs);
  into.maxDelay = std::max(into.maxDelay, from.maxDelay);
}

/// Orders blocks so that those with discrete axons, whose bases reach least
/// far, come first, the small ones before the large ones, and gives them
/// bases. False when one reaches too far.
bool arrange(const CostModel &model, const CutNetwork &cut,
             std::vector<PlacedBlock> &blocks, uint32_t &neurons) {
  const auto costOf = [&](const PlacedBlock &block) -> const BlockCost & {
    return cut.costs[block.population][block.block];
  };
  std::stable_sort(blocks.begin(), blocks.end(),
                   [&](const PlacedBlock &a, const PlacedBlock &b) {
                     const bool first = costOf(a).discreteIn;
                     const bool second = costOf(b).discreteIn;
                     if (first != second)
                       return first;
                     if (first && costOf(a).neurons != costOf(b).neurons)
                       return costOf(a).neurons < costOf(b).neurons;
                     return std::pair(a.population, a.block) <
                            std::pair(b.population, b.block);
                   });
  const uint32_t step =
      model.target().proto().axons().population_cx_base_step();
  const uint32_t near = cxBaseLimit(model.target(), image::AxonType::Discrete);
  const uint32_t far = cxBaseLimit(model.target(), image::AxonType::Pop16);
  uint32_t base = 0;
  for (PlacedBlock &block : blocks) {
    const BlockCost &cost = costOf(block);
    if (cost.populationIn)
      base = (base + step - 1) / step * step;
    if ((cost.discreteIn && base > near) ||
        (cost.populationIn && base + cost.maxOffset > far))
      return false;
    block.base = base;
    base += cost.neurons;
  }
  neurons = base;
  return true;
}

/// Puts \p block on \p core when everything fits.
bool tryAdd(const CostModel &model, const CutNetwork &cut,
            const PlacedBlock &block, LogicalCore &core) {
  const BlockCost &cost = cut.costs[block.population][block.block];
  const target::TargetModel &target = model.target();
  // The two limits that refuse most candidates, before anything is copied.
  if (core.cost.neurons + cost.neurons > model.neuronsPerCore() ||
      core.cost.words[0] + cost.words[0] > target.capacity(proto::SYNAPSE))
    return false;
  LogicalCore grown = core;
  grown.blocks.push_back(block);
  add(grown.cost, cost);
  if (!arrange(model, cut, grown.blocks, grown.cost.neurons) ||
      model.excess(grown.cost))
    return false;
  grown.freedom = *model.freedomFor(grown.cost);
  core = std::move(grown);
  return true;
}

} // namespace

std::vector<LogicalCore> shareCores(const CostModel &model,
                                    const CutNetwork &cut, bool share) {
  std::vector<Item> items;
  for (uint32_t p = 0; p < cut.costs.size(); ++p)
    for (uint32_t b = 0; b < cut.costs[p].size(); ++b)
      items.push_back({p, b, fillOf(model, cut.costs[p][b])});
  std::stable_sort(
      items.begin(), items.end(),
      [](const Item &a, const Item &b) { return a.fill > b.fill; });
  std::vector<LogicalCore> cores;
  for (const Item &item : items) {
    const std::string &program =
        model.network().populations[item.population].program;
    const PlacedBlock block{item.population, item.block, 0};
    bool done = false;
    for (size_t c = 0; share && !done && c < cores.size(); ++c)
      done = cores[c].program == program && tryAdd(model, cut, block, cores[c]);
    if (done)
      continue;
    LogicalCore core;
    core.program = program;
    core.blocks = {block};
    core.cost = cut.costs[item.population][item.block];
    core.freedom = *model.freedomFor(core.cost);
    cores.push_back(std::move(core));
  }
  const auto first = [](const LogicalCore &core) {
    std::pair<uint32_t, uint32_t> least(UINT32_MAX, 0);
    for (const PlacedBlock &block : core.blocks)
      least = std::min(least, {block.population, block.block});
    return least;
  };
  std::sort(cores.begin(), cores.end(),
            [&](const LogicalCore &a, const LogicalCore &b) {
              return first(a) < first(b);
            });
  return cores;
}

} // namespace hillock::mapping
