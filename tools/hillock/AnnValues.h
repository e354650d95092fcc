//===- tools/hillock/AnnValues.h - What layers put out ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNVALUES_H
#define HILLOCK_TOOLS_HILLOCK_ANNVALUES_H

#include "tools/hillock/AnnLevel.h"

namespace hillock::tool {

/// The output of one layer, or of the network.
struct LayerValues {
  std::string name; ///< of the layer; a second of equal name gets "#2"
  ann::Shape shape;
  std::vector<double> values;         ///< real numbers
  std::vector<double> codes;          ///< below the real level
  std::optional<ann::Quantization> q; ///< of the codes
  /// False: the file does not say what a step is; `values` count steps.
  bool scaleKnown = true;
};

/// Of the last run, in the network's order. Not for machine code.
std::vector<LayerValues> layerValues(const AnnExecutable &network,
                                     const AnnRunner &runner);
/// The network's output, named "output"; of any level.
LayerValues outputValues(const AnnExecutable &network, const AnnRunner &runner);

/// Sample \p sample of the file that \p inputs name, for the network's only
/// input ("FILE" or "NAME=FILE").
Expected<std::vector<float>>
loadAnnSample(const std::vector<std::string> &inputs, int64_t sample,
              const AnnModel &model);

/// The same layers, computed by machine code: one program for each prefix of
/// the network. Slow; for finding where codes part.
Expected<std::vector<LayerValues>>
nativeLayerValues(const AnnExecutable &network,
                  const std::vector<float> &input);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNVALUES_H
