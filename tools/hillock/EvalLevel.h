//===- tools/hillock/EvalLevel.h - Accuracy at any level --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_EVALLEVEL_H
#define HILLOCK_TOOLS_HILLOCK_EVALLEVEL_H

#include "runtime/session/Evaluate.h"
#include "tools/hillock/Model.h"

namespace hillock::tool {

/// An evaluation with the names that belong to its lists.
struct LevelEvaluation {
  runtime::Evaluation results;
  std::vector<std::string> layers;   ///< in order
  std::vector<uint64_t> layerSpikes; ///< over all samples
  double seconds = 0;
  /// Of a chip with a crossbar alone: over all samples.
  std::optional<CrossbarCostSum> crossbar;
};

struct EvalSettings {
  int64_t steps = 0;    ///< 0: those of each sample
  unsigned threads = 0; ///< 0: all cores
  runtime::Decision decision = runtime::Decision::Sum;
  /// Of a chip: adds hooks before its evaluation.
  std::function<void(runtime::EvaluateOptions &)> prepare;
};

/// Runs all samples of \p data. The network must have one input and one
/// output. Results do not depend on the number of threads.
Expected<LevelEvaluation> evaluateLevel(Model &model,
                                        const runtime::DataSet &data,
                                        const EvalSettings &settings);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_EVALLEVEL_H
