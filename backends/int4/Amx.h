//===- backends/int4/Amx.h - Sums of products in tiles ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AMX multiplies a tile of up to 16 pixels by 64 codes with a tile of 64 codes
// by 16 output channels (Intel SDM, TDPBUSD): word [m][n] of the sums gets the
// products of the unsigned bytes a[m][4 k + i] and the signed b[k][4 n + i],
// modulo 2^32. The rows of b are what a step of vpdpbusd takes, so that the
// tables of weights are the same.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_AMX_H
#define HILLOCK_BACKENDS_INT4_AMX_H

#include "backends/int4/Emitter.h"
#include <optional>

namespace hillock::int4 {

/// How a layer is cut. All its tiles have one shape: LLVM gives each of the
/// eight registers a shape for a whole function.
struct TileShape {
  int64_t rows = 1;   ///< pixels, at most 16
  int64_t groups = 1; ///< of four codes, at most 16
  int64_t steps = 1;  ///< tiles that are a run of codes

  /// Nothing where vectors do better: for a few pixels or channels, and runs
  /// that are short or not cut evenly.
  static std::optional<TileShape> of(int64_t runLength, int64_t pixels,
                                     int64_t outputs);
};

/// A tile of pixels by up to four of channels.
class TileProducts {
public:
  /// Takes room on the stack, so not to be made in a loop. \p pixelStep: bytes
  /// from the codes of a pixel to those of the next.
  TileProducts(Emitter &emit, const TileShape &shape, int64_t pixelStep,
               int64_t vectors);

  /// One tile of sums a vector of channels.
  Values zero(int64_t vectors);
  /// Adds the products of a run. \p weights: [group of codes][vector][64].
  Values addRun(mlir::ValueRange tiles, Value codes, Value weights);
  /// Vectors [pixel][vector of channels]: those of the tiles plus \p bias.
  Values plus(mlir::ValueRange tiles, mlir::ValueRange bias);

private:
  Value load(int64_t rows, int64_t bytes, Value from, int64_t step);
  Value half(int64_t value) { return e.constant(e.i16(), value); }
  Value step(int64_t bytes) { return e.constant(e.i64(), bytes); }
  Emitter &e;
  TileShape shape;
  int64_t pixelStep;
  Type tile;
  Value scratch; ///< tiles have to pass through memory
};

/// Whether this process runs on such a processor and has, or now gets, the
/// permission of the kernel.
bool mayUseTiles();

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_AMX_H
