//===- compiler/mapping/solver/RowSets.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/RowSets.h"
#include "base/Random.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include <algorithm>
#include <memory>
#include <numeric>
#include <system_error>
#include <thread>

namespace hillock::mapping {

namespace {

/// Synapses of a batch: few enough for the second-level cache, many enough that
/// a block gets several sets of one batch.
constexpr size_t batchKeys = size_t{1} << 17;

/// Describes row sets. Nothing is sorted: most of them are only counted.
class Describer {
public:
  explicit Describer(const Cut &cut) {
    uint32_t largest = 0;
    for (uint32_t size : cut.sizes)
      largest = std::max(largest, size);
    lastRow.resize(largest);
  }

  /// Fills in what follows from the keys of \p set and makes their targets
  /// relative. Atoms are appended to \p atoms, which has room for them.
  void describe(RowSet &set, uint32_t count, uint32_t step, uint32_t limit,
                std::vector<uint32_t> &atoms) {
    uint32_t lowest = UINT32_MAX;
    for (uint64_t key : set.keys)
      lowest = std::min(lowest, RowKey::target(key));
    set.offset = std::min(lowest, limit) / step * step;
    const size_t firstAtom = atoms.size();
    RowShape &shape = set.shape;
    shape = {};
    shape.rows = count;
    bool twice = false;
    uint32_t length = 0, last = UINT32_MAX;
    // Sums of hashes and of their squares do not depend on the order. Equal
    // rows must meet, different ones must not in practice.
    uint64_t sum = 0, squares = 0;
    for (uint64_t &key : set.keys) {
      if (const uint32_t atom = RowKey::atom(key); atom != last) {
        last = atom;
        length = 0;
        ++row;
        atoms.push_back(atom);
      }
      uint64_t &seen = lastRow[RowKey::target(key)];
      twice |= seen == row;
      seen = row;
      key -= uint64_t{set.offset} << 24;
      shape.sparse = std::max(shape.sparse, ++length);
      shape.maxTarget = std::max(shape.maxTarget, RowKey::target(key));
      shape.maxDelay = std::max<uint32_t>(shape.maxDelay, RowKey::delay(key));
      const uint64_t hash = sm64(key);
      sum += hash;
      squares += hash * hash;
    }
    shape.dense = twice ? 0 : shape.maxTarget + 1;
    set.hash = sm64(sum + count);
    set.check = static_cast<uint32_t>(sm64(squares ^ set.keys.size()));
    set.atoms = std::span(atoms).subspan(firstAtom);
  }

private:
  std::vector<uint64_t> lastRow; ///< by target: in which it was last met
  uint64_t row = 0;
};

/// The row sets of some groups, by block.
class Batch {
public:
  Batch(const Projection &projection, const Grouping &grouping, const Cut &cut,
        const target::TargetModel &target)
      : projection(projection), grouping(grouping), cut(cut), describer(cut),
        first(cut.sizes.size() + 1) {
    if (grouping.type == image::AxonType::Discrete)
      return;
    step = target.proto().axons().population_cx_base_step();
    limit = cxBaseLimit(target, grouping.type);
  }

  /// Takes groups from \p group on; the first that it has not taken.
  uint32_t fill(uint32_t group) {
    const uint32_t end = meet(group);
    sort();
    sets.clear();
    atoms.clear();
    atoms.reserve(keys.size()); // sets point into it
    for (uint32_t block = 0; block < cut.sizes.size(); ++block)
      describe(block);
    return end;
  }
  std::vector<RowSet> sets;

private:
  struct Met {
    uint64_t key;
    uint32_t block, group;
  };

  uint32_t meet(uint32_t group) {
    met.clear();
    std::fill(first.begin(), first.end(), 0);
    for (; group < grouping.groups() && met.size() < batchKeys; ++group)
      for (uint32_t atom = 0; atom < grouping.atomsOf(group); ++atom) {
        synapses.clear();
        projection.connectivity->append(grouping.neuron(group, atom), synapses);
        for (const Synapse &s : synapses) {
          const uint32_t block = cut.blockOf[s.target];
          met.push_back(
              {RowKey::make(atom, cut.localOf[s.target], s.delay, s.mantissa),
               block, group});
          ++first[block + 1];
        }
      }
    std::partial_sum(first.begin(), first.end(), first.begin());
    return group;
  }
  void sort() {
    next.assign(first.begin(), first.end() - 1);
    keys.resize(met.size());
    groups.resize(met.size());
    for (const Met &one : met) {
      const uint32_t at = next[one.block]++;
      keys[at] = one.key;
      groups[at] = one.group;
    }
  }
  void describe(uint32_t block) {
    for (size_t begin = first[block], end = begin; begin < first[block + 1];
         begin = end) {
      while (end < first[block + 1] && groups[end] == groups[begin])
        ++end;
      RowSet &set = sets.emplace_back();
      set.group = groups[begin];
      set.block = block;
      set.keys = std::span(keys).subspan(begin, end - begin);
      describer.describe(set, grouping.atomsOf(set.group), step, limit, atoms);
    }
  }

  const Projection &projection;
  const Grouping &grouping;
  const Cut &cut;
  Describer describer;
  uint32_t step = 1, limit = 0; ///< of offsets
  std::vector<Synapse> synapses;
  std::vector<Met> met;
  std::vector<uint32_t> first, next; ///< keys, by block
  std::vector<uint64_t> keys;
  std::vector<uint32_t> groups; ///< of each key
  std::vector<uint32_t> atoms;
};

void visitAll(const std::vector<RowSet> &sets,
              const std::function<void(const RowSet &)> &visit,
              const std::function<void(const RowSet &)> &announce) {
  constexpr size_t ahead = 16;
  for (size_t s = 0; announce && s < std::min(ahead, sets.size()); ++s)
    announce(sets[s]);
  for (size_t s = 0; s < sets.size(); ++s) {
    if (announce && s + ahead < sets.size())
      announce(sets[s + ahead]);
    visit(sets[s]);
  }
}

} // namespace

void forEachRowSet(const Projection &projection, const Grouping &grouping,
                   const Cut &cut, const target::TargetModel &target,
                   const std::function<void(const RowSet &)> &visit,
                   const std::function<void(const RowSet &)> &announce) {
  auto now = std::make_unique<Batch>(projection, grouping, cut, target);
  uint32_t group = now->fill(0);
  std::unique_ptr<Batch> later;
  while (group < grouping.groups()) {
    // Another thread makes the next batch while this one is visited.
    if (!later)
      later = std::make_unique<Batch>(projection, grouping, cut, target);
    const auto fill = [&] { group = later->fill(group); };
    std::thread ahead;
    try {
      ahead = std::thread(fill);
    } catch (const std::system_error &) {
      fill(); // there are no more threads
    }
    visitAll(now->sets, visit, announce);
    if (ahead.joinable())
      ahead.join();
    std::swap(now, later);
  }
  visitAll(now->sets, visit, announce);
}

} // namespace hillock::mapping
