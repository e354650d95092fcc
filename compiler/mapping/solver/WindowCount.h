//===- compiler/mapping/solver/WindowCount.h - Rows by window ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The search for a cut only counts rows. Of a convolution and of a dense matrix
// that is known without enumerating synapses: what a pixel sends into a tile
// depends on which taps of the window meet it there, and how many synapses that
// makes follows from sums over the weights that are not zero. So a layer of 37
// million synapses is counted in milliseconds.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_WINDOWCOUNT_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_WINDOWCOUNT_H

#include "compiler/mapping/solver/RowSets.h"

namespace hillock::mapping {

/// True for sums of pooled inputs, in windows that do not overlap, through one
/// convolution or matrix at the end, with one delay: what countRowSets() need
/// not enumerate for a suitable cut.
bool isCountable(const Projection &projection);

/// As forEachRowSet(), without keys. Rows of different windows have different
/// hashes even when their weights happen to be the same: what is found is at
/// most more than what forEachRowSet() finds, and the same but for that.
void countRowSets(const Projection &projection, const Grouping &grouping,
                  const Cut &cut, const Extent &extent,
                  const target::TargetModel &target,
                  const std::function<void(const RowSet &)> &visit,
                  const std::function<void(const RowSet &)> &announce);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_WINDOWCOUNT_H
