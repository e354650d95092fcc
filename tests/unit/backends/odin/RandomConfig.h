//===- tests/unit/backends/odin/RandomConfig.h - Any network ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_BACKENDS_ODIN_RANDOMCONFIG_H
#define HILLOCK_TESTS_UNIT_BACKENDS_ODIN_RANDOMCONFIG_H

#include "backends/odin/OdinConfig.h"
#include <random>

namespace hillock::odin {

/// All bits of memories and registers, but a network that runs: no bursts, no
/// monitoring, an open gate.
inline ChipConfig randomConfig(Chip chip, uint64_t seed) {
  std::mt19937_64 engine(seed);
  ChipConfig config(chip);
  for (Word128 &word : config.neurons) {
    word = {engine(), engine()};
    if (chip == Chip::Tiny)
      word = {word.lo & 0xFFFFFFFF, 0};
  }
  for (uint32_t &word : config.synapses)
    word = static_cast<uint32_t>(engine());
  for (unsigned address = 1; address < registerCount(chip); ++address)
    config.registers.write(chip, address, static_cast<uint32_t>(engine()));
  config.registers.burstTimeRef = 0;
  config.registers.monitor = false;
  return config;
}

inline bool sameChip(const ChipConfig &a, const ChipConfig &b) {
  for (unsigned i = 0; i < registerCount(a.chip); ++i)
    if (registerValue(a.chip, a.registers, i) !=
        registerValue(b.chip, b.registers, i))
      return false;
  return a.chip == b.chip && a.neurons == b.neurons && a.synapses == b.synapses;
}

} // namespace hillock::odin

#endif // HILLOCK_TESTS_UNIT_BACKENDS_ODIN_RANDOMCONFIG_H
