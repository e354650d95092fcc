//===- tests/unit/backends/int4/AmxTraps.h - AMX by signals -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_BACKENDS_INT4_AMXTRAPS_H
#define HILLOCK_TESTS_UNIT_BACKENDS_INT4_AMXTRAPS_H

#include <cstdint>

namespace hillock::test {

/// While one is there, the instructions of AMX-TILE and AMX-INT8 that compiled
/// code has are done in the handler of the signal that a processor without them
/// raises. For one thread, on x86-64 Linux alone.
class AmxTraps {
public:
  static bool possible();
  AmxTraps();
  ~AmxTraps();
  AmxTraps(const AmxTraps &) = delete;
  AmxTraps &operator=(const AmxTraps &) = delete;

  /// Since the constructor.
  static int64_t configurations(), products(), releases();
  /// The first thing at which a processor would have raised an exception.
  static const char *fault();
};

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_BACKENDS_INT4_AMXTRAPS_H
