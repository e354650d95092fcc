//===- tools/hillock/SpikesFile.h - Results as files ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_SPIKESFILE_H
#define HILLOCK_TOOLS_HILLOCK_SPIKESFILE_H

#include "tools/hillock/Model.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// Usage error unless \p path ends in .npy, .npz, .csv, .json or .nirdata.
Error checkSpikesPath(const std::string &path);

/// Writes the outputs, the populations that were recorded, and the probes:
///   .npy   the only output, (steps, shape...)
///   .npz   an array for each output; "population:NAME", "probe:NAME"
///   .csv   kind,name,step,neuron,value
///   .json  as `hillock run --json`
///   .nirdata  see NirDataFile.h; \p dtSeconds is a step
/// Spikes of the chip and integer levels are int32, voltages and all of the
/// real level float32.
Error writeSpikes(const std::string &path, const LevelResult &result,
                  Level level, double dtSeconds);

/// {"name", "shape", "graded", "events_total", "sums", "events"}, the last as
/// [[step, neuron, value] ..].
Json toJson(const runtime::SpikeTrain &train, bool events);
Json toJson(const ProbeTrace &trace);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_SPIKESFILE_H
