//===- compiler/frontend/nir/TimeStep.h - dt from parameters ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exporters that start from a decay per step must invent a time step, and it
// shows in the gains that they write:
//   snnTorch, SpikingJelly, the NIR paper   r = tau / dt, w_in = tau_syn / dt
//   Spyx                                    r = 1 - dt / tau
//   Rockpool                                r = (tau / dt) exp(-dt / tau)
//   Sinabs (IF)                             r = 1, one step is the unit
//   SpikingJelly (IF)                       r = 1 / dt
// r = 1 with time constants (Norse) says nothing. Private to this folder.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_TIMESTEP_H
#define HILLOCK_COMPILER_FRONTEND_NIR_TIMESTEP_H

#include "compiler/frontend/nir/Normalize.h"
#include <optional>

namespace hillock::nir {

struct InferredStep {
  std::optional<double> dt;
  std::string source; ///< Which rule, when dt is set.
  bool steps = false; ///< The unit is the step itself.
  /// "node 'lif': tau / r = 0.001", for the message when dt is not set.
  std::vector<std::string> candidates;
};

InferredStep inferTimeStep(const FlatGraph &graph);

/// "0.0001", "1.04e-04": six significant digits.
std::string describeNumber(double value);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_TIMESTEP_H
