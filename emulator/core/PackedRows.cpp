//===- emulator/core/PackedRows.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/PackedRows.h"
#include <algorithm>
#include <bit>
#include <cstring>

namespace hillock::emu {

std::optional<uint32_t> packedExponent(std::span<const int16_t> weights) {
  constexpr int least = -8, most = 7; // of 4 bits
  constexpr uint32_t highest = 4;     // -8 * 2^4 is the least byte
  if (packedBytes(weights.size()) >= weights.size())
    return std::nullopt;
  uint32_t bits = 1u << highest;
  for (int16_t w : weights)
    bits |= uint32_t(uint16_t(w));
  const auto exponent = uint32_t(std::countr_zero(bits));
  const bool fits =
      std::all_of(weights.begin(), weights.end(), [exponent](int16_t w) {
        return (w >> exponent) >= least && (w >> exponent) <= most;
      });
  return fits ? std::optional(exponent) : std::nullopt;
}

void packRow(std::span<const int16_t> weights, uint32_t exponent, char *to) {
  std::memset(to, 0, packedBytes(weights.size()));
  std::memcpy(to, &exponent, packHead);
  for (size_t i = 0; i < weights.size(); ++i) {
    const size_t k = i % packLanes;
    char &byte = to[packHead + i / packLanes * packBytes + k % packBytes];
    const uint32_t half = uint32_t(weights[i] >> exponent) & 0xF;
    byte = char(uint8_t(byte) | half << (k < packBytes ? 0 : 4));
  }
}

} // namespace hillock::emu
