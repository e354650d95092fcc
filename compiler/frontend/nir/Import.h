//===- compiler/frontend/nir/Import.h - NIR to the snn dialect --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_IMPORT_H
#define HILLOCK_COMPILER_FRONTEND_NIR_IMPORT_H

#include "base/Error.h"
#include "compiler/frontend/nir/Normalize.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"

namespace hillock::nir {

/// Every convention that the file does not hold, decided.
struct ImportConventions {
  double dt = 1;       ///< in the file's unit of time
  double timeUnit = 0; ///< that unit in seconds; 0 when unknown
  snn::Integrator integrator = snn::Integrator::Euler;
  snn::Order order = snn::Order::IntegrateFire;
  snn::Reset reset = snn::Reset::Value;
  snn::Compare compare = snn::Compare::Strict;
  int64_t refractory = 0;
  bool multi = false;
  int64_t clamp = 0;
  /// Current-based neurons integrate, then fire, and subtract the threshold,
  /// whatever order and reset say (Spyx's CuBaLIF; its LIF does otherwise).
  bool cubaIntegrateFire = false;
  /// False: a projection fed by the step before contributes nothing at t = 0,
  /// its bias included (Norse).
  bool recurrentBiasAtStart = true;
  /// Inputs carry real values instead of spikes.
  bool gradedInput = false;
};

/// Appends a real-level network to \p module. Tensors are moved out of
/// \p graph. Each op carries its node as location and each population its name.
Expected<snn::NetworkOp> importGraph(FlatGraph graph,
                                     const ImportConventions &conventions,
                                     mlir::ModuleOp module);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_IMPORT_H
