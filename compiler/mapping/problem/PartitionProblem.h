//===- compiler/mapping/problem/PartitionProblem.h - Onto cores -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instance: a network and a target. A solution: tables of cores that hold
// every neuron once and respect every memory. The limits are those of Davies
// et al. 2018 and of nengo-loihi's block.py, validate.py and builder.py, as
// far as the target's description has them.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONPROBLEM_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONPROBLEM_H

#include "compiler/mapping/problem/Mapping.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

/// The largest first compartment of an input axon: what the field holds, and
/// for a discrete axon at most cx_base_max. Population axons store it divided
/// by their step, so that they reach further (nengo-loihi builder.py).
uint32_t cxBaseLimit(const target::TargetModel &target, image::AxonType type);
/// Words of the output memory that an axon of \p type takes.
uint32_t slotsOf(const target::TargetModel &target, image::AxonType type);
/// Most atoms of a population axon; 1 for a discrete one.
uint32_t atomsOf(const target::TargetModel &target, image::AxonType type);

/// What enumerating a projection tells.
struct ProjectionSize {
  uint64_t synapses = 0;
  uint32_t mostIn = 0; ///< synapses of the neuron that has most
};

class PartitionProblem {
public:
  PartitionProblem(const Network &network, const target::TargetModel &target)
      : network(network), target(target) {}

  /// Well posed: names, indices, registers and initial states that the target
  /// has fields for, weights that its formats hold, delays that it can do.
  /// Errors are Input errors that name population or projection. \p sizes
  /// gets one entry a projection.
  Error check(std::vector<ProjectionSize> *sizes = nullptr) const;

  /// Recomputes everything from the tables, independently of any solver:
  /// every neuron has one compartment of its own and its own registers, every
  /// memory of every core holds what is in it, axons lead to axons of their
  /// type, a compartment speaks for one population. Internal errors that name
  /// core, memory and excess. What synapses mean is for check/Compare.h.
  Error verify(const Mapping &mapping) const;

private:
  Error checkPopulation(uint32_t index) const;
  Error checkProjection(uint32_t index, ProjectionSize &found) const;

  const Network &network;
  const target::TargetModel &target;
};

/// "population 'conv1' (model.nir: node 'conv1')".
std::string describePopulation(const Network &network, uint32_t index);
/// "projection 'a' -> 'b' (...)".
std::string describeProjection(const Network &network, uint32_t index);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_PARTITIONPROBLEM_H
