//===- tools/hillock/CompileOptions.h - Options of a compilation -*- C++
//-*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_COMPILEOPTIONS_H
#define HILLOCK_TOOLS_HILLOCK_COMPILEOPTIONS_H

#include "base/Error.h"
#include <CLI/CLI.hpp>
#include <memory>

namespace hillock::pipeline {
struct Options;
} // namespace hillock::pipeline

namespace hillock::tool {

/// Shared by all verbs that take a model; filled when the line is parsed.
using CompileOptions = std::shared_ptr<pipeline::Options>;

/// Declares --target, --dt, --reset ... Where --seed is that of the data, the
/// placement's is --compile-seed.
CompileOptions declareCompileOptions(CLI::App *verb, bool ownSeed);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_COMPILEOPTIONS_H
