//===- tests/unit/emulator/noc/MeshTesting.h --------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_NOC_MESHTESTING_H
#define HILLOCK_TESTS_UNIT_EMULATOR_NOC_MESHTESTING_H

#include "emulator/noc/Traffic.h"
#include <gtest/gtest.h>

namespace hillock::test {

struct Ran {
  emu::MeshResult result;
  std::vector<emu::Delivery> deliveries;
  std::string problem;
};

inline Ran runMesh(const emu::MeshConfig &config, const emu::Traffic &traffic) {
  Ran ran;
  auto mesh = emu::Mesh::create(config);
  if (!mesh) {
    ran.problem = takeText(mesh.takeError());
    return ran;
  }
  ran.deliveries.resize(traffic.packets.size());
  if (Error error = (*mesh)->run(traffic.work(), ran.result, ran.deliveries))
    ran.problem = takeText(std::move(error));
  return ran;
}

/// Packets of one node, none from the others.
inline emu::Traffic fromNode(const emu::MeshConfig &config, uint32_t node,
                             std::vector<emu::Packet> packets) {
  emu::Traffic traffic;
  traffic.first.assign(config.nodes() + 1, 0);
  for (uint32_t n = node + 1; n <= config.nodes(); ++n)
    traffic.first[n] = static_cast<uint32_t>(packets.size());
  traffic.packets = std::move(packets);
  return traffic;
}

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_NOC_MESHTESTING_H
