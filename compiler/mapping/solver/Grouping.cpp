//===- compiler/mapping/solver/Grouping.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/Connectivity.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include "compiler/mapping/solver/Partition.h"
#include <algorithm>

namespace hillock::mapping {

using image::AxonType;

namespace {

bool isLocal(const Projection &projection) {
  const auto *chain =
      dynamic_cast<const ChainConnectivity *>(projection.connectivity.get());
  return chain && chain->isLocal();
}

Grouping discrete(const Population &population) {
  // Every neuron a group: one channel, as many pixels as neurons.
  return {AxonType::Discrete, Extent{1, 1, population.size()}, 1};
}

Grouping byAtoms(const Population &population,
                 const target::TargetModel &target, bool narrow) {
  Grouping grouping;
  grouping.extent = extentOf(population);
  const uint32_t channels = grouping.extent.channels;
  const uint32_t few = atomsOf(target, AxonType::Pop16);
  const uint32_t many = atomsOf(target, AxonType::Pop32);
  // Neurons without pixels have nothing in common; short runs keep the rows
  // that a population must have of equal length.
  const bool plain = grouping.extent.pixels() == 1;
  const bool wide = channels > few && !plain && !narrow;
  grouping.type = wide ? AxonType::Pop32 : AxonType::Pop16;
  // Blocks of equal size: 48 channels are 2 x 24, not 32 + 16.
  const uint32_t most = wide ? many : few;
  const uint32_t blocks = (channels + most - 1) / most;
  grouping.block = (channels + blocks - 1) / blocks;
  return grouping;
}

/// Makes sources of \p population population axons, the largest first, until
/// their axons are sure to fit a core of a few neurons. Where every neuron has
/// few inputs that is no concern: then rows of a population would be mostly
/// padding.
void relieve(const Network &network, const target::TargetModel &target,
             const std::vector<ProjectionSize> &sizes, uint32_t population,
             std::vector<Grouping> &groupings) {
  constexpr uint64_t fewNeurons = 64;
  const uint32_t most = target.capacity(proto::AXON_IN);
  for (;;) {
    uint64_t axons = 0;
    const Projection *largest = nullptr;
    for (size_t p = 0; p < sizes.size(); ++p) {
      const Projection &projection = network.projections[p];
      if (projection.target != population || isLocal(projection))
        continue;
      const Grouping &grouping = groupings[projection.source];
      axons +=
          std::min<uint64_t>(grouping.groups(), fewNeurons * sizes[p].mostIn);
      if (grouping.type == AxonType::Discrete &&
          (!largest || grouping.groups() > groupings[largest->source].groups()))
        largest = &projection;
    }
    if (axons <= most || !largest)
      return;
    // One slot for each neuron and core of a layer to which all is connected
    // matters more than input axons.
    groupings[largest->source] =
        byAtoms(network.populations[largest->source], target, true);
  }
}

} // namespace

std::vector<Grouping> chooseGroupings(const Network &network,
                                      const target::TargetModel &target,
                                      const std::vector<ProjectionSize> &sizes,
                                      bool narrow) {
  std::vector<Grouping> groupings;
  for (uint32_t p = 0; p < network.populations.size(); ++p) {
    const Population &population = network.populations[p];
    const Extent extent = extentOf(population);
    bool local = false;
    for (const Projection &projection : network.projections)
      local |= projection.source == p && isLocal(projection);
    const bool fits =
        extent.channels <= atomsOf(target, AxonType::Pop32) || narrow;
    // The host has no output slots to spare.
    groupings.push_back(
        local && extent.pixels() > 1 && fits
            ? byAtoms(population, target, narrow && !population.isInput)
            : discrete(population));
  }
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    relieve(network, target, sizes, p, groupings);
  return groupings;
}

} // namespace hillock::mapping
