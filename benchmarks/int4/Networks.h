//===- benchmarks/int4/Networks.h - Published networks ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_INT4_NETWORKS_H
#define HILLOCK_BENCHMARKS_INT4_NETWORKS_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::bench {

/// A published network in real numbers and in integers, with inputs.
struct PublishedNetwork {
  std::string name;
  std::string problem; ///< why it is not there
  ann::Network real;   ///< values are not rounded to any grid
  /// Weights of 4 and of 8 bits; values of 4 bits where that is what the
  /// project claims for the network, else of 8.
  ann::IntNetwork narrow, wide;
  std::vector<std::vector<float>> samples; ///< as many as the largest batch
};

constexpr int64_t largestBatch = 96;

/// "mnist" (the ONNX model zoo's mnist-8) or "kws" (MLPerf Tiny's DS-CNN), from
/// the folder that HILLOCK_DATA names.
PublishedNetwork publishedNetwork(const std::string &name);

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_INT4_NETWORKS_H
