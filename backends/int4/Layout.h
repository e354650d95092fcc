//===- backends/int4/Layout.h - Where values lie in the arena ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images are stored pixel by pixel (height, width, channel), with the border
// that convolutions read around them, so that a row of a window is one run of
// bytes. A code is stored minus a base: 0 where sums take signed bytes, the
// lowest code where they take unsigned ones.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_LAYOUT_H
#define HILLOCK_BACKENDS_INT4_LAYOUT_H

#include "backends/int4/Kernel.h"
#include "compiler/ann/IntNetwork.h"

namespace hillock::int4 {

struct Buffer {
  ann::Shape shape;   ///< logical, as in the network
  ann::Shape strides; ///< in elements, by logical axis
  int64_t bytes = 1;  ///< of an element: 1, or 4 for wide outputs
  int32_t base = 0;   ///< stored = code - base
  int32_t zero = 0;   ///< what a stored zero point is
  /// Border around an image: above, left, below, right.
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  int64_t address = -1; ///< of the first byte in the arena
  int64_t size = 0;     ///< bytes, border included
  int64_t first = 0;    ///< byte of element (0, ...) from the address on

  /// Read from the caller's codes, or the same bytes as the value \p sameAs.
  bool inPlace = false;
  int sameAs = -1;

  bool hasBorder() const { return top + left + bottom + right > 0; }
  /// Codes lie in row-major order.
  bool isPlain() const {
    return !hasBorder() &&
           (!isImage() || shape[0] == 1 || shape[1] * shape[2] == 1);
  }
  bool isImage() const { return shape.size() == 3; }
  int64_t elements() const;
};

struct Layout {
  std::vector<Buffer> values;
  int64_t arenaBytes = 0;
};

/// Reshapes that move nothing take no room. Without vectors, an input of which
/// no kernel reads beyond the end stays where the caller has it.
Layout layOut(const ann::IntNetwork &network, const Machine &machine);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_LAYOUT_H
