//===- runtime/session/Recording.h - What a run writes down -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the spikes and states of chip steps to trains and probes in the
// network's time. A recording can be saved and restored, so that the results of
// a resumed run are those of one that was never interrupted.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_SESSION_RECORDING_H
#define HILLOCK_RUNTIME_SESSION_RECORDING_H

#include "runtime/session/Session.h"
#include "runtime/session/StopCondition.h"

namespace hillock::proto {
class RunCheckpoint;
} // namespace hillock::proto

namespace hillock::runtime {

/// What sits on a compartment.
struct Occupant {
  int32_t population = -1;
  uint32_t neuron = 0;
};

class Recording {
public:
  /// Reads \p options' populations, probes and stop conditions; \p steps is the
  /// length of the run. A probe's state must exist on \p emulator.
  static Expected<Recording> create(const image::LoadedImage &image,
                                    const emu::Emulator &emulator,
                                    const RunOptions &options, int64_t steps);

  /// How many steps the last population and output lag behind the network.
  int64_t lag() const { return longestLag; }
  /// Steps of the network that the run will have: fewer than at first once a
  /// stop condition holds.
  int64_t steps() const { return wanted; }

  /// Whether record() has to be called after every step. If not, add() will do
  /// for the spikes of steps that are not the last.
  bool looksAtSteps() const;
  void add(const emu::Spike &spike, int64_t chip);
  /// What \p emulator shows after chip step \p chip (from 0) and its \p fed
  /// input spikes.
  Error record(const emu::Emulator &emulator, int64_t chip, uint64_t fed);

  void save(proto::RunCheckpoint &to) const;
  /// Must have been created as the one that was saved.
  Error restore(const proto::RunCheckpoint &from, int64_t chip);

  /// Trains and probes, sorted and cut to steps(); the rest of the result is
  /// the caller's.
  RunResult take();

private:
  struct Probe {
    ProbeTrace trace;
    const proto::Population *population = nullptr;
  };
  explicit Recording(const image::LoadedImage &image) : loaded(&image) {}
  void placePopulations();
  void watchOutputs();
  Error resolve(const std::string &text, const emu::Emulator &emulator);
  Error resolve(const StopCondition &condition);
  /// The state of output \p number, as events of network step \p step.
  Error readOutput(const emu::Emulator &emulator, int number, int64_t step);
  void checkStops(int64_t chip, bool quiet);
  void stop(int64_t atStep, const std::string &why);

  /// A stop condition whose name has been found.
  struct Watch {
    StopCondition condition;
    int output = -1, population = -1;
  };

  const image::LoadedImage *loaded;
  std::vector<std::vector<Occupant>> place; ///< by core, compartment
  /// Outputs and their neurons that show compartment c of core k.
  using Shown = std::vector<std::pair<int, uint32_t>>;
  std::vector<std::vector<uint32_t>> shownBy; ///< by core, compartment
  std::vector<Shown> shown = {{}};            ///< the first is nobody
  bool keepsPopulations = false;
  int64_t wanted = 0, longestLag = 0;
  std::vector<SpikeTrain> outputs, populations;
  std::vector<Probe> probes;
  std::vector<uint64_t> spikesOf; ///< by population, all chip steps
  std::vector<uint64_t> seen;     ///< by population, from network step 0
  uint64_t quietSteps = 0;
  std::vector<Watch> watches;
  std::string reason;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_SESSION_RECORDING_H
