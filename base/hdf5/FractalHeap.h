//===- base/hdf5/FractalHeap.h - Objects of dense groups --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Fractal Heap" (III.G): where newer files keep links and attributes once an
// object has more than a few. Heaps with filters and "huge" objects are not
// read; no link or small attribute needs them.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_FRACTALHEAP_H
#define HILLOCK_BASE_HDF5_FRACTALHEAP_H

#include "base/hdf5/Source.h"
#include <set>

namespace hillock::hdf5 {

class FractalHeap {
public:
  static Expected<FractalHeap> open(const Source &source, uint64_t address);

  size_t idBytes() const { return widthOfId; }
  /// The object that \p id stands for, of at least one byte.
  Expected<std::string_view> object(std::string_view id);

private:
  explicit FractalHeap(const Source &source) : source(&source) {}
  Error readHeader(uint64_t address);
  Expected<std::string_view> managed(Cursor id);
  Expected<uint64_t> child(uint64_t block, uint64_t rows, uint64_t index);
  Expected<std::string_view> inBlock(uint64_t address, uint64_t blockBytes,
                                     uint64_t offset, uint64_t length);
  /// Of a block in a row.
  uint64_t blockBytes(uint64_t row) const {
    return row == 0 ? startBytes : startBytes << (row - 1);
  }

  const Source *source;
  size_t widthOfId = 0, widthOfOffset = 0, widthOfLength = 0;
  bool hasChecksums = false;
  uint64_t tableWidth = 0, startBytes = 0, largestDirect = 0;
  uint64_t root = noAddress, rootRows = 0;
  std::set<uint64_t> checked; ///< Blocks with a good checksum.
};

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_FRACTALHEAP_H
