//===- compiler/frontend/nir/Feedforward.h - NIR without neurons -*- C++ -*-==//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A NIR graph without any node that has a state or spikes (Linear, Affine,
// Scale, convolutions, pools, Flatten) is a plain feed-forward network and goes
// the way of ONNX files. NIR has no rectifier: such a graph is a linear map.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_FEEDFORWARD_H
#define HILLOCK_COMPILER_FRONTEND_NIR_FEEDFORWARD_H

#include "compiler/ann/Network.h"
#include "compiler/frontend/nir/Normalize.h"

namespace hillock::nir {

/// Whether the file is a graph whose nodes are all without state and spikes,
/// and not only inputs and outputs. Reads the types of nodes alone; false for
/// whatever cannot be read.
bool isFeedforward(const std::string &path);

/// Errors name the file and the node: nodes with neurons, more than one input
/// or output, and what ann::check() refuses.
Expected<ann::Network> importFeedforward(const FlatGraph &graph);

/// Reads, normalizes and imports \p path.
Expected<ann::Network> readFeedforward(const std::string &path,
                                       const NormalizeOptions &options = {});

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_FEEDFORWARD_H
