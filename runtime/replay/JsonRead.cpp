//===- runtime/replay/JsonRead.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/JsonRead.h"

namespace hillock::runtime {

std::optional<int64_t> asInteger(const llvm::json::Value &value) {
  if (auto integer = value.getAsInteger())
    return *integer;
  if (auto boolean = value.getAsBoolean())
    return *boolean ? 1 : 0;
  return std::nullopt;
}

Expected<int64_t> integerAt(const llvm::json::Object &object,
                            llvm::StringRef key) {
  const llvm::json::Value *value = object.get(key);
  if (!value)
    return inputError("field '" + key.str() + "' is missing");
  if (auto integer = asInteger(*value))
    return *integer;
  return inputError("field '" + key.str() + "' is not an integer");
}

Expected<int64_t> integerOr(const llvm::json::Object &object,
                            llvm::StringRef key, int64_t fallback) {
  if (!object.get(key) || object.get(key)->getAsNull())
    return fallback;
  return integerAt(object, key);
}

Expected<std::vector<int64_t>> integers(const llvm::json::Array *array,
                                        const std::string &where) {
  if (!array)
    return inputError("a list of integers is missing", where);
  std::vector<int64_t> result;
  result.reserve(array->size());
  for (const llvm::json::Value &value : *array) {
    // Traces of one neuron may come as lists of one.
    const llvm::json::Value *item = &value;
    while (const llvm::json::Array *inner = item->getAsArray()) {
      if (inner->size() != 1)
        return inputError("entry " + std::to_string(result.size()) +
                              " is a list of " + std::to_string(inner->size()),
                          where);
      item = &inner->front();
    }
    auto integer = asInteger(*item);
    if (!integer)
      return inputError("entry " + std::to_string(result.size()) +
                            " is not an integer",
                        where);
    result.push_back(*integer);
  }
  return result;
}

std::string textOr(const llvm::json::Object &object, llvm::StringRef key,
                   const std::string &fallback) {
  auto text = object.getString(key);
  return text ? text->str() : fallback;
}

} // namespace hillock::runtime
