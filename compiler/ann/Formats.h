//===- compiler/ann/Formats.h - How weights are coded -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_FORMATS_H
#define HILLOCK_COMPILER_ANN_FORMATS_H

#include "base/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace hillock::ann {

/// What a stored code stands for: itself, or a sign and a power of two or four.
enum class Code { Linear, Log2, Log4 };

struct WeightFormat {
  Code code = Code::Linear;
  unsigned bits = 4;      ///< 2, 4 or 8; 4 for logarithmic codes
  bool affine = false;    ///< linear only: a zero point a channel
  bool perChannel = true; ///< a scale an output channel, else one in all
  bool operator==(const WeightFormat &) const = default;

  bool isLog() const { return code != Code::Linear; }
  int32_t low() const { return isLog() ? -7 : -(1 << (bits - 1)); }
  int32_t high() const { return isLog() ? 7 : (1 << (bits - 1)) - 1; }
  /// "int4", "log2": parseWeightFormat() takes it back.
  std::string name() const;
};

/// "int8", "int4", "int2", "log4", "log2".
std::vector<std::string> weightFormatNames();
Expected<WeightFormat> parseWeightFormat(const std::string &name);

/// The factor that a code stands for: the code, or 0 for code 0 and
/// +-2^(k-1), +-4^(k-1) for code +-k of a logarithmic format.
constexpr int32_t factorOf(Code code, int32_t stored) {
  if (code == Code::Linear || stored == 0)
    return stored;
  const int32_t size = stored < 0 ? -stored : stored;
  const int32_t power = int32_t{1} << (size - 1) * (code == Code::Log2 ? 1 : 2);
  return stored < 0 ? -power : power;
}

/// Bytes that \p count codes take in read-only data: bits are packed, two
/// 4-bit codes or four 2-bit codes a byte.
constexpr uint64_t packedBytes(uint64_t count, unsigned bits) {
  return (count * bits + 7) / 8;
}

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_FORMATS_H
