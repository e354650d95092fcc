//===- compiler/transform/loihi/LinearRows.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/LinearRows.h"
#include <optional>

using namespace mlir;
using namespace hillock::snn;

namespace hillock::transform {

namespace {

size_t channelsOf(ConvOp conv) {
  return static_cast<size_t>(shapeOf(conv.getResult().getType())[0]);
}

/// A sum pool lets several spikes use the same weight.
double windowOf(const LinearPath &linear) {
  double window = 1;
  for (const auto &ops : {linear.before, linear.after})
    for (Operation *op : ops)
      if (auto pool = dyn_cast<PoolOp>(op))
        for (int64_t size : pool.getKernel())
          window *= size;
  return window;
}

} // namespace

RowWeights rowsOf(const LinearPath &linear, const WeightFormat &format,
                  size_t length) {
  RowWeights rows{&linear.weights, format, 0, {}, windowOf(linear)};
  const auto row = [&](double target) {
    rows.row.push_back(static_cast<uint32_t>(target) /
                       static_cast<uint32_t>(length));
  };
  if (auto conv = dyn_cast_or_null<ConvOp>(linear.weighted)) {
    rows.perRow = linear.weights.size() / channelsOf(conv);
  } else if (auto dense = dyn_cast_or_null<DenseOp>(linear.weighted)) {
    const int64_t outputs = elementsOf(dense.getResult().getType());
    rows.perRow = linear.weights.size() / static_cast<size_t>(outputs) * length;
  } else if (auto sparse = dyn_cast_or_null<SparseOp>(linear.weighted)) {
    for (double target : valuesOf(sparse.getTargets()))
      row(target);
  } else {
    for (int32_t target : linear.targets)
      row(target);
  }
  return rows;
}

size_t rowLength(const std::vector<LinearPath> &paths, size_t targets) {
  std::optional<size_t> pixels;
  for (const LinearPath &path : paths) {
    if (auto conv = dyn_cast_or_null<ConvOp>(path.weighted)) {
      const size_t channels = channelsOf(conv), own = targets / channels;
      // Also of one pixel: flattened channels of another number lie elsewhere.
      if (own * channels != targets || pixels.value_or(own) != own)
        return 0;
      pixels = own;
    } else if (llvm::any_of(path.after,
                            [](Operation *op) { return isa<PoolOp>(op); })) {
      return 0;
    }
  }
  return pixels.value_or(1);
}

WeightRange rangeOf(const LinearPath &linear, size_t targets) {
  WeightRange range;
  size_t rows = targets;
  if (auto conv = dyn_cast_or_null<ConvOp>(linear.weighted))
    rows = channelsOf(conv);
  else if (linear.weighted)
    rows = elementsOf(linear.weighted->getResult(0).getType());
  std::vector<double> up(rows), down(rows);
  const RowWeights weights = rowsOf(linear, {}, 1);
  for (size_t i = 0; i < linear.weights.size(); ++i) {
    const float weight = linear.weights[i];
    range.low = std::min<double>(range.low, weight);
    range.high = std::max<double>(range.high, weight);
    (weight > 0 ? up : down)[weights.rowOf(i)] += std::abs(weight);
  }
  range.worstUp = *llvm::max_element(up) * weights.window;
  range.worstDown = *llvm::max_element(down) * weights.window;
  return range;
}

} // namespace hillock::transform
