//===- emulator/noc/Barrier.h - Barrier messages ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The end of a time step by messages between neighbours: when a tile and all
// tiles behind it are ready it tells its neighbour to the west, in the westmost
// column to the north; tile 0 then releases all, south and east, on the same
// channels. Spikes have been flushed by then, and a channel carries one message
// in each direction, so nothing waits for anything but its own inputs.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_BARRIER_H
#define HILLOCK_EMULATOR_NOC_BARRIER_H

#include "emulator/noc/MeshConfig.h"
#include <span>

namespace hillock::emu {

struct BarrierResult {
  uint64_t gathered = 0; ///< cycle in which tile 0 knows that all are ready
  uint64_t released = 0; ///< cycle in which the last tile may go on
  uint64_t hopsX = 0, hopsY = 0; ///< messages, both ways
};

/// \p ready: for each tile the cycle from which on it is ready.
BarrierResult meshBarrier(const MeshConfig &config,
                          std::span<const uint64_t> ready);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_BARRIER_H
