//===- compiler/mapping/solver/Partition.h - Onto cores ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three steps: how the spikes of each population are grouped, into how many
// balanced blocks each population is cut, and which blocks share a core.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_PARTITION_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_PARTITION_H

#include "base/Error.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Cost.h"

namespace hillock::mapping {

/// Channels of a pixel form a population where the network is local; all else
/// is discrete, unless input axons would run out. \p narrow: more than
/// pop16_atoms channels become several pop16 axons (one output slot each)
/// instead of one pop32 axon (two). \p sizes: of the projections.
std::vector<Grouping> chooseGroupings(const Network &network,
                                      const target::TargetModel &target,
                                      const std::vector<ProjectionSize> &sizes,
                                      bool narrow);

struct CutNetwork {
  std::vector<Cut> cuts;                     ///< by population
  std::vector<std::vector<BlockCost>> costs; ///< by population and block
  /// By population that was cut: what it takes of its sources.
  std::vector<CostModel::SourceSlots> slots;
};

/// The fewest blocks with which every block fits a core of its own. A Capacity
/// error names the population, the memory and the excess at the smallest cut.
Expected<CutNetwork> cutPopulations(const CostModel &model);

/// A block on a core.
struct PlacedBlock {
  uint32_t population = 0, block = 0;
  uint32_t base = 0; ///< its first compartment
};

struct LogicalCore {
  std::vector<PlacedBlock> blocks; ///< in the order of their bases
  BlockCost cost;                  ///< of all blocks together
  Freedom freedom = Freedom::Each;
  std::string program;
};

/// Puts blocks together where limits allow, first fit by decreasing size.
/// \p share false: one block a core. Sorted by their first block.
std::vector<LogicalCore> shareCores(const CostModel &model,
                                    const CutNetwork &cut, bool share);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_PARTITION_H
