//===- tools/hillock/CycleRun.h - run --timing cycle ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_CYCLERUN_H
#define HILLOCK_TOOLS_HILLOCK_CYCLERUN_H

#include "tools/hillock/Model.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// Plays the sample of \p result once more with a clock, and adds times and
/// energies to \p out. \p parameters: sets of the target, empty for all. Fails
/// when a core did not do exactly what it did in \p result.
Error addCycles(const std::shared_ptr<const image::LoadedImage> &image,
                const Stimuli &stimuli, const LevelResult &result,
                const std::vector<std::string> &parameters, unsigned threads,
                Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_CYCLERUN_H
