//===- backends/spinnaker/Cores.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/spinnaker/Cores.h"
#include "backends/spinnaker/Connections.h"
#include "base/Describe.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cstdlib>
#include <optional>

namespace hillock::spinnaker {

namespace {

/// What is left of 32 bits of s16.15 above 16 bits of a sum and the sign.
constexpr int kMaxShift = 15;
constexpr uint64_t kMaxWeight = 0xffff;
/// Far beyond any chip's; differences are shifts of 64 bits.
constexpr int kMaxExponent = 30;
/// Bytes between matrices, as sPyNNaker fills them.
constexpr uint32_t kFiller = 0xdddddddd;

} // namespace

void connectionsOf(const Projection &projection, uint32_t source,
                   std::vector<Connection> &list) {
  list.clear();
  projection.append(source, list);
  std::sort(
      list.begin(), list.end(), [](const Connection &a, const Connection &b) {
        return std::pair(a.target, a.delay) < std::pair(b.target, b.delay);
      });
  size_t kept = 0;
  for (size_t i = 0; i < list.size();) {
    Connection sum = list[i];
    for (++i; i < list.size() && list[i].target == sum.target &&
              list[i].delay == sum.delay;
         ++i)
      sum.weight += list[i].weight;
    if (sum.weight != 0)
      list[kept++] = sum;
  }
  list.resize(kept);
}

std::pair<size_t, size_t> slicesOf(const Plan &plan, uint32_t population) {
  const auto range = std::equal_range(plan.slices.begin(), plan.slices.end(),
                                      Slice{population, 0, 0, 0, 0},
                                      [](const Slice &a, const Slice &b) {
                                        return a.population < b.population;
                                      });
  return {range.first - plan.slices.begin(),
          range.second - plan.slices.begin()};
}

uint32_t Slice::keyOf(uint32_t local) const {
  return key | local << kColourBits;
}

//===----------------------------------------------------------------------===//
// Plan
//===----------------------------------------------------------------------===//

namespace {

/// What is known of the weights into a population after one look at each.
class WeightSurvey {
public:
  explicit WeightSurvey(uint32_t neurons) {
    for (std::vector<uint64_t> &list : sums)
      list.resize(neurons);
  }

  /// \p value = magnitude * 2^exponent
  void add(uint32_t target, uint32_t type, uint64_t magnitude, int exponent) {
    const int low = exponent + llvm::countr_zero(magnitude);
    lowest[type] = std::min(lowest[type].value_or(low), low);
    largest[type] = std::max(largest[type], Big{magnitude, exponent});
    if (!base[type] || exponent < *base[type]) {
      // Sums are kept in the finest unit so far.
      if (base[type])
        for (uint64_t &sum : sums[type])
          sum <<= *base[type] - exponent;
      base[type] = exponent;
    }
    sums[type][target] += magnitude << (exponent - *base[type]);
  }

  Expected<RingBuffer> result(const std::string &where) const {
    RingBuffer buffer;
    for (const std::optional<int> &low : lowest)
      buffer.unit = std::min(buffer.unit, low.value_or(0));
    for (uint32_t type = 0; type < kTypes; ++type) {
      if (!lowest[type])
        continue;
      const int shift = std::min(*lowest[type] - buffer.unit, kMaxShift);
      buffer.shift[type] = static_cast<uint32_t>(shift);
      const int low = shift + buffer.unit;
      const auto scaled = [&](uint64_t magnitude, int exponent) {
        return exponent >= low ? magnitude << (exponent - low)
                               : magnitude >> (low - exponent);
      };
      const uint64_t ratio =
          scaled(largest[type].magnitude, largest[type].exponent);
      if (ratio > kMaxWeight)
        return makeError(
            ErrorKind::Capacity,
            std::string("has ") + (type ? "inhibitory" : "excitatory") +
                " weights of which the largest is " + withSeparators(ratio) +
                " times the step that all of them need; a weight has 16 bits, "
                "up to " +
                withSeparators(kMaxWeight),
            where, "choose fewer bits: --weights int4");
      buffer.most[type] = scaled(
          *std::max_element(sums[type].begin(), sums[type].end()), *base[type]);
    }
    return buffer;
  }

private:
  struct Big {
    uint64_t magnitude = 0;
    int exponent = 0;
    bool operator<(const Big &other) const {
      return exponent <= other.exponent
                 ? magnitude < other.magnitude << (other.exponent - exponent)
                 : magnitude << (exponent - other.exponent) < other.magnitude;
    }
  };
  std::array<std::optional<int>, kTypes> lowest, base;
  std::array<Big, kTypes> largest{};
  std::array<std::vector<uint64_t>, kTypes> sums;
};

Error longDelay(const Projection &projection, const Plan &plan,
                uint32_t delay) {
  std::string remedy = "shorten it";
  if (plan.atomsPerCore > 1)
    remedy += ", or give --neurons-per-core " +
              std::to_string(llvm::bit_floor(plan.atomsPerCore - 1)) +
              ", which doubles the ticks";
  return makeError(
      ErrorKind::Capacity,
      "has a delay of " + std::to_string(delay) + " steps; a core of " +
          std::to_string(plan.atomsPerCore) + " neurons has ring buffers for " +
          std::to_string(plan.layout.maxDelay()),
      projection.where, remedy);
}

Expected<RingBuffer> survey(const Network &network, const Plan &plan,
                            uint32_t population) {
  WeightSurvey weights(network.populations[population].neurons);
  std::vector<Connection> list;
  for (const Projection &projection : network.projections) {
    if (projection.target != population)
      continue;
    if (std::abs(projection.exponent) > kMaxExponent)
      return inputError("has weights in units of 2^" +
                            std::to_string(projection.exponent),
                        projection.where);
    const uint32_t sources = network.populations[projection.source].neurons;
    for (uint32_t source = 0; source < sources; ++source) {
      connectionsOf(projection, source, list);
      for (const Connection &one : list) {
        if (one.delay > plan.layout.maxDelay())
          return longDelay(projection, plan, one.delay);
        weights.add(one.target, typeOf(one.weight), magnitudeOf(one.weight),
                    projection.exponent);
      }
    }
  }
  return weights.result("population '" + network.populations[population].name +
                        "'");
}

} // namespace

Expected<Plan> planSlices(const Network &network, uint32_t atomsPerCore) {
  Plan plan;
  plan.atomsPerCore = atomsPerCore;
  plan.layout = WordLayout::forAtoms(atomsPerCore);
  const uint32_t low = plan.layout.indexBits + kColourBits;
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const Population &population = network.populations[p];
    for (uint32_t first = 0; first < population.neurons;
         first += atomsPerCore) {
      const uint64_t number = plan.slices.size();
      if (number >> (32 - low))
        return makeError(ErrorKind::Capacity, "has more slices than keys",
                         "population '" + population.name + "'",
                         "give more --neurons-per-core");
      plan.slices.push_back(
          {p, first, std::min(atomsPerCore, population.neurons - first),
           static_cast<uint32_t>(number) << low, ~uint32_t{0} << low});
    }
  }
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    Expected<RingBuffer> buffer = survey(network, plan, p);
    if (!buffer)
      return buffer.takeError();
    plan.ringBuffers.push_back(*buffer);
  }
  return plan;
}

//===----------------------------------------------------------------------===//
// Cores
//===----------------------------------------------------------------------===//

namespace {

/// The words of a projection into one slice, by source neuron.
struct WordRows {
  uint32_t projection = 0;
  std::vector<size_t> first = {0};
  std::vector<uint32_t> words;

  llvm::ArrayRef<uint32_t> row(uint32_t source) const {
    return llvm::ArrayRef(words).slice(first[source],
                                       first[source + 1] - first[source]);
  }
};

/// Of each slice of \p population the rows of each projection into it.
std::vector<std::vector<WordRows>>
rowsOf(const Network &network, const Plan &plan, uint32_t population) {
  const auto [begin, end] = slicesOf(plan, population);
  const RingBuffer &buffer = plan.ringBuffers[population];
  std::vector<std::vector<WordRows>> slices(end - begin);
  std::vector<Connection> list;
  for (uint32_t p = 0; p < network.projections.size(); ++p) {
    const Projection &projection = network.projections[p];
    if (projection.target != population)
      continue;
    for (std::vector<WordRows> &slice : slices)
      slice.emplace_back().projection = p;
    const uint32_t sources = network.populations[projection.source].neurons;
    for (uint32_t source = 0; source < sources; ++source) {
      connectionsOf(projection, source, list);
      for (const Connection &one : list) {
        Synapse synapse;
        synapse.type = typeOf(one.weight);
        synapse.delay = one.delay;
        synapse.target = one.target % plan.atomsPerCore;
        const int move = projection.exponent - buffer.unit -
                         static_cast<int>(buffer.shift[synapse.type]);
        const uint64_t magnitude = magnitudeOf(one.weight);
        synapse.weight = static_cast<uint32_t>(move >= 0 ? magnitude << move
                                                         : magnitude >> -move);
        slices[one.target / plan.atomsPerCore].back().words.push_back(
            plan.layout.encode(synapse));
      }
      for (std::vector<WordRows> &slice : slices)
        slice.back().first.push_back(slice.back().words.size());
    }
  }
  return slices;
}

/// Adds the matrices between one source slice and a core.
void addMatrices(const WordRows &rows, const Slice &source, uint32_t number,
                 Core &core, TableEntry &entry) {
  uint32_t longest = 0;
  for (uint32_t n = 0; n < source.count; ++n)
    longest = std::max(
        longest, static_cast<uint32_t>(rows.row(source.first + n).size()));
  for (uint32_t begin = 0; begin < longest; begin += kMaxRowWords) {
    Matrix matrix;
    matrix.projection = rows.projection;
    matrix.source = number;
    matrix.rows = source.count;
    matrix.place.rowWords = std::min(longest - begin, kMaxRowWords);
    while (core.rows.size() * 4 % kAddressBytes != 0)
      core.rows.push_back(kFiller);
    matrix.place.offset = core.rows.size() * 4;
    std::vector<llvm::ArrayRef<uint32_t>> parts;
    for (uint32_t n = 0; n < source.count; ++n) {
      const llvm::ArrayRef<uint32_t> row = rows.row(source.first + n);
      parts.push_back(row.drop_front(std::min<size_t>(begin, row.size()))
                          .take_front(kMaxRowWords));
      matrix.synapses += parts.back().size();
    }
    appendMatrix(parts, matrix.place.rowWords, core.rows);
    entry.matrices.push_back(matrix.place);
    core.matrices.push_back(matrix);
  }
}

} // namespace

Expected<std::vector<Core>> coresOf(const Network &network, const Plan &plan,
                                    uint32_t population) {
  std::vector<Core> cores;
  const std::vector<std::vector<WordRows>> slices =
      rowsOf(network, plan, population);
  const size_t begin = slicesOf(plan, population).first;
  for (size_t i = 0; i < slices.size(); ++i) {
    Core &core = cores.emplace_back();
    core.slice = static_cast<uint32_t>(begin + i);
    std::vector<TableEntry> entries;
    for (uint32_t s = 0; s < plan.slices.size(); ++s) {
      const Slice &source = plan.slices[s];
      TableEntry entry{source.key,
                       source.mask,
                       kColourBits,
                       source.count,
                       plan.layout.indexBits + kColourBits,
                       {}};
      for (const WordRows &rows : slices[i])
        if (network.projections[rows.projection].source == source.population)
          addMatrices(rows, source, s, core, entry);
      if (!entry.matrices.empty())
        entries.push_back(std::move(entry));
    }
    Expected<std::vector<uint32_t>> table = encodeTable(
        std::move(entries), "core " + std::to_string(i) + " of population '" +
                                network.populations[population].name + "'");
    if (!table)
      return table.takeError();
    core.table = std::move(*table);
  }
  return cores;
}

} // namespace hillock::spinnaker
