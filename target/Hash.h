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

#include <cstdint>
#include <string_view>

namespace hillock::target {

/// XXH64 of \p bytes with seed 0.
uint64_t hashBytes(std::string_view bytes);

} // namespace hillock::target

#endif // HILLOCK_TARGET_HASH_H
