//===- tools/hillock/CrossbarModel.h - Chips with a crossbar ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_CROSSBARMODEL_H
#define HILLOCK_TOOLS_HILLOCK_CROSSBARMODEL_H

#include "runtime/report/Layers.h"
#include "tools/hillock/Model.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

bool isCrossbar(const image::LoadedImage &image);

/// The integer level: event by event, by the dialect's own evaluator.
std::unique_ptr<Model>
crossbarLevelModel(std::shared_ptr<pipeline::Compilation> compilation,
                   std::string path);
/// The chip level: an emulated chip behind its pins. image() is null, for
/// there are no cores.
std::unique_ptr<Model>
crossbarImageModel(std::shared_ptr<const image::LoadedImage> image,
                   std::string path);

/// The populations of an image as rows.
std::vector<runtime::LayerRow> crossbarLayers(const proto::Image &image);

/// Layers, places and registers of an image, for compile and inspect.
void describeCrossbar(const image::LoadedImage &image, Output &out);

/// Cycles, time and energy of \p samples samples.
void showCost(const CrossbarCostSum &cost, size_t samples, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_CROSSBARMODEL_H
