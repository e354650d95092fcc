//===- base/NdArray.cpp ---------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/NdArray.h"
#include "base/Describe.h"
#include <cmath>

namespace hillock {

size_t elementBytes(ElementType type) {
  switch (type) {
  case ElementType::Bool:
  case ElementType::I8:
  case ElementType::U8:
    return 1;
  case ElementType::I16:
  case ElementType::U16:
  case ElementType::F16:
    return 2;
  case ElementType::I32:
  case ElementType::U32:
  case ElementType::F32:
    return 4;
  case ElementType::I64:
  case ElementType::U64:
  case ElementType::F64:
    return 8;
  }
  return 1;
}

const char *elementName(ElementType type) {
  static const char *const names[] = {
      "bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
      "uint32", "int64", "uint64", "float16", "float32", "float64"};
  return names[static_cast<int>(type)];
}

bool isInteger(ElementType type) {
  return type != ElementType::F16 && type != ElementType::F32 &&
         type != ElementType::F64;
}

bool elementCount(const std::vector<int64_t> &shape, int64_t &count) {
  constexpr int64_t most = int64_t{1} << 62;
  bool empty = false;
  for (int64_t extent : shape) {
    if (extent < 0)
      return false;
    empty |= extent == 0;
  }
  count = empty ? 0 : 1;
  if (empty)
    return true;
  for (int64_t extent : shape) {
    if (count > most / extent)
      return false;
    count *= extent;
  }
  return true;
}

/// IEEE 754 binary16, for which C++20 has no type.
static double halfToDouble(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  double value;
  if (exponent == 31)
    value = fraction ? std::nan("") : HUGE_VAL;
  else if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else
    value = std::ldexp(fraction + 1024, exponent - 25);
  return bits & 0x8000 ? -value : value;
}

template <typename T> static T load(const uint8_t *from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Calls \p use with the element at \p at in its own C++ type.
template <typename Use>
static auto visit(ElementType type, const uint8_t *at, Use use) {
  switch (type) {
  case ElementType::Bool:
    return use(static_cast<uint8_t>(*at != 0));
  case ElementType::U8:
    return use(*at);
  case ElementType::I8:
    return use(load<int8_t>(at));
  case ElementType::I16:
    return use(load<int16_t>(at));
  case ElementType::U16:
    return use(load<uint16_t>(at));
  case ElementType::I32:
    return use(load<int32_t>(at));
  case ElementType::U32:
    return use(load<uint32_t>(at));
  case ElementType::I64:
    return use(load<int64_t>(at));
  case ElementType::U64:
    return use(load<uint64_t>(at));
  case ElementType::F16:
    return use(halfToDouble(load<uint16_t>(at)));
  case ElementType::F32:
    return use(load<float>(at));
  case ElementType::F64:
    return use(load<double>(at));
  }
  return use(uint8_t{0});
}

double NdArray::valueAt(int64_t index) const {
  const uint8_t *at =
      bytes.data() + static_cast<size_t>(index) * elementBytes(type);
  return visit(type, at, [](auto value) { return static_cast<double>(value); });
}

std::vector<double> NdArray::toDoubles() const {
  std::vector<double> values(static_cast<size_t>(size()));
  for (int64_t i = 0; i < size(); ++i)
    values[static_cast<size_t>(i)] = valueAt(i);
  return values;
}

std::vector<float> NdArray::toFloats() const {
  std::vector<float> values(static_cast<size_t>(size()));
  for (int64_t i = 0; i < size(); ++i)
    values[static_cast<size_t>(i)] = static_cast<float>(valueAt(i));
  return values;
}

/// Stores \p value in \p result when nothing is lost.
template <typename T> static bool toInt(T value, int64_t &result) {
  if constexpr (std::is_floating_point_v<T>) {
    const double wide = static_cast<double>(value);
    if (!(wide >= -0x1p63 && wide < 0x1p63) || wide != std::trunc(wide))
      return false;
    result = static_cast<int64_t>(wide);
    return true;
  } else {
    result = static_cast<int64_t>(value);
    return !std::is_same_v<T, uint64_t> || result >= 0;
  }
}

Expected<std::vector<int64_t>> NdArray::toInts(const std::string &where) const {
  const size_t stride = elementBytes(type);
  std::vector<int64_t> values(static_cast<size_t>(size()));
  for (size_t i = 0; i < values.size(); ++i) {
    const bool exact = visit(type, bytes.data() + i * stride, [&](auto value) {
      return toInt(value, values[i]);
    });
    if (!exact)
      return inputError("element " + std::to_string(i) + " is " +
                            std::to_string(valueAt(static_cast<int64_t>(i))) +
                            ", a 64-bit integer is needed",
                        where);
  }
  return std::move(values);
}

std::string NdArray::describe() const {
  return std::string(elementName(type)) + " " + describeShape(shape);
}

} // namespace hillock
