//===- benchmarks/DenseModel.h - A model of any size ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_DENSEMODEL_H
#define HILLOCK_BENCHMARKS_DENSEMODEL_H

#include "compiler/frontend/nir/Graph.h"

namespace hillock::bench {

/// \p inputs to \p outputs LIF neurons, all to all: one synapse a pair, with
/// weights k/64, |k| <= 63, from a hash. To be compiled with dt = 1e-3.
nir::Graph denseGraph(int64_t inputs, int64_t outputs);

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_DENSEMODEL_H
