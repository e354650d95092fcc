//===- emulator/ranks/Wire.h - Numbers as bytes -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Messages between ranks of one run: the same program on machines of the same
// kind, so numbers travel as they lie in memory.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_WIRE_H
#define HILLOCK_EMULATOR_RANKS_WIRE_H

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hillock::emu::wire {

template <typename T> void put(std::string &to, const T &value) {
  static_assert(std::is_trivially_copyable_v<T>);
  to.append(reinterpret_cast<const char *>(&value), sizeof(T));
}

template <typename T> void putAll(std::string &to, const T *values, size_t n) {
  static_assert(std::is_trivially_copyable_v<T>);
  put(to, static_cast<uint64_t>(n));
  if (n > 0)
    to.append(reinterpret_cast<const char *>(values), n * sizeof(T));
}

inline void putText(std::string &to, std::string_view text) {
  putAll(to, text.data(), text.size());
}

/// Takes values from the front. What is not there is zero; good() tells.
class Reader {
public:
  explicit Reader(std::string_view bytes) : rest(bytes) {}

  template <typename T> T get() {
    T value{};
    if (rest.size() < sizeof(T)) {
      fine = false;
      rest = {};
      return value;
    }
    std::memcpy(&value, rest.data(), sizeof(T));
    rest.remove_prefix(sizeof(T));
    return value;
  }
  template <typename T> std::vector<T> getAll() {
    const auto n = get<uint64_t>();
    std::vector<T> values;
    if (n > rest.size() / sizeof(T)) {
      fine = false;
      return values;
    }
    values.resize(n);
    if (n > 0)
      std::memcpy(values.data(), rest.data(), n * sizeof(T));
    rest.remove_prefix(n * sizeof(T));
    return values;
  }
  std::string getText() {
    const std::vector<char> text = getAll<char>();
    return {text.begin(), text.end()};
  }
  bool done() const { return rest.empty(); }
  bool good() const { return fine; }

private:
  std::string_view rest;
  bool fine = true;
};

} // namespace hillock::emu::wire

#endif // HILLOCK_EMULATOR_RANKS_WIRE_H
