//===- compiler/mapping/problem/PlacementProblem.h - On the mesh -*- C++ -*-==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instance: logical cores and the messages between them. A solution: a core
// of the mesh for each. The cost of a message is its way in hops, X then Y,
// and more for each border of a chip.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_PLACEMENTPROBLEM_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_PLACEMENTPROBLEM_H

#include "target/TargetModel.h"
#include <vector>

namespace hillock::mapping {

struct Place {
  uint32_t chip = 0;
  uint32_t core = 0; ///< within the chip
  auto operator<=>(const Place &) const = default;
};

/// A tile in the mesh of all chips.
struct Tile {
  int32_t x = 0, y = 0;
  auto operator<=>(const Tile &) const = default;
};
Tile tileOf(const target::TargetModel &target, const Place &place);
/// Hops from tile to tile, X then Y.
uint64_t hopsBetween(const Tile &from, const Tile &to);
/// Borders of chips on that way.
uint64_t crossingsBetween(const target::TargetModel &target, const Tile &from,
                          const Tile &to);

struct Traffic {
  uint32_t from = 0, to = 0; ///< logical cores
  uint64_t messages = 0;     ///< a step, in any unit
};

struct PlacementProblem {
  target::TargetModel target;
  uint32_t cores = 0;
  std::vector<Traffic> traffic;
  uint64_t crossingCost = 8; ///< in hops

  /// Capacity error when the largest system has fewer cores; Internal error
  /// for traffic of cores that there are not.
  Error check() const;
  /// Every core has one place on the mesh, no place has two. Internal errors.
  Error verify(const std::vector<Place> &places) const;
  uint64_t cost(const std::vector<Place> &places) const;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_PLACEMENTPROBLEM_H
