//===- base/hdf5/Convert.cpp ----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Types.h"
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace hillock::hdf5 {

static_assert(std::endian::native == std::endian::little &&
              std::numeric_limits<double>::is_iec559);

namespace {

/// An element of at most 8 bytes as a little-endian number.
uint64_t bitsOf(const char *element, const Datatype &type) {
  uint64_t bits = 0;
  for (size_t i = 0; i < type.bytes; ++i) {
    size_t at = type.isBigEndian ? type.bytes - 1 - i : i;
    bits |= uint64_t{static_cast<uint8_t>(element[at])} << (8 * i);
  }
  return bits;
}

uint64_t extract(uint64_t bits, uint32_t at, uint32_t width) {
  bits >>= at;
  return width >= 64 ? bits : bits & ((uint64_t{1} << width) - 1);
}

/// The number, and whether it is below zero; then it is in two's complement.
uint64_t integerOf(const char *element, const Datatype &type,
                   bool &isNegative) {
  uint64_t value =
      extract(bitsOf(element, type), type.bitOffset, type.precision);
  isNegative = type.isSigned && (value >> (type.precision - 1) & 1);
  if (isNegative && type.precision < 64)
    value |= ~uint64_t{0} << type.precision;
  return value;
}

double floatOf(const char *element, const Datatype &type) {
  uint64_t bits = bitsOf(element, type);
  uint64_t exponent = extract(bits, type.exponentAt, type.exponentBits);
  uint64_t mantissa = extract(bits, type.mantissaAt, type.mantissaBits);
  uint64_t top = uint64_t{1}
                 << (type.mantissaBits - 1); // An explicit first bit
  double sign = extract(bits, type.signAt, 1) ? -1 : 1;
  if (exponent == (uint64_t{1} << type.exponentBits) - 1) {
    bool isInfinite = mantissa == 0 || (!type.hasImpliedBit && mantissa == top);
    return isInfinite ? sign * HUGE_VAL : std::nan("");
  }
  int64_t scale = static_cast<int64_t>(exponent == 0 ? 1 : exponent) -
                  int64_t{type.bias} - int64_t{type.mantissaBits} +
                  (type.hasImpliedBit ? 0 : 1);
  double value = static_cast<double>(mantissa);
  if (type.hasImpliedBit && exponent != 0)
    value += 2.0 * static_cast<double>(top);
  scale = std::min<int64_t>(std::max<int64_t>(scale, -5000), 5000);
  return sign * std::ldexp(value, static_cast<int>(scale));
}

/// Whether the bytes in the file are a T of this machine.
template <typename T> bool isNativeFloat(const Datatype &type) {
  constexpr uint32_t width = 8 * sizeof(T);
  constexpr uint32_t mantissa = std::numeric_limits<T>::digits - 1;
  return type.kind == TypeClass::Float && type.bytes == sizeof(T) &&
         !type.isBigEndian && type.hasImpliedBit && type.bitOffset == 0 &&
         type.precision == width && type.signAt == width - 1 &&
         type.mantissaAt == 0 && type.mantissaBits == mantissa &&
         type.exponentAt == mantissa &&
         type.exponentBits == width - 1 - mantissa &&
         type.bias == uint32_t(std::numeric_limits<T>::max_exponent - 1);
}

template <typename T> std::vector<T> toFloating(const Values &values) {
  const Datatype &type = values.type;
  size_t count = values.bytes.size() / type.bytes;
  std::vector<T> result(count);
  if (isNativeFloat<T>(type)) {
    if (count > 0)
      std::memcpy(result.data(), values.bytes.data(), count * sizeof(T));
    return result;
  }
  const char *element = values.bytes.data();
  for (size_t i = 0; i < count; ++i, element += type.bytes) {
    if (type.kind == TypeClass::Float) {
      result[i] = static_cast<T>(floatOf(element, type));
      continue;
    }
    bool isNegative = false;
    uint64_t value = integerOf(element, type, isNegative);
    result[i] = isNegative ? static_cast<T>(static_cast<int64_t>(value))
                           : static_cast<T>(value);
  }
  return result;
}

} // namespace

std::vector<double> toDoubles(const Values &values) {
  return toFloating<double>(values);
}

std::vector<float> toFloats(const Values &values) {
  return toFloating<float>(values);
}

std::vector<int64_t> toIntegers(const Values &values) {
  size_t count = values.bytes.size() / values.type.bytes;
  std::vector<int64_t> result(count);
  const char *element = values.bytes.data();
  for (size_t i = 0; i < count; ++i, element += values.type.bytes) {
    bool isNegative = false;
    uint64_t value = integerOf(element, values.type, isNegative);
    constexpr uint64_t most = std::numeric_limits<int64_t>::max();
    result[i] = static_cast<int64_t>(
        isNegative ? value : std::min<uint64_t>(value, most));
  }
  return result;
}

} // namespace hillock::hdf5
