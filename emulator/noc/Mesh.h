//===- emulator/noc/Mesh.h - Flits through a mesh ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sources, routers and sinks. A packet is one flit (a spike message). Each node
// (core) is a source and a sink:
//
//   source  works for gap cycles, then offers the packet; it goes on with the
//           next only when the router has room for it (back-pressure). After
//           the last packet it works for tail cycles more.
//   sink    is busy with a packet for service cycles; meanwhile others wait in
//           its buffer, and then in the routers.
//
// A run starts with an empty mesh and ends when all is done.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_MESH_H
#define HILLOCK_EMULATOR_NOC_MESH_H

#include "emulator/noc/MeshConfig.h"
#include <memory>
#include <span>
#include <vector>

namespace hillock::emu {

struct Packet {
  uint32_t destination = 0; ///< node
  uint32_t gap = 0;         ///< work of the source before it, cycles
  uint32_t service = 0;     ///< work of the sink with it, cycles
};

/// What the nodes have to do. Node n sends packets first[n] .. first[n+1]-1 in
/// this order.
struct MeshWork {
  std::span<const Packet> packets;
  std::span<const uint32_t> first; ///< nodes + 1
  std::span<const uint64_t> tail;  ///< by node; empty: 0
  std::span<const uint64_t> busy;  ///< by node: the sink is busy before it
                                   ///< takes anything; empty: 0
};

/// Cycles from the start of the run.
struct Delivery {
  uint64_t accepted = 0; ///< by the channel into the source's router
  uint64_t arrived = 0;  ///< in the sink's buffer
  uint64_t done = 0;     ///< the sink is through with it
  bool operator==(const Delivery &) const = default;
};

struct MeshResult {
  uint64_t cycles = 0; ///< until the last source and sink are done
  std::vector<uint64_t> sourceDone, sinkDone; ///< by node
  /// Flits through the four channels that leave a tile: [tile * 4 + direction].
  std::vector<uint64_t> linkFlits;
  uint64_t delivered = 0;
  bool operator==(const MeshResult &) const = default;
};

class Mesh {
public:
  static Expected<std::unique_ptr<Mesh>> create(MeshConfig config);
  virtual ~Mesh() = default;

  virtual const MeshConfig &config() const = 0;
  /// \p result is overwritten (and its memory used again). \p deliveries: one
  /// for each packet, or empty. Fails when the packets block each other for
  /// ever, and names the cycle of buffers that do.
  virtual Error run(const MeshWork &work, MeshResult &result,
                    std::span<Delivery> deliveries = {}) = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_MESH_H
