//===- base/NdArray.h - Arrays as files hold them ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_NDARRAY_H
#define HILLOCK_BASE_NDARRAY_H

#include "base/Error.h"
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace hillock {

enum class ElementType {
  Bool,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  F16,
  F32,
  F64
};

/// Bytes of one element.
size_t elementBytes(ElementType type);
/// "bool", "int8", "uint8", ..., "float64": numpy's names.
const char *elementName(ElementType type);
bool isInteger(ElementType type); ///< Bool counts.

/// The number of elements of \p shape; nothing when a dimension is negative
/// or the product exceeds 2^62.
bool elementCount(const std::vector<int64_t> &shape, int64_t &count);

template <typename T> constexpr ElementType elementTypeOf() {
  if constexpr (std::is_same_v<T, bool>)
    return ElementType::Bool;
  else if constexpr (std::is_same_v<T, float>)
    return ElementType::F32;
  else if constexpr (std::is_same_v<T, double>)
    return ElementType::F64;
  else {
    static_assert(std::is_integral_v<T>);
    constexpr bool s = std::is_signed_v<T>;
    return sizeof(T) == 1   ? (s ? ElementType::I8 : ElementType::U8)
           : sizeof(T) == 2 ? (s ? ElementType::I16 : ElementType::U16)
           : sizeof(T) == 4 ? (s ? ElementType::I32 : ElementType::U32)
                            : (s ? ElementType::I64 : ElementType::U64);
  }
}

/// A dense array: elements in C order (last dimension fastest), in the byte
/// order of the host. Invariant: bytes.size() == size() * elementBytes(type).
struct NdArray {
  ElementType type = ElementType::F64;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;

  /// An array over a copy of \p values, which must fill \p shape.
  template <typename T>
  static NdArray of(std::vector<int64_t> shape, const std::vector<T> &values) {
    NdArray array;
    array.type = elementTypeOf<T>();
    array.shape = std::move(shape);
    array.bytes.resize(values.size() * sizeof(T));
    if (!values.empty())
      std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
    return array;
  }

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  /// Number of elements; 1 for a scalar (rank 0).
  int64_t size() const {
    return static_cast<int64_t>(bytes.size() / elementBytes(type));
  }

  /// Element \p index (in C order) as a double; 64-bit integers are rounded.
  double valueAt(int64_t index) const;

  std::vector<double> toDoubles() const;
  std::vector<float> toFloats() const;
  /// Exact conversion: a fraction, a NaN or a number outside int64_t is an
  /// input error that names the index and \p where.
  Expected<std::vector<int64_t>> toInts(const std::string &where = {}) const;

  /// "float32 (300, 2, 34, 34)".
  std::string describe() const;
};

} // namespace hillock

#endif // HILLOCK_BASE_NDARRAY_H
