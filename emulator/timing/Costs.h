//===- emulator/timing/Costs.h - What an event costs ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A named parameter set of a target (proto ParameterSet) in integers:
// picoseconds and femtojoules. The events that a set may name:
//
//   hop_local        entering and leaving the mesh, once a message
//   hop_x, hop_y     from tile to tile, east-west and north-south
//   hop_chip         from chip to chip; without it such a hop is a hop_x, hop_y
//   link_spike       latency: the time that a message occupies a channel
//   link_chip_spike  the same between chips
//   axon_in          receiving a message
//   synaptic_event   one synapse of a message; or by the row's storage:
//   synapse_dense, synapse_sparse, synapse_conv
//   accumulate       adding one synapse's weight
//   neuron_update_inactive, neuron_update_active   a compartment in a step; or
//   neuron_access    a compartment in a step, plus
//   neuron_update    when it is active
//   neuron_spike     added when it fires
//   axon_out         sending a message
//   barrier_N_tiles  the end of a step with N tiles in use
//   static_chip      power of a chip in use: so much energy in so much time
//
// neuron_update_noise and synaptic_update are known and not used: noise and
// learning are not part of images.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TIMING_COSTS_H
#define HILLOCK_EMULATOR_TIMING_COSTS_H

#include "target/TargetModel.h"
#include <array>

namespace hillock::emu {

struct Cost {
  uint64_t ps = 0;
  uint64_t fj = 0;
  bool operator==(const Cost &) const = default;
};

/// How the weights of a row are stored.
enum class SynapseKind : uint8_t {
  Dense,
  Sparse,
  Shared, ///< several axons use the row: a convolution's ("synapse_conv")
};
constexpr size_t synapseKinds = 3;

struct BarrierCost {
  uint32_t tiles = 0;
  Cost cost;
};

struct CostTable {
  std::string name, source;
  Cost hopLocal, hopX, hopY, hopChip, linkSpike, linkChipSpike;
  bool hasHopChip = false, hasLinkSpike = false, hasLinkChipSpike = false;
  Cost axonIn, axonOut;
  std::array<Cost, synapseKinds> synapse; ///< accumulation included
  Cost updateInactive, updateActive;      ///< of a compartment, without a spike
  Cost spike;                             ///< added by a spike
  std::vector<BarrierCost> barriers;      ///< by rising number of tiles
  uint64_t staticMicrowatts = 0;          ///< of a chip in use, all the time

  /// The largest entry that is not above \p tiles (the first when there is
  /// none), and the smallest that is not below (the last when there is none).
  /// Both are zero without entries.
  Cost barrierBelow(uint32_t tiles) const;
  Cost barrierAbove(uint32_t tiles) const;

  /// Fails on unknown events, numbers out of range and double accounts of the
  /// same thing; \p where names the target.
  static Expected<CostTable> create(const proto::ParameterSet &set,
                                    const std::string &where);
};

/// Sets that a user wrote: a text file of timing_and_energy entries as in a
/// target's description, and of nothing else. Fails when it has none.
Expected<std::vector<proto::ParameterSet>>
readParameterFile(const std::string &path);

/// True for a name that costTables() takes for a file: it ends in
/// ".textproto".
bool isParameterFile(std::string_view name);

/// Sets of a target by name, or of a user's file (isParameterFile()), in the
/// order of \p names; all of the target's when \p names is empty or for the
/// name "all". Two sets of one name are an error: figures carry it.
Expected<std::vector<CostTable>>
costTables(const target::TargetModel &target,
           const std::vector<std::string> &names);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TIMING_COSTS_H
