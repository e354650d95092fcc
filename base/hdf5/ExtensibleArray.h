//===- base/hdf5/ExtensibleArray.h - Index of growing data ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Extensible Array Index" (VII.D): an array that grows by blocks. The first
// elements lie in the index block itself; then come data blocks, in groups
// ("super blocks") of more and larger ones; the later groups have a block of
// their own with the addresses of their data blocks.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_EXTENSIBLEARRAY_H
#define HILLOCK_BASE_HDF5_EXTENSIBLEARRAY_H

#include "base/hdf5/Source.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace hillock::hdf5 {

class ExtensibleArray {
public:
  /// Takes \p count elements of \p width bytes from number \p first on.
  using Visit = llvm::function_ref<void(uint64_t first, uint64_t count,
                                        size_t width, Cursor &elements)>;

  ExtensibleArray(const Source &source, bool isFiltered)
      : source(source), isFiltered(isFiltered) {}
  Error read(uint64_t address, Visit visit);

private:
  struct Group {
    uint64_t blocks, perBlock; ///< Data blocks; elements in each.
  };
  /// The data blocks of super block \p number.
  Group groupOf(uint64_t number) const {
    return {uint64_t{1} << (number / 2), leastPerBlock << ((number + 1) / 2)};
  }
  Error readHeader(uint64_t address);
  Error readIndexBlock(Visit visit);
  Error readDataBlock(uint64_t address, uint64_t first, uint64_t count,
                      Visit visit);
  Error readSuperBlock(uint64_t address, const Group &group, uint64_t first,
                       Visit visit);
  Error readPages(uint64_t address, std::string_view inUse, uint64_t firstBit,
                  uint64_t first, uint64_t count, Visit visit);

  const Source &source;
  bool isFiltered;
  size_t elementBytes = 0, offsetBytes = 0;
  uint64_t indexBlock = noAddress, inIndexBlock = 0;
  uint64_t leastPerBlock = 0, leastPointers = 0;
  uint64_t perPage = 0, superBlocks = 0, used = 0;
};

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_EXTENSIBLEARRAY_H
