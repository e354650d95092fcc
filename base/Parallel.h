//===- base/Parallel.h - Loops over threads ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Static split: which thread handles which index depends on nothing but the
// range and the number of threads. Results must not depend on either.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_PARALLEL_H
#define HILLOCK_BASE_PARALLEL_H

#include <cstdint>
#include <functional>

namespace hillock {

/// Number of threads to use when the user gave 0: those of the machine.
unsigned defaultThreads();

/// Calls \p body(first, last, chunk) for contiguous chunks that cover
/// [begin, end) in order, chunk c on a thread of its own (chunk 0 on the
/// caller's). Returns when all are done. 0 threads means defaultThreads().
/// \p body must not throw.
void parallelChunks(int64_t begin, int64_t end, unsigned threads,
                    const std::function<void(int64_t first, int64_t last,
                                             unsigned chunk)> &body);

/// Calls \p function(i) once for each i of [begin, end).
template <typename Function>
void parallelFor(int64_t begin, int64_t end, unsigned threads,
                 const Function &function) {
  parallelChunks(begin, end, threads,
                 [&](int64_t first, int64_t last, unsigned) {
                   for (int64_t i = first; i < last; ++i)
                     function(i);
                 });
}

} // namespace hillock

#endif // HILLOCK_BASE_PARALLEL_H
