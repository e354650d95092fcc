//===- compiler/ann/Saliency.h - What a decision rests on -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Occlusion in integers (Zeiler and Fergus, "Visualizing and Understanding
// Convolutional Networks", ECCV 2014): the input codes of one place after the
// other are changed, and the change of the winner's margin is what the decision
// owes to the place. Exact, without gradients, the same on any machine.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_SALIENCY_H
#define HILLOCK_COMPILER_ANN_SALIENCY_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::ann {

/// Inputs that are changed together: a window around each place, in all
/// channels; what hangs over the edge is left out.
struct SaliencyPatch {
  int64_t rows = 1, columns = 1;
};

struct Saliency {
  int64_t decision = 0; ///< the first of the largest output codes
  /// The winner's code less the largest other one; of a network with a single
  /// output its code.
  int64_t margin = 0;
  /// The last two axes of the input; a vector is one row.
  int64_t rows = 0, columns = 0;
  /// By place: how much of the margin is lost when it is changed; negative
  /// where the change makes the decision surer.
  std::vector<int64_t> loss;
  uint64_t flips = 0; ///< places whose change alone changes the decision
};

/// A changed code becomes the lowest or the highest code of the sample,
/// whichever is farther away (the lowest of equals). \p codes are those of the
/// network's input. Runs the network once for each place, on \p threads.
Saliency explainDecision(const IntNetwork &network,
                         std::span<const int32_t> codes,
                         const SaliencyPatch &patch, unsigned threads);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_SALIENCY_H
