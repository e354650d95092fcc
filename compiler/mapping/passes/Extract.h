//===- compiler/mapping/passes/Extract.h - The mapping problem --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PASSES_EXTRACT_H
#define HILLOCK_COMPILER_MAPPING_PASSES_EXTRACT_H

#include "compiler/mapping/problem/Network.h"
#include "dialects/snn/Snn.h"

namespace hillock::mapping {

/// The mapping problem of a network of the integer level.
///
/// Populations: all inputs, then all `snn.population`, in the order of the
/// body. What enters a population is a sum over paths; each is a projection:
///
///     source, snn.delay (at least one step), flatten and sum-pool ops,
///     one dense, conv or sparse op with a format, flatten and sum-pool ops
///
/// with `snn.sum` anywhere behind the weights. A delay of d steps becomes a
/// synaptic delay of d - 1. Weight buffers are shared between projections.
///
/// Errors name the op's location: a path without delay or weights, an average
/// pool, weights that the chip's exponent would cut, an output that is not a
/// population's.
Expected<Network> extractNetwork(snn::NetworkOp network);

/// "model.nir: node 'fc1'" of a location, "" when it is unknown.
std::string locationText(mlir::Location loc);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PASSES_EXTRACT_H
