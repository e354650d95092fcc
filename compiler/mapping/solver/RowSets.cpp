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

namespace hillock::mapping {

namespace {

/// Describes row sets. Nothing is sorted: most of them are only counted.
class Describer {
public:
  explicit Describer(const Cut &cut) {
    uint32_t largest = 0;
    for (uint32_t size : cut.sizes)
      largest = std::max(largest, size);
    lastRow.resize(largest);
  }

  /// Fills in what follows from \p keys and makes their targets relative.
  void describe(RowSet &set, std::vector<uint64_t> &keys, uint32_t atoms,
                uint32_t step, uint32_t limit) {
    uint32_t lowest = UINT32_MAX;
    for (uint64_t key : keys)
      lowest = std::min(lowest, RowKey::target(key));
    set.offset = std::min(lowest, limit) / step * step;
    set.atoms.clear();
    RowShape &shape = set.shape;
    shape = {};
    shape.rows = atoms;
    bool twice = false;
    uint32_t length = 0, last = UINT32_MAX;
    // Sums of hashes and of their squares do not depend on the order. Equal
    // rows must meet, different ones must not in practice.
    uint64_t sum = 0, squares = 0;
    for (uint64_t &key : keys) {
      if (const uint32_t atom = RowKey::atom(key); atom != last) {
        last = atom;
        length = 0;
        ++row;
        set.atoms.push_back(atom);
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
    set.hash = sm64(sum + atoms);
    set.check = static_cast<uint32_t>(sm64(squares ^ keys.size()));
    set.keys = &keys;
  }

private:
  std::vector<uint64_t> lastRow; ///< by target: in which it was last met
  uint64_t row = 0;
};

} // namespace

void forEachRowSet(const Projection &projection, const Grouping &grouping,
                   const Cut &cut, const target::TargetModel &target,
                   const std::function<void(const RowSet &)> &visit,
                   const std::function<void(const RowSet &)> &announce) {
  const bool discrete = grouping.type == image::AxonType::Discrete;
  const uint32_t step =
      discrete ? 1 : target.proto().axons().population_cx_base_step();
  const uint32_t limit = discrete ? 0 : cxBaseLimit(target, grouping.type);
  std::vector<std::vector<uint64_t>> keys(cut.sizes.size());
  std::vector<uint32_t> reached;
  std::vector<Synapse> synapses;
  Describer describer(cut);
  std::vector<RowSet> sets;
  for (uint32_t group = 0; group < grouping.groups(); ++group) {
    const uint32_t atoms = grouping.atomsOf(group);
    for (uint32_t atom = 0; atom < atoms; ++atom) {
      synapses.clear();
      projection.connectivity->append(grouping.neuron(group, atom), synapses);
      for (const Synapse &s : synapses) {
        std::vector<uint64_t> &list = keys[cut.blockOf[s.target]];
        if (list.empty())
          reached.push_back(cut.blockOf[s.target]);
        list.push_back(
            RowKey::make(atom, cut.localOf[s.target], s.delay, s.mantissa));
      }
    }
    std::sort(reached.begin(), reached.end());
    if (sets.size() < reached.size())
      sets.resize(reached.size());
    for (size_t i = 0; i < reached.size(); ++i) {
      sets[i].group = group;
      sets[i].block = reached[i];
      describer.describe(sets[i], keys[reached[i]], atoms, step, limit);
      if (announce)
        announce(sets[i]);
    }
    for (size_t i = 0; i < reached.size(); ++i) {
      visit(sets[i]);
      keys[reached[i]].clear();
    }
    reached.clear();
  }
}

} // namespace hillock::mapping
