//===- base/AtomicFile.h - Whole files, or none -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Outputs appear under their name only when they are complete: they are
// written under a temporary name in the same folder, flushed to the disk and
// renamed. A failure leaves the old file as it was and no temporary behind.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_ATOMICFILE_H
#define HILLOCK_BASE_ATOMICFILE_H

#include "base/Error.h"
#include <cstdint>
#include <string>
#include <string_view>

namespace hillock {

/// A file under construction. Dropping it without commit() removes it.
class AtomicFile {
public:
  /// Opens a temporary beside \p path. Devices and pipes (/dev/stdout) cannot
  /// be renamed over and are written straight through.
  static Expected<AtomicFile> create(const std::string &path);

  AtomicFile(AtomicFile &&other) noexcept;
  AtomicFile &operator=(AtomicFile &&other) noexcept;
  AtomicFile(const AtomicFile &) = delete;
  AtomicFile &operator=(const AtomicFile &) = delete;
  ~AtomicFile() { discard(); }

  Error write(std::string_view bytes);
  /// Replaces bytes that were written before; \p at counts from the start.
  /// An Input error for a device or a pipe.
  Error overwrite(uint64_t at, std::string_view bytes);
  /// Makes the file visible under its name. Nothing may be written after it.
  Error commit();
  /// Gives up: removes the temporary.
  void discard() noexcept;

private:
  AtomicFile() = default;
  Error fail(const std::string &doing);

  int descriptor = -1;
  std::string target, temporary; // temporary is empty when written through
};

/// Writes \p bytes to \p path as above.
Error writeFile(const std::string &path, std::string_view bytes);

constexpr uint64_t defaultMaxFileBytes = uint64_t{16} << 30;

/// The content of a regular file or pipe. Missing files, folders, and files
/// of more than \p maxBytes are input errors that name the path.
Expected<std::string> readFile(const std::string &path,
                               uint64_t maxBytes = defaultMaxFileBytes);

} // namespace hillock

#endif // HILLOCK_BASE_ATOMICFILE_H
