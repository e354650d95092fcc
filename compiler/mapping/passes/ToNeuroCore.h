//===- compiler/mapping/passes/ToNeuroCore.h - A mapping as IR --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PASSES_TONEUROCORE_H
#define HILLOCK_COMPILER_MAPPING_PASSES_TONEUROCORE_H

#include "compiler/mapping/problem/Mapping.h"
#include "dialects/neurocore/NeuroCore.h"
#include "target/TargetModel.h"

namespace hillock::mapping {

struct SystemOptions {
  /// What the system's `target` says: a name or a path.
  std::string target = "loihi";
  /// JSON for the image's debug section; empty: none.
  std::string notes;
  /// A neurocore.route for each pair of cores that talk.
  bool routes = true;
};

/// A system at the insertion point of \p builder, named after the network. It
/// has a core for each of the mapping's, an input for each input population,
/// an output for each output, and a population for each of both. A core that
/// does not fit ends in a Capacity error that names the layers on it.
Expected<neurocore::SystemOp>
toNeurocore(const Network &network, const Mapping &mapping,
            const target::TargetModel &model, const SystemOptions &options,
            mlir::OpBuilder &builder, mlir::Location loc);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PASSES_TONEUROCORE_H
