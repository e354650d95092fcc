//===- target/Meaning.h - What a field of the schema means ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TARGET_MEANING_H
#define HILLOCK_TARGET_MEANING_H

#include <string>
#include <string_view>

namespace hillock::target {

/// One sentence for a field of proto/target.proto, by its full name
/// ("hillock.proto.Mesh.tiles_x"); "" when the table has none.
std::string meaning(std::string_view fullName);

} // namespace hillock::target

#endif // HILLOCK_TARGET_MEANING_H
