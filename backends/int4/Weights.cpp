//===- backends/int4/Weights.cpp - Weights in a kernel's order ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Weights.h"
#include "compiler/ann/Encoding.h"
#include <algorithm>
#include <cstdlib>

namespace hillock::int4 {

Runs runsOf(const ann::IntLayer &layer, const Buffer &in) {
  Runs runs;
  if (layer.kind == ann::Kind::Linear) {
    runs.length = in.shape[0];
    return runs;
  }
  const ann::Window &w = layer.window;
  const int64_t channels = in.shape[0];
  runs.rows = w.kernel[0];
  runs.rowStep = w.dilation[0] * in.strides[1];
  if (layer.groups == 1 && w.dilation[1] == 1) {
    runs.length = w.kernel[1] * channels;
    return runs;
  }
  runs.columns = w.kernel[1];
  runs.columnStep = w.dilation[1] * channels;
  runs.length = channels / layer.groups;
  return runs;
}

namespace {

/// [output][row][column][channel], less the weight's own zero point.
std::vector<int16_t> reordered(const ann::IntLayer &layer, int64_t outputs) {
  const std::vector<int8_t> codes = ann::inWindowOrder(layer);
  std::vector<int16_t> all(codes.begin(), codes.end());
  const size_t filter = all.size() / static_cast<size_t>(outputs);
  if (!layer.zeros.empty())
    for (size_t i = 0; i < all.size(); ++i)
      all[i] = static_cast<int16_t>(all[i] - layer.zeros[i / filter]);
  return all;
}

} // namespace

Operands operandsOf(const ann::IntNetwork &network, const ann::IntLayer &layer,
                    const Buffer &in, const Runs &runs) {
  Operands operands;
  const int64_t outputs = network.out(layer).shape[0];
  operands.values = reordered(layer, outputs);
  operands.nibbles = std::all_of(operands.values.begin(), operands.values.end(),
                                 [](int16_t w) { return w >= -8 && w <= 7; });
  const ann::Quantization &q = network.in(layer).q;
  const int64_t most = std::max(std::abs(int64_t{q.high} - in.base),
                                std::abs(int64_t{q.low} - in.base));
  const int64_t filter = runs.count() * runs.length;
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t sum = 0, size = 0;
    for (int64_t i = 0; i < filter; ++i) {
      const int64_t w =
          ann::factorOf(layer.format.code,
                        operands.values[static_cast<size_t>(o * filter + i)]);
      sum += w;
      size += std::abs(w);
    }
    // The zero point's share is known: sum of w (x - z) = sum of w x - z sum
    // of w, modulo 2^32 as all of the arithmetic is.
    const int64_t bias =
        layer.bias[static_cast<size_t>(o)] - int64_t{in.zero} * sum;
    operands.bias.push_back(
        static_cast<int32_t>(static_cast<uint64_t>(bias) & 0xFFFFFFFFu));
    operands.largest = std::max(operands.largest, std::abs(bias) + size * most);
  }
  return operands;
}

namespace {

int64_t groupsOf(const Runs &runs, const Kernel &kernel) {
  const int64_t groups =
      (runs.length + int64_t{kernel.group} - 1) / kernel.group;
  return runs.joined ? groups * runs.count() : groups;
}

} // namespace

int64_t stepsOf(const Runs &runs, const Kernel &kernel, bool nibbles) {
  const int64_t groups = groupsOf(runs, kernel);
  return nibbles ? (groups + 1) / 2 : groups;
}

int64_t stepBytes(const Kernel &kernel) {
  return int64_t{kernel.lanes} * kernel.group;
}

void packTile(std::vector<int8_t> &bytes, const Operands &operands,
              const Runs &runs, const Kernel &kernel, int64_t first,
              int64_t vectors, int64_t end) {
  const bool nibbles = operands.nibbles;
  const int64_t group = kernel.group, lanes = kernel.lanes;
  const int64_t steps = stepsOf(runs, kernel, nibbles);
  const int64_t groups = groupsOf(runs, kernel);
  const int64_t perRun = runs.joined ? groups / runs.count() : groups;
  // \p g is a group of the run, or of all runs.
  const auto weight = [&](int64_t output, int64_t run, int64_t g, int64_t i) {
    if (output >= end || g >= groups)
      return int64_t{0};
    return int64_t{
        operands.at(output, run + g / perRun, g % perRun * group + i, runs)};
  };
  for (int64_t run = 0; run < (runs.joined ? 1 : runs.count()); ++run)
    for (int64_t step = 0; step < steps; ++step)
      for (int64_t v = 0; v < vectors; ++v)
        for (int64_t lane = 0; lane < lanes; ++lane)
          for (int64_t i = 0; i < group; ++i) {
            const int64_t output = first + v * lanes + lane;
            if (!nibbles) {
              bytes.push_back(
                  static_cast<int8_t>(weight(output, run, step, i)));
              continue;
            }
            const int64_t low = weight(output, run, 2 * step, i);
            const int64_t high = weight(output, run, 2 * step + 1, i);
            bytes.push_back(
                static_cast<int8_t>((low & 15) | ((high & 15) << 4)));
          }
}

} // namespace hillock::int4
