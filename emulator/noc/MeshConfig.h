//===- emulator/noc/MeshConfig.h - Shape and delays of a mesh ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A 2-D mesh of routers, one a tile, with some cores at each. Chips are joined
// edge to edge, so that the tiles of all chips form one mesh; a channel that
// leaves a chip has delays of its own. All times are in cycles.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_MESHCONFIG_H
#define HILLOCK_EMULATOR_NOC_MESHCONFIG_H

#include "base/Error.h"
#include <array>
#include <cstdint>
#include <functional>

namespace hillock::emu {

/// Where a router sends a flit. From Core on: the tile's cores.
enum class Port : uint8_t {
  East = 0,
  West = 1,
  North = 2,
  South = 3,
  Core = 4
};
constexpr uint32_t meshDirections = 4;
const char *portName(uint32_t port);

/// A channel takes \c latency cycles, at least 1, and accepts a flit every
/// \c interval cycles, at least 1.
struct Channel {
  uint32_t latency = 1;
  uint32_t interval = 1;
  /// Flits that the input at its end holds, those on the channel included; 0:
  /// MeshConfig::bufferFlits.
  uint32_t buffer = 0;
};

struct MeshConfig {
  uint32_t width = 1, height = 1; ///< tiles
  uint32_t coresPerTile = 1;
  /// Tiles of a chip; 0: everything is one chip.
  uint32_t chipWidth = 0, chipHeight = 0;
  Channel x, y;          ///< between tiles of a chip
  Channel chipX, chipY;  ///< between chips
  Channel inject, eject; ///< core to router, router to core
  /// From the moment at which a flit leaves a buffer until the sender may use
  /// its place; at least 1.
  uint32_t creditLatency = 1;
  uint32_t bufferFlits = 16; ///< see Channel::buffer
  /// Instead of X before Y: the port that a flit for tile \p to takes at tile
  /// \p at (both y * width + x). May have cyclic dependencies, but has to get
  /// there.
  std::function<Port(uint32_t at, uint32_t to)> route;
  /// Not 0: events and routers of a cycle are visited in random order. Results
  /// are the same; tests make sure.
  uint64_t shuffle = 0;

  uint32_t tiles() const { return width * height; }
  uint32_t nodes() const { return tiles() * coresPerTile; }
  uint32_t tileOf(uint32_t node) const { return node / coresPerTile; }
  /// Neighbour in a direction; tiles() beyond the edge.
  uint32_t neighbour(uint32_t tile, Port direction) const;
  bool leavesChip(uint32_t tile, Port direction) const;
  const Channel &channel(uint32_t tile, Port direction) const;
  uint32_t bufferOf(const Channel &channel) const {
    return channel.buffer != 0 ? channel.buffer : bufferFlits;
  }

  Error check() const;
};

/// What lies between two nodes on the way that X-before-Y routing takes.
struct PathHops {
  uint32_t x = 0, y = 0;         ///< all hops, those between chips included
  uint32_t chipX = 0, chipY = 0; ///< those between chips
};
PathHops hopsBetween(const MeshConfig &config, uint32_t from, uint32_t to);

/// Cycles from acceptance at the source to arrival at the sink when nothing
/// else is under way: the latencies of all channels on the way. A router adds
/// nothing: its time is part of the latency of a hop.
uint64_t emptyLatency(const MeshConfig &config, uint32_t from, uint32_t to);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_MESHCONFIG_H
