//===- compiler/mapping/solver/Fill.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Fill.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/HashTable.h"
#include "image/SynapseLayout.h"
#include <algorithm>
#include <bit>
#include <numeric>

namespace hillock::mapping {

using image::AxonType;
using image::Compression;
using image::CoreTables;
using image::SynapseFormat;

namespace {

/// What the emulator and unpack() can say, too.
constexpr uint32_t mostInRow = uint32_t{1} << 16;

struct BlockPlace {
  uint32_t core = 0, base = 0;
};

/// Keys come by atom already.
void sortKeys(std::span<uint64_t> keys) {
  for (auto begin = keys.begin(); begin != keys.end();) {
    const uint32_t atom = RowKey::atom(*begin);
    auto end = begin;
    while (end != keys.end() && RowKey::atom(*end) == atom)
      ++end;
    std::sort(begin, end);
    begin = end;
  }
}

/// A slot of an input neuron, before slots are sorted by neuron.
struct PendingSlot {
  uint32_t neuron = 0;
  HostAxon to;
};

} // namespace

class Filler {
public:
  Filler(const CostModel &model, CutNetwork &cut,
         const std::vector<LogicalCore> &cores)
      : model(model), network(model.network()), cut(cut), cores(cores),
        mapping(result.mapping) {}

  Expected<PackedMapping> run();

private:
  void placeNeurons();
  void core(uint32_t index);
  void fields(uint32_t index);
  void prepareSlots();
  Error projection(uint32_t index, size_t order);
  uint32_t addRows(uint32_t core, const RowSet &set,
                   const SynapseFormat &format);
  void encode(PackedMapping::Rows &rows, const SynapseFormat &format,
              uint8_t number);
  void addSlot(uint32_t population, uint32_t neuron, HostAxon to);
  void inputs();

  const CostModel &model;
  const Network &network;
  CutNetwork &cut;
  const std::vector<LogicalCore> &cores;
  std::vector<std::vector<BlockPlace>> placeOf;  ///< by population and block
  std::vector<std::vector<PendingSlot>> pending; ///< by input population
  std::vector<std::vector<uint32_t>> next; ///< slot, by population and neuron
  image::SynapseRows one;                  ///< the row that is being made
  bool misfit = false;                     ///< a synapse did not fit its format
  PackedMapping result;
  Mapping &mapping;
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
  PackedMapping::Rows &rows = result.rows.emplace_back();
  const uint64_t words =
      logical.cost.words[static_cast<size_t>(logical.freedom)];
  rows.words.reserve(words *
                     model.target().proto().synapse_packing().word_bits());
  rows.last.reserve(logical.cost.axonsIn);
  rows.format.reserve(logical.cost.axonsIn);
  mapping.cores.back().axonsIn.reserve(logical.cost.axonsIn);
  result.who.emplace_back(logical.cost.neurons);
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
    result.who[placed.core[n]][placed.compartment[n]] = {p, n};
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

/// Output slots lie by neuron from the start: how many there are is known.
void Filler::prepareSlots() {
  const size_t count = network.populations.size();
  pending.resize(count);
  next.resize(count);
  result.slots.resize(count);
  for (uint32_t p = 0; p < count; ++p) {
    if (network.populations[p].isInput)
      continue;
    const uint32_t perAxon = slotsOf(model.target(), model.groupings()[p].type);
    std::vector<uint32_t> &first = result.slots[p].first;
    first.assign(size_t{network.populations[p].size()} + 1, 0);
    for (const CostModel::SourceSlots &taken : cut.slots)
      if (!taken.each.empty())
        for (size_t n = 0; n < taken.each[p].size(); ++n)
          first[n + 1] += taken.each[p][n] / perAxon;
    std::partial_sum(first.begin(), first.end(), first.begin());
    result.slots[p].to.resize(first.back());
    next[p].assign(first.begin(), first.end() - 1);
  }
  std::vector<CostModel::SourceSlots>().swap(cut.slots);
}

void Filler::addSlot(uint32_t population, uint32_t neuron, HostAxon to) {
  if (next[population].empty()) // an input
    pending[population].push_back({neuron, to});
  else if (uint32_t &at = next[population][neuron];
           at < result.slots[population].first[neuron + 1])
    result.slots[population].to[at++] = to.core << result.axonBits | to.axon;
  else
    misfit = true;
}

void Filler::encode(PackedMapping::Rows &rows, const SynapseFormat &format,
                    uint8_t number) {
  one.first = {0, static_cast<uint32_t>(one.target.size())};
  misfit |= !one.summary(0, format).fits;
  // Which format it is stands beside the row, so the number does not matter.
  image::encodeRow(rows.words, one, 0, format, 0,
                   model.target().proto().synapse_packing());
  misfit |= one.first[1] - 1 >= mostInRow;
  rows.last.push_back(static_cast<uint16_t>(one.first[1] - 1));
  rows.format.push_back(number);
}

uint32_t Filler::addRows(uint32_t core, const RowSet &set,
                         const SynapseFormat &format) {
  std::vector<SynapseFormat> &formats = mapping.cores[core].formats;
  const auto known = std::find(formats.begin(), formats.end(), format);
  const auto number = static_cast<uint8_t>(known - formats.begin());
  if (known == formats.end())
    formats.push_back(format);
  PackedMapping::Rows &rows = result.rows[core];
  const auto firstRow = static_cast<uint32_t>(rows.last.size());
  const uint32_t length = lengthOf(set.shape, format);
  const bool dense = format.compression == Compression::Dense;
  one.target.resize(length);
  one.mantissa.resize(length);
  one.delay.resize(length);
  auto key = set.keys.begin();
  for (uint32_t atom = 0; atom < set.shape.rows; ++atom) {
    size_t at = 0;
    for (uint32_t i = 0; dense && i < length; ++i) {
      one.target[i] = static_cast<uint16_t>(i);
      one.mantissa[i] = 0;
      one.delay[i] = 0;
    }
    for (; key != set.keys.end() && RowKey::atom(*key) == atom; ++key, ++at) {
      if (dense)
        at = RowKey::target(*key);
      if (at >= length) {
        misfit = true;
        continue;
      }
      one.target[at] = static_cast<uint16_t>(RowKey::target(*key));
      one.mantissa[at] = RowKey::mantissa(*key);
      one.delay[at] = RowKey::delay(*key);
    }
    // What is left of a sparse row pads it with weights of zero.
    for (; !dense && at < length; ++at) {
      one.target[at] = at == 0 ? uint16_t{0} : one.target[at - 1];
      one.mantissa[at] = 0;
      one.delay[at] = 0;
    }
    encode(rows, format, number);
  }
  return firstRow;
}

Error Filler::projection(uint32_t index, size_t order) {
  const Projection &projection = network.projections[index];
  const uint32_t to = projection.target;
  const Grouping &grouping = model.groupings()[projection.source];
  const bool discrete = grouping.type == AxonType::Discrete;
  const bool onSum = shiftsSum(network.populations[to]);
  // Of discrete rows: the axon, which names the row; else the first row.
  HashMemory memory;
  std::vector<HashMap> seen(cut.costs[to].size(), HashMap(memory));
  for (size_t b = 0; discrete && b < seen.size(); ++b)
    seen[b].reserve(cut.costs[to][b].axonsIn);
  uint64_t &synapses = mapping.statistics.populations[to].synapses;
  const auto visit = [&](const RowSet &set) {
    synapses += set.keys.size();
    const BlockPlace at = placeOf[to][set.block];
    std::vector<image::AxonIn> &axonsIn = mapping.cores[at.core].axonsIn;
    const auto [known, isNew] = seen[set.block].find(set.hash, set.check);
    uint32_t row = *known;
    if (isNew) {
      sortKeys(set.keys);
      row = addRows(at.core, set,
                    formatOf(set.shape, cores[at.core].freedom,
                             cut.costs[to][set.block].needs[order], projection,
                             onSum, model.target()));
      *known = discrete ? static_cast<uint32_t>(axonsIn.size()) : row;
    }
    auto axon = static_cast<uint16_t>(axonsIn.size());
    if (discrete && !isNew)
      axon = static_cast<uint16_t>(*known);
    else
      axonsIn.push_back({grouping.type, row,
                         static_cast<uint16_t>(set.shape.rows),
                         static_cast<uint16_t>(at.base + set.offset)});
    for (uint32_t atom : set.atoms)
      addSlot(projection.source, grouping.neuron(set.group, atom),
              {at.core, axon, static_cast<uint16_t>(atom)});
  };
  forEachRowSet(projection, grouping, cut.cuts[to], model.target(), visit,
                [&](const RowSet &set) { seen[set.block].prefetch(set.hash); });
  if (misfit)
    return makeError(ErrorKind::Internal,
                     "a row is not what was counted, or does not fit its "
                     "format",
                     describeProjection(network, index),
                     "this is a mistake of the mapper; please report it");
  return Error::success();
}

/// Where the host sends its spikes.
void Filler::inputs() {
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    if (!network.populations[p].isInput)
      continue;
    std::vector<PendingSlot> &slots = pending[p];
    std::stable_sort(slots.begin(), slots.end(),
                     [](const PendingSlot &a, const PendingSlot &b) {
                       return a.neuron < b.neuron;
                     });
    std::vector<uint32_t> &first = mapping.populations[p].hostFirst;
    first.assign(size_t{network.populations[p].size()} + 1, 0);
    for (const PendingSlot &slot : slots) {
      ++first[slot.neuron + 1];
      mapping.populations[p].host.push_back(slot.to);
    }
    std::partial_sum(first.begin(), first.end(), first.begin());
    std::vector<PendingSlot>().swap(slots);
  }
}

Expected<PackedMapping> Filler::run() {
  result.target = model.target();
  mapping.statistics.populations.resize(network.populations.size());
  placeNeurons();
  for (uint32_t c = 0; c < cores.size(); ++c)
    core(c);
  uint64_t mostAxons = 1;
  for (const LogicalCore &logical : cores)
    mostAxons = std::max(mostAxons, logical.cost.axonsIn);
  result.axonBits = static_cast<uint32_t>(std::bit_width(mostAxons - 1));
  if (std::bit_width(cores.size()) + result.axonBits > 32)
    return makeError(ErrorKind::Capacity,
                     std::to_string(cores.size()) + " cores of up to " +
                         std::to_string(mostAxons) +
                         " input axons are more than 32 bits can name",
                     "network '" + network.name + "'", "split the network");
  prepareSlots();
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    if (!network.populations[p].isInput)
      fields(p);
    for (size_t i = 0; i < model.incoming(p).size(); ++i)
      if (Error error = projection(model.incoming(p)[i], i))
        return std::move(error);
  }
  inputs();
  return std::move(result);
}

Expected<PackedMapping> fillTables(const CostModel &model, CutNetwork &cut,
                                   const std::vector<LogicalCore> &cores) {
  return Filler(model, cut, cores).run();
}

void PackedMapping::moveTo(
    const std::vector<std::pair<uint32_t, uint32_t>> &chipAndCore) {
  std::vector<uint32_t> order(mapping.cores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return chipAndCore[a] < chipAndCore[b];
  });
  std::vector<uint32_t> indexOf(order.size());
  std::vector<CoreTables> sorted;
  std::vector<Rows> sortedRows;
  std::vector<std::vector<Neuron>> sortedNeurons;
  for (uint32_t i = 0; i < order.size(); ++i) {
    indexOf[order[i]] = i;
    sorted.push_back(std::move(mapping.cores[order[i]]));
    std::tie(sorted.back().chip, sorted.back().core) = chipAndCore[order[i]];
    sortedRows.push_back(std::move(rows[order[i]]));
    sortedNeurons.push_back(std::move(who[order[i]]));
  }
  mapping.cores = std::move(sorted);
  rows = std::move(sortedRows);
  who = std::move(sortedNeurons);
  for (PlacedPopulation &placed : mapping.populations) {
    for (uint32_t &core : placed.core)
      core = indexOf[core];
    for (HostAxon &axon : placed.host)
      axon.core = indexOf[axon.core];
  }
  for (Slots &of : slots)
    for (uint32_t &slot : of.to)
      slot = indexOf[coreOf(slot)] << axonBits | axonOf(slot);
}

std::vector<Traffic> PackedMapping::traffic() const {
  std::vector<Traffic> result;
  std::vector<uint64_t> messages(mapping.cores.size());
  std::vector<uint32_t> reached;
  for (uint32_t c = 0; c < who.size(); ++c) {
    for (const Neuron &neuron : who[c]) {
      if (neuron.population == UINT32_MAX)
        continue;
      const Slots &of = slots[neuron.population];
      for (uint32_t s = of.first[neuron.number];
           s < of.first[neuron.number + 1]; ++s)
        if (messages[coreOf(of.to[s])]++ == 0)
          reached.push_back(coreOf(of.to[s]));
    }
    std::sort(reached.begin(), reached.end());
    for (uint32_t to : reached)
      result.push_back({c, to, std::exchange(messages[to], 0)});
    reached.clear();
  }
  return result;
}

void PackedMapping::spreadRows(uint32_t core, CoreTables &tables) {
  Rows from = std::move(rows[core]);
  const std::string words = from.words.take();
  image::BitReader in(words);
  uint64_t synapses = 0;
  for (uint32_t last : from.last)
    synapses += last + 1;
  tables.rows.first.reserve(from.last.size() + 1);
  tables.rows.target.reserve(synapses);
  tables.rows.mantissa.reserve(synapses);
  tables.rows.delay.reserve(synapses);
  for (size_t r = 0; r < from.last.size(); ++r) {
    // encode() wrote these bits, they are good.
    (void)image::decodeRow(in, tables.rows, from.last[r] + 1u,
                           tables.formats[from.format[r]], 0,
                           target.proto().synapse_packing());
    tables.rows.first.push_back(
        static_cast<uint32_t>(tables.rows.target.size()));
  }
  tables.rows.format = std::move(from.format);
  std::vector<uint8_t> &delay = tables.rows.delay;
  if (std::all_of(delay.begin(), delay.end(), [](uint8_t d) { return d == 0; }))
    std::vector<uint8_t>().swap(delay);
}

CoreTables PackedMapping::take(uint32_t core) {
  CoreTables tables = mapping.cores[core];
  spreadRows(core, tables);
  for (const Neuron &neuron : who[core]) {
    if (neuron.population != UINT32_MAX) {
      const Slots &of = slots[neuron.population];
      const Grouping &grouping =
          mapping.populations[neuron.population].grouping;
      const auto atom = static_cast<uint16_t>(grouping.atomOf(neuron.number));
      for (uint32_t s = of.first[neuron.number];
           s < of.first[neuron.number + 1]; ++s) {
        const CoreTables &to = mapping.cores[coreOf(of.to[s])];
        tables.axonsOut.push_back({grouping.type, to.chip, to.core,
                                   static_cast<uint16_t>(axonOf(of.to[s])),
                                   atom});
      }
    }
    tables.outFirst.push_back(static_cast<uint32_t>(tables.axonsOut.size()));
  }
  return tables;
}

} // namespace hillock::mapping
