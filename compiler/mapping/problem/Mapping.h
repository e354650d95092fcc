//===- compiler/mapping/problem/Mapping.h - A network on cores --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The solution of the mapping: full tables of every core, and where each
// neuron went. It says nothing that the tables do not say, but for the order
// of neurons.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_MAPPING_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_MAPPING_H

#include "compiler/mapping/problem/Geometry.h"
#include "image/CoreTables.h"

namespace hillock::mapping {

/// Where the host sends a spike of an input neuron.
struct HostAxon {
  uint32_t core = 0; ///< index into Mapping::cores
  uint16_t axon = 0;
  uint16_t atom = 0;
  auto operator<=>(const HostAxon &) const = default;
};

struct PlacedPopulation {
  Grouping grouping; ///< of its outgoing spikes
  /// Of neuron n: index into Mapping::cores, and compartment. Empty for
  /// inputs.
  std::vector<uint32_t> core, compartment;
  /// Inputs: axons of neuron n are host[hostFirst[n]]..host[hostFirst[n+1]-1].
  std::vector<uint32_t> hostFirst;
  std::vector<HostAxon> host;
};

/// What a core holds, in words of its memories.
struct CoreUsage {
  uint64_t compartments = 0, synapseWords = 0, axonsIn = 0, slotsOut = 0;
  uint64_t formats = 0, compartmentProfiles = 0, thresholdProfiles = 0;
  uint64_t synapses = 0; ///< stored, padding included
  std::vector<uint32_t> populations;
};

struct PopulationUsage {
  uint64_t cores = 0;    ///< on which it lies
  uint64_t synapses = 0; ///< of the network, incoming
  /// How it was cut: rows and columns of tiles, blocks of channels.
  uint32_t tilesY = 1, tilesX = 1, blocks = 1;
};

struct Statistics {
  std::vector<CoreUsage> cores; ///< like Mapping::cores
  std::vector<PopulationUsage> populations;
  uint64_t rowsStored = 0;
  uint64_t rowsShared = 0; ///< rows that axons name more than once
  uint32_t chips = 0;
  /// Messages, one for each output slot, when every neuron fires once.
  uint64_t messages = 0;
  uint64_t hops = 0; ///< of all messages, XY
  uint64_t chipCrossings = 0;
  uint64_t busiestLink = 0; ///< messages over the most loaded link
};

struct Mapping {
  std::vector<image::CoreTables> cores; ///< sorted by (chip, core)
  std::vector<std::string> programs;    ///< CoreTables::program names these
  std::vector<PlacedPopulation> populations; ///< like Network::populations
  Statistics statistics;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_MAPPING_H
