//===- compiler/transform/loihi/Registers.h - Decays and biases -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The registers of a population beside its threshold, from its recurrences and
// its scale. No MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_REGISTERS_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_REGISTERS_H

#include "compiler/transform/loihi/Discretize.h"

namespace hillock::transform {

/// One value a neuron in each list.
struct Registers {
  std::vector<int32_t> decayU, decayV, biasMant, biasExp;
  std::vector<int32_t> startU, startV; ///< before chip step 0
  /// Added to decay_v of all neurons. With 1 a decay_v of 4095 keeps nothing;
  /// with 0, the chip's default, 1/4096.
  int32_t dmOffset = 0;
};

/// The registers of \p neurons with the constant currents \p bias. \p scale:
/// chip units a unit of the first neuron, one for all or one a neuron. The
/// start of a readout is such that its voltage is right when \p lag steps have
/// passed, in which its bias already acts and the network has not begun; where
/// no start does that, the decay is so strong that none is needed.
Registers registersOf(const std::vector<Recurrence> &neurons,
                      const std::vector<double> &bias,
                      const std::vector<double> &scale, bool readout,
                      int64_t lag);

/// The largest voltage that ends a sum of 1 into the current (a bias of 1 on
/// the membrane) in every step, with decays as the chip rounds them; perfect
/// integrators are stopped after readoutSteps.
struct DcGain {
  double sum = 0, bias = 0;
  bool endless = false; ///< some neuron keeps its voltage for ever
};
DcGain dcGainOf(const std::vector<Recurrence> &neurons);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_REGISTERS_H
