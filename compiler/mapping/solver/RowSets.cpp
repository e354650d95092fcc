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

/// Fills in offset, shape and hash and makes the targets relative.
void describe(RowSet &set, std::vector<uint64_t> &keys, uint32_t atoms,
              uint32_t step, uint32_t limit) {
  if (!std::is_sorted(keys.begin(), keys.end()))
    std::sort(keys.begin(), keys.end());
  uint32_t lowest = UINT32_MAX;
  for (uint64_t key : keys)
    lowest = std::min(lowest, RowKey::target(key));
  set.offset = std::min(lowest, limit) / step * step;
  RowShape &shape = set.shape;
  shape = {};
  shape.rows = atoms;
  bool twice = false;
  uint32_t length = 0;
  uint64_t before = UINT64_MAX;
  // Two lanes of multiply and rotate; equal rows must meet, and different
  // ones must not in practice.
  uint64_t a = 0x9E3779B97F4A7C15u ^ atoms, b = 0xC2B2AE3D27D4EB4Fu;
  for (uint64_t &key : keys) {
    key -= uint64_t{set.offset} << 24;
    const bool sameRow = RowKey::atom(key) == RowKey::atom(before);
    twice |= sameRow && RowKey::target(key) == RowKey::target(before);
    length = sameRow && before != UINT64_MAX ? length + 1 : 1;
    shape.sparse = std::max(shape.sparse, length);
    shape.maxTarget = std::max(shape.maxTarget, RowKey::target(key));
    shape.maxDelay = std::max<uint32_t>(shape.maxDelay, RowKey::delay(key));
    a = (a ^ key) * 0x9FB21C651E98DF25u;
    a ^= a >> 29;
    b = (b + key) * 0xD6E8FEB86659FD93u;
    b ^= b >> 32;
    before = key;
  }
  shape.dense = twice ? 0 : shape.maxTarget + 1;
  set.hash = {sm64(a), sm64(b ^ keys.size())};
}

} // namespace

void forEachRowSet(const Projection &projection, const Grouping &grouping,
                   const Cut &cut, const target::TargetModel &target,
                   const std::function<void(const RowSet &)> &visit) {
  const bool discrete = grouping.type == image::AxonType::Discrete;
  const uint32_t step =
      discrete ? 1 : target.proto().axons().population_cx_base_step();
  const uint32_t limit = discrete ? 0 : cxBaseLimit(target, grouping.type);
  std::vector<std::vector<uint64_t>> keys(cut.sizes.size());
  std::vector<uint32_t> reached;
  std::vector<Synapse> synapses;
  RowSet set;
  for (set.group = 0; set.group < grouping.groups(); ++set.group) {
    const uint32_t atoms = grouping.atomsOf(set.group);
    for (uint32_t atom = 0; atom < atoms; ++atom) {
      synapses.clear();
      projection.connectivity->append(grouping.neuron(set.group, atom),
                                      synapses);
      for (const Synapse &s : synapses) {
        std::vector<uint64_t> &list = keys[cut.blockOf[s.target]];
        if (list.empty())
          reached.push_back(cut.blockOf[s.target]);
        list.push_back(RowKey::make(atom, cut.localOf[s.target], s.delay,
                                    s.mantissa));
      }
    }
    std::sort(reached.begin(), reached.end());
    for (uint32_t block : reached) {
      set.block = block;
      describe(set, keys[block], atoms, step, limit);
      set.keys = &keys[block];
      visit(set);
      keys[block].clear();
    }
    reached.clear();
  }
}

} // namespace hillock::mapping
