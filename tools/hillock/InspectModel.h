//===- tools/hillock/InspectModel.h - Counts of a model ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_INSPECTMODEL_H
#define HILLOCK_TOOLS_HILLOCK_INSPECTMODEL_H

#include "image/ImageFile.h"
#include "tools/hillock/CompileOptions.h"
#include "tools/hillock/Output.h"

namespace hillock::tool {

/// Ops, populations and weights of a .nir, .mlir or .mlirbc file.
Error inspectModel(const std::string &path, const CompileOptions &options,
                   Output &out);

/// Compiles \p model and compares every memory word of every core with those
/// of \p image, and then the words with the network that they came from.
/// A Mismatch error names core, memory and word.
Error verifyImage(const image::LoadedImage &image, const std::string &path,
                  const std::string &model, const CompileOptions &options);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_INSPECTMODEL_H
