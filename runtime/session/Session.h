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
#include "runtime/stream/Stimulus.h"
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

  emu::CoreCounters total() const;
};

class Session {
public:
  static Expected<Session> open(std::shared_ptr<const image::LoadedImage> image,
                                unsigned threads);

  const image::LoadedImage &image() const { return *loaded; }
  /// Name and shape of each input.
  std::vector<std::pair<std::string, std::vector<int64_t>>> inputs() const;

  /// One sample from the initial state. Every input of the network must be
  /// there with its number of neurons; a single stimulus may have the empty
  /// name when the network has one input.
  Expected<RunResult> run(const std::map<std::string, Stimulus> &stimuli,
                          const RunOptions &options);

private:
  struct Source; ///< a port, bound to its stimulus
  struct Probe;
  Session() = default;
  Expected<std::vector<Source>>
  bind(const std::map<std::string, Stimulus> &stimuli) const;
  Expected<Probe> resolve(const std::string &text) const;
  Error feed(const std::vector<Source> &sources, int64_t step);
  /// The state of an output with one, as events of network step \p step.
  Error readOutput(const proto::Port &port, int64_t step,
                   std::vector<Event> &events) const;

  std::shared_ptr<const image::LoadedImage> loaded;
  std::unique_ptr<emu::Emulator> emulator;
  /// What sits on compartment c of core k: place[k][c].
  struct Place {
    int32_t population = -1;
    uint32_t neuron = 0;
  };
  std::vector<std::vector<Place>> place;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_SESSION_SESSION_H
