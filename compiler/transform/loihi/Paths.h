//===- compiler/transform/loihi/Paths.h - From source to population -*- C++ -*//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What enters a population is a sum over paths, each from one source (an input
// or a population) through linear ops. A path becomes one projection.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_PATHS_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_PATHS_H

#include "base/Error.h"
#include "dialects/snn/Snn.h"

namespace hillock::transform {

struct Path {
  mlir::Operation *source = nullptr;  ///< snn.input or snn.neurons
  std::vector<mlir::Operation *> ops; ///< from the source on, no sums
};

/// The text of an op's location for messages: "model.nir: node 'fc1'".
std::string locationText(mlir::Operation *op);

/// Here a target is a population, or an output that reads a current (or any
/// other sum over paths): the op whose first operand is that sum.
///
/// All paths that end in \p target, in operand order.
Expected<std::vector<Path>> pathsInto(mlir::Operation *target);

/// Steps of delay on a path: one value, or one a source neuron.
Expected<std::vector<int64_t>> delaysOf(const Path &path);

/// The linear map of a path with one weighted op, in a form that keeps its
/// structure. Weights carry all uniform factors of the path.
struct LinearPath {
  std::vector<mlir::Operation *> before; ///< sum pools and flattens
  mlir::Operation *weighted = nullptr;   ///< dense, conv, sparse; null: list
  std::vector<float> weights;            ///< in the layout of the op
  std::vector<mlir::Operation *> after;  ///< flattens and sum pools
  /// When weighted is null: a list of synapses.
  std::vector<int32_t> sources, targets;
};

/// Multiplies what reaches target neuron n by rowFactor[n]. Falls back to a
/// list of synapses when the structure cannot hold the factors.
Expected<LinearPath> linearize(const Path &path, mlir::Operation *target,
                               const std::vector<double> &rowFactor);

/// The path as a list of synapses, whatever its structure.
Expected<LinearPath> listSynapses(const Path &path, mlir::Operation *target,
                                  const std::vector<double> &rowFactor);

/// The constant current that the biases on the paths add to each neuron.
Expected<std::vector<double>> biasInto(mlir::Operation *target,
                                       const std::vector<Path> &paths);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_PATHS_H
