//===- compiler/transform/loihi/Retime.h - Lags of populations --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On the chip a spike of step t acts in step t + 1 at the earliest; in the
// network a feed-forward spike acts in the same step. Every population may run
// some steps behind the network (its lag), as long as each path gains as many
// steps as its target lags behind its source and ends up with at least one
// (Leiserson and Saxe, "Retiming synchronous circuitry", 1991).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_TRANSFORM_LOIHI_RETIME_H
#define HILLOCK_COMPILER_TRANSFORM_LOIHI_RETIME_H

#include <cstdint>
#include <vector>

namespace hillock::transform {

struct TimedEdge {
  uint32_t from, to;
  int64_t delay; ///< the least of the path, in steps of the network
};

struct Lags {
  std::vector<int64_t> lag;
  /// Edges whose delay had to grow, because a cycle has fewer steps than
  /// projections; empty when the chip's timing equals the network's.
  std::vector<uint32_t> stretched;
  int64_t delayOf(const TimedEdge &edge, int64_t networkDelay) const {
    int64_t steps = networkDelay + lag[edge.to] - lag[edge.from];
    return steps < 1 ? 1 : steps;
  }
};

/// Smallest lags with every edge at one step or more; what nothing enters (an
/// input) has lag 0. A cycle too short for the chip gets its edge with the
/// largest own delay, the recurrent one, stretched.
Lags retime(uint32_t nodes, const std::vector<TimedEdge> &edges);

} // namespace hillock::transform

#endif // HILLOCK_COMPILER_TRANSFORM_LOIHI_RETIME_H
