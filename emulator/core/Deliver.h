//===- emulator/core/Deliver.h - Adding scattered rows ----------*- C++ -*-===//
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

/// sums[target] += value for 16-bit targets.
void addEqual(int32_t *sums, int32_t value, const void *targets, size_t count);
/// The same with targets of two 16-bit words, the lower first.
void addEqualWide(int32_t *sums, int32_t value, const uint16_t *targets,
                  size_t count);
/// sums[target] += payload * weight for words weight << 16 | target.
void addSparse(int32_t *sums, const int32_t *words, size_t count,
               int32_t payload);
/// As addSparse, into the slot of the ring that each synapse's delay names.
void addDelayed(int32_t *ring, size_t slotSize, uint64_t slotMask,
                uint64_t step, size_t base, const int32_t *words, size_t count,
                int32_t payload);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_DELIVER_H
