//===- compiler/transform/loihi/Discretize.h - One step, in numbers -*- C++ -*//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_DISCRETIZE_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_DISCRETIZE_H

#include "base/Error.h"
#include "dialects/snn/Snn.h"
#include <cmath>

namespace hillock::transform {

/// A neuron as the linear recurrence of a Loihi compartment, in the units of
/// the network and measured from the value that a spike resets to:
///   u <- decayU u + gain x,  v <- decayV v + u + drive,  spike if v >
///   threshold.
struct Recurrence {
  double decayU = 0; ///< factor that is kept, 0 for memoryless
  double decayV = 0;
  double gain = 0;      ///< of an input current
  double biasGain = 0;  ///< of a constant current, moved to the membrane
  double drive = 0;     ///< leak and reset value
  double threshold = 0; ///< infinite: never spikes, its voltage is read
  double start = 0;     ///< v before the first step
  bool operator==(const Recurrence &) const = default;

  /// What its voltage is measured in: the threshold where there is one.
  double unit() const { return std::isinf(threshold) ? 1 : threshold; }
};

/// One recurrence a neuron. Conventions that a compartment cannot follow end in
/// an error that names the population and what to choose instead.
Expected<std::vector<Recurrence>> discretize(snn::NeuronsOp op, double dt);

/// A neuron whose voltage is the current of the step and nothing else.
Recurrence memoryless();

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_DISCRETIZE_H
