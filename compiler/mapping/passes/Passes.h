//===- compiler/mapping/passes/Passes.h - From snn to neurocore -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PASSES_PASSES_H
#define HILLOCK_COMPILER_MAPPING_PASSES_PASSES_H

#include "compiler/mapping/passes/ToNeuroCore.h"
#include "compiler/mapping/solver/Map.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace hillock::mapping {

/// extractNetwork(), map() and toNeurocore() of \p network; the system stands
/// behind it. When \p problem and \p solution are not null they get what was
/// mapped and how, for reports.
Expected<neurocore::SystemOp>
mapToNeurocore(snn::NetworkOp network, const target::TargetModel &model,
               const MapOptions &mapOptions, const SystemOptions &systemOptions,
               Network *problem = nullptr, Mapping *solution = nullptr);

#define GEN_PASS_DECL
#include "compiler/mapping/passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/mapping/passes/Passes.h.inc"

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PASSES_PASSES_H
