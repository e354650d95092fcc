//===- compiler/ann/Moments.h - What a layer's inputs look like -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_MOMENTS_H
#define HILLOCK_COMPILER_ANN_MOMENTS_H

#include "compiler/ann/Network.h"
#include "compiler/ann/Rounding.h"

namespace hillock::ann {

/// Inputs (codes of the integer network so far) and wanted sums (of the real
/// network) of a layer with weights, sample after sample.
struct LayerData {
  const Network &network;
  const Layer &layer;
  Quantization input;
  const std::vector<int32_t> &codes;
  const std::vector<float> &sums;
  size_t samples;
};

struct LayerMoments {
  std::vector<Moments> groups;         ///< damped
  std::vector<ChannelTarget> channels; ///< by output channel
};

/// Looks at all positions of all samples, or at a random part of them where
/// that would take too long. Does not depend on the number of threads.
LayerMoments collectMoments(const LayerData &data, uint64_t seed,
                            unsigned threads);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_MOMENTS_H
