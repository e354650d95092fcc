//===- emulator/noc/MeshConfig.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/MeshConfig.h"

namespace hillock::emu {

namespace {

constexpr uint32_t maxSide = 4096; // coordinates are packed into 12 bits
constexpr uint32_t maxPorts = 32;  // requests are masks of 32 bits

/// Chips whose borders lie between coordinates \p a and \p b.
uint32_t crossings(uint32_t a, uint32_t b, uint32_t chip) {
  if (chip == 0)
    return 0;
  return a > b ? a / chip - b / chip : b / chip - a / chip;
}

Error wrong(const std::string &what, const std::string &remedy) {
  return makeError(ErrorKind::Usage, what, "mesh", remedy);
}

/// Follows the custom route from each tile to each other.
Error checkRoutes(const MeshConfig &config) {
  for (uint32_t from = 0; from < config.tiles(); ++from)
    for (uint32_t to = 0; to < config.tiles(); ++to) {
      uint32_t at = from;
      for (uint32_t hop = 0; at != to; ++hop) {
        const Port port = config.route(at, to);
        const uint32_t next =
            port < Port::Core ? config.neighbour(at, port) : config.tiles();
        if (next >= config.tiles() || hop > config.tiles())
          return wrong("the route from tile " + std::to_string(from) +
                           " to tile " + std::to_string(to) +
                           " does not arrive",
                       "let every port lead to a tile on the way");
        at = next;
      }
    }
  return Error::success();
}

} // namespace

const char *portName(uint32_t port) {
  static constexpr std::array<const char *, 4> names = {"east", "west", "north",
                                                        "south"};
  return port < names.size() ? names[port] : "core";
}

uint32_t MeshConfig::neighbour(uint32_t tile, Port direction) const {
  const uint32_t column = tile % width, row = tile / width;
  switch (direction) {
  case Port::East:
    return column + 1 < width ? tile + 1 : tiles();
  case Port::West:
    return column > 0 ? tile - 1 : tiles();
  case Port::North:
    return row > 0 ? tile - width : tiles();
  case Port::South:
    return row + 1 < height ? tile + width : tiles();
  case Port::Core:
    break;
  }
  return tiles();
}

bool MeshConfig::leavesChip(uint32_t tile, Port direction) const {
  const uint32_t to = neighbour(tile, direction);
  if (to == tiles())
    return false;
  return crossings(tile % width, to % width, chipWidth) > 0 ||
         crossings(tile / width, to / width, chipHeight) > 0;
}

const Channel &MeshConfig::channel(uint32_t tile, Port direction) const {
  const bool outside = leavesChip(tile, direction);
  if (direction == Port::East || direction == Port::West)
    return outside ? chipX : x;
  return outside ? chipY : y;
}

Error MeshConfig::check() const {
  if (width == 0 || height == 0 || width > maxSide || height > maxSide)
    return wrong(std::to_string(width) + " x " + std::to_string(height) +
                     " tiles",
                 "give 1 to " + std::to_string(maxSide) + " a side");
  if (coresPerTile == 0 || coresPerTile + meshDirections > maxPorts)
    return wrong(std::to_string(coresPerTile) + " cores a tile",
                 "give 1 to " + std::to_string(maxPorts - meshDirections));
  for (const Channel &each : {x, y, chipX, chipY, inject, eject})
    if (each.latency == 0 || each.interval == 0)
      return wrong("a channel with a latency or an interval of 0 cycles",
                   "give 1 or more: who reads in a cycle must not see what is "
                   "written in it");
  if (creditLatency == 0)
    return wrong("a credit latency of 0 cycles", "give 1 or more");
  if (bufferFlits == 0)
    return wrong("buffers of 0 flits", "give 1 or more");
  return route ? checkRoutes(*this) : Error::success();
}

PathHops hopsBetween(const MeshConfig &config, uint32_t from, uint32_t to) {
  const uint32_t a = config.tileOf(from), b = config.tileOf(to);
  const uint32_t ax = a % config.width, ay = a / config.width;
  const uint32_t bx = b % config.width, by = b / config.width;
  PathHops hops;
  hops.x = ax > bx ? ax - bx : bx - ax;
  hops.y = ay > by ? ay - by : by - ay;
  hops.chipX = crossings(ax, bx, config.chipWidth);
  hops.chipY = crossings(ay, by, config.chipHeight);
  return hops;
}

uint64_t emptyLatency(const MeshConfig &config, uint32_t from, uint32_t to) {
  const PathHops hops = hopsBetween(config, from, to);
  return uint64_t(config.inject.latency) + config.eject.latency +
         uint64_t(hops.x - hops.chipX) * config.x.latency +
         uint64_t(hops.y - hops.chipY) * config.y.latency +
         uint64_t(hops.chipX) * config.chipX.latency +
         uint64_t(hops.chipY) * config.chipY.latency;
}

} // namespace hillock::emu
