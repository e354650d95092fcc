//===- tools/hillock/AnnEval.h - What an evaluation found -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_ANNEVAL_H
#define HILLOCK_TOOLS_HILLOCK_ANNEVAL_H

#include "compiler/ann/Metrics.h"
#include "compiler/ann/Saliency.h"
#include "runtime/session/Evaluate.h"
#include "tools/hillock/AnnLevel.h"
#include "tools/hillock/Disturb.h"

namespace hillock::tool {

/// Everything that text, document and report are made of.
/// The network with a part of its weights set to zero.
struct SparsityPoint {
  double percent = 0; ///< as asked for
  double zeros = 0;   ///< part of the weights that are zero
  uint64_t bytes = 0; ///< of weights, biases and multipliers
  runtime::Evaluation results;
  std::optional<ann::OperationCounts> counts; ///< of integers
};

struct AnnOutcome {
  AnnExecutable network;
  AnnData data;
  std::string path, dataPath;
  int64_t first = 0; ///< number of the first sample in its file
  runtime::Evaluation results;
  double seconds = 0;
  std::vector<std::pair<Disturbance, runtime::Evaluation>> disturbed;
  /// By percentage of pruned weights, the first of them the main results;
  /// empty when there are not several.
  std::vector<SparsityPoint> sparsity;
  /// Of integers, over the first samples.
  std::optional<ann::OperationCounts> counts;
  /// Of the first samples; empty when it was not asked for.
  std::vector<ann::Saliency> saliency;
  WindowSize patch{1, 1};

  uint64_t macs() const; ///< products of one inference
  /// Whether every weight is a shift, so that a product is only an addition.
  bool onlyShifts() const;
};

/// One HTML page, as runtime/report/Report.h has it.
Error writeAnnReport(const std::string &path, const AnnOutcome &outcome);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_ANNEVAL_H
