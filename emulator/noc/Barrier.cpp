//===- emulator/noc/Barrier.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/noc/Barrier.h"
#include <algorithm>

namespace hillock::emu {

BarrierResult meshBarrier(const MeshConfig &config,
                          std::span<const uint64_t> ready) {
  BarrierResult result;
  uint64_t column = 0; // what arrives from the south in the westmost column
  for (uint32_t y = config.height; y-- > 0;) {
    uint64_t row = 0;
    for (uint32_t x = config.width; x-- > 0;) {
      const uint32_t tile = y * config.width + x;
      row = std::max(row, ready[tile]);
      if (x > 0)
        row += config.channel(tile, Port::West).latency;
    }
    column = std::max(column, row);
    if (y > 0)
      column += config.channel(y * config.width, Port::North).latency;
  }
  result.gathered = column;
  uint64_t south = column;
  for (uint32_t y = 0; y < config.height; ++y) {
    uint64_t east = south;
    for (uint32_t x = 0; x + 1 < config.width; ++x)
      east += config.channel(y * config.width + x, Port::East).latency;
    result.released = std::max(result.released, east);
    if (y + 1 < config.height)
      south += config.channel(y * config.width, Port::South).latency;
  }
  result.hopsX = 2 * uint64_t(config.width - 1) * config.height;
  result.hopsY = 2 * uint64_t(config.height - 1);
  return result;
}

} // namespace hillock::emu
