//===- emulator/timing/StepEvents.h - What happened in a time step *- C++
//-*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the clock and the energy are computed from; the same for every parameter
// set. A step has: all compartments of each core advanced in order, their
// spikes' messages, and what these messages (and the host's) cause at their
// destinations. Sums of it are enough for bounds and energy; who follows each
// message through the mesh needs the order, too.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TIMING_STEPEVENTS_H
#define HILLOCK_EMULATOR_TIMING_STEPEVENTS_H

#include "emulator/timing/Costs.h"

namespace hillock::emu {

/// Events that cost energy.
struct EventCounts {
  uint64_t updatesInactive = 0, updatesActive = 0, spikes = 0;
  uint64_t messages = 0;                 ///< from core to core through the mesh
  uint64_t hopsX = 0, hopsY = 0;         ///< within chips
  uint64_t hopsChipX = 0, hopsChipY = 0; ///< between chips
  uint64_t axonsIn = 0; ///< messages received, the host's included
  std::array<uint64_t, synapseKinds> synapses = {};
  bool operator==(const EventCounts &) const = default;

  uint64_t updates() const { return updatesInactive + updatesActive; }
  uint64_t synapticEvents() const {
    return synapses[0] + synapses[1] + synapses[2];
  }
  EventCounts &operator+=(const EventCounts &other);
  /// What has been added since \p earlier.
  EventCounts operator-(const EventCounts &earlier) const;
};

/// A stretch of compartments of a core, advanced one after the other; the last
/// fires and sends.
struct Firing {
  uint32_t active = 0, inactive = 0; ///< compartments, the firing one included
  uint32_t messages = 0;             ///< 0: nobody listens
};

struct StepMessage {
  uint32_t node = 0; ///< destination in the mesh
  uint32_t synapses = 0;
  SynapseKind kind = SynapseKind::Dense;
};

/// What a core received past the mesh, and its compartments after the last
/// firing.
struct CoreRest {
  uint64_t hostMessages = 0;
  std::array<uint64_t, synapseKinds> hostSynapses = {};
  uint32_t active = 0, inactive = 0;
};

/// All that a core did and received in a step.
struct CoreSums {
  uint64_t active = 0, inactive = 0, firings = 0; ///< compartments
  uint64_t messagesOut = 0;
  uint64_t messagesIn = 0;                          ///< the host's included
  std::array<uint64_t, synapseKinds> synapses = {}; ///< of these
};

/// Sums of a step, by core, and of the mesh: hops and messages on the way X
/// before Y.
struct StepSums {
  std::vector<CoreSums> cores;
  uint64_t messages = 0;                 ///< from core to core
  uint64_t hopsX = 0, hopsY = 0;         ///< within chips
  uint64_t hopsChipX = 0, hopsChipY = 0; ///< between chips
  std::vector<uint64_t> linkMessages;    ///< by tile * 4 + direction
};

/// The order of a step. Lists by core: core c has firings firstFiring[c] ..
/// firstFiring[c+1]-1 and messages firstMessage[c] .. firstMessage[c+1]-1.
struct StepOrder {
  std::vector<uint32_t> firstFiring = {0}, firstMessage = {0};
  std::vector<Firing> firings;
  std::vector<StepMessage> messages;
  std::vector<CoreRest> rest;

  void clear();
  /// All of the next core is in the lists.
  void endCore(const CoreRest &itsRest);
};

struct StepEvents {
  StepSums sums;
  StepOrder order; ///< without cores when nobody wants it
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TIMING_STEPEVENTS_H
