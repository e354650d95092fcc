//===- emulator/ranks/RankEmulator.h - One chip, many processes -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The emulator spread over the ranks of a team. Rank 0 leads: it holds an
// Emulator that looks like any other, so that sessions, clocks, probes and
// checkpoints do not know of ranks; it owns a part of the cores itself. The
// others serve until the leader goes.
//
// Spikes cross between ranks at the end of a step, and once to each rank that
// has a target of them. The result does not depend on the number of ranks, for
// the reason for which it does not depend on threads: sums of integers commute.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_RANKEMULATOR_H
#define HILLOCK_EMULATOR_RANKS_RANKEMULATOR_H

#include "emulator/core/Emulator.h"
#include "emulator/ranks/CoreSource.h"
#include "emulator/ranks/Team.h"

namespace hillock::emu {

/// The leader's way to the others. Whoever has one must go through leave() (or
/// its destructor) before the team ends, else the others wait for ever.
class RankLeader {
public:
  /// \p team must be that of rank 0.
  explicit RankLeader(std::shared_ptr<Team> team);
  ~RankLeader();
  RankLeader(const RankLeader &) = delete;
  RankLeader &operator=(const RankLeader &) = delete;

  /// An emulator of \p image; the others load theirs by what they were given to
  /// serve(). One at a time. It must not outlive the leader. \p outputsOnly:
  /// spikes() shows those of the neurons that the image's outputs name, and no
  /// others travel to rank 0.
  Expected<std::unique_ptr<Emulator>>
  emulator(LeaderImage image, Options options, bool outputsOnly = false);
  /// Lets the others go.
  void leave();

private:
  std::shared_ptr<Team> team;
};

using SourceOpener = std::function<Expected<CoreSource>()>;

/// What ranks other than 0 do. Returns when the leader leaves. What fails here
/// is told to the leader, who has it in its own results. \p codegen: see
/// Options.
Error serve(Team &team, const SourceOpener &open,
            std::shared_ptr<LaneCodegen> codegen = nullptr);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_RANKEMULATOR_H
