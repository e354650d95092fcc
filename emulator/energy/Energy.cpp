//===- emulator/energy/Energy.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/energy/Energy.h"
#include <algorithm>

namespace hillock::emu {

Energy &Energy::operator+=(const Energy &other) {
  update += other.update;
  spike += other.spike;
  axonOut += other.axonOut;
  network += other.network;
  axonIn += other.axonIn;
  synapses += other.synapses;
  barrier += other.barrier;
  leakage += other.leakage;
  return *this;
}

Energy energyOf(const EventCounts &counts, const CostTable &costs) {
  auto chip = [&](const Cost &hop) {
    return costs.hasHopChip ? costs.hopChip.fj : hop.fj;
  };
  Energy energy;
  energy.update = counts.updatesInactive * costs.updateInactive.fj +
                  counts.updatesActive * costs.updateActive.fj;
  energy.spike = counts.spikes * costs.spike.fj;
  energy.axonOut = counts.messages * costs.axonOut.fj;
  energy.network = counts.messages * costs.hopLocal.fj +
                   counts.hopsX * costs.hopX.fj + counts.hopsY * costs.hopY.fj +
                   counts.hopsChipX * chip(costs.hopX) +
                   counts.hopsChipY * chip(costs.hopY);
  energy.axonIn = counts.axonsIn * costs.axonIn.fj;
  for (size_t kind = 0; kind < synapseKinds; ++kind)
    energy.synapses += counts.synapses[kind] * costs.synapse[kind].fj;
  return energy;
}

uint64_t barrierEnergy(const CostTable &costs, uint64_t steps, uint32_t tiles,
                       uint64_t hopsX, uint64_t hopsY) {
  return steps * costs.barrierBelow(tiles).fj + hopsX * costs.hopX.fj +
         hopsY * costs.hopY.fj;
}

uint64_t leakageEnergy(const CostTable &costs, uint64_t ps, uint32_t chips) {
  // A microwatt for a picosecond is 1e-18 J.
  return ps * costs.staticMicrowatts / 1000 * chips;
}

std::array<std::pair<const char *, uint64_t>, 8> kindsOf(const Energy &energy) {
  return {{{"compartments", energy.update},
           {"spikes", energy.spike},
           {"axon-out", energy.axonOut},
           {"network", energy.network},
           {"axon-in", energy.axonIn},
           {"synapses", energy.synapses},
           {"barriers", energy.barrier},
           {"leakage", energy.leakage}}};
}

Interval intervalOf(std::span<const uint64_t> values) {
  if (values.empty())
    return {};
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high};
}

} // namespace hillock::emu
