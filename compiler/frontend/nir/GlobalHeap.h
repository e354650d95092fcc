//===- compiler/frontend/nir/GlobalHeap.h - Text of HDF5 files --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strings of variable length lie in the "global heap" of an HDF5 file. The
// library (1.10) takes up to 4 GiB for a damaged one, or loops for ever, so it
// is read here, after the public file format specification (section III.E):
//   collection  "GCOL", version 1, three bytes, size; then objects
//   object      index (2), reference count (2), four bytes, size; then data,
//               padded to a multiple of 8; index 0 is the free space at the end
//   element     length (4), address of the collection, index (4)
// All numbers are little endian.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_GLOBALHEAP_H
#define HILLOCK_COMPILER_FRONTEND_NIR_GLOBALHEAP_H

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hillock::nir {

class GlobalHeap {
public:
  /// Bytes of the file from an offset; shorter than asked for at its end.
  using Reader = std::function<std::string(uint64_t offset, uint64_t size)>;

  /// \p base is added to every address; \p addressBytes and \p sizeBytes are
  /// the widths from the superblock; \p fileBytes limits the work.
  GlobalHeap(Reader reader, uint64_t base, size_t addressBytes,
             size_t sizeBytes, uint64_t fileBytes);

  size_t elementBytes() const { return 8 + addressBytes; }
  /// The text that an element of a data set stands for; none when damaged.
  std::optional<std::string> text(std::string_view element);

private:
  struct Place {
    uint64_t offset, size; ///< In the collection.
  };
  struct Collection {
    std::string bytes;
    std::map<uint64_t, Place> objects;
  };
  const Collection *collection(uint64_t address);

  Reader reader;
  uint64_t base, workLeft;
  size_t addressBytes, sizeBytes;
  std::map<uint64_t, Collection> collections;
};

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_GLOBALHEAP_H
