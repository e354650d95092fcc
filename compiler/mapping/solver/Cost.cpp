//===- compiler/mapping/solver/Cost.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Cost.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/HashTable.h"
#include "compiler/mapping/solver/WindowCount.h"
#include "image/Pack.h"
#include <algorithm>
#include <bit>

namespace hillock::mapping {

using image::AxonType;
using image::Compression;
using image::SynapseFormat;

namespace {

uint64_t wordsOf(const SynapseFormat &format, uint64_t length,
                 const target::TargetModel &target) {
  const uint64_t word = target.proto().synapse_packing().word_bits();
  return (image::rowBits(format, length, target) + word - 1) / word;
}

SynapseFormat makeFormat(const Projection &projection, bool onSum,
                         Compression compression, uint32_t indexBits,
                         uint32_t delayBits) {
  SynapseFormat format;
  format.weightBits = projection.weightBits;
  format.weightExp = projection.weightExp;
  format.sign = projection.sign;
  format.compression = compression;
  format.indexBits = static_cast<uint8_t>(indexBits);
  format.delayBits = static_cast<uint8_t>(delayBits);
  format.exponentOnSum = onSum;
  return format;
}

/// Widest format that exists when \p target fits none, so that the row is
/// found out to be unencodable instead of being cut off.
uint32_t indexBitsFor(uint32_t index, const target::TargetModel &target) {
  if (const auto bits = target.indexBitsFor(index))
    return *bits;
  return 17;
}

} // namespace

uint32_t lengthOf(const RowShape &shape, const SynapseFormat &format) {
  return format.compression == Compression::Dense ? shape.dense : shape.sparse;
}

SynapseFormat formatOf(const RowShape &shape, Freedom freedom,
                       const FormatNeeds &needs, const Projection &projection,
                       bool onSum, const target::TargetModel &target) {
  const bool each = freedom == Freedom::Each;
  const uint32_t delayBits =
      each ? static_cast<uint32_t>(std::bit_width(shape.maxDelay))
           : needs.delayBits;
  // A dense row has no indices; the narrowest width stands in its format.
  const SynapseFormat dense = makeFormat(projection, onSum, Compression::Dense,
                                         indexBitsFor(0, target), delayBits);
  const SynapseFormat sparse =
      makeFormat(projection, onSum, Compression::Sparse,
                 each ? indexBitsFor(shape.maxTarget, target) : needs.indexBits,
                 delayBits);
  if (freedom == Freedom::One)
    return needs.single == Compression::Dense ? dense : sparse;
  if (shape.dense == 0)
    return sparse;
  return wordsOf(dense, shape.dense, target) <=
                 wordsOf(sparse, shape.sparse, target)
             ? dense
             : sparse;
}

CostModel::CostModel(const Network &network, const target::TargetModel &target,
                     const RegisterTable &registers,
                     std::vector<Grouping> groupings, uint32_t neuronsPerCore)
    : net(network), chip(target), regs(registers),
      groupingOf(std::move(groupings)),
      mostNeurons(target.capacity(proto::COMPARTMENT)),
      incomingOf(network.populations.size()) {
  if (neuronsPerCore > 0)
    mostNeurons = std::min(mostNeurons, neuronsPerCore);
  for (uint32_t p = 0; p < network.projections.size(); ++p)
    incomingOf[network.projections[p].target].push_back(p);
}

std::vector<BlockCost> CostModel::evaluate(const Cut &cut,
                                           SourceSlots &slots) const {
  slots.total.assign(net.populations.size(), 0);
  slots.each.assign(net.populations.size(), {});
  std::vector<BlockCost> costs(cut.sizes.size());
  for (size_t b = 0; b < costs.size(); ++b)
    costs[b].neurons = cut.sizes[b];
  addRegisters(cut, costs);
  for (uint32_t projection : incomingOf[cut.population])
    addProjection(projection, cut, costs, slots);
  return costs;
}

void CostModel::addRegisters(const Cut &cut,
                             std::vector<BlockCost> &costs) const {
  const RegisterTable::OfPopulation &sets = regs.population(cut.population);
  const auto add = [&](const std::vector<uint32_t> &list,
                       std::vector<uint32_t> BlockCost::*into) {
    if (list.size() == 1) {
      for (BlockCost &cost : costs)
        (cost.*into) = list;
      return;
    }
    for (size_t n = 0; n < list.size(); ++n) {
      std::vector<uint32_t> &known = costs[cut.blockOf[n]].*into;
      const auto at = std::lower_bound(known.begin(), known.end(), list[n]);
      if (at == known.end() || *at != list[n])
        known.insert(at, list[n]);
    }
  };
  add(sets.profile, &BlockCost::profiles);
  add(sets.threshold, &BlockCost::thresholds);
  add(sets.config, &BlockCost::configs);
}

namespace {

/// Distinct row sets of one projection into one block.
struct Rows {
  explicit Rows(HashMemory &memory) : seen(memory) {}
  HashSet seen;
  std::vector<std::pair<RowShape, uint64_t>> shapes; ///< distinct sets of it
  uint64_t axons = 0;

  /// There are few shapes, and the last one is the most likely.
  void count(const RowShape &shape) {
    const auto known =
        std::find_if(shapes.rbegin(), shapes.rend(),
                     [&](const auto &entry) { return entry.first == shape; });
    if (known != shapes.rend())
      ++known->second;
    else
      shapes.emplace_back(shape, 1);
  }
};

/// A shape that costs as much and that more sets have: where a dense row is out
/// of the question only the width of indices matters.
RowShape plain(RowShape shape, const Projection &projection, bool onSum,
               const target::TargetModel &target) {
  const uint32_t indexBits = indexBitsFor(shape.maxTarget, target);
  const SynapseFormat dense =
      makeFormat(projection, onSum, Compression::Dense, indexBits, 0);
  const SynapseFormat sparse =
      makeFormat(projection, onSum, Compression::Sparse, indexBits, 8);
  if (shape.dense != 0 && wordsOf(dense, shape.dense, target) <=
                              4 * wordsOf(sparse, shape.sparse, target))
    return shape;
  if (indexBits > 16)
    return shape;
  shape.maxTarget = (1u << indexBits) - 1;
  shape.dense = shape.dense == 0 ? 0 : shape.maxTarget + 1;
  return shape;
}

} // namespace

void CostModel::addProjection(uint32_t index, const Cut &cut,
                              std::vector<BlockCost> &costs,
                              SourceSlots &slots) const {
  const Projection &projection = net.projections[index];
  const Grouping &grouping = groupingOf[projection.source];
  const bool discrete = grouping.type == AxonType::Discrete;
  const bool onSum = shiftsSum(net.populations[projection.target]);
  HashMemory memory;
  std::vector<Rows> rows(cut.sizes.size(), Rows(memory));
  const bool input = net.populations[projection.source].isInput;
  std::vector<uint32_t> &each = slots.each[projection.source];
  if (!input)
    each.resize(net.populations[projection.source].size());
  uint64_t &total = slots.total[projection.source];
  const uint32_t perAxon = slotsOf(chip, grouping.type);
  const auto visit = [&](const RowSet &set) {
    Rows &mine = rows[set.block];
    const bool isNew = mine.seen.insert(set.hash);
    if (isNew)
      mine.count(plain(set.shape, projection, onSum, chip));
    // Discrete axons with equal rows are one axon; a population's is its own.
    mine.axons += !discrete || isNew;
    costs[set.block].maxOffset =
        std::max(costs[set.block].maxOffset, set.offset);
    if (input)
      return;
    total += uint64_t{set.atoms.size()} * perAxon;
    for (uint32_t atom : set.atoms)
      each[grouping.neuron(set.group, atom)] += perAxon;
  };
  countRowSets(
      projection, grouping, cut, extentOf(net.populations[cut.population]),
      chip, visit,
      [&](const RowSet &set) { rows[set.block].seen.prefetch(set.hash); });
  const proto::Field *length = chip.field(proto::AXON_IN, "length");
  const uint64_t longest =
      length ? uint64_t{1} << std::min(length->bits(), 32u) : UINT32_MAX;
  for (size_t b = 0; b < rows.size(); ++b) {
    BlockCost &cost = costs[b];
    FormatNeeds needs;
    for (const auto &[shape, count] : rows[b].shapes) {
      needs.indexBits =
          std::max(needs.indexBits, indexBitsFor(shape.maxTarget, chip));
      needs.delayBits =
          std::max(needs.delayBits,
                   static_cast<uint32_t>(std::bit_width(shape.maxDelay)));
      cost.maxDelay = std::max(cost.maxDelay, shape.maxDelay);
    }
    const auto wordsWith = [&](Freedom freedom, auto &&each) {
      uint64_t sum = 0;
      for (const auto &[shape, count] : rows[b].shapes) {
        const SynapseFormat format =
            formatOf(shape, freedom, needs, projection, onSum, chip);
        const uint32_t synapses = lengthOf(shape, format);
        cost.unencodable |= synapses > longest || format.indexBits > 16;
        each(format);
        sum += count * shape.rows * wordsOf(format, synapses, chip);
      }
      return sum;
    };
    // The single format: dense if that is possible and smaller.
    const auto ignore = [](const SynapseFormat &) {};
    const uint64_t sparse = wordsWith(Freedom::One, ignore);
    const bool possible =
        std::none_of(rows[b].shapes.begin(), rows[b].shapes.end(),
                     [](const auto &entry) { return entry.first.dense == 0; });
    needs.single = Compression::Dense;
    if (!possible || wordsWith(Freedom::One, ignore) > sparse)
      needs.single = Compression::Sparse;
    for (size_t f = 0; f < freedoms; ++f)
      cost.words[f] +=
          wordsWith(static_cast<Freedom>(f), [&](const SynapseFormat &format) {
            mergeSorted(cost.formats[f], {format});
          });
    cost.axonsIn += rows[b].axons;
    if (rows[b].axons > 0)
      (discrete ? cost.discreteIn : cost.populationIn) = true;
    cost.needs.push_back(needs);
  }
}

std::optional<Freedom> CostModel::freedomFor(const BlockCost &cost) const {
  for (size_t f = 0; f < freedoms; ++f)
    if (cost.formats[f].size() <= chip.capacity(proto::SYNAPSE_FORMAT) &&
        cost.words[f] <= chip.capacity(proto::SYNAPSE))
      return static_cast<Freedom>(f);
  return std::nullopt;
}

std::optional<Excess> CostModel::excess(const BlockCost &cost) const {
  std::optional<Excess> worst;
  const auto limit = [&](const std::string &memory, uint64_t used,
                         uint64_t most) {
    const Excess found{memory, used, most};
    if (used > most && (!worst || found.ratio() > worst->ratio()))
      worst = found;
  };
  const auto capacity = [&](proto::Role role, uint64_t used) {
    const proto::Memory *memory = chip.memory(role);
    limit(memory ? memory->name() : "?", used, chip.capacity(role));
  };
  const proto::Memory *compartments = chip.memory(proto::COMPARTMENT);
  limit(compartments ? compartments->name() : "?", cost.neurons, mostNeurons);
  capacity(proto::AXON_IN, cost.axonsIn);
  capacity(proto::AXON_OUT, cost.slotsOut);
  capacity(proto::COMPARTMENT_PROFILE, cost.profiles.size());
  capacity(proto::THRESHOLD_PROFILE, cost.thresholds.size());
  limit("core_config", cost.configs.size(), 1);
  if (!freedomFor(cost)) {
    const size_t f =
        cost.formats[0].size() <= chip.capacity(proto::SYNAPSE_FORMAT)
            ? 0
            : freedoms - 1;
    capacity(proto::SYNAPSE_FORMAT, cost.formats[f].size());
    capacity(proto::SYNAPSE, cost.words[f]);
  }
  if (!chip.delayBitsFor(cost.maxDelay, cost.neurons)) {
    // With n neurons too many there are too few slots for the delay.
    const uint64_t slots = std::bit_ceil(uint64_t{cost.maxDelay} +
                                         chip.proto().delays().headroom());
    limit("accumulators", cost.neurons * slots,
          chip.proto().delays().accumulator_words());
  }
  if (cost.unencodable)
    limit("length of a row", cost.neurons, cost.neurons / 2);
  return worst;
}

} // namespace hillock::mapping
