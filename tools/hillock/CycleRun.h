//===- tools/hillock/CycleRun.h - --timing cycle ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_CYCLERUN_H
#define HILLOCK_TOOLS_HILLOCK_CYCLERUN_H

#include "emulator/engine/CycleEngine.h"
#include "runtime/session/Evaluate.h"
#include "tools/hillock/Model.h"
#include "tools/hillock/Output.h"
#include <CLI/CLI.hpp>
#include <mutex>

namespace hillock::tool {

/// --timing, --parameters and --network.
struct TimingOptions {
  std::string timing = "step", network = "flit";
  /// Sets of the target by name, files, "all"; empty: all of the target's.
  std::vector<std::string> parameters;

  void declare(CLI::App *verb);
  bool cycle() const { return timing == "cycle"; }
  /// That they fit each other, and \p model has a clock when one is wanted.
  Error check(const Model &model) const;
  emu::CycleOptions cycleOptions() const;
};

/// What a run with a clock says: lines of text, and "timing" of the document.
void showCycles(const emu::CycleReport &report, Output &out);

/// Times and energies of the samples of an evaluation.
class CycleSamples {
public:
  /// Hooks into an evaluation of \p image that runs with a clock, around the
  /// emulator of \p to where it has one; the object must outlive it.
  void attach(std::shared_ptr<const image::LoadedImage> image,
              const TimingOptions &options, size_t samples,
              runtime::EvaluateOptions &to);

  bool empty() const { return !sum.has_value(); }
  /// Mean and 95 % (nearest rank) of each set, and the interval of the means.
  void show(Output &out) const;
  /// What is said of sample \p index: time and energy by set.
  Json sampleJson(size_t index) const;
  const emu::CycleReport &sums() const { return *sum; }
  /// Of the first sample, with its steps.
  const emu::CycleReport &first() const { return *firstReport; }

private:
  struct Sample {
    std::vector<uint64_t> ps, highPs, fj; ///< by set
  };
  Error take(size_t index, emu::CycleEngine &engine);

  std::mutex mutex;
  std::vector<Sample> samples;
  std::optional<emu::CycleReport> sum, firstReport;
};

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_CYCLERUN_H
