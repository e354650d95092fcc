//===- compiler/mapping/solver/Tiling.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/Tiling.h"
#include <algorithm>

namespace hillock::mapping {

uint32_t firstOfPart(uint32_t part, uint32_t parts, uint32_t length) {
  return static_cast<uint32_t>(uint64_t{part} * length / parts);
}

namespace {

/// By element: its part.
std::vector<uint32_t> partsOf(uint32_t parts, uint32_t length) {
  std::vector<uint32_t> result(length);
  for (uint32_t part = 0; part < parts; ++part)
    for (uint32_t i = firstOfPart(part, parts, length);
         i < firstOfPart(part + 1, parts, length); ++i)
      result[i] = part;
  return result;
}

uint32_t largestPart(uint32_t parts, uint32_t length) {
  return (length + parts - 1) / parts;
}

} // namespace

Cut makeCut(uint32_t population, const Extent &extent, const Tiling &tiling) {
  Cut cut;
  cut.population = population;
  cut.tiling = tiling;
  cut.blockOf.resize(extent.size());
  cut.localOf.resize(extent.size());
  cut.sizes.resize(tiling.parts());
  const auto ofChannel = partsOf(tiling.blocks, extent.channels);
  const auto ofRow = partsOf(tiling.rows, extent.height);
  const auto ofColumn = partsOf(tiling.columns, extent.width);
  // Pixels outside, channels inside: the order within each block.
  for (uint32_t y = 0; y < extent.height; ++y)
    for (uint32_t x = 0; x < extent.width; ++x)
      for (uint32_t c = 0; c < extent.channels; ++c) {
        const uint32_t neuron = (c * extent.height + y) * extent.width + x;
        const uint32_t block =
            (ofChannel[c] * tiling.rows + ofRow[y]) * tiling.columns +
            ofColumn[x];
        cut.blockOf[neuron] = block;
        cut.localOf[neuron] = cut.sizes[block]++;
      }
  return cut;
}

uint32_t largestBlock(const Extent &extent, const Tiling &tiling) {
  return largestPart(tiling.blocks, extent.channels) *
         largestPart(tiling.rows, extent.height) *
         largestPart(tiling.columns, extent.width);
}

std::vector<Tiling> tilings(const Extent &extent, uint32_t parts) {
  std::vector<Tiling> result;
  // What a tile has to read: its area and a rim, for each block of channels.
  const auto cost = [&](const Tiling &t) {
    return uint64_t{largestPart(t.rows, extent.height) + 2} *
           (largestPart(t.columns, extent.width) + 2);
  };
  for (uint32_t blocks = 1; blocks <= std::min(parts, extent.channels);
       ++blocks) {
    if (parts % blocks != 0)
      continue;
    const uint32_t tiles = parts / blocks;
    Tiling best{0, 0, 0};
    for (uint32_t rows = 1; rows <= std::min(tiles, extent.height); ++rows) {
      const Tiling tiling{blocks, rows, tiles / rows};
      if (tiles % rows == 0 && tiling.columns <= extent.width &&
          (best.blocks == 0 || cost(tiling) < cost(best)))
        best = tiling;
    }
    if (best.blocks != 0)
      result.push_back(best);
  }
  std::stable_sort(
      result.begin(), result.end(),
      [&](const Tiling &a, const Tiling &b) { return cost(a) < cost(b); });
  return result;
}

} // namespace hillock::mapping
