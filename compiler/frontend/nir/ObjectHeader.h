//===- compiler/frontend/nir/ObjectHeader.h - Links of groups ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A "compact" group keeps its links as messages in its object header. When one
// of them is damaged, the library (1.10) releases a table of links that it has
// not filled, so they are read here, after the public file format specification
// (sections IV.A.1 "Object Headers" and IV.A.2.g "The Link Message"):
//   version 1   header of 16 bytes with the size of the first block at 8;
//               messages: type (2), size (2), flags (1), three bytes, data
//   version 2   "OHDR", version, flags, optional fields, the block's size;
//               messages: type (1), size (2), flags (1), optional order (2),
//               data; further blocks begin with "OCHK"; each ends with a
//               checksum, which is not looked at here
// A message of type 0x10 is the address and the length of a further block.
// All numbers are little endian.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_OBJECTHEADER_H
#define HILLOCK_COMPILER_FRONTEND_NIR_OBJECTHEADER_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hillock::nir {

/// How to reach the bytes of an HDF5 file.
struct RawFile {
  /// Bytes of the file from an offset; shorter than asked for at its end.
  std::function<std::string(uint64_t offset, uint64_t size)> read;
  uint64_t base = 0;                      ///< Added to every address.
  size_t addressBytes = 8, sizeBytes = 8; ///< Widths from the superblock.
  uint64_t fileBytes = 0;                 ///< Limits the work.
};

struct RawLink {
  std::string name;                ///< Never empty, without '\0'.
  std::optional<uint64_t> address; ///< None when soft or external.
};

/// The links in the object header at \p address in the file's order, or what is
/// wrong with it.
std::variant<std::vector<RawLink>, std::string>
readCompactLinks(const RawFile &file, uint64_t address);

/// What is wrong with the object header at \p address, or "". Looks at what the
/// library reads past the end of: names of filters and of enumerated values.
std::string findHeaderProblem(const RawFile &file, uint64_t address);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_OBJECTHEADER_H
