//===- compiler/mapping/solver/Map.h - From network to cores ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_MAP_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_MAP_H

#include "base/Error.h"
#include "compiler/mapping/problem/Mapping.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

struct MapOptions {
  /// Small populations may share a core. Fewer cores, but longer steps.
  bool shareCores = true;
  uint64_t seed = 1; ///< of the placement
  /// Exchanges that the placement tries, for each core and at most in all.
  uint64_t proposalsPerCore = 2000, maxProposals = 2000000;
  /// Synapses that are kept in lists while cutting, 8 bytes each; more only
  /// take longer.
  uint64_t listedSynapses = 16u << 20;
};

/// Maps \p network onto \p target: checks it, cuts, shares, fills tables,
/// places, routes, and verifies all of it. The same arguments give the same
/// mapping on any machine. Input errors for a network that the target cannot
/// express, Capacity errors with the layer, the memory and the excess for one
/// that does not fit, Internal errors when a verification fails.
Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options = {});

/// Messages between the cores of \p mapping, one for each output slot, by
/// index into Mapping::cores; sorted, self-traffic included.
struct CoreTraffic {
  uint32_t from = 0, to = 0;
  uint64_t messages = 0;
};
std::vector<CoreTraffic> trafficOf(const Mapping &mapping);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_MAP_H
