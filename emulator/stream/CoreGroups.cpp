//===- emulator/stream/CoreGroups.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/CoreGroups.h"
#include <algorithm>

namespace hillock::emu {

namespace {

/// True when \p core may follow the cores of \p group, of which \p last is the
/// last.
bool fits(const CoreGroup &group, const CoreState &last,
          const CoreState &core) {
  return last.compartments() % lanePadding == 0 &&
         core.stateLanes().size() == last.stateLanes().size() &&
         group.lanes + core.compartments() <= CoreGroups::most;
}

} // namespace

CoreGroups::CoreGroups(std::span<CoreState> cores, uint32_t first,
                       uint32_t end) {
  for (uint32_t c = first; c < end; ++c) {
    if (groups.empty() || !fits(groups.back(), cores[c - 1], cores[c])) {
      groups.emplace_back();
      groups.back().firstCore = c;
    }
    groups.back().endCore = c + 1;
    groups.back().lanes += cores[c].compartments();
  }
  moveStates(cores);
}

void CoreGroups::moveStates(std::span<CoreState> cores) {
  const auto statesOf = [&](const CoreGroup &group) {
    return cores[group.firstCore].stateLanes().size();
  };
  size_t values = 0;
  for (const CoreGroup &group : groups)
    values += statesOf(group) * paddedLanes(group.lanes);
  states = LaneArray(values);
  int32_t *next = states.data();
  for (CoreGroup &group : groups) {
    for (size_t s = 0; s < statesOf(group); ++s) {
      group.states.push_back(next);
      next += paddedLanes(group.lanes);
    }
    std::vector<int32_t *> to = group.states;
    for (uint32_t c = group.firstCore; c < group.endCore; ++c) {
      cores[c].moveStates(to);
      for (int32_t *&at : to)
        at += cores[c].compartments();
    }
  }
}

void CoreGroups::splitByCode(std::span<const CoreState> cores) {
  std::vector<CoreGroup> split;
  for (const CoreGroup &group : groups) {
    LaneFunction code = nullptr;
    for (uint32_t c = group.firstCore; c < group.endCore; ++c) {
      const CoreState &core = cores[c];
      const bool alone =
          !core.nativeCode() || !core.laneProgram().sameOnAllCores();
      if (c == group.firstCore || alone || core.nativeCode() != code) {
        split.emplace_back();
        split.back().firstCore = c;
        split.back().states.assign(core.stateLanes().begin(),
                                   core.stateLanes().end());
        split.back().together = !alone;
        split.back().apartUntil = group.apartUntil;
      }
      code = alone ? nullptr : core.nativeCode();
      split.back().endCore = c + 1;
      split.back().lanes += core.compartments();
    }
  }
  groups = std::move(split);
}

void CoreGroups::keepApart(uint32_t core, uint64_t step) {
  const auto after = std::upper_bound(
      groups.begin(), groups.end(), core,
      [](uint32_t c, const CoreGroup &group) { return c < group.firstCore; });
  std::prev(after)->apartUntil = step;
}

void CoreGroups::reset() {
  for (CoreGroup &group : groups)
    group.apartUntil = 0;
}

} // namespace hillock::emu
