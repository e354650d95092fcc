//===- tools/hillock/Summary.h - Layers and memories as text ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_SUMMARY_H
#define HILLOCK_TOOLS_HILLOCK_SUMMARY_H

#include "runtime/report/Layers.h"
#include "runtime/session/Evaluate.h"
#include "tools/hillock/Output.h"
#include <array>

namespace hillock::tool {

/// One line a layer; with letters when they stand in a chip map.
std::string layerTable(const std::vector<runtime::LayerRow> &rows,
                       bool letters);
Json toJson(const std::vector<runtime::LayerRow> &rows);

/// One line a memory: how full it is on average and on its fullest core.
std::string memoryTable(const runtime::ChipPlan &plan);
Json memoryJson(const runtime::ChipPlan &plan);

/// "98.91 % (9,891 of 10,000)", or why there is none.
std::string accuracyText(const runtime::Evaluation &results);
Json accuracyJson(const runtime::Evaluation &results); ///< null: no labels
/// The decisions of each label; empty for more classes than fit a line.
std::string confusionTable(const runtime::Evaluation &results);

/// "conventions" and "remarks" of the text and of the document.
void addConventions(const std::vector<std::array<std::string, 3>> &conventions,
                    const std::vector<std::string> &remarks, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_SUMMARY_H
