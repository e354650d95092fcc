//===- tools/hillock/SystemRunner.h - The neurocore level -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_SYSTEMRUNNER_H
#define HILLOCK_TOOLS_HILLOCK_SYSTEMRUNNER_H

#include "dialects/neurocore/NeuroCore.h"
#include "tools/hillock/Model.h"

namespace hillock::tool {

std::vector<Port> systemInputs(neurocore::SystemOp system);

/// Runs the tables of the cores by the dialect's own evaluator: without words
/// and without the emulator. It has no probes.
std::unique_ptr<Runner> systemRunner(neurocore::SystemOp system);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_SYSTEMRUNNER_H
