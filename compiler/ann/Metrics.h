//===- compiler/ann/Metrics.h - What an inference costs ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The counts that NeuroBench (Yik et al. 2025) asks for: operations of a dense
// machine, those that have no zero in them, and how sparse things are.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_METRICS_H
#define HILLOCK_COMPILER_ANN_METRICS_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::ann {

struct OperationCounts {
  uint64_t samples = 0;
  uint64_t dense = 0;     ///< products of one inference
  uint64_t effective = 0; ///< products without a zero, over all samples
  uint64_t zeroActivations = 0,
           activations = 0; ///< inputs of layers that count
  uint64_t zeroWeights = 0, weights = 0;

  double effectivePerSample() const {
    return samples
               ? static_cast<double>(effective) / static_cast<double>(samples)
               : 0;
  }
};

/// Adds the last run of \p runner to \p counts.
void countOperations(const IntNetwork &network, const IntRunner &runner,
                     OperationCounts &counts);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_METRICS_H
