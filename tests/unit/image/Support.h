//===- tests/unit/image/Support.h - Shared by image tests -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_IMAGE_SUPPORT_H
#define HILLOCK_TESTS_UNIT_IMAGE_SUPPORT_H

#include "base/Random.h"
#include "image/ImageFile.h"
#include "image/Pack.h"
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace hillock::image {

/// The value, or a test failure and a default.
template <typename T> T take(Expected<T> value) {
  if (value)
    return std::move(*value);
  ADD_FAILURE() << takeText(value.takeError());
  return T();
}

/// The message of an error of kind \p kind; "no error" when there is a value.
template <typename T>
std::string problem(Expected<T> value, ErrorKind kind = ErrorKind::Input) {
  if (value)
    return "no error";
  ErrorKind actual = ErrorKind::Usage;
  std::string text = takeText(value.takeError(), &actual);
  EXPECT_EQ(actual, kind) << text;
  return text;
}

inline target::TargetModel builtin(const std::string &name) {
  return take(target::findTarget(name));
}

/// A file below the data folder; null when there is no such folder.
inline nlohmann::json data(const std::string &path) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder)
    return nullptr;
  std::ifstream stream(std::string(folder) + "/" + path);
  return stream ? nlohmann::json::parse(stream) : nullptr;
}

/// Random legal tables; \p scale is about the number of compartments.
CoreTables randomTables(uint64_t seed, const target::TargetModel &target,
                        uint32_t scale);

/// Two compartments, one axon with two synapses, both spiking to it.
CoreTables smallTables();

} // namespace hillock::image

#endif // HILLOCK_TESTS_UNIT_IMAGE_SUPPORT_H
