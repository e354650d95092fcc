//===- compiler/transform/odin/Lower.h - Networks on a crossbar -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_ODIN_LOWER_H
#define HILLOCK_COMPILER_TRANSFORM_ODIN_LOWER_H

#include "base/Error.h"
#include "compiler/transform/odin/Numbers.h"
#include "dialects/crossbar/Crossbar.h"
#include "dialects/snn/Snn.h"
#include "target/TargetModel.h"

namespace hillock::transform {

/// Builds a crossbar.chip behind \p network: layers, recurrence, inputs and
/// biases on one chip of \p target. What a user should know is appended to
/// \p remarks. Errors name the node that the chip cannot hold, and what comes
/// nearest.
Expected<crossbar::ChipOp> lowerToCrossbar(snn::NetworkOp network,
                                           const target::TargetModel &target,
                                           std::vector<std::string> &remarks);

namespace odin {
/// The network written out; its first half. Layers are in the order of
/// evaluation.
Expected<RealNetwork> extract(snn::NetworkOp network,
                              std::vector<std::string> &remarks);
} // namespace odin

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_ODIN_LOWER_H
