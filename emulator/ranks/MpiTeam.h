//===- emulator/ranks/MpiTeam.h - Processes under mpirun --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_MPITEAM_H
#define HILLOCK_EMULATOR_RANKS_MPITEAM_H

#include "emulator/ranks/Team.h"

namespace hillock::emu {

/// Whether this program was built with MPI.
bool hasMpi();

/// The member of this process in the team that mpirun has started. To be called
/// once in a process; MPI ends with the team. A Usage error when the program
/// was built without MPI.
///
/// A process that dies takes the others with it: mpirun ends them.
Expected<std::shared_ptr<Team>> mpiTeam();

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_MPITEAM_H
