//===- compiler/mapping/solver/Place.h - Placement and routes ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_PLACE_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_PLACE_H

#include "compiler/mapping/problem/RoutingProblem.h"

namespace hillock::mapping {

/// Cores along a Hilbert curve over the tiles of as few chips as possible,
/// then \p proposals random exchanges of two places, kept when the cost falls.
/// Depends on nothing but the arguments. \p problem must have passed check().
std::vector<Place> place(const PlacementProblem &problem, uint64_t seed,
                         uint64_t proposals);

/// The places of \p cores cores in the order in which they are filled.
std::vector<Place> placesInOrder(const target::TargetModel &target,
                                 uint32_t cores);

/// X, then Y.
std::vector<Route> routeXY(const RoutingProblem &problem);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_PLACE_H
