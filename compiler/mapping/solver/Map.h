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
  /// Connections between cores that the placement looks at in all: where every
  /// core talks to every other, exchanges are dear and gain little.
  uint64_t maxPlacementWork = 100000000;
  /// Neurons on a core, when they shall be fewer than the target has; 0: as
  /// many as fit.
  uint32_t neuronsPerCore = 0;
  /// Synapses that are kept in lists while cutting, 8 bytes each; more only
  /// take longer.
  uint64_t listedSynapses = 16u << 20;
};

/// Takes the cores of a mapping one at a time, so that the tables of a large
/// network are never in memory together.
class CoreSink {
public:
  virtual ~CoreSink() = default;
  /// Before the first core. The cores of \p mapping are without rows and output
  /// slots; all else is there, but for statistics by core.
  virtual Error begin(const Mapping &mapping) = 0;
  /// Takes what core \p index needs from its tables; called from several
  /// threads at once.
  virtual Expected<std::string> encode(uint32_t index,
                                       image::CoreTables tables) = 0;
  /// What encode() has returned, in the order of Mapping::cores.
  virtual Error add(std::string bytes) = 0;
};

/// Maps \p network onto \p target: checks it, cuts, shares, fills tables,
/// places, routes, and verifies all of it. The same arguments give the same
/// mapping on any machine. Input errors for a network that the target cannot
/// express, Capacity errors with the layer, the memory and the excess for one
/// that does not fit, Internal errors when a verification fails.
Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options = {});

/// The same, core by core: the cores of the result are without rows and output
/// slots, which \p sink has got.
Expected<Mapping> map(const Network &network, const target::TargetModel &target,
                      const MapOptions &options, CoreSink &sink);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_MAP_H
