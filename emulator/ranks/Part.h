//===- emulator/ranks/Part.h - The cores of one rank ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rank runs an emulator of the whole image in which the cores of others are
// empty: cores keep their numbers, and with them their random streams. A spike
// of another rank arrives as host spikes do, in the step after it was emitted,
// and does exactly what it would have done at home. It travels once to each
// rank that has a target of it; there, its axons are looked up.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_PART_H
#define HILLOCK_EMULATOR_RANKS_PART_H

#include "emulator/core/Emulator.h"
#include "emulator/ranks/CoreSource.h"
#include "emulator/ranks/Team.h"

#include <map>

namespace hillock::emu {

/// The rank of each core: runs of whole chips with about equal work, or runs of
/// cores where chips are too few or too unequal for that.
std::vector<uint32_t> dealCores(const LeaderImage &image, unsigned ranks);

class Part {
public:
  /// What rank 0 has decided and found.
  struct Plan {
    std::vector<uint32_t> rankOf; ///< by core, of dealCores()
    uint64_t imageHash = 0;       ///< of its CoreSource
  };
  /// An Input error when \p source is not the image of rank 0, or a slot leads
  /// from anywhere to an axon that is not here.
  static Expected<std::unique_ptr<Part>> create(const CoreSource &source,
                                                Plan plan,
                                                const Options &options,
                                                unsigned rank, unsigned ranks);

  /// Collective: sends the spikes of the last step to those who have targets
  /// of them, takes theirs and does a step.
  Error step(Team &team);

  /// Of this rank's cores alone.
  Emulator &cores() { return *emulator; }
  const Emulator &cores() const { return *emulator; }
  bool owns(uint32_t core) const { return rankOf[core] == rank; }
  const std::vector<uint32_t> &ranksOfCores() const { return rankOf; }
  /// Of all that an own core holds, see hashOf().
  uint64_t hashOfCore(uint32_t core) const { return hashes[core]; }
  /// Messages to cores of other ranks count as well.
  CoreCounters counters(uint32_t core) const;

  Error save(proto::Checkpoint &to) const;
  /// \p from: of all cores. All or nothing on this rank.
  Error restore(const proto::Checkpoint &from);
  void reset();

private:
  Part() = default;
  using Places = std::map<std::pair<uint32_t, uint32_t>, uint32_t>;
  image::CoreTables ownCore(image::CoreTables core, const Places &places) const;
  void noteSenders(uint32_t core, const image::CoreTables &outputs,
                   const Places &places, unsigned ranks);
  Error noteReceivers(uint32_t core, const image::CoreTables &outputs,
                      const Places &places, const image::LoadedImage &mine,
                      const std::string &name);
  Error expand(const std::string &letter, std::vector<HostSpike> &arrived);

  unsigned rank = 0;
  std::vector<uint32_t> rankOf;
  std::unique_ptr<Emulator> emulator;
  /// By own core: to whom its compartment c sends: pairs (rank, number of
  /// messages there) from firstAway[c] to firstAway[c + 1].
  struct Away {
    uint32_t rank, messages;
  };
  struct Senders {
    std::vector<uint32_t> firstAway = {0};
    std::vector<Away> away;
  };
  std::vector<Senders> senders; ///< by core; empty for those of others
  /// By foreign core: the axons here that its compartment c reaches.
  struct Receivers {
    std::vector<uint32_t> first;
    std::vector<HostSpike> axons;
  };
  std::vector<Receivers> receivers;
  std::vector<uint64_t> sentAway; ///< by core
  std::vector<uint64_t> hashes;   ///< by core; 0 for those of others
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_PART_H
