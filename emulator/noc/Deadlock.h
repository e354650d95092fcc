//===- emulator/noc/Deadlock.h - Who waits for whom -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_NOC_DEADLOCK_H
#define HILLOCK_EMULATOR_NOC_DEADLOCK_H

#include "emulator/noc/Router.h"
#include <string>

namespace hillock::emu {

/// A closed chain of buffers, each waiting for room in the next, as "tile
/// (0,0) west -> tile (1,0) west -> ..." (an input is named by the side on
/// which it lies); "" when there is none.
std::string describeDeadlock(const MeshConfig &config,
                             const std::vector<Router> &routers);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_NOC_DEADLOCK_H
