//===- compiler/mapping/solver/Fill.h - Tables of logical cores -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H

#include "compiler/mapping/problem/Mapping.h"
#include "compiler/mapping/solver/Partition.h"

namespace hillock::mapping {

/// Writes the tables. Cores come in the order of \p cores, are all on chip 0,
/// and output slots name logical cores; moveTo() puts them on the mesh.
Mapping fillTables(const CostModel &model, const CutNetwork &cut,
                   const std::vector<LogicalCore> &cores);

/// Gives logical core c the place \p chipAndCore[c], sorts the cores by place
/// and renames them in all lists.
void moveTo(Mapping &mapping,
            const std::vector<std::pair<uint32_t, uint32_t>> &chipAndCore);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H
