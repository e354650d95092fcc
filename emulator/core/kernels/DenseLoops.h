//===- emulator/core/kernels/DenseLoops.h - Dense rows ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_KERNELS_DENSELOOPS_H
#define HILLOCK_EMULATOR_CORE_KERNELS_DENSELOOPS_H

#include "emulator/core/LaneOps.h"
#include "emulator/core/PackedRows.h"
#include "emulator/core/kernels/Kernels.h"

namespace hillock::emu {

namespace {

/// Narrow weights lie in a store of 32-bit words, so they are copied out of it
/// (the copies become plain loads).
template <typename T>
HILLOCK_INLINE int32_t weightAt(const char *bytes, size_t i) {
  T w;
  __builtin_memcpy(&w, bytes + i * sizeof(T), sizeof(T));
  return int32_t(w);
}

template <typename T>
HILLOCK_INLINE void addDense(int32_t *sums, const void *from, size_t count,
                             int32_t payload) {
  const char *bytes = static_cast<const char *>(from);
  if (payload == 1) {
    HILLOCK_LANES
    for (size_t i = 0; i < count; ++i)
      sums[i] = lane::add(sums[i], weightAt<T>(bytes, i));
    return;
  }
  HILLOCK_LANES
  for (size_t i = 0; i < count; ++i)
    sums[i] = lane::add(sums[i], lane::mul(weightAt<T>(bytes, i), payload));
}

void addDense8(int32_t *sums, const void *weights, size_t count,
               int32_t payload) {
  addDense<int8_t>(sums, weights, count, payload);
}

void addDense16(int32_t *sums, const void *weights, size_t count,
                int32_t payload) {
  addDense<int16_t>(sums, weights, count, payload);
}

// The sums are loaded and stored once for all rows; a row alone costs more in
// its sums, 8 bytes a synapse, than in its weights.
static_assert(batchRows == 8, "the sum below has a term a row");

HILLOCK_INLINE void addBatch(int32_t *sums, const char *const *b,
                             size_t count) {
  HILLOCK_LANES
  for (size_t i = 0; i < count; ++i)
    sums[i] = lane::add(
        sums[i], weightAt<int8_t>(b[0], i) + weightAt<int8_t>(b[1], i) +
                     weightAt<int8_t>(b[2], i) + weightAt<int8_t>(b[3], i) +
                     weightAt<int8_t>(b[4], i) + weightAt<int8_t>(b[5], i) +
                     weightAt<int8_t>(b[6], i) + weightAt<int8_t>(b[7], i));
}

void addDense8Batch(int32_t *sums, const void *const *rows, size_t count) {
  const char *b[batchRows];
  for (size_t k = 0; k < batchRows; ++k)
    b[k] = static_cast<const char *>(rows[k]);
  addBatch(sums, b, count);
}

/// The weights of the block of a packed row that begins with lane \p begin.
HILLOCK_INLINE void unpack(const void *row, size_t begin, int8_t *to) {
  const char *bytes = static_cast<const char *>(row);
  uint32_t exponent;
  __builtin_memcpy(&exponent, bytes, packHead);
  bytes += packHead + begin / 2;
  HILLOCK_LANES
  for (size_t k = 0; k < packBytes; ++k) {
    const int byte = weightAt<int8_t>(bytes, k);
    to[k] = int8_t((((byte & 15) ^ 8) - 8) << exponent);
    to[k + packBytes] = int8_t((byte >> 4) << exponent);
  }
}

void addDense4(int32_t *sums, const void *row, size_t count, int32_t payload) {
  for (size_t begin = 0; begin < count; begin += packLanes) {
    alignas(64) int8_t block[packLanes];
    unpack(row, begin, block);
    addDense8(sums + begin, block,
              count - begin < packLanes ? count - begin : packLanes, payload);
  }
}

void addDense4Batch(int32_t *sums, const void *const *rows, size_t count) {
  for (size_t begin = 0; begin < count; begin += packLanes) {
    alignas(64) int8_t blocks[batchRows][packLanes];
    const char *b[batchRows];
    for (size_t k = 0; k < batchRows; ++k) {
      unpack(rows[k], begin, blocks[k]);
      b[k] = reinterpret_cast<const char *>(blocks[k]);
    }
    addBatch(sums + begin, b,
             count - begin < packLanes ? count - begin : packLanes);
  }
}

/// Lanes of which the rows of a chunk are copied together, so that they are
/// read from the first-level cache for all steps.
constexpr size_t stripLanes = 64;
using Halves __attribute__((vector_size(64))) = uint16_t;
using SignedHalves __attribute__((vector_size(64))) = int16_t;

/// Lane k and lane 32 + k side by side in a 16-bit word: the first plus 128,
/// the second signed. A sum of words is then a sum of both, to be taken apart
/// with a sum of the upper halves: two adds and a shift for 64 weights.
HILLOCK_INLINE void copyStrip(const int8_t *from, size_t lanes,
                              uint16_t *strip) {
  alignas(64) int8_t bytes[stripLanes] = {};
  __builtin_memcpy(bytes, from, lanes);
  for (size_t k = 0; k < stripLanes / 2; ++k)
    strip[k] = uint16_t(uint16_t(uint8_t(bytes[k + 32])) << 8 |
                        (uint8_t(bytes[k]) ^ 0x80));
}

HILLOCK_INLINE void copyWholeStrip(const int8_t *from, uint16_t *strip) {
  for (size_t k = 0; k < stripLanes / 2; ++k)
    strip[k] = uint16_t(uint16_t(uint8_t(from[k + 32])) << 8 |
                        (uint8_t(from[k]) ^ 0x80));
}

static_assert(packLanes == stripLanes, "a strip is a block of packed rows");

/// The lanes from \p begin on of all rows.
HILLOCK_INLINE void copyStrips(const DenseSteps &in, size_t begin, size_t lanes,
                               uint16_t *strip) {
  alignas(64) int8_t block[packLanes];
  for (size_t r = 0; r < in.rowCount; ++r) {
    uint16_t *to = strip + r * (stripLanes / 2);
    const int8_t *bytes = static_cast<const int8_t *>(in.rows[r]) + begin;
    if (in.packed) {
      unpack(in.rows[r], begin, block);
      copyWholeStrip(block, to);
    } else if (lanes == stripLanes) {
      copyWholeStrip(bytes, to);
    } else {
      copyStrip(bytes, lanes, to);
    }
  }
}

/// Sums of at most maxActive rows of a strip.
HILLOCK_INLINE void sumStrip(const uint16_t *strip, const uint16_t *active,
                             size_t count, int32_t *sums, size_t lanes) {
  Halves all0 = {}, all1 = {};
  SignedHalves high0 = {}, high1 = {};
  auto add = [&](Halves &all, SignedHalves &high,
                 uint16_t row) HILLOCK_INLINE_LAMBDA {
    Halves words;
    __builtin_memcpy(&words, strip + size_t(row) * (stripLanes / 2),
                     sizeof words);
    all += words;
    high += reinterpret_cast<SignedHalves &>(words) >> 8;
  };
  size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    add(all0, high0, active[i]);
    add(all1, high1, active[i + 1]);
  }
  if (i < count)
    add(all0, high0, active[i]);
  all0 += all1;
  high0 += high1;
  Halves lowBits = all0 - (reinterpret_cast<Halves &>(high0) << 8);
  lowBits -= uint16_t(128 * count);
  SignedHalves low = reinterpret_cast<SignedHalves &>(lowBits);
  alignas(64) int16_t both[stripLanes];
  __builtin_memcpy(both, &low, sizeof low);
  __builtin_memcpy(both + stripLanes / 2, &high0, sizeof high0);
  if (lanes == stripLanes) {
    HILLOCK_LANES
    for (size_t k = 0; k < stripLanes; ++k)
      sums[k] = lane::add(sums[k], both[k]);
    return;
  }
  for (size_t k = 0; k < lanes; ++k)
    sums[k] = lane::add(sums[k], both[k]);
}

void addSteps(const DenseSteps &in) {
  alignas(64) uint16_t strip[chunkRows * (stripLanes / 2)];
  for (size_t begin = 0; begin < in.lanes; begin += stripLanes) {
    size_t lanes = in.lanes - begin;
    if (lanes > stripLanes)
      lanes = stripLanes;
    copyStrips(in, begin, lanes, strip);
    for (size_t t = 0; t < in.steps; ++t) {
      uint32_t at = in.first[t], end = in.first[t + 1];
      while (at != end) {
        uint32_t count = end - at < maxActive ? end - at : uint32_t(maxActive);
        sumStrip(strip, in.active + at, count, in.sums[t] + begin, lanes);
        at += count;
      }
    }
  }
}

} // namespace

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_KERNELS_DENSELOOPS_H
