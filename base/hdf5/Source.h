//===- base/hdf5/Source.h - Bytes of an HDF5 file ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that is read from a file goes through here: no byte outside of it
// is touched, and the work is limited to a multiple of its size, because the
// parts of a damaged file may refer to each other in circles. Names of sections
// are those of the "HDF5 File Format Specification Version 3.0".
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_SOURCE_H
#define HILLOCK_BASE_HDF5_SOURCE_H

#include "base/Error.h"
#include <cstdint>
#include <string_view>

namespace hillock::hdf5 {

/// "The undefined address": all bits are ones.
constexpr uint64_t noAddress = ~uint64_t{0};

/// a * b, or the largest number when that is more.
uint64_t saturatingMultiply(uint64_t a, uint64_t b);

/// Takes little-endian numbers and bytes off the front. Once it was asked for
/// more than is left, it has failed and gives zeros.
class Cursor {
public:
  Cursor(std::string_view bytes, size_t addressBytes, size_t lengthBytes)
      : bytes(bytes), addressBytes(addressBytes), lengthBytes(lengthBytes) {}

  bool failed() const { return isShort; }
  size_t left() const { return bytes.size(); }
  std::string_view rest() const { return bytes; }

  std::string_view take(uint64_t size);
  void skip(uint64_t size) { take(size); }
  /// \p width is 0 to 8 bytes.
  uint64_t number(size_t width);
  /// noAddress for all ones of the file's width.
  uint64_t address();
  uint64_t length() { return number(lengthBytes); }
  /// Up to a '\0', which is taken as well; fails without one.
  std::string_view text();

private:
  std::string_view bytes;
  size_t addressBytes, lengthBytes;
  bool isShort = false;
};

/// The error of a part that does not fit its own description.
Error cutShort(const std::string &what);

class Source {
public:
  /// Finds and reads the superblock (II.A). \p bytes must outlive the result.
  static Expected<Source> open(std::string_view bytes);

  uint64_t root() const { return rootAddress; } ///< Its object header.
  uint64_t size() const { return bytes.size(); }
  size_t addressBytes() const { return widthOfAddress; }
  size_t lengthBytes() const { return widthOfLength; }

  /// \p size bytes at \p address; \p what is for the message. Costs work.
  Expected<std::string_view> at(uint64_t address, uint64_t size,
                                const std::string &what) const;
  /// The same for a block that begins with four letters.
  Expected<Cursor> block(uint64_t address, uint64_t size, const char *signature,
                         const std::string &what) const;
  /// The same for one that also ends with a checksum, which the result is
  /// without.
  Expected<Cursor> checkedBlock(uint64_t address, uint64_t size,
                                const char *signature,
                                const std::string &what) const;
  /// At most as many as there are; costs work as well.
  std::string_view upTo(uint64_t address, uint64_t size) const;
  Cursor cursor(std::string_view part) const {
    return {part, widthOfAddress, widthOfLength};
  }
  /// For work that is not in proportion to the bytes that were asked for.
  Error charge(uint64_t bytesOfWork) const;

private:
  Error readOldSuperblock();
  Error readNewSuperblock();
  Error checkEnd(uint64_t stored, uint64_t base);

  std::string_view bytes; ///< From the superblock on, which has address 0.
  uint64_t rootAddress = noAddress;
  size_t widthOfAddress = 8, widthOfLength = 8;
  mutable uint64_t workLeft = 0;
};

/// Whether the last four bytes are the checksum of the others.
bool hasGoodChecksum(std::string_view block);
uint32_t checksum(std::string_view block);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_SOURCE_H
