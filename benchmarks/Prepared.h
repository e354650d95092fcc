//===- benchmarks/Prepared.h - A workload as an image -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_PREPARED_H
#define HILLOCK_BENCHMARKS_PREPARED_H

#include "benchmarks/Workloads.h"
#include "compiler/mapping/solver/Map.h"
#include "emulator/core/Emulator.h"
#include <memory>
#include <span>
#include <string>

namespace hillock::bench {

/// A workload that is ready to run.
struct Prepared {
  std::string problem; ///< why it is not
  std::shared_ptr<const image::LoadedImage> image;
  std::vector<std::vector<emu::HostSpike>> input;
  /// Compartments whose spikes count, by core.
  std::vector<std::vector<bool>> counted;
  uint64_t neurons = 0, expectedSpikes = 0, synapses = 0, imageBytes = 0;
  int64_t steps = 0;
};

/// Mapped to the target manycore, assembled, written, parsed and loaded.
Prepared prepare(const Workload &workload,
                 const mapping::MapOptions &options = {});

/// The name of an image that nobody else has; the file goes with it.
class TemporaryFile {
public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
  std::string path;
};

/// Of \p spikes those that count.
uint64_t countSpikes(const Prepared &prepared,
                     std::span<const emu::Spike> spikes);

/// Sums of all cores.
emu::CoreCounters totals(const emu::Emulator &emulator, size_t cores);

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_PREPARED_H
