//===- tools/hillock/ChipRun.h - Around a run of a chip ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `hillock run` offers where a chip runs: checkpoints, stop conditions,
// traces, and ranks.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_CHIPRUN_H
#define HILLOCK_TOOLS_HILLOCK_CHIPRUN_H

#include "emulator/engine/CycleEngine.h"
#include "emulator/ranks/RankEmulator.h"
#include "emulator/trace/Tracer.h"
#include "proto/checkpoint.pb.h"
#include "tools/hillock/CycleRun.h"

namespace hillock::tool {

struct ChipOptions {
  std::string checkpoint, resume;
  int64_t every = 1000; ///< chip steps from checkpoint to checkpoint
  std::vector<std::string> stopWhen, traces;
  unsigned ranks = 1;
  std::string stream = "auto";

  void declare(CLI::App *verb);
  /// --ranks alone.
  void declareRanks(CLI::App *verb);
  /// Whether this process is the one that the user has started, and the ranks
  /// are still to be: launch() is all that it does.
  bool launches() const;
  Expected<int> launch(const std::string &imagePath, Output &out) const;
  /// That they fit each other; what needs a chip finds one in \p model.
  Error check(const Model &model) const;
  /// An error when something is asked for that only a chip has.
  Error checkNone() const;
  /// What needs the tables of all cores, or null; \p timing of the run.
  const char *whole(const TimingOptions &timing) const;
  /// Whether the image goes into the emulator core by core.
  bool streams(const std::string &imagePath, bool needsWhole) const;
};

class ChipRun {
public:
  /// Reads the checkpoint; joins the team when there are ranks. Null on ranks
  /// other than the first, which have served it to its end and say nothing.
  static Expected<std::unique_ptr<ChipRun>>
  begin(const ChipOptions &options, const std::string &imagePath, Output &out);

  /// On the first of several: an image of which it holds its own part. The
  /// model runs on runner() alone.
  Expected<std::unique_ptr<Model>> openPart(const std::string &imagePath);

  /// The emulator of all ranks, once; on the first alone. \p outputsOnly: see
  /// RankLeader.
  Expected<std::unique_ptr<emu::Emulator>>
  lead(Model &model, const emu::Options &chip, bool outputsOnly);
  /// A runner of \p model; on a chip with a clock, \p clock is set to it (and
  /// stays the runner's). The runner must not outlive this object. \p
  /// outputsOnly: nobody wants to see the spikes of other neurons.
  Expected<std::unique_ptr<Runner>> runner(Model &model, unsigned threads,
                                           const TimingOptions &timing,
                                           bool outputsOnly,
                                           emu::CycleEngine *&clock);
  /// Adds what a session has to know.
  void addTo(LevelOptions &level) const;
  /// Completes traces; the clock has reported before.
  Error finish();
  /// Files written, for people.
  std::vector<std::string> written() const;

private:
  /// What ranks other than the first do.
  Error serve(const std::string &imagePath);
  explicit ChipRun(const ChipOptions &options) : options(options) {}
  /// Nothing of the run's own looks at spikes.
  bool plainSpikes(const TimingOptions &timing) const {
    return !timing.cycle() && options.traces.empty() && stops.empty();
  }
  Expected<std::unique_ptr<emu::Emulator>>
  alone(Model &model, const emu::Options &chip, bool clocked) const;
  Error makeTracer(std::shared_ptr<const image::LoadedImage> image,
                   const std::string &network, emu::CycleOptions *cycle);

  ChipOptions options;
  std::vector<runtime::StopCondition> stops;
  std::optional<proto::Checkpoint> past;
  std::shared_ptr<emu::Team> team;
  std::unique_ptr<emu::RankLeader> leader;
  std::optional<emu::LeaderImage> outline; ///< of openPart()
  std::shared_ptr<emu::Tracer> tracer;
};

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_CHIPRUN_H
