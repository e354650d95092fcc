//===- compiler/frontend/nir/Chunks.h - Compressed data sets ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// HDF5 (1.10) trusts that a chunk expands to its full size and reads past the
// end of its buffer when it does not. So chunks are put together here, for the
// filters that NIR files use: deflate, shuffle and LZF.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_CHUNKS_H
#define HILLOCK_COMPILER_FRONTEND_NIR_CHUNKS_H

#include "compiler/frontend/nir/Graph.h"
#include <hdf5.h>
#include <optional>

namespace hillock::nir {

/// How a data set is cut and filtered.
struct ChunkLayout {
  Shape shape, chunk; ///< Of one rank, at least 1; no zeros.
  size_t elementBytes = 0;
  std::vector<H5Z_filter_t> filters; ///< In the order of writing.
  uint64_t mostStored = 0;           ///< No chunk takes more in the file.

  uint64_t chunkBytes() const;
};

/// The layout of a data set that readChunks can handle; none for others
/// (not chunked, or other filters).
std::optional<ChunkLayout> chunkLayout(hid_t data, const Shape &shape,
                                       size_t elementBytes, uint64_t fileBytes);

/// Puts all elements into \p out in C order, in the file's element type.
/// Returns what is wrong, or "".
std::string readChunks(hid_t data, const ChunkLayout &layout, char *out);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_CHUNKS_H
