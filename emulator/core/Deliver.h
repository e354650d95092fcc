//===- emulator/core/Deliver.h - Adding rows of weights ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_DELIVER_H
#define HILLOCK_EMULATOR_CORE_DELIVER_H

#include <cstddef>
#include <cstdint>

namespace hillock::emu {

/// sums[i] += payload * weights[i], with wrap-around.
void addDense8(int32_t *sums, const void *weights, size_t count,
               int32_t payload);
/// Rows that batchRows messages with payload 1 add to the same sums.
constexpr size_t batchRows = 8;
void addDense8Batch(int32_t *sums, const void *const *rows, size_t count);
void addDense16(int32_t *sums, const void *weights, size_t count,
                int32_t payload);
/// sums[target] += value for 16-bit targets.
void addEqual(int32_t *sums, int32_t value, const void *targets, size_t count);
/// sums[target] += payload * weight for words weight << 16 | target.
void addSparse(int32_t *sums, const int32_t *words, size_t count,
               int32_t payload);
/// As addSparse, into the slot of the ring that each synapse's delay names.
void addDelayed(int32_t *ring, size_t slotSize, uint64_t slotMask,
                uint64_t step, size_t base, const int32_t *words, size_t count,
                int32_t payload);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_DELIVER_H
