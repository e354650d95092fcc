//===- compiler/mapping/problem/RoutingProblem.h - Ways of messages -*- C++
//-*-=//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instance: flows of messages between cores. A solution: for each flow the
// tiles that it passes, in dimension order (X, then Y), which cannot deadlock
// on a mesh (Davies et al. 2018). Chips are joined edge to edge.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_ROUTINGPROBLEM_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_ROUTINGPROBLEM_H

#include "compiler/mapping/problem/PlacementProblem.h"
#include <map>

namespace hillock::mapping {

struct Flow {
  Place from, to;
  uint64_t messages = 0;
};

/// Tiles from source to destination, both included.
using Route = std::vector<Tile>;
/// Messages by link (from tile, to tile).
using LinkLoads = std::map<std::pair<Tile, Tile>, uint64_t>;

struct RoutingProblem {
  target::TargetModel target;
  std::vector<Flow> flows;

  Error check() const;
  /// Every route starts and ends where its flow does, goes from neighbour to
  /// neighbour, X before Y, never back, and stays on the mesh. Internal
  /// errors.
  Error verify(const std::vector<Route> &routes) const;
  LinkLoads loads(const std::vector<Route> &routes) const;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_ROUTINGPROBLEM_H
