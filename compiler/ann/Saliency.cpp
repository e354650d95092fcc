//===- compiler/ann/Saliency.cpp - What a decision rests on ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Saliency.h"
#include "base/Parallel.h"
#include <algorithm>

namespace hillock::ann {

namespace {

/// The code of \p winner less the largest other one.
int64_t marginOf(std::span<const int32_t> output, int64_t winner) {
  int64_t other = output.size() == 1 ? 0 : std::numeric_limits<int64_t>::min();
  for (size_t i = 0; i < output.size(); ++i)
    if (static_cast<int64_t>(i) != winner)
      other = std::max<int64_t>(other, output[i]);
  return output[static_cast<size_t>(winner)] - other;
}

/// An input whose places are changed one after the other.
class Changed {
public:
  Changed(std::span<const int32_t> codes, const Saliency &shape,
          const SaliencyPatch &patch)
      : original(codes), codes(codes.begin(), codes.end()), shape(shape),
        patch(patch) {
    const auto [least, most] = std::minmax_element(codes.begin(), codes.end());
    low = *least;
    high = *most;
  }

  const std::vector<int32_t> &at(int64_t row, int64_t column) {
    std::copy(original.begin(), original.end(), codes.begin());
    const auto range = [](int64_t middle, int64_t size, int64_t limit) {
      const int64_t first = middle - (size - 1) / 2;
      return std::pair(std::max<int64_t>(first, 0),
                       std::min(first + size, limit));
    };
    const auto [top, bottom] = range(row, patch.rows, shape.rows);
    const auto [left, right] = range(column, patch.columns, shape.columns);
    const auto plane = static_cast<size_t>(shape.rows * shape.columns);
    for (size_t c = 0; c < codes.size(); c += plane)
      for (int64_t r = top; r < bottom; ++r)
        for (int64_t k = left; k < right; ++k) {
          int32_t &code = codes[c + static_cast<size_t>(r * shape.columns + k)];
          code = int64_t{high} - code > int64_t{code} - low ? high : low;
        }
    return codes;
  }

private:
  std::span<const int32_t> original;
  std::vector<int32_t> codes;
  const Saliency &shape;
  const SaliencyPatch patch;
  int32_t low = 0, high = 0;
};

} // namespace

Saliency explainDecision(const IntNetwork &network,
                         std::span<const int32_t> codes,
                         const SaliencyPatch &patch, unsigned threads) {
  Saliency result;
  const Shape &input = network.values[static_cast<size_t>(network.input)].shape;
  result.columns = input.back();
  result.rows = input.size() > 1 ? input[input.size() - 2] : 1;
  {
    IntRunner runner(network);
    const auto output = runner.runCodes(codes);
    result.decision =
        std::max_element(output.begin(), output.end()) - output.begin();
    result.margin = marginOf(output, result.decision);
  }
  const int64_t places = result.rows * result.columns;
  result.loss.resize(static_cast<size_t>(places));
  std::vector<char> flipped(static_cast<size_t>(places), 0);
  parallelChunks(
      0, places, threads, [&](int64_t first, int64_t last, unsigned) {
        IntRunner runner(network);
        Changed changed(codes, result, patch);
        for (int64_t i = first; i < last; ++i) {
          const auto output = runner.runCodes(
              changed.at(i / result.columns, i % result.columns));
          const auto place = static_cast<size_t>(i);
          result.loss[place] =
              result.margin - marginOf(output, result.decision);
          flipped[place] =
              std::max_element(output.begin(), output.end()) - output.begin() !=
              result.decision;
        }
      });
  result.flips = static_cast<uint64_t>(
      std::count(flipped.begin(), flipped.end(), char{1}));
  return result;
}

} // namespace hillock::ann
