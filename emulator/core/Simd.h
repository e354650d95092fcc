//===- emulator/core/Simd.h - Hints to the compiler -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_SIMD_H
#define HILLOCK_EMULATOR_CORE_SIMD_H

// Behind the parameters of a lambda.
#define HILLOCK_INLINE_LAMBDA __attribute__((always_inline))
#define HILLOCK_INLINE __attribute__((always_inline)) inline

// In front of loops over lanes: the destination is the same array as a source
// or a different one, never a shifted view of it.
#if defined(HILLOCK_SANITIZED) // whose checks in the loops forbid it
#define HILLOCK_LANES
#elif defined(__clang__)
#define HILLOCK_LANES                                                          \
  _Pragma("clang loop vectorize(assume_safety) unroll(disable)")
#elif defined(__GNUC__)
#define HILLOCK_LANES _Pragma("GCC ivdep")
#else
#define HILLOCK_LANES
#endif

#endif // HILLOCK_EMULATOR_CORE_SIMD_H
