//===- runtime/replay/ReadLearning.h - Recorded learning --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cases of learning synapses: a rule, spikes of both sides, the random numbers
// that were drawn, and all traces and synapses that came of it. No image is
// built for them: learning is not part of compiled networks.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_READLEARNING_H
#define HILLOCK_RUNTIME_REPLAY_READLEARNING_H

#include "emulator/learning/LearningEngine.h"
#include "runtime/replay/Replay.h"
#include "llvm/Support/JSON.h"

namespace hillock::runtime {

struct LearningCase {
  std::string name;
  emu::LearningConfig config;
  emu::RecordedLearningRandom::Numbers randoms;
  std::vector<std::vector<int64_t>> pre, post; ///< [step][neuron]

  /// Values over the steps, of traces, "tx" and "ty".
  struct Trace {
    std::string field;
    std::vector<std::vector<int64_t>> expected; ///< [step][neuron]
  };
  std::vector<Trace> traces;
  struct Epoch {
    uint64_t step = 0; ///< its last; 0: before the first
    struct Matrix {
      std::string field;
      emu::LearningTarget target = emu::LearningTarget::Weight;
      std::vector<int64_t> expected; ///< [post * sources + pre]
    };
    std::vector<Matrix> matrices;
  };
  std::vector<Epoch> epochs;
  /// Where the recording's own list of products is not what its rule string
  /// means to us; compared before the steps.
  std::optional<ReplayDifference> ruleDifference;
};

/// Whether an entry of a file is about learning at all.
bool isLearningCase(const llvm::json::Object &entry);

/// An Input error names the key that is missing or not understood.
Expected<LearningCase> readLearningCase(const llvm::json::Object &entry);

/// The rule of an entry: from "product_series", else from the strings.
/// \p difference: see LearningCase::ruleDifference.
Expected<emu::LearningRule>
readLearningRule(const llvm::json::Object &entry,
                 std::optional<ReplayDifference> &difference);

/// Reads, runs and compares one case; adds to \p result.
Error compareLearning(const llvm::json::Object &entry, ReplayResult &result);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_READLEARNING_H
