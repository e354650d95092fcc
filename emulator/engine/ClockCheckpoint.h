//===- emulator/engine/ClockCheckpoint.h - Clocks as messages ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_CLOCKCHECKPOINT_H
#define HILLOCK_EMULATOR_ENGINE_CLOCKCHECKPOINT_H

#include "emulator/timing/ChipClock.h"
#include "proto/checkpoint.pb.h"

namespace hillock::emu {

/// What a clock knows of the steps so far.
struct ClockPast {
  struct Set {
    std::string name;
    std::vector<StepTime> steps;
    ClockTotals totals;
  };
  std::vector<Set> sets;
  std::vector<EventCounts> layers, steps;
  std::vector<std::vector<uint64_t>> fired; ///< by core, compartment
};

void toProto(const ClockPast &past, proto::ClockCheckpoint &to);

/// \p past has the sets' names and, but for the steps, lists of the lengths
/// that those in \p from must have. An Input error when they have not, or when
/// the sets are others.
Error fromProto(const proto::ClockCheckpoint &from, ClockPast &past);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_CLOCKCHECKPOINT_H
