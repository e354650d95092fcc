//===- benchmarks/Measure.h - CPU time and memory of us ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_MEASURE_H
#define HILLOCK_BENCHMARKS_MEASURE_H

#include <cstdint>

namespace hillock::bench {

/// CPU seconds of the whole process, all threads, user and system.
double cpuSeconds();
/// Of a clock on the wall.
double wallSeconds();

/// Resident bytes of the process now.
uint64_t residentBytes();

/// Gives freed memory back to the system and forgets the highest resident size
/// so far. False where the system cannot do that.
bool resetPeak();
/// Highest resident size, in bytes, since resetPeak().
uint64_t peakBytes();

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_MEASURE_H
