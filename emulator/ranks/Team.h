//===- emulator/ranks/Team.h - Who works together ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The little that the emulator needs of a message passing library, so that it
// can also run, and be tested, on threads of one process. All calls are
// collective: every member makes them in the same order.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_TEAM_H
#define HILLOCK_EMULATOR_RANKS_TEAM_H

#include "base/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace hillock::emu {

class Team {
public:
  virtual ~Team() = default;
  virtual unsigned rank() const = 0;
  virtual unsigned size() const = 0;

  /// \p out[r] goes to rank r, \p in[r] has come from it.
  virtual Error exchange(const std::vector<std::string> &out,
                         std::vector<std::string> &in) = 0;
  /// Rank 0's \p bytes to all.
  virtual Error broadcast(std::string &bytes) = 0;
  /// Everybody's \p mine to rank 0, whose \p all has them by rank; elsewhere it
  /// is empty.
  virtual Error gather(const std::string &mine,
                       std::vector<std::string> &all) = 0;
};

/// Members for \p size threads of this process, one each. They may outlive each
/// other's threads, but no call returns before all have made it.
std::vector<std::unique_ptr<Team>> threadTeam(unsigned size);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_TEAM_H
