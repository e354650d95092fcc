//===- compiler/mapping/solver/RowSets.h - Synapses by block ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_ROWSETS_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_ROWSETS_H

#include "compiler/mapping/solver/Tiling.h"
#include "target/TargetModel.h"
#include <functional>
#include <span>

namespace hillock::mapping {

/// A synapse of a row set in one word that sorts by atom, then target.
struct RowKey {
  static uint64_t make(uint32_t atom, uint32_t target, uint8_t delay,
                       int16_t mantissa) {
    return uint64_t{atom} << 48 | uint64_t{target} << 24 |
           uint64_t{delay} << 16 | static_cast<uint16_t>(mantissa);
  }
  static uint32_t atom(uint64_t key) {
    return static_cast<uint32_t>(key >> 48);
  }
  static uint32_t target(uint64_t key) { return key >> 24 & 0xFFFFFF; }
  static uint8_t delay(uint64_t key) { return static_cast<uint8_t>(key >> 16); }
  static int16_t mantissa(uint64_t key) { return static_cast<int16_t>(key); }
};

/// What a row set costs depends on this only.
struct RowShape {
  uint32_t rows = 0;
  uint32_t sparse = 0; ///< synapses of the longest row
  uint32_t dense = 0;  ///< length as dense rows; 0: a target comes twice
  uint32_t maxTarget = 0;
  uint32_t maxDelay = 0;
  auto operator<=>(const RowShape &) const = default;
};

/// What one group of sources sends into one block: the rows of an input axon.
struct RowSet {
  uint32_t group = 0;
  uint32_t block = 0;
  uint32_t offset = 0; ///< in the block; targets are relative to it
  RowShape shape;
  /// Of the content, the offset not included. Equal rows have equal hashes;
  /// different ones have equal \c hash and \c check once in 2^96 pairs.
  uint64_t hash = 0;
  uint32_t check = 0;
  std::span<const uint32_t> atoms; ///< that have a synapse, rising
  /// By atom, otherwise in any order; may be sorted by the visitor. Empty when
  /// rows are only counted.
  std::span<uint64_t> keys;
};

/// Calls \p visit for each group of sources and each block that it reaches:
/// in batches of consecutive groups, within a batch block by block, within a
/// block group by group. So what a visitor keeps by block stays in the cache,
/// and for each block, as for each group, the order is that of the numbers. The
/// offset of a population axon is a multiple of the target's step and at most
/// its limit; that of a discrete axon is 0, so that blocks cost the same
/// wherever they lie in a core. Some visits before its own \p announce sees a
/// set, to ask for memory that the visit will read.
void forEachRowSet(
    const Projection &projection, const Grouping &grouping, const Cut &cut,
    const target::TargetModel &target,
    const std::function<void(const RowSet &)> &visit,
    const std::function<void(const RowSet &)> &announce = nullptr);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_ROWSETS_H
