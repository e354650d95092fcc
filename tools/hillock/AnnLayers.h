//===- tools/hillock/AnnLayers.h - Layers as rows ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNLAYERS_H
#define HILLOCK_TOOLS_HILLOCK_ANNLAYERS_H

#include "tools/hillock/AnnOptions.h"

namespace hillock::tool {

/// A layer of a network without neurons; what follows `macs` is of quantized
/// networks.
struct AnnLayerRow {
  std::string name, kind;
  ann::Shape in, out; ///< of the first input
  uint64_t weights = 0, biases = 0;
  uint64_t macs = 0;
  std::string format;                      ///< of the weights; empty: none
  uint64_t bytes = 0;                      ///< as weightBytes()
  std::optional<ann::Quantization> values; ///< of the output
  bool scaleKnown = true;                  ///< that of values
  std::optional<double> error; ///< LayerLoss::error, when it was measured
};
std::vector<AnnLayerRow> annLayers(const AnnModel &model);

/// "4 bits, 0.0123 a step"; without the step when it is not known.
std::string describeValues(const ann::Quantization &q, bool scaleKnown = true);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNLAYERS_H
