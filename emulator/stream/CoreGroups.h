//===- emulator/stream/CoreGroups.h - Cores that advance as one -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores of one program follow each other in large networks. Their states lie
// side by side, so that machine code advances them as one array of lanes, and
// what belongs to a single core is not even looked at in a step.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_COREGROUPS_H
#define HILLOCK_EMULATOR_STREAM_COREGROUPS_H

#include "emulator/core/CoreState.h"

namespace hillock::emu {

struct CoreGroup {
  uint32_t firstCore = 0, endCore = 0;
  uint32_t lanes = 0; ///< of all cores; all but the last are full
  std::vector<int32_t *> states;
  /// Machine code may advance all lanes at once, but for the steps up to
  /// apartUntil, when a core has injected values.
  bool together = false;
  uint64_t apartUntil = 0;
};

class CoreGroups {
public:
  /// Lanes of a group at most, but for a core that has more.
  static constexpr uint32_t most = 16384;

  CoreGroups() = default;
  /// Groups \p cores from \p first up to \p end and moves their states.
  CoreGroups(std::span<CoreState> cores, uint32_t first, uint32_t end);
  /// After machine code has been made: groups of one code each.
  void splitByCode(std::span<const CoreState> cores);

  std::span<const CoreGroup> all() const { return groups; }
  /// Core \p core has injected values up to step \p step.
  void keepApart(uint32_t core, uint64_t step);
  void reset();

private:
  void moveStates(std::span<CoreState> cores);

  std::vector<CoreGroup> groups;
  LaneArray states;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_COREGROUPS_H
