//===- base/Zip.h - Reading and writing zip archives ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As much of the zip format as numpy's .npz files use: members stored or
// deflated, zip64 sizes. No encryption, no split archives.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_ZIP_H
#define HILLOCK_BASE_ZIP_H

#include "base/Error.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hillock {

struct ZipMember {
  std::string name;
  uint16_t method = 0;     ///< 0 stored, 8 deflated
  uint32_t crc = 0;        ///< of the plain bytes
  uint64_t plainBytes = 0; ///< as declared
  std::string_view packed; ///< points into the archive
};

/// At most this much comes out of one archive, however well it is packed.
constexpr uint64_t maxInflatedBytes = uint64_t{8} << 30;

/// The members in the order of the central directory. \p name is for
/// messages. The result points into \p archive.
Expected<std::vector<ZipMember>> listZip(std::string_view archive,
                                         const std::string &name);

/// The plain bytes of \p member, checked against its size and CRC. A size
/// that deflate cannot have packed into the bytes at hand is refused before
/// anything is allocated.
Expected<std::string> unpackZip(const ZipMember &member,
                                const std::string &name);

/// The plain bytes of a gzip stream, at most maxInflatedBytes.
Expected<std::string> unpackGzip(std::string_view packed,
                                 const std::string &name);

/// An archive of stored members (name, bytes), dated 1980-01-01 so that equal
/// content gives equal bytes. Fails beyond 4 GiB.
Expected<std::string>
makeZip(const std::vector<std::pair<std::string, std::string>> &members);

} // namespace hillock

#endif // HILLOCK_BASE_ZIP_H
