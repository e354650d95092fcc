//===- tests/differential/Reference.h - The plainest engine -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One compartment and one synapse at a time, straight from the lists of a Spec:
// it shares nothing with the emulator but the scalar definition of the bytecode
// (image/ProgramVm.h), and no tables with it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_DIFFERENTIAL_REFERENCE_H
#define HILLOCK_TESTS_DIFFERENTIAL_REFERENCE_H

#include "emulator/core/Emulator.h"
#include "tests/differential/Spec.h"

namespace hillock::differential {

/// What an engine showed of a network.
struct Trace {
  std::vector<std::vector<emu::Spike>> spikes; ///< by step
  /// By step, core, state of the program (then the sums), compartment.
  std::vector<std::vector<std::vector<Values>>> states;
  std::vector<emu::CoreCounters> counters; ///< by core, at the end
};

/// Which steps have their states compared.
inline bool looksAt(uint32_t step, uint32_t steps) {
  return step == steps || step % 7 == 0;
}

Trace runReference(const Spec &spec);

/// Empty when equal, else the first difference in words.
std::string compare(const Trace &expected, const Trace &got);

} // namespace hillock::differential

#endif // HILLOCK_TESTS_DIFFERENTIAL_REFERENCE_H
