//===- compiler/transform/loihi/LinearRows.h - Paths as numbers -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the arithmetic of Scale.h and RowScales.h wants to know of a path.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_LINEARROWS_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_LINEARROWS_H

#include "compiler/transform/loihi/Paths.h"
#include "compiler/transform/loihi/RowScales.h"

namespace hillock::transform {

/// The range of the weights of \p linear and the largest sums into one of
/// \p targets neurons.
WeightRange rangeOf(const LinearPath &linear, size_t targets);

/// How many consecutive neurons of \p targets make a row, so that no weight of
/// any path is shared between rows: the pixels of a channel behind a
/// convolution, else 1; 0 when there is no such number.
size_t rowLength(const std::vector<LinearPath> &paths, size_t targets);

/// The weights of \p linear by rows of \p length neurons. It refers to them.
RowWeights rowsOf(const LinearPath &linear, const WeightFormat &format,
                  size_t length);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_LINEARROWS_H
