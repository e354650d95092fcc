//===- emulator/stream/StreamLoader.h - From file to fan-outs ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_STREAMLOADER_H
#define HILLOCK_EMULATOR_STREAM_STREAMLOADER_H

#include "emulator/stream/FanOut.h"
#include "image/ImageStream.h"
#include <array>

namespace hillock::emu {

/// What StreamEmulator runs on.
struct StreamTables {
  /// Some of the cores, which follow each other.
  struct Worker {
    uint32_t firstCore = 0, endCore = 0;
    size_t lanes = 0; ///< of the cores, padded
    FanOut fanOut;

    /// The core of a lane.
    uint32_t coreOf(uint32_t lane, const std::vector<uint32_t> &lanesOf) const {
      const auto begin = lanesOf.begin() + firstCore;
      return firstCore +
             static_cast<uint32_t>(
                 std::upper_bound(begin, lanesOf.begin() + endCore, lane) -
                 begin) -
             1;
    }
  };
  std::vector<Worker> workers;
  std::vector<CoreState> cores;      ///< neurons; their stores are empty
  std::vector<uint32_t> firstLane;   ///< by core, in its worker's ring
  std::vector<uint32_t> firstSender; ///< by core; then that of the host
  uint32_t senders = 0;              ///< compartments and the host's axons
  std::map<std::array<uint32_t, 3>, uint32_t> hostAxons; ///< core, axon, atom
  SynapseKinds kinds;
};

/// Reads all cores of \p reader. Its frame keeps what the cores' states refer
/// to and must outlive \p tables.
Error loadStream(image::ImageReader &reader, const Kernels &kernels,
                 unsigned workers, StreamTables &tables);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_STREAMLOADER_H
