//===- runtime/session/Session.h - Running samples on an image --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between a network's inputs and outputs by name and the chip's axons and
// compartments by number.
//
// Time: step t of a stimulus (from 0) is stamped chip step t + 1, as if the
// input neurons were compartments that spike then. A population that lags L
// steps behind the network shows its step t in chip step t + L + 1; results are
// in the network's time, and a run takes as many chip steps more as the outputs
// lag.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_SESSION_SESSION_H
#define HILLOCK_RUNTIME_SESSION_SESSION_H

#include "base/Error.h"
#include "emulator/core/Emulator.h"
#include "runtime/session/StopCondition.h"
#include "runtime/stream/Stimulus.h"
#include <functional>
#include <map>
#include <memory>

namespace hillock::runtime {

/// What an output or a population puts out, in the network's time from 0.
struct SpikeTrain {
  std::string name;
  std::vector<int64_t> shape;
  int64_t steps = 0;
  std::vector<Event> events; ///< sorted by step, then neuron
  /// The values are voltages in units of the network, one a neuron and step
  /// (0 where there is no event), not spikes.
  bool graded = false;

  int64_t neurons() const;
  /// Events of each neuron over the whole run.
  std::vector<int64_t> counts() const;
  /// Sum of the values of each neuron over the whole run.
  std::vector<double> sums() const;
};

/// A state of some neurons of a population over time.
struct ProbeTrace {
  std::string name; ///< as asked for: "lif1[3]:v"
  std::string population, state;
  std::vector<uint32_t> neurons;
  std::vector<std::vector<int32_t>> values; ///< by step, then neuron
  double scale = 1;                         ///< chip units a network unit
};

struct RunOptions {
  int64_t steps = 0;        ///< 0: those of the longest stimulus
  bool populations = false; ///< record the spikes of every population
  /// "NAME:STATE" for all neurons, "NAME[3]:STATE" or "NAME[3-9]:STATE".
  std::vector<std::string> probes;
  /// Called when steps of the chip are done, one or some at once: how many so
  /// far, of how many.
  std::function<void(int64_t done, int64_t all)> progress;
  /// The run ends after the first step of the network in which one holds; its
  /// results are those of a run with so many steps (the counters of cores may
  /// have seen more, as outputs lag).
  std::vector<StopCondition> stopWhen;
  /// Where the run goes on; must outlive the call. Its image, seed, past
  /// stimuli, populations and probes must be those of this run; the number of
  /// steps and what follows may differ.
  const proto::Checkpoint *resume = nullptr;
  /// Called every \c keepEvery chip steps (0: never) and at the end of the
  /// input, with a checkpoint of the run so far.
  int64_t keepEvery = 0;
  std::function<Error(const proto::Checkpoint &)> keep;
};

struct RunResult {
  int64_t steps = 0; ///< of the network
  int64_t chipSteps = 0;
  std::vector<SpikeTrain> outputs;
  std::vector<SpikeTrain> populations; ///< empty unless asked for
  std::vector<ProbeTrace> probes;
  std::vector<emu::CoreCounters> cores; ///< by index into the image's cores
  std::vector<uint64_t> spikesOf;       ///< by population of the debug section
  uint64_t inputSpikes = 0;
  std::string stopped; ///< the stop condition that held first, or empty
};

class Recording;

class Session {
public:
  static Expected<Session> open(std::shared_ptr<const image::LoadedImage> image,
                                unsigned threads);
  /// The same on an emulator of \p image that the caller has made: one with a
  /// clock, or one that is spread over processes. A run begins with its
  /// reset().
  static Expected<Session> open(std::shared_ptr<const image::LoadedImage> image,
                                std::unique_ptr<emu::Emulator> emulator);

  /// What runs the image; for what is more than a session knows, such as the
  /// report of a clock.
  emu::Emulator &chip() { return *emulator; }
  const image::LoadedImage &image() const { return *loaded; }

  /// One sample from the initial state. Every input of the network must be
  /// there with its number of neurons; a single stimulus may have the empty
  /// name when the network has one input.
  Expected<RunResult> run(const std::map<std::string, Stimulus> &stimuli,
                          const RunOptions &options);

private:
  struct Source; ///< a port, bound to its stimulus
  Session() = default;
  Expected<std::vector<Source>>
  bind(const std::map<std::string, Stimulus> &stimuli) const;
  /// Appends the messages of \p step, of so many events.
  uint64_t gather(const std::vector<Source> &sources, int64_t step,
                  std::vector<emu::HostSpike> &spikes) const;
  /// Returns how many events were sent.
  Expected<uint64_t> feed(const std::vector<Source> &sources, int64_t step);
  /// Runs \p count chip steps from \p chip of a run with \p steps of input.
  Error runAhead(const std::vector<Source> &sources, Recording &recording,
                 int64_t chip, int64_t count, int64_t steps);

  std::shared_ptr<const image::LoadedImage> loaded;
  std::unique_ptr<emu::Emulator> emulator;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_SESSION_SESSION_H
