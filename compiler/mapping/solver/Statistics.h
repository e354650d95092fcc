//===- compiler/mapping/solver/Statistics.h - What it took ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H

#include "compiler/mapping/problem/Mapping.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

/// Fills in all of mapping.statistics that the tables and the network tell.
void addStatistics(const Network &network, const target::TargetModel &target,
                   Mapping &mapping);

/// A table of cores and populations for people: usage of each memory against
/// its limit.
std::string describeMapping(const Network &network,
                            const target::TargetModel &target,
                            const Mapping &mapping);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_STATISTICS_H
