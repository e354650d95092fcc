//===- runtime/session/Evaluate.h - Accuracy over a data set ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_SESSION_EVALUATE_H
#define HILLOCK_RUNTIME_SESSION_EVALUATE_H

#include "base/Progress.h"
#include "runtime/session/Session.h"
#include <functional>

namespace hillock::runtime {

/// What of an output neuron is compared, over all steps of a sample: the number
/// of its events, the sum of its values (for spikes their number, too), the
/// largest, or that of the last step.
enum class Decision { Count, Sum, Max, Last };
/// "count", "sum", "max", "last", in order.
std::vector<std::string> decisionNames();

std::vector<double> scores(const SpikeTrain &output, Decision decision);

/// The class that a sample is taken for: the output neuron with the largest
/// score, the lowest index on a tie; -1 without any.
int64_t decide(const std::vector<double> &scores);

struct SampleResult {
  int64_t label = -1; ///< -1: unknown
  int64_t decision = -1;
  std::vector<double> scores; ///< of the output's neurons
  bool operator==(const SampleResult &) const = default;
};

struct Evaluation {
  std::vector<SampleResult> samples;
  bool graded = false; ///< the output's values are voltages, not spikes
  uint64_t chipSteps = 0, inputSpikes = 0;
  emu::CoreCounters total;
  std::vector<emu::CoreCounters> cores;
  std::vector<uint64_t> spikesOf; ///< by population of the debug section

  uint64_t labelled() const;
  uint64_t right() const;
  double accuracy() const; ///< of the labelled samples, 0 when there are none
  /// confusion[label][decision]
  std::vector<std::vector<uint64_t>> confusion() const;
};

struct EvaluateOptions {
  unsigned threads = 1; ///< samples are dealt to this many emulators
  int64_t steps = 0;    ///< 0: those of each sample
  Decision decision = Decision::Sum;
  std::function<void()> progress; ///< called when a sample is done
  /// Makes what a thread runs its samples on; empty: the plain emulator.
  std::function<Expected<std::unique_ptr<emu::Emulator>>()> emulator;
  /// Called after each sample with its number and what it ran on, from several
  /// threads at once; the emulator still is as the sample has left it.
  std::function<Error(size_t sample, emu::Emulator &emulator)> afterSample;
};

/// Results do not depend on the number of threads.
Expected<Evaluation> evaluate(std::shared_ptr<const image::LoadedImage> image,
                              const DataSet &data,
                              const EvaluateOptions &options);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_SESSION_EVALUATE_H
