//===- emulator/engine/Advice.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/Advice.h"
#include <algorithm>
#include <numeric>

namespace hillock::emu {

namespace {

/// Cores that are tried elsewhere: those whose messages cost the most.
constexpr size_t mostTried = 8;

class Mover {
public:
  Mover(const CycleReport &report, const SetReport &set)
      : shape(report.shape), flows(report.flows), costs(set.costs),
        tile(shape.nodeOf), of(shape.nodeOf.size()),
        free(size_t(shape.width) * shape.height, shape.coresPerTile) {
    for (uint32_t &node : tile)
      node /= shape.coresPerTile;
    for (const uint32_t one : tile)
      --free[one];
    for (uint32_t f = 0; f < flows.size(); ++f) {
      of[flows[f].from].push_back(f);
      if (flows[f].to != flows[f].from)
        of[flows[f].to].push_back(f);
    }
    markUnusedChips();
  }

  std::optional<MoveAdvice> best() {
    std::vector<uint64_t> cost(tile.size());
    uint64_t all = 0;
    for (const CoreFlow &flow : flows) {
      const uint64_t one = price(flow, tile[flow.from], tile[flow.to]);
      all += one;
      cost[flow.from] += one;
      if (flow.to != flow.from)
        cost[flow.to] += one;
    }
    std::vector<uint32_t> order(tile.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return cost[a] > cost[b]; });
    order.resize(std::min(order.size(), mostTried));
    MoveAdvice found;
    found.hopsFj = all;
    for (const uint32_t core : order)
      if (cost[core] != 0)
        tryCore(core, found);
    if (found.savedFj == 0)
      return std::nullopt;
    return found;
  }

private:
  /// A chip without a core of the image would have to be switched on.
  void markUnusedChips() {
    auto chipOf = [&](uint32_t one) {
      return std::pair(one % shape.width / shape.chipWidth,
                       one / shape.width / shape.chipHeight);
    };
    std::vector<std::pair<uint32_t, uint32_t>> used;
    for (const uint32_t one : tile)
      used.push_back(chipOf(one));
    std::sort(used.begin(), used.end());
    for (uint32_t one = 0; one < free.size(); ++one)
      if (!std::binary_search(used.begin(), used.end(), chipOf(one)))
        free[one] = 0;
  }

  uint64_t price(const CoreFlow &flow, uint32_t from, uint32_t to) const {
    auto apart = [](uint32_t a, uint32_t b) { return a > b ? a - b : b - a; };
    const uint32_t ax = from % shape.width, ay = from / shape.width;
    const uint32_t bx = to % shape.width, by = to / shape.width;
    const uint32_t x = apart(ax, bx), y = apart(ay, by);
    const uint32_t chipX = apart(ax / shape.chipWidth, bx / shape.chipWidth);
    const uint32_t chipY = apart(ay / shape.chipHeight, by / shape.chipHeight);
    const uint64_t chip = costs.hopChip.fj;
    const uint64_t each = (x - chipX) * costs.hopX.fj +
                          (y - chipY) * costs.hopY.fj +
                          chipX * (costs.hasHopChip ? chip : costs.hopX.fj) +
                          chipY * (costs.hasHopChip ? chip : costs.hopY.fj);
    return flow.messages * each;
  }

  /// Of all messages of a and of b.
  uint64_t priceOf(uint32_t a, uint32_t b) const {
    uint64_t sum = 0;
    for (const uint32_t f : of[a])
      sum += price(flows[f], tile[flows[f].from], tile[flows[f].to]);
    if (a != b)
      for (const uint32_t f : of[b])
        if (flows[f].from != a && flows[f].to != a)
          sum += price(flows[f], tile[flows[f].from], tile[flows[f].to]);
    return sum;
  }

  void tryCore(uint32_t core, MoveAdvice &found) {
    const uint32_t home = tile[core];
    const uint64_t alone = priceOf(core, core);
    for (uint32_t to = 0; to < free.size(); ++to) {
      if (free[to] == 0 || to == home)
        continue;
      tile[core] = to;
      const uint64_t now = priceOf(core, core);
      if (now < alone && alone - now > found.savedFj)
        found = {core, home, to, std::nullopt, alone - now, found.hopsFj};
    }
    tile[core] = home;
    for (uint32_t other = 0; other < tile.size(); ++other) {
      const uint32_t there = tile[other];
      if (there == home)
        continue;
      const uint64_t before = priceOf(core, other);
      tile[core] = there;
      tile[other] = home;
      const uint64_t now = priceOf(core, other);
      tile[core] = home;
      tile[other] = there;
      if (now < before && before - now > found.savedFj)
        found = {core, home, there, other, before - now, found.hopsFj};
    }
  }

  const ChipShape &shape;
  const std::vector<CoreFlow> &flows;
  const CostTable &costs;
  std::vector<uint32_t> tile;            ///< by core
  std::vector<std::vector<uint32_t>> of; ///< flows that begin or end at a core
  std::vector<uint32_t> free;            ///< cores by tile
};

} // namespace

const char *stageName(Stage stage) {
  switch (stage) {
  case Stage::AxonIn:
    return "axon-in";
  case Stage::Synapses:
    return "synapses";
  case Stage::Compartments:
    return "compartments";
  case Stage::AxonOut:
    return "axon-out";
  }
  return "";
}

Stage boundBy(const CoreWork &work) {
  if (work.receiver() >= work.sender())
    return work.axonIn > work.synapses ? Stage::AxonIn : Stage::Synapses;
  return work.axonOut > work.updates ? Stage::AxonOut : Stage::Compartments;
}

std::vector<uint32_t> hottestCores(const SetReport &set) {
  std::vector<uint32_t> order;
  for (uint32_t core = 0; core < set.totals.cores.size(); ++core)
    if (set.totals.cores[core].longest() != 0)
      order.push_back(core);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const CoreHeat &x = set.totals.heat[a], &y = set.totals.heat[b];
    if (x.busiestPs != y.busiestPs)
      return x.busiestPs > y.busiestPs;
    return set.totals.cores[a].longest() > set.totals.cores[b].longest();
  });
  return order;
}

std::optional<SplitAdvice> bestSplit(const SetReport &set) {
  const std::vector<CoreHeat> &heat = set.totals.heat;
  auto most = std::max_element(heat.begin(), heat.end(),
                               [](const CoreHeat &a, const CoreHeat &b) {
                                 return a.splitSavesPs < b.splitSavesPs;
                               });
  if (most == heat.end() || most->splitSavesPs == 0)
    return std::nullopt;
  const auto core = static_cast<uint32_t>(most - heat.begin());
  return SplitAdvice{core, boundBy(set.totals.cores[core]), most->splitSavesPs};
}

std::optional<MoveAdvice> bestMove(const CycleReport &report,
                                   const SetReport &set) {
  if (report.shape.nodeOf.empty())
    return std::nullopt;
  return Mover(report, set).best();
}

} // namespace hillock::emu
