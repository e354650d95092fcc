//===- compiler/mapping/solver/Listed.h - Synapses in a list ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_LISTED_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_LISTED_H

#include "compiler/mapping/problem/PartitionProblem.h"

namespace hillock::mapping {

/// A copy of \p network whose projections are enumerated once and then read
/// from lists, since the search for a cut walks them many times. \p sizes
/// has one entry each. Projections that would bring the lists beyond \p most
/// synapses (8 bytes each) in all stay as they are, and so do those that
/// are countable (WindowCount.h): they are not walked.
Network listed(const Network &network, const std::vector<ProjectionSize> &sizes,
               uint64_t most);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_LISTED_H
