//===- emulator/core/kernels/BitLoops.h - Rows of bits ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row of bits says which targets it reaches. The bits of many rows are
// counted column by column: 512 targets at once, the counts as bit planes, rows
// added by full adders (Harley and Seal's way of counting bits, turned
// upright).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_KERNELS_BITLOOPS_H
#define HILLOCK_EMULATOR_CORE_KERNELS_BITLOOPS_H

#include "emulator/core/LaneOps.h"
#include "emulator/core/kernels/Kernels.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace hillock::emu {

namespace {

using Column __attribute__((vector_size(64))) = uint64_t;
constexpr int planeCount = 8;

/// sum, carry = a + b + sum.
HILLOCK_INLINE Column fullAdd(Column &sum, const Column &a, const Column &b) {
  Column half = a ^ b;
  Column carry = (a & b) | (sum & half);
  sum ^= half;
  return carry;
}

/// The planes of a block over all rows.
HILLOCK_INLINE void countBlock(const BitRows &in, size_t block,
                               Column *planes) {
  Column c[planeCount] = {};
  auto load = [&](size_t row) HILLOCK_INLINE_LAMBDA {
    Column words;
    __builtin_memcpy(&words, in.rows[row] + block * bitBlockWords,
                     sizeof words);
    return words;
  };
  for (size_t r = 0; r < in.count; r += 8) {
    Column two0 = fullAdd(c[0], load(r), load(r + 1));
    Column two1 = fullAdd(c[0], load(r + 2), load(r + 3));
    Column four0 = fullAdd(c[1], two0, two1);
    two0 = fullAdd(c[0], load(r + 4), load(r + 5));
    two1 = fullAdd(c[0], load(r + 6), load(r + 7));
    Column four1 = fullAdd(c[1], two0, two1);
    Column carry = fullAdd(c[2], four0, four1);
    for (int p = 3; p < planeCount; ++p) {
      Column next = c[p] & carry;
      c[p] ^= carry;
      carry = next;
    }
  }
  for (int p = 0; p < planeCount; ++p)
    planes[p] = c[p];
}

/// counts[k] = bit k of the planes' words, as a number.
HILLOCK_INLINE void countsOf(const uint64_t *words, int planes,
                             uint8_t *counts) {
#if defined(__AVX512BW__)
  __m512i sum = _mm512_setzero_si512();
  for (int p = 0; p < planes; ++p) {
    __m512i bit = _mm512_set1_epi8(char(1 << p));
    sum = _mm512_mask_add_epi8(sum, __mmask64(words[p * bitBlockWords]), sum,
                               bit);
  }
  _mm512_store_si512(counts, sum);
#elif defined(__AVX2__)
  const __m256i spread =
      _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
                       2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const __m256i select = _mm256_set1_epi64x(int64_t(0x8040201008040201));
  for (int half = 0; half < 2; ++half) {
    __m256i sum = _mm256_setzero_si256();
    for (int p = 0; p < planes; ++p) {
      __m256i bits =
          _mm256_set1_epi32(int32_t(words[p * bitBlockWords] >> (32 * half)));
      bits = _mm256_and_si256(_mm256_shuffle_epi8(bits, spread), select);
      bits = _mm256_cmpeq_epi8(bits, select);
      sum = _mm256_add_epi8(
          sum, _mm256_and_si256(bits, _mm256_set1_epi8(char(1 << p))));
    }
    _mm256_store_si256(reinterpret_cast<__m256i *>(counts + 32 * half), sum);
  }
#else
  for (int byte = 0; byte < 8; ++byte) {
    uint64_t sum = 0;
    for (int p = 0; p < planes; ++p) {
      // Bit k of eight to byte k, as 0 or 1.
      uint64_t bits = (words[size_t(p) * bitBlockWords] >> (8 * byte)) & 0xFF;
      bits = (bits * 0x0101010101010101u) & 0x8040201008040201u;
      bits = ((bits + 0x7F7F7F7F7F7F7F7Fu) >> 7) & 0x0101010101010101u;
      sum += bits << p;
    }
    for (int k = 0; k < 8; ++k)
      counts[8 * byte + k] = uint8_t(sum >> (8 * k));
  }
#endif
}

void addBitRows(const BitRows &in) {
  int planes = 64 - __builtin_clzll(in.count | 1);
  if (planes > planeCount)
    planes = planeCount;
  for (size_t block = 0; block < in.blocks; ++block) {
    alignas(64) Column columns[planeCount];
    countBlock(in, block, columns);
    const uint64_t *words = reinterpret_cast<const uint64_t *>(columns);
    for (size_t w = 0; w < bitBlockWords; ++w) {
      alignas(64) uint8_t counts[64];
      countsOf(words + w, planes, counts);
      int32_t *sums = in.sums + block * bitBlock + w * 64;
      HILLOCK_LANES
      for (size_t k = 0; k < 64; ++k)
        sums[k] = lane::add(sums[k], lane::mul(int32_t(counts[k]), in.value));
    }
  }
}

} // namespace

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_KERNELS_BITLOOPS_H
