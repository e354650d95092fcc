//===- compiler/ann/Prune.h - Weights that may be left out ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Magnitude pruning: the smallest weights become zero and stay zero in every
// format. Which ones depends on the weights alone, so that the same file gives
// the same zeros.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_PRUNE_H
#define HILLOCK_COMPILER_ANN_PRUNE_H

#include "compiler/ann/Network.h"

namespace hillock::ann {

/// Among which weights the smallest are looked for.
enum class PruneScope {
  Layer,   ///< of each layer the same part
  Network, ///< of all, by their share in their own layer (see keptWeights())
};
/// "layer", "network".
std::vector<std::string> pruneScopeNames();

struct PruneOptions {
  double percent = 0; ///< of the weights, 0 .. 99; rounded down to whole ones
  PruneScope scope = PruneScope::Layer;
};

/// Whether a weight stays, in the order of Layer::weights; empty: all stay.
using Kept = std::vector<char>;

/// By layer. Of equal weights the first ones go first. With \p scope Network a
/// weight is measured by w^2 over the sum of all v^2 of its layer that are not
/// smaller (Lee et al., "Layer-adaptive Sparsity for the Magnitude-based
/// Pruning", ICLR 2021), which does not depend on a layer's scale.
///
/// Weights that are zero already count among the smallest and stay zero when
/// pruning is asked for (also by 0 percent), or where they are at least half of
/// a layer: whoever trained it has pruned it. A usage error for a percentage
/// outside of 0 .. 99.
Expected<std::vector<Kept>>
keptWeights(const Network &network, const std::optional<PruneOptions> &options);

/// The network with zeros, for evaluation in real numbers. Layers that change
/// lose the integer weights that their file gave.
Expected<Network> prune(Network network, const PruneOptions &options);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_PRUNE_H
