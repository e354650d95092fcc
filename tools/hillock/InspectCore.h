//===- tools/hillock/InspectCore.h - One core in detail ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_INSPECTCORE_H
#define HILLOCK_TOOLS_HILLOCK_INSPECTCORE_H

#include "runtime/report/Layers.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// All cores, a line each.
void describeCores(const runtime::ChipPlan &plan, Output &out);

/// Memories, formats, profiles and axons of core \p index of the image; its
/// words in hexadecimal when \p words.
void describeCore(const image::LoadedImage &image, const runtime::CoreRow &core,
                  bool words, Output &out);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_INSPECTCORE_H
