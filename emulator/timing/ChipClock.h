//===- emulator/timing/ChipClock.h - Time of a step -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The cores and the mesh in the times of one parameter set. A core has two
// units that work at the same time:
//
//   sender    neuron update and axon-out: advances its compartments in order;
//             a firing one's messages leave one after the other before the next
//             compartment is advanced
//   receiver  axon-in, synapse fetch and accumulation, one message after the
//             other
//
// A step lasts until the last unit of the last core is done, and a barrier
// more. docs/timing.md works an example.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TIMING_CHIPCLOCK_H
#define HILLOCK_EMULATOR_TIMING_CHIPCLOCK_H

#include "base/Random.h"
#include "emulator/noc/Mesh.h"
#include "emulator/timing/StepEvents.h"
#include <algorithm>
#include <memory>

namespace hillock::emu {

enum class NetworkModel {
  Flit,  ///< flits through routers with finite buffers
  Bound, ///< the busiest core or channel decides; no waiting elsewhere
};

struct ClockOptions {
  NetworkModel network = NetworkModel::Flit;
  /// All times are multiples of it; latencies are rounded to the nearest,
  /// those of channels to at least one. 100: every latency of hops and units
  /// in the sets for Loihi is exact.
  uint32_t cyclePs = 100;
  /// Messages that an input holds beside those under way to it.
  uint32_t bufferMessages = 16;
  /// Not 0: cores, routers and events are visited in random order; results are
  /// the same (MeshConfig::shuffle).
  uint64_t shuffle = 0;
};

/// Where the cores of an image are in the mesh of all its chips.
struct ChipShape {
  uint32_t width = 1, height = 1; ///< tiles
  uint32_t chipWidth = 1, chipHeight = 1;
  uint32_t coresPerTile = 1;
  std::vector<uint32_t> nodeOf; ///< by index into the image's cores
  uint32_t tilesInUse = 0, chipsInUse = 0;
};

/// Busy time of a core's units, in cycles.
struct CoreWork {
  uint64_t axonIn = 0, synapses = 0, updates = 0, axonOut = 0;
  /// Messages that the core sent and received, the host's included.
  uint64_t messagesOut = 0, messagesIn = 0;
  /// Cycles for which the sender stood still because the mesh had no room.
  uint64_t blocked = 0;
  uint64_t sender() const { return updates + axonOut; }
  uint64_t receiver() const { return axonIn + synapses; }
  uint64_t longest() const { return std::max(sender(), receiver()); }
  /// Of either half when the core's compartments are dealt to two: each half
  /// receives every message, but does half of the rest.
  uint64_t splitLongest() const {
    return std::max((sender() + 1) / 2, axonIn + (synapses + 1) / 2);
  }
  CoreWork &operator+=(const CoreWork &other);
  bool operator==(const CoreWork &) const = default;
};

struct StepTime {
  uint64_t workPs = 0;        ///< until the last core is done
  uint64_t barrierPs = 0;     ///< the set's entry not above the tiles in use
  uint64_t barrierHighPs = 0; ///< its next entry; see CostTable
  /// No step can take less, or more, without its barrier: the busiest unit
  /// alone, and everything one after the other.
  uint64_t lowerPs = 0, upperPs = 0;
  uint32_t busiestCore = 0; ///< index into the image
  uint64_t busiestCorePs = 0;
  /// The busiest unit if this core were split in two (CoreWork::splitLongest).
  uint64_t splitPs = 0;
  uint32_t busiestLink = 0; ///< tile * 4 + direction
  uint64_t busiestLinkMessages = 0, messages = 0;
  bool operator==(const StepTime &) const = default;

  uint64_t totalPs() const { return workPs + barrierPs; }
};

/// How a core decides how long steps take.
struct CoreHeat {
  uint64_t busiestSteps = 0; ///< in which it was the busiest
  uint64_t busiestPs = 0;    ///< time of its longest unit in these steps
  uint64_t splitSavesPs = 0; ///< of that, what splitting it would take away
  CoreHeat &operator+=(const CoreHeat &other);
  bool operator==(const CoreHeat &) const = default;
};

/// Sums over steps.
struct ClockTotals {
  std::vector<CoreWork> cores;                 ///< by index into the image
  std::vector<CoreHeat> heat;                  ///< by index into the image
  std::vector<uint64_t> linkMessages;          ///< by tile * 4 + direction
  uint64_t barrierHopsX = 0, barrierHopsY = 0; ///< see usesBarrierMessages()

  ClockTotals &operator+=(const ClockTotals &other);
};

class ChipClock {
public:
  static Expected<std::unique_ptr<ChipClock>>
  create(const CostTable &costs, const ChipShape &shape,
         const ClockOptions &options);

  /// Adds to \p totals. The order of the step is needed for
  /// NetworkModel::Flit.
  Expected<StepTime> run(const StepEvents &events, ClockTotals &totals);

  const MeshConfig &config() const { return mesh->config(); }
  /// The set has no times of barriers: the step ends by messages on the mesh.
  bool usesBarrierMessages() const { return costs.barriers.empty(); }
  /// What was assumed because the set does not say it, or rounded.
  const std::vector<std::string> &notes() const { return remarks; }

private:
  /// Cycles of each event.
  struct Cycles {
    uint64_t updateInactive, updateActive, spike, axonIn, axonOut;
    std::array<uint64_t, synapseKinds> synapse;
  };

  ChipClock() = default;
  void setCycles();
  MeshConfig meshConfig();
  uint32_t channelCycles(uint64_t ps, const char *what);
  uint64_t cycles(uint64_t ps, const char *what);
  Error schedule(const StepOrder &order);
  std::vector<uint32_t> visitOrder();
  Error scheduleCore(const StepOrder &order, uint32_t core);
  void addUp(const StepSums &sums);
  void boundOnly(const StepSums &sums);
  void describe(StepTime &time, ClockTotals &totals) const;
  void barrier(StepTime &time, ClockTotals &totals) const;

  CostTable costs;
  ChipShape shape;
  ClockOptions options;
  std::unique_ptr<Mesh> mesh;
  Cycles each = {};
  std::vector<std::string> remarks;
  std::vector<uint32_t> coreAt; ///< by node; none where there is no core

  // Of the step under way.
  std::vector<CoreWork> work; ///< by core
  uint64_t messages = 0;
  std::vector<Packet> packets;
  std::vector<uint32_t> first;
  std::vector<uint64_t> tail, busy;
  CounterRandom random{0};
  uint64_t serialHops = 0; ///< cycles of all messages, one after the other
  MeshResult result;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TIMING_CHIPCLOCK_H
