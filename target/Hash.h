//===- target/Hash.h - 64-bit hash of bytes ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hash that stands in files: it must be the same for ever and on every
// machine, so it is written out here and not borrowed from a library. XXH64
// (Y. Collet, xxHash specification, seed 0): not cryptographic; it finds
// damage, not malice.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TARGET_HASH_H
#define HILLOCK_TARGET_HASH_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hillock::target {

/// XXH64 of \p bytes with seed 0.
uint64_t hashBytes(std::string_view bytes);

/// The same hash of bytes that come piece by piece.
class Hasher {
public:
  Hasher();
  void add(std::string_view bytes);
  /// Of all that was added so far.
  uint64_t value() const;

private:
  void stripe(const char *at);

  std::array<uint64_t, 4> lane;
  std::array<char, 32> rest; ///< less than a stripe of 32 bytes
  size_t kept = 0;
  uint64_t total = 0;
};

} // namespace hillock::target

#endif // HILLOCK_TARGET_HASH_H
