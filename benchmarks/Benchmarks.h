//===- benchmarks/Benchmarks.h - What hillock-bench measures ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_BENCHMARKS_H
#define HILLOCK_BENCHMARKS_BENCHMARKS_H

namespace hillock::bench {

/// step/W1, step/W2: emulation.
void registerStep();
/// step/W3, step/W3/8: a large network from the hash to the last step.
void registerW3();
/// cycle/...: the same networks with a clock and joules.
void registerCycle();
/// import/..., compile/...: the way from a file to an image.
void registerCompile();

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_BENCHMARKS_H
