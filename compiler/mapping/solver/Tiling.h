//===- compiler/mapping/solver/Tiling.h - Cutting populations ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_TILING_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_TILING_H

#include "compiler/mapping/problem/Geometry.h"

namespace hillock::mapping {

/// Into how many parts each axis is cut.
struct Tiling {
  uint32_t blocks = 1, rows = 1, columns = 1; ///< channels, height, width
  uint32_t parts() const { return blocks * rows * columns; }
  bool operator==(const Tiling &) const = default;
};

/// A population cut into balanced blocks. Within a block neurons lie pixel by
/// pixel, the channels of a pixel together: then the pattern of targets of a
/// source pixel is the same wherever it lies, and rows can be shared.
struct Cut {
  uint32_t population = 0;
  Tiling tiling;
  std::vector<uint32_t> blockOf; ///< by neuron
  std::vector<uint32_t> localOf; ///< by neuron: its place in the block
  std::vector<uint32_t> sizes;   ///< by block
};

Cut makeCut(uint32_t population, const Extent &extent, const Tiling &tiling);

/// First element of part \p part when \p length elements are cut into \p parts;
/// sizes differ by at most one.
uint32_t firstOfPart(uint32_t part, uint32_t parts, uint32_t length);

/// Neurons of the largest block.
uint32_t largestBlock(const Extent &extent, const Tiling &tiling);

/// Tilings with exactly \p parts parts, the most promising first: one for
/// each number of channel blocks, those with small surfaces before others.
std::vector<Tiling> tilings(const Extent &extent, uint32_t parts);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_TILING_H
