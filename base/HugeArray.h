//===- base/HugeArray.h - Memory on large pages -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HUGEARRAY_H
#define HILLOCK_BASE_HUGEARRAY_H

#include <cstddef>
#include <memory>

namespace hillock {

/// Bytes that are read at random: on large pages where the system has them,
/// because a page walk costs more than the read. Aligned to 64 bytes at least,
/// not initialized.
class HugeArray {
public:
  HugeArray() = default;
  explicit HugeArray(size_t bytes);
  template <typename T> T *as() { return reinterpret_cast<T *>(memory.get()); }
  template <typename T> const T *as() const {
    return reinterpret_cast<const T *>(memory.get());
  }

  explicit operator bool() const { return memory != nullptr; }

private:
  struct Release {
    size_t alignment;
    void operator()(char *pointer) const;
  };
  std::unique_ptr<char[], Release> memory;
};

} // namespace hillock

#endif // HILLOCK_BASE_HUGEARRAY_H
