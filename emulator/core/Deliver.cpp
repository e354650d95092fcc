//===- emulator/core/Deliver.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Deliver.h"
#include "emulator/core/LaneOps.h"
#include <cstring>

namespace hillock::emu {

namespace {

HILLOCK_INLINE int32_t weightOf(int32_t word) { return word >> 16; }
HILLOCK_INLINE uint32_t targetOf(int32_t word) {
  return lane::bits(word) & 0xFFFF;
}

template <typename T>
HILLOCK_INLINE void addDense(int32_t *sums, const void *from, size_t count,
                             int32_t payload) {
  const char *bytes = static_cast<const char *>(from);
  // The store is made of 32-bit words, so narrow weights are copied out of it
  // (the copies become plain loads).
  auto weight = [bytes](size_t i) HILLOCK_INLINE_LAMBDA {
    T w;
    std::memcpy(&w, bytes + i * sizeof(T), sizeof(T));
    return int32_t(w);
  };
  if (payload == 1) {
    HILLOCK_LANES
    for (size_t i = 0; i < count; ++i)
      sums[i] = lane::add(sums[i], weight(i));
    return;
  }
  HILLOCK_LANES
  for (size_t i = 0; i < count; ++i)
    sums[i] = lane::add(sums[i], lane::mul(weight(i), payload));
}

} // namespace

HILLOCK_CLONES
void addDense8(int32_t *sums, const void *weights, size_t count,
               int32_t payload) {
  addDense<int8_t>(sums, weights, count, payload);
}

// The sums are loaded and stored once for all rows; a row alone costs more in
// its sums, 8 bytes a synapse, than in its weights.
static_assert(batchRows == 8, "the sum below has a term a row");

HILLOCK_CLONES
void addDense8Batch(int32_t *sums, const void *const *rows, size_t count) {
  const char *bytes[batchRows];
  for (size_t k = 0; k < batchRows; ++k)
    bytes[k] = static_cast<const char *>(rows[k]);
  auto weight = [&bytes](size_t k, size_t i) HILLOCK_INLINE_LAMBDA {
    return int32_t(static_cast<int8_t>(bytes[k][i]));
  };
  HILLOCK_LANES
  for (size_t i = 0; i < count; ++i)
    sums[i] = lane::add(
        sums[i], weight(0, i) + weight(1, i) + weight(2, i) + weight(3, i) +
                     weight(4, i) + weight(5, i) + weight(6, i) + weight(7, i));
}

HILLOCK_CLONES
void addDense16(int32_t *sums, const void *weights, size_t count,
                int32_t payload) {
  addDense<int16_t>(sums, weights, count, payload);
}

void addEqual(int32_t *sums, int32_t value, const void *targets, size_t count) {
  const char *bytes = static_cast<const char *>(targets);
  auto add = [&](uint16_t target) HILLOCK_INLINE_LAMBDA {
    sums[target] = lane::add(sums[target], value);
  };
  // Targets may repeat, so the adds keep their order.
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint16_t four[4];
    std::memcpy(four, bytes + 2 * i, sizeof four);
    for (uint16_t target : four)
      add(target);
  }
  for (; i < count; ++i) {
    uint16_t target;
    std::memcpy(&target, bytes + 2 * i, sizeof target);
    add(target);
  }
}

void addSparse(int32_t *sums, const int32_t *words, size_t count,
               int32_t payload) {
  // Targets may repeat, so the adds keep their order.
  for (size_t i = 0; i < count; ++i) {
    int32_t &sum = sums[targetOf(words[i])];
    sum = lane::add(sum, lane::mul(weightOf(words[i]), payload));
  }
}

void addDelayed(int32_t *ring, size_t slotSize, uint64_t slotMask,
                uint64_t step, size_t base, const int32_t *words, size_t count,
                int32_t payload) {
  const char *delays = reinterpret_cast<const char *>(words + count);
  for (size_t i = 0; i < count; ++i) {
    uint64_t at = (step + static_cast<unsigned char>(delays[i])) & slotMask;
    int32_t &sum = ring[at * slotSize + base + targetOf(words[i])];
    sum = lane::add(sum, lane::mul(weightOf(words[i]), payload));
  }
}

} // namespace hillock::emu
