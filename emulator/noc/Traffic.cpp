//===- emulator/noc/Traffic.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Traffic.h"
#include "base/Random.h"

namespace hillock::emu {

namespace {

/// Cycles until the next packet when each cycle has one with probability
/// \p load.
uint32_t drawGap(CounterRandom &random, double load) {
  uint32_t gap = 1;
  while (load < 1 && !random.bernoulli(load))
    ++gap;
  return gap;
}

uint32_t transposed(const MeshConfig &config, uint32_t node) {
  const uint32_t tile = config.tileOf(node);
  const uint32_t other =
      tile % config.width * config.width + tile / config.width;
  return other * config.coresPerTile + node % config.coresPerTile;
}

uint32_t drawDestination(const MeshConfig &config,
                         const TrafficOptions &options, uint32_t from,
                         CounterRandom &random) {
  switch (options.pattern) {
  case TrafficPattern::Transpose:
    return transposed(config, from);
  case TrafficPattern::Hotspot:
    return options.hotspot;
  case TrafficPattern::Uniform:
    break;
  }
  const auto other = static_cast<uint32_t>(random.below(config.nodes() - 1));
  return other < from ? other : other + 1;
}

bool silent(const MeshConfig &config, const TrafficOptions &options,
            uint32_t node) {
  switch (options.pattern) {
  case TrafficPattern::Transpose:
    return transposed(config, node) == node;
  case TrafficPattern::Hotspot:
    return node == options.hotspot;
  case TrafficPattern::Uniform:
    break;
  }
  return config.nodes() < 2;
}

} // namespace

Traffic makeTraffic(const MeshConfig &config, const TrafficOptions &options) {
  Traffic traffic;
  traffic.first.push_back(0);
  for (uint32_t node = 0; node < config.nodes(); ++node) {
    CounterRandom random(options.seed, node);
    const uint32_t count =
        silent(config, options, node) ? 0 : options.packetsPerNode;
    for (uint32_t k = 0; k < count; ++k) {
      Packet packet;
      packet.gap = drawGap(random, options.load);
      packet.destination = drawDestination(config, options, node, random);
      packet.service = options.service;
      traffic.packets.push_back(packet);
    }
    traffic.first.push_back(static_cast<uint32_t>(traffic.packets.size()));
  }
  return traffic;
}

} // namespace hillock::emu
