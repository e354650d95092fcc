//===- compiler/mapping/solver/Statistics.h - What it took ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H

#include "compiler/mapping/solver/Fill.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

/// The parts of Mapping::statistics: messages on the mesh, from the traffic
/// between cores on \p tiles; what a core holds, core by core; and where
/// populations lie, when all cores were added.
void addTraffic(const target::TargetModel &target,
                const std::vector<Traffic> &traffic,
                const std::vector<Tile> &tiles, Statistics &statistics);
void addCore(const target::TargetModel &target, const image::CoreTables &tables,
             Statistics &statistics);
/// Appends the cores of \p more.
void join(Statistics &statistics, const Statistics &more);
void addPlaces(Mapping &mapping);

/// A table of cores and populations for people: usage of each memory against
/// its limit.
std::string describeMapping(const Network &network,
                            const target::TargetModel &target,
                            const Mapping &mapping);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H
