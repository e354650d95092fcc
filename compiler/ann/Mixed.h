//===- compiler/ann/Mixed.h - Bits where they are needed --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_MIXED_H
#define HILLOCK_COMPILER_ANN_MIXED_H

#include "compiler/ann/Calibrate.h"

namespace hillock::ann {

/// What a layer's weights cost and lose in one format.
struct FormatCost {
  std::string format;
  uint64_t bytes = 0;
  double error = 0; ///< as LayerLoss::error, with rounding to nearest
};

struct Mixture {
  struct Row {
    std::string layer;
    std::vector<FormatCost> costs; ///< int8, int4, int2
    size_t chosen = 0;             ///< index into costs
  };
  std::vector<Row> rows;
  uint64_t bytes = 0;                          ///< of all chosen
  std::map<std::string, WeightFormat> formats; ///< for CalibrationOptions
};

/// Gives each layer 8, 4 or 2 bits such that all weights with their biases and
/// multipliers take at most \p budget bytes: from 8 bits everywhere, the layer
/// that loses least for each byte saved gives up bits first. A budget below
/// what 2 bits need is a capacity error that says by how much.
Expected<Mixture> chooseFormats(const Network &network,
                                const std::vector<std::vector<float>> &samples,
                                const CalibrationOptions &options,
                                uint64_t budget, const std::string &where);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_MIXED_H
