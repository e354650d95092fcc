//===- compiler/transform/loihi/RowScales.h - Narrow weights ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of a few bits need more than one scale a population. A spike carries
// no size, so every neuron may measure its weights, its threshold and its bias
// in a unit of its own. A row is a set of neurons that share their weights: an
// output channel of a convolution, or a single neuron. A core has few different
// thresholds, so that rows choose from a short list. No MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_ROWSCALES_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_ROWSCALES_H

#include "compiler/transform/loihi/Scale.h"
#include <cstddef>

namespace hillock::transform {

/// The weights of one projection by rows of its target.
struct RowWeights {
  const std::vector<float> *weights = nullptr;
  WeightFormat format;
  size_t perRow = 0;         ///< weight i belongs to row i / perRow, or
  std::vector<uint32_t> row; ///< to row[i] when perRow is 0
  double window = 1;         ///< source neurons that share a weight (sum pools)

  size_t rowOf(size_t weight) const {
    return perRow ? weight / perRow : row[weight];
  }
};

/// Different thresholds that a population may have; what a core of the chip
/// holds (nengo-loihi hardware/nxsdk_objects.py, MAX_VTH_CFGS).
constexpr size_t rowThresholds = 8;

/// Threshold mantissas, one a row: those at which the weights of a row, rounded
/// and cut to their formats, have the smallest relative square error. None
/// leaves a register or the sum of a step. Scales at which the widest weight is
/// a whole number of codes come first, for they are exact where the network was
/// made of whole numbers.
std::vector<int64_t> chooseRowThresholds(const std::vector<RowWeights> &paths,
                                         size_t rows, const Scaling &scaling,
                                         const ScaleLimits &limits);

/// Rounds \p path's weights (row r multiplied by factor[r] * scale) to
/// mantissas. The errors of a row are made to add up to at most half a code, as
/// far as the format's codes reach (none goes beyond the last one, or to other
/// than its two neighbours): what is nearest to the middle between two codes
/// goes to the other one.
/// Inputs are spikes, none of them negative, so that an error that all weights
/// of a row share would be a bias (Guo et al., "SQuant", ICLR 2022).
Quantized quantizeRows(const RowWeights &path, double scale,
                       const std::vector<double> &factor);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_ROWSCALES_H
