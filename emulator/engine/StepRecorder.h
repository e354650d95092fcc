//===- emulator/engine/StepRecorder.h - From spikes to events ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns what a step of the functional emulator showed into the events that take
// time and energy. Messages of spikes that fire in a step belong to this step,
// and so does what they do at their destinations, as on the chip, where all
// spikes of a step have arrived before the next begins. (The emulator counts
// them when it adds them, in the step after.) Spikes of the host belong to the
// step that they enter.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_STEPRECORDER_H
#define HILLOCK_EMULATOR_ENGINE_STEPRECORDER_H

#include "emulator/core/Emulator.h"
#include "emulator/engine/ImageIndex.h"

namespace hillock::emu {

/// Which compartments count as active in a step.
enum class Activity {
  /// Those that fired, or have a bias, an input in this step, or a state that
  /// is not 0 after it.
  Measured,
  All, ///< an upper bound; faster
};

class StepRecorder {
public:
  /// \p ordered: the order of a step is wanted, not only its sums.
  StepRecorder(const ImageIndex &index, Activity activity, bool ordered);

  /// A step that \p emulator has just done, with the spikes that the host sent
  /// before it. Adds to counts().
  Error record(const Emulator &emulator, std::span<const HostSpike> host,
               StepEvents &events);

  /// By layer: what a layer's compartments did and sent, and what was received
  /// for them. A message for targets of several layers counts as received by
  /// the first layer of its row.
  const std::vector<EventCounts> &counts() const { return layers; }
  void reset();
  /// Spikes of each compartment since reset(), by core.
  const std::vector<std::vector<uint64_t>> &fired() const { return spikesOf; }
  /// Goes on from these counts() and fired(), of the same image.
  void restore(std::vector<EventCounts> counts,
               std::vector<std::vector<uint64_t>> fired);
  /// All that the last recorded step added to counts().
  const EventCounts &last() const { return step; }

private:
  /// Runs of compartments of the same layer.
  struct Run {
    uint32_t end, layer;
  };
  Error findActive(const Emulator &emulator, uint32_t core,
                   std::span<const Spike> fired);
  void fetchAhead(std::span<const Spike> next) const;
  /// The first \p count of \p spikes are the core's.
  void recordCore(uint32_t core, std::span<const Spike> spikes, size_t count,
                  StepEvents &events);
  /// Advances \p from .. \p to - 1 and returns how many of them are active.
  uint32_t advance(uint32_t core, uint32_t from, uint32_t to);
  void receive(const ImageIndex::Row &row, CoreSums &sums);
  /// Counts a row for the layers of its targets.
  void receiveMixed(uint32_t core, uint32_t axon, uint32_t atom,
                    SynapseKind kind);
  /// Returns the number of messages.
  uint32_t send(uint32_t core, uint32_t compartment, StepEvents &events);
  void fromHost(std::span<const HostSpike> host, StepEvents &events);

  const ImageIndex &index;
  Activity activity;
  bool ordered;
  std::vector<std::vector<Run>> runs;       ///< by core
  std::vector<std::vector<uint8_t>> biased; ///< by core, compartment
  std::vector<bool> allBiased;              ///< by core
  std::vector<uint8_t> active;              ///< of the core at hand
  bool allActive = false;
  std::vector<CoreRest> rest;
  std::vector<EventCounts> layers;
  std::vector<std::vector<uint64_t>> spikesOf;
  EventCounts step, before;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_STEPRECORDER_H
