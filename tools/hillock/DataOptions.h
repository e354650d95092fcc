//===- tools/hillock/DataOptions.h - Inputs of a network --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_DATAOPTIONS_H
#define HILLOCK_TOOLS_HILLOCK_DATAOPTIONS_H

#include "runtime/stream/ReadData.h"
#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace hillock::tool {

/// An input or output of a network.
struct Port {
  std::string name;
  std::vector<int64_t> shape;
  bool values = false; ///< of graded spikes: it takes real values as they are
};

using Stimuli = std::map<std::string, runtime::Stimulus>;

/// What the verbs that read data have in common.
struct DataOptions {
  int64_t steps = 0;
  std::string encode, merge = "one", node, observable;
  bool wholeFrames = false;
  double encodeMax = 0, binMicros = 1000, dt = 0;
  uint64_t seed = 1;
  bool timeFirst = false;
  int64_t first = 0, limit = 0; ///< limit 0: all
  unsigned threads = 1;         ///< 0: all cores

  /// \p ownSeed: --seed is that of the data, else it is --data-seed.
  void declare(CLI::App *verb, bool ownSeed = true);
  /// Reads \p path for a network's input.
  Expected<runtime::DataSet> load(const std::string &path,
                                  const Port &input) const;
  /// \p inputs as given: one FILE, or NAME=FILE for each of \p ports. The
  /// sample `first` of each. Missing inputs are silent.
  Expected<Stimuli> loadSample(const std::vector<std::string> &inputs,
                               const std::vector<Port> &ports) const;
};

/// Spikes with \p probability in each of \p steps steps, the same for the same
/// seed.
Stimuli randomStimuli(const std::vector<Port> &ports, int64_t steps,
                      uint64_t seed, double probability = 0.05);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_DATAOPTIONS_H
