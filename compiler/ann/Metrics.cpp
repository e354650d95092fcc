//===- compiler/ann/Metrics.cpp - What an inference costs -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Metrics.h"
#include "compiler/ann/Kernels.h"
#include <numeric>

namespace hillock::ann {

/// Convolves "is not zero" with "is not zero".
static uint64_t products(const IntNetwork &net, const IntLayer &layer,
                         const std::vector<int16_t> &x,
                         const std::vector<int16_t> &w) {
  const Shape &given = net.in(layer).shape, &made = net.out(layer).shape;
  const bool conv = layer.kind == Kind::Conv;
  const Shape in = conv ? given : Shape{given[0], 1, 1};
  const Shape out = conv ? made : Shape{made[0], 1, 1};
  std::vector<int32_t> sums(static_cast<size_t>(countElements(out).value_or(0)),
                            0);
  convolve<Multiply>(sums.data(), x.data(), w.data(), layer.window,
                     layer.groups, in, out);
  return std::accumulate(sums.begin(), sums.end(), uint64_t{0});
}

void countOperations(const IntNetwork &net, const IntRunner &runner,
                     OperationCounts &counts) {
  ++counts.samples;
  counts.dense = counts.weights = counts.zeroWeights = 0;
  for (const IntLayer &layer : net.layers) {
    if (!layer.hasWeights())
      continue;
    const IntValue &in = net.in(layer), &out = net.out(layer);
    const size_t filter =
        layer.weights.size() / static_cast<size_t>(out.shape[0]);
    std::vector<int16_t> x, w;
    for (const int32_t code : runner.value(layer.inputs[0])) {
      x.push_back(code != in.q.zero);
      counts.zeroActivations += code == in.q.zero;
    }
    counts.activations += x.size();
    for (size_t i = 0; i < layer.weights.size(); ++i) {
      const int32_t zero = layer.zeros.empty() ? 0 : layer.zeros[i / filter];
      w.push_back(layer.weights[i] != zero);
      counts.zeroWeights += layer.weights[i] == zero;
    }
    counts.weights += w.size();
    const int64_t plane = countElements(out.shape).value_or(0) / out.shape[0];
    counts.dense += w.size() * static_cast<uint64_t>(plane);
    counts.effective += products(net, layer, x, w);
  }
}

} // namespace hillock::ann
