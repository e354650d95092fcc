//===- emulator/core/PackedRows.h - Dense rows of 4 bits --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of 4 bits that share an exponent take half a byte each. A packed row
// is a 32-bit word with the exponent and then blocks of 64 weights, 32 bytes
// each: weight k in the lower half of byte k, weight 32 + k in the upper one,
// so that whole vectors are taken apart with a mask and a shift. The last block
// is filled up with zeros.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_PACKEDROWS_H
#define HILLOCK_EMULATOR_CORE_PACKEDROWS_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hillock::emu {

/// Weights of a block of a packed row, and its bytes.
constexpr size_t packLanes = 64, packBytes = packLanes / 2;
/// Of the exponent.
constexpr size_t packHead = sizeof(uint32_t);

constexpr size_t packedBytes(size_t count) {
  return packHead + (count + packLanes - 1) / packLanes * packBytes;
}

/// The exponent with which \p weights, all of 8 bits, can be packed; none when
/// they are not weights of 4 bits, or when bytes would take less.
std::optional<uint32_t> packedExponent(std::span<const int16_t> weights);
/// Writes packedBytes() bytes.
void packRow(std::span<const int16_t> weights, uint32_t exponent, char *to);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_PACKEDROWS_H
