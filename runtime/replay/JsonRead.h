//===- runtime/replay/JsonRead.h - Fields with good errors ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_JSONREAD_H
#define HILLOCK_RUNTIME_REPLAY_JSONREAD_H

#include "base/Error.h"
#include "llvm/Support/JSON.h"
#include <optional>
#include <string>
#include <vector>

namespace hillock::runtime {

/// An integer, a boolean as 0 or 1, or a number without a fraction.
std::optional<int64_t> asInteger(const llvm::json::Value &value);
Expected<int64_t> integerAt(const llvm::json::Object &object,
                            llvm::StringRef key);
Expected<int64_t> integerOr(const llvm::json::Object &object,
                            llvm::StringRef key, int64_t fallback);
Expected<std::vector<int64_t>> integers(const llvm::json::Array *array,
                                        const std::string &where);
std::string textOr(const llvm::json::Object &object, llvm::StringRef key,
                   const std::string &fallback);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_JSONREAD_H
