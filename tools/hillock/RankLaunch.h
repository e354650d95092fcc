//===- tools/hillock/RankLaunch.h - Ranks as processes ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_RANKLAUNCH_H
#define HILLOCK_TOOLS_HILLOCK_RANKLAUNCH_H

#include "base/Error.h"

namespace hillock::tool {

/// Whether mpirun has started this process.
bool startedByMpi();

/// Starts this very command line again, \p ranks times under mpirun, and waits.
/// What rank 0 prints is what the user sees; what mpirun itself has to say is
/// kept back. The exit code is that of rank 0. A rank that dies is an error,
/// with \p remedy.
Expected<int> launchRanks(unsigned ranks, const std::string &remedy);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_RANKLAUNCH_H
