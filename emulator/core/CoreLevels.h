//===- emulator/core/CoreLevels.h - Who waits for whom ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores whose spikes never come back, by whatever way, can run many steps
// before their targets run the first. Cores on a common cycle are a component,
// whose steps go side by side; components are on levels, each above all that
// send to it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_CORELEVELS_H
#define HILLOCK_EMULATOR_CORE_CORELEVELS_H

#include <cstdint>
#include <vector>

namespace hillock::emu {

struct CoreLevels {
  std::vector<uint32_t> component; ///< by core
  std::vector<uint32_t> level;     ///< by core
  uint32_t count = 1;              ///< of levels

  /// \p targets: by core, the cores that it sends to.
  static CoreLevels find(const std::vector<std::vector<uint32_t>> &targets);
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_CORELEVELS_H
