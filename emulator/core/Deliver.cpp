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

} // namespace

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

void addEqualWide(int32_t *sums, int32_t value, const uint16_t *targets,
                  size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t target = uint32_t(targets[2 * i + 1]) << 16 | targets[2 * i];
    sums[target] = lane::add(sums[target], value);
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
