//===- tools/hillock/ReportFill.h - Results into reports --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_REPORTFILL_H
#define HILLOCK_TOOLS_HILLOCK_REPORTFILL_H

#include "emulator/engine/CycleEngine.h"
#include "runtime/report/Report.h"
#include "tools/hillock/Model.h"

namespace hillock::tool {

/// Title, target, chip, layers, conventions and remarks of \p model.
runtime::ReportData reportOf(const Model &model);

/// Raster of \p sample and, of the neurons that spike most, membranes.
Error addSample(runtime::ReportData &data, Model &model, const Stimuli &sample,
                const LevelOptions &options);

/// Sections of time and energy: the steps of \p timeLine, the sums of \p
/// cycles; and tiles with what the sets say of the whole. Nothing without.
void addCycles(runtime::ReportData &data,
               const std::optional<emu::CycleReport> &timeLine,
               const std::optional<emu::CycleReport> &cycles);

/// Tiles of cycles, time and energy, means of \p samples samples. Nothing
/// without.
void addCost(runtime::ReportData &data,
             const std::optional<CrossbarCostSum> &cost, size_t samples);

/// Relative RMS of all weights, each layer by the number of its synapses.
double weightError(const std::vector<runtime::LayerRow> &layers);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_REPORTFILL_H
