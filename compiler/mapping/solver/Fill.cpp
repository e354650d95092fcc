//===- compiler/mapping/solver/Fill.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Fill.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace hillock::mapping {

using image::AxonOut;
using image::AxonType;
using image::Compression;
using image::CoreTables;
using image::SynapseFormat;

namespace {

struct BlockPlace {
  uint32_t core = 0, base = 0;
};

/// A slot of a neuron, before slots are sorted by neuron.
struct PendingSlot {
  uint32_t neuron = 0;
  HostAxon to;
};

struct RowsSeen {
  struct Hasher {
    size_t operator()(const RowHash &hash) const { return hash.low; }
  };
  std::unordered_map<RowHash, uint32_t, Hasher> row;  // first row; never
  std::unordered_map<RowHash, uint16_t, Hasher> axon; // iterated
};

class Filler {
public:
  Filler(const CostModel &model, const CutNetwork &cut,
         const std::vector<LogicalCore> &cores)
      : model(model), network(model.network()), cut(cut), cores(cores) {}

  Mapping run();

private:
  void placeNeurons();
  void core(uint32_t index);
  void fields(uint32_t index);
  void projection(uint32_t index, size_t order);
  uint32_t addRows(CoreTables &tables, const RowSet &set,
                   const SynapseFormat &format);
  void outputs();

  const CostModel &model;
  const Network &network;
  const CutNetwork &cut;
  const std::vector<LogicalCore> &cores;
  std::vector<std::vector<BlockPlace>> placeOf;  ///< by population and block
  std::vector<std::vector<PendingSlot>> pending; ///< by source population
  Mapping mapping;
};

void Filler::placeNeurons() {
  placeOf.resize(network.populations.size());
  for (uint32_t p = 0; p < placeOf.size(); ++p)
    placeOf[p].resize(cut.costs[p].size());
  for (uint32_t c = 0; c < cores.size(); ++c)
    for (const PlacedBlock &block : cores[c].blocks)
      placeOf[block.population][block.block] = {c, block.base};
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    PlacedPopulation placed;
    placed.grouping = model.groupings()[p];
    if (!network.populations[p].isInput) {
      const uint32_t size = network.populations[p].size();
      placed.core.resize(size);
      placed.compartment.resize(size);
      for (uint32_t n = 0; n < size; ++n) {
        const BlockPlace at = placeOf[p][cut.cuts[p].blockOf[n]];
        placed.core[n] = at.core;
        placed.compartment[n] = at.base + cut.cuts[p].localOf[n];
      }
    }
    mapping.populations.push_back(std::move(placed));
  }
}

void Filler::core(uint32_t index) {
  const LogicalCore &logical = cores[index];
  CoreTables tables;
  tables.core = index;
  const auto program = std::find(mapping.programs.begin(),
                                 mapping.programs.end(), logical.program);
  tables.program = static_cast<uint32_t>(program - mapping.programs.begin());
  if (program == mapping.programs.end())
    mapping.programs.push_back(logical.program);
  tables.compartments = logical.cost.neurons;
  // Compartments without a neuron (bases are aligned) have the first profile
  // and no slots.
  tables.profileOf.assign(tables.compartments, 0);
  tables.thresholdOf.assign(tables.compartments, 0);
  for (uint32_t set : logical.cost.profiles)
    tables.compartmentProfiles.push_back(model.registers().set(set));
  for (uint32_t set : logical.cost.thresholds)
    tables.thresholdProfiles.push_back(model.registers().set(set));
  tables.config = model.registers().set(logical.cost.configs.front());
  tables.config["delay_bits"] =
      *model.target().delayBitsFor(logical.cost.maxDelay, logical.cost.neurons);
  mapping.cores.push_back(std::move(tables));
}

void Filler::fields(uint32_t p) {
  const Population &population = network.populations[p];
  const PlacedPopulation &placed = mapping.populations[p];
  const RegisterTable::OfPopulation &sets = model.registers().population(p);
  const auto indexOf = [](const std::vector<uint32_t> &list, uint32_t set) {
    return static_cast<uint8_t>(
        std::lower_bound(list.begin(), list.end(), set) - list.begin());
  };
  const auto put = [&](std::map<std::string, std::vector<int32_t>> &lists,
                       const std::string &name,
                       const std::vector<int32_t> &values, uint32_t n) {
    const uint32_t compartments = mapping.cores[placed.core[n]].compartments;
    std::vector<int32_t> &list =
        lists.try_emplace(name, compartments).first->second;
    list[placed.compartment[n]] = valueOf(values, n);
  };
  for (uint32_t n = 0; n < population.size(); ++n) {
    CoreTables &tables = mapping.cores[placed.core[n]];
    const LogicalCore &logical = cores[placed.core[n]];
    const uint32_t k = placed.compartment[n];
    tables.profileOf[k] =
        indexOf(logical.cost.profiles,
                RegisterTable::OfPopulation::of(sets.profile, n));
    tables.thresholdOf[k] =
        indexOf(logical.cost.thresholds,
                RegisterTable::OfPopulation::of(sets.threshold, n));
    for (const auto &[name, values] : sets.own)
      put(tables.compartmentFields, name, *values, n);
    for (const auto &[name, values] : population.initial)
      if (statePlaceOf(model.target(), name))
        put(tables.initialState, name, values, n);
  }
}

uint32_t Filler::addRows(CoreTables &tables, const RowSet &set,
                         const SynapseFormat &format) {
  const auto known =
      std::find(tables.formats.begin(), tables.formats.end(), format);
  const auto number = static_cast<uint8_t>(known - tables.formats.begin());
  if (known == tables.formats.end())
    tables.formats.push_back(format);
  image::SynapseRows &rows = tables.rows;
  const auto firstRow = static_cast<uint32_t>(rows.rows());
  const uint32_t length = lengthOf(set.shape, format);
  const bool dense = format.compression == Compression::Dense;
  auto key = set.keys->begin();
  for (uint32_t atom = 0; atom < set.shape.rows; ++atom) {
    const size_t begin = rows.target.size();
    rows.target.resize(begin + length);
    rows.mantissa.resize(begin + length);
    rows.delay.resize(begin + length);
    size_t at = begin;
    for (uint32_t i = 0; dense && i < length; ++i)
      rows.target[begin + i] = static_cast<uint16_t>(i);
    for (; key != set.keys->end() && RowKey::atom(*key) == atom; ++key, ++at) {
      if (dense)
        at = begin + RowKey::target(*key);
      rows.target[at] = static_cast<uint16_t>(RowKey::target(*key));
      rows.mantissa[at] = RowKey::mantissa(*key);
      rows.delay[at] = RowKey::delay(*key);
    }
    // What is left of a sparse row pads it with weights of zero.
    for (; !dense && at < begin + length; ++at)
      rows.target[at] = at == begin ? uint16_t{0} : rows.target[at - 1];
    rows.first.push_back(static_cast<uint32_t>(rows.target.size()));
    rows.format.push_back(number);
  }
  return firstRow;
}

void Filler::projection(uint32_t index, size_t order) {
  const Projection &projection = network.projections[index];
  const uint32_t to = projection.target;
  const Grouping &grouping = model.groupings()[projection.source];
  const bool discrete = grouping.type == AxonType::Discrete;
  const bool onSum = shiftsSum(network.populations[to]);
  std::vector<RowsSeen> seen(cut.costs[to].size());
  const auto visit = [&](const RowSet &set) {
    const BlockPlace at = placeOf[to][set.block];
    CoreTables &tables = mapping.cores[at.core];
    RowsSeen &mine = seen[set.block];
    const auto [row, isNewRow] = mine.row.try_emplace(set.hash, 0);
    if (isNewRow) {
      std::sort(set.keys->begin(), set.keys->end());
      row->second = addRows(tables, set,
                            formatOf(set.shape, cores[at.core].freedom,
                                     cut.costs[to][set.block].needs[order],
                                     projection, onSum, model.target()));
    }
    auto axon = static_cast<uint16_t>(tables.axonsIn.size());
    const auto [shared, isNewAxon] = mine.axon.try_emplace(set.hash, axon);
    if (discrete && !isNewAxon)
      axon = shared->second;
    else
      tables.axonsIn.push_back({grouping.type, row->second,
                                static_cast<uint16_t>(set.shape.rows),
                                static_cast<uint16_t>(at.base + set.offset)});
    uint32_t last = UINT32_MAX;
    for (uint64_t key : *set.keys)
      if (const uint32_t atom = RowKey::atom(key); atom != last) {
        pending[projection.source].push_back(
            {grouping.neuron(set.group, atom),
             {at.core, axon, static_cast<uint16_t>(atom)}});
        last = atom;
      }
  };
  forEachRowSet(projection, grouping, cut.cuts[to], model.target(), visit);
}

/// Sorts \p slots by neuron, otherwise in order; returns where the slots of
/// each neuron start.
std::vector<uint32_t> sortByNeuron(std::vector<PendingSlot> &slots,
                                   uint32_t neurons) {
  std::stable_sort(slots.begin(), slots.end(),
                   [](const PendingSlot &a, const PendingSlot &b) {
                     return a.neuron < b.neuron;
                   });
  std::vector<uint32_t> first(size_t{neurons} + 1);
  for (const PendingSlot &slot : slots)
    ++first[slot.neuron + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  return first;
}

void Filler::outputs() {
  // By logical core and compartment: population and neuron.
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> who;
  for (const CoreTables &tables : mapping.cores)
    who.emplace_back(tables.compartments, std::pair(UINT32_MAX, 0u));
  std::vector<std::vector<uint32_t>> first(network.populations.size());
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    PlacedPopulation &placed = mapping.populations[p];
    const uint32_t size = network.populations[p].size();
    first[p] = sortByNeuron(pending[p], size);
    if (network.populations[p].isInput) {
      placed.hostFirst = first[p];
      for (const PendingSlot &slot : pending[p])
        placed.host.push_back(slot.to);
      continue;
    }
    for (uint32_t n = 0; n < size; ++n)
      who[placed.core[n]][placed.compartment[n]] = {p, n};
  }
  for (uint32_t c = 0; c < mapping.cores.size(); ++c) {
    CoreTables &tables = mapping.cores[c];
    for (const auto &[p, n] : who[c]) {
      for (uint32_t s = p == UINT32_MAX ? 0 : first[p][n];
           p != UINT32_MAX && s < first[p][n + 1]; ++s) {
        const HostAxon &to = pending[p][s].to;
        tables.axonsOut.push_back({mapping.populations[p].grouping.type, 0,
                                   to.core, to.axon, to.atom});
      }
      tables.outFirst.push_back(static_cast<uint32_t>(tables.axonsOut.size()));
    }
  }
}

Mapping Filler::run() {
  placeNeurons();
  pending.resize(network.populations.size());
  for (uint32_t c = 0; c < cores.size(); ++c)
    core(c);
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    if (!network.populations[p].isInput)
      fields(p);
    for (size_t i = 0; i < model.incoming(p).size(); ++i)
      projection(model.incoming(p)[i], i);
  }
  outputs();
  for (CoreTables &tables : mapping.cores) {
    std::vector<uint8_t> &delay = tables.rows.delay;
    if (std::all_of(delay.begin(), delay.end(),
                    [](uint8_t d) { return d == 0; }))
      delay.clear();
  }
  return std::move(mapping);
}

} // namespace

Mapping fillTables(const CostModel &model, const CutNetwork &cut,
                   const std::vector<LogicalCore> &cores) {
  return Filler(model, cut, cores).run();
}

void moveTo(Mapping &mapping,
            const std::vector<std::pair<uint32_t, uint32_t>> &chipAndCore) {
  std::vector<uint32_t> order(mapping.cores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return chipAndCore[a] < chipAndCore[b];
  });
  std::vector<uint32_t> indexOf(order.size());
  std::vector<CoreTables> sorted;
  for (uint32_t i = 0; i < order.size(); ++i) {
    indexOf[order[i]] = i;
    sorted.push_back(std::move(mapping.cores[order[i]]));
    std::tie(sorted.back().chip, sorted.back().core) = chipAndCore[order[i]];
    for (AxonOut &axon : sorted.back().axonsOut)
      std::tie(axon.chip, axon.core) = chipAndCore[axon.core];
  }
  mapping.cores = std::move(sorted);
  for (PlacedPopulation &placed : mapping.populations) {
    for (uint32_t &core : placed.core)
      core = indexOf[core];
    for (HostAxon &axon : placed.host)
      axon.core = indexOf[axon.core];
  }
}

} // namespace hillock::mapping
