//===- target/Builtin.h - Embedded descriptions -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TARGET_BUILTIN_H
#define HILLOCK_TARGET_BUILTIN_H

#include <string_view>
#include <vector>

namespace hillock::target {

struct Builtin {
  std::string_view name; ///< the file's name without .textproto
  std::string_view text;
};

/// The files of backends/targets, sorted by name. The definition is generated
/// by target/EmbedTargets.cmake.
std::vector<Builtin> builtins();

} // namespace hillock::target

#endif // HILLOCK_TARGET_BUILTIN_H
