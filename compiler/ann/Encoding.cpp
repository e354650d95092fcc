//===- compiler/ann/Encoding.cpp - How weights are stored -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Encoding.h"
#include <algorithm>

namespace hillock::ann {

std::vector<int8_t> inWindowOrder(const IntLayer &layer) {
  const std::vector<int8_t> &w = layer.weights;
  const size_t taps =
      layer.kind == Kind::Conv
          ? static_cast<size_t>(layer.window.kernel[0] * layer.window.kernel[1])
          : 1;
  if (taps == 1)
    return w;
  const size_t filter = w.size() / layer.bias.size();
  const size_t channels = filter / taps;
  std::vector<int8_t> all(w.size());
  for (size_t first = 0; first < w.size(); first += filter)
    for (size_t c = 0; c < channels; ++c)
      for (size_t t = 0; t < taps; ++t)
        all[first + t * channels + c] = w[first + c * taps + t];
  return all;
}

unsigned SkipCode::countBytes() const {
  const auto most = std::max_element(counts.begin(), counts.end());
  return most != counts.end() && *most > 255 ? 2 : 1;
}

uint64_t SkipCode::bytes() const {
  return counts.size() * countBytes() + entries.size() * (entryBits / 8);
}

namespace {

SkipCode encode(const IntLayer &layer, const std::vector<int8_t> &codes,
                unsigned entryBits) {
  SkipCode result;
  result.entryBits = entryBits;
  result.codeBits = layer.format.bits;
  const size_t most = (size_t{1} << (entryBits - result.codeBits)) - 1;
  const auto mask = static_cast<uint16_t>((1u << result.codeBits) - 1);
  const size_t channels = layer.bias.size();
  const size_t filter = codes.size() / channels;
  const auto append = [&](size_t skipped, int32_t code) {
    result.entries.push_back(static_cast<uint16_t>(
        skipped << result.codeBits | (static_cast<uint16_t>(code) & mask)));
    ++result.counts.back();
  };
  for (size_t c = 0; c < channels; ++c) {
    const int32_t zero = layer.zeros.empty() ? 0 : layer.zeros[c];
    result.counts.push_back(0);
    size_t skipped = 0;
    for (size_t i = c * filter; i < (c + 1) * filter; ++i) {
      if (codes[i] == zero) {
        ++skipped;
        continue;
      }
      for (; skipped > most; skipped -= most + 1)
        append(most, zero);
      append(skipped, codes[i]);
      skipped = 0;
    }
  }
  return result;
}

} // namespace

std::optional<SkipCode> skipCodeOf(const IntLayer &layer) {
  const std::vector<int8_t> codes = inWindowOrder(layer);
  std::optional<SkipCode> best;
  uint64_t least = packedBytes(codes.size(), layer.format.bits);
  // Wide entries first: where both take the same, they are fewer.
  for (const unsigned entryBits : {16u, 8u}) {
    if (entryBits <= layer.format.bits)
      continue;
    SkipCode next = encode(layer, codes, entryBits);
    const bool countable =
        std::all_of(next.counts.begin(), next.counts.end(),
                    [](uint32_t count) { return count <= 65535; });
    if (!countable || next.bytes() >= least)
      continue;
    least = next.bytes();
    best = std::move(next);
  }
  return best;
}

} // namespace hillock::ann
