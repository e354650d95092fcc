//===- base/hdf5/GlobalHeap.h - Text of variable length ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Global Heap" (III.E):
//   collection  "GCOL", version 1, three bytes, size; then objects
//   object      index (2), reference count (2), four bytes, size; then data,
//               padded to a multiple of 8; index 0 is the free space at the end
//   element     length (4), address of the collection, index (4)
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_GLOBALHEAP_H
#define HILLOCK_BASE_HDF5_GLOBALHEAP_H

#include "base/hdf5/Source.h"
#include <map>
#include <string>
#include <vector>

namespace hillock::hdf5 {

class GlobalHeap {
public:
  explicit GlobalHeap(const Source &source) : source(source) {}

  size_t elementBytes() const { return 8 + source.addressBytes(); }
  /// The text, up to a '\0', that an element of a data set stands for.
  Expected<std::string> text(std::string_view element);

private:
  struct Object {
    uint64_t index;
    std::string_view bytes;
  };
  using Collection = std::vector<Object>; ///< Sorted by index.
  Expected<const Collection *> collection(uint64_t address);

  const Source &source;
  std::map<uint64_t, Collection> collections;
};

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_GLOBALHEAP_H
