//===- emulator/ranks/Leader.h - All ranks as one emulator ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_LEADER_H
#define HILLOCK_EMULATOR_RANKS_LEADER_H

#include "emulator/ranks/Worker.h"
#include <map>

namespace hillock::emu {

/// The leader's view of all.
class Leader final : public Emulator {
public:
  Leader(std::shared_ptr<Team> team, LeaderImage from, Options options)
      : team(std::move(team)), image(from.image), options(std::move(options)),
        worker(*this->team, std::move(from.source), this->options.codegen) {}

  Error load(const Part::Plan &plan, bool outputsOnly);
  uint64_t now() const override { return done; }
  Error send(std::span<const HostSpike> spikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override;
  void step() override;
  std::span<const Spike> spikes() const override { return emitted; }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override;
  const CoreCounters &counters(uint32_t core) const override;
  void reset() override;
  Error save(proto::Checkpoint &to) const override;
  Error restore(const proto::Checkpoint &from) override;

private:
  /// The answers by rank; the first error of any.
  Expected<std::vector<std::string>> give(Order order,
                                          const std::string &words = {}) const;
  Error checkCore(uint32_t core) const;
  Error checkSpikes(std::span<const HostSpike> spikes) const;
  /// For calls that cannot fail: kept for the next one that can.
  void note(Error error) const;
  Error trouble() const;
  void forget() const;

  std::shared_ptr<Team> team;
  /// Whole, or an outline, see LeaderImage.
  std::shared_ptr<const image::LoadedImage> image;
  Options options;
  mutable Worker worker;
  uint64_t done = 0;
  std::vector<Spike> emitted;
  std::vector<HostSpike> queued;
  /// What has been asked for since the last step.
  struct State {
    std::vector<std::vector<int32_t>> values;
    std::vector<std::string> problems; ///< by core, empty: none
  };
  mutable std::map<std::string, State, std::less<>> states;
  mutable std::vector<CoreCounters> counted;
  mutable std::string failure;
  uint64_t imageHash = 0; ///< what checkpoints name the image by
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_LEADER_H
