//===- base/hdf5/Dataset.h - Data sets and their layout ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a data set's header says, and the elements themselves: "The Data Layout
// Message" (IV.A.2.i), "The Data Storage - Fill Value Message" (IV.A.2.f).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_DATASET_H
#define HILLOCK_BASE_HDF5_DATASET_H

#include "base/hdf5/Filters.h"
#include "base/hdf5/Header.h"
#include "base/hdf5/Types.h"

namespace hillock::hdf5 {

enum class LayoutKind : uint8_t { Compact, Contiguous, Chunked, Virtual };

/// How chunks are found.
enum class ChunkIndex : uint8_t {
  BTree1,
  Single,
  Implicit,
  FixedArray,
  ExtensibleArray,
  BTree2,
};

struct Layout {
  LayoutKind kind = LayoutKind::Contiguous;
  std::string_view compact;     ///< All elements.
  uint64_t address = noAddress; ///< Of all elements, or of the chunk index.
  // The rest is of chunks only.
  ChunkIndex index = ChunkIndex::BTree1;
  std::vector<uint64_t> chunk;     ///< Extents; of the data's rank, no zeros.
  uint64_t chunkBytes = 0;         ///< Saturates.
  bool skipsFiltersAtEdge = false; ///< For chunks that stick out.
  uint64_t singleBytes = 0;        ///< Of the only chunk when it is filtered.
  uint32_t singleSkipped = 0;
};

struct Dataset {
  Datatype type;
  Dataspace space;
  Layout layout;
  std::vector<Filter> filters;
  std::string_view fill;    ///< Empty: zeros.
  bool isElsewhere = false; ///< In other files.
};

/// A message that is damaged, or that says what no version says, is an error;
/// what is merely not read here is one only when the elements are.
Expected<Dataset> parseDataset(const Source &source, const Header &header);

/// One chunk that the file has.
struct Chunk {
  uint64_t slot;    ///< Place in the grid of chunks, in C order.
  uint64_t address; ///< Of the stored bytes.
  uint64_t bytes;   ///< Stored.
  uint64_t skipped; ///< Filters that were not applied, a bit each.
};

/// Chunks per axis; rounds up.
std::vector<uint64_t> gridOf(const Dataset &data);

/// Sorted by slot, each at most once; those outside of the shape are left out.
/// The data set must have elements and chunks.
Expected<std::vector<Chunk>> listChunks(const Source &source,
                                        const Dataset &data);

/// Collects chunks on behalf of listChunks.
class ChunkList {
public:
  ChunkList(const Source &source, const Dataset &data)
      : source(source), data(data), grid(gridOf(data)) {}

  Error readAll();
  std::vector<Chunk> chunks;

private:
  Error readBTree1();
  Error readBTree2();
  Error readImplicit();
  Error readFixedArray();
  Error readFixedPages(Cursor &block, uint64_t address, uint64_t count,
                       uint64_t pageBits);
  Error readExtensibleArray();
  void readSingle();
  /// \p scaled is the chunk's place in the grid.
  void add(const std::vector<uint64_t> &scaled, uint64_t address,
           uint64_t bytes, uint64_t skipped);
  /// Element \p index of an array over the chunks of the largest extent.
  void addFromArray(uint64_t index, Cursor &element);
  /// Elements of an array from \p first on.
  void addElements(uint64_t first, uint64_t count, Cursor &elements);
  /// The axis with which an extensible array grows; 0 for other arrays.
  size_t growingAxis() const;

  const Source &source;
  const Dataset &data;
  std::vector<uint64_t> grid;
  // Of arrays:
  bool isFiltered = false;
  uint64_t elementBytes = 0;
  std::vector<uint64_t> largestGrid; ///< The growing axis first.

  friend class ExtensibleArray;
};

/// The elements of a data set in C order. \p mostBytes limits what is taken
/// for them and for one round of chunks. What the file does not back up is an
/// error.
Expected<std::string> readElements(const Source &source, const Dataset &data,
                                   uint64_t mostBytes);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_DATASET_H
