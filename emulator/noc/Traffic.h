//===- emulator/noc/Traffic.h - Made-up messages ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns by which networks are compared (Dally and Towles, Principles and
// Practices of Interconnection Networks, 2004, section 3.2), as functions of a
// seed.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_TRAFFIC_H
#define HILLOCK_EMULATOR_NOC_TRAFFIC_H

#include "emulator/noc/Mesh.h"

namespace hillock::emu {

enum class TrafficPattern {
  Uniform,   ///< any other node
  Transpose, ///< tile (x, y) to tile (y, x), same core; square meshes only;
             ///< the diagonal is silent
  Hotspot,   ///< all to node hotspot
};

struct TrafficOptions {
  TrafficPattern pattern = TrafficPattern::Uniform;
  uint32_t packetsPerNode = 100;
  /// Packets that a node offers a cycle, by independent draws; 1: as many as
  /// are accepted.
  double load = 1;
  uint32_t service = 0; ///< of each packet
  uint32_t hotspot = 0;
  uint64_t seed = 1;
};

struct Traffic {
  std::vector<Packet> packets;
  std::vector<uint32_t> first;
  MeshWork work() const { return {packets, first, {}, {}}; }
};

Traffic makeTraffic(const MeshConfig &config, const TrafficOptions &options);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_TRAFFIC_H
