//===- benchmarks/Workloads.h - Networks that simulators share --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// W1, a dense classifier 784-1024-10, and W2, a balanced random network of
// 10,000 neurons with 1000 inputs each. Every number comes from the hash H of
// base/Random.h, so that any simulator can be given the same network and the
// same input, and spike counts can be compared, not only speed.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_WORKLOADS_H
#define HILLOCK_BENCHMARKS_WORKLOADS_H

#include "benchmarks/WorkloadRules.h"
#include "compiler/mapping/problem/Network.h"
#include "image/Program.h"
#include <cstdint>
#include <vector>

namespace hillock::bench {

struct Workload {
  mapping::Network network;
  std::vector<image::Program> programs;
  int64_t steps = 1000;
  /// Input neurons that spike in each step.
  std::vector<std::vector<uint32_t>> input;
  uint64_t neurons = 0;
  /// Spikes of the whole run by the integer definition: of the hidden layer
  /// in W1, of all neurons in W2. 0: none is published.
  uint64_t expectedSpikes = 0;
};

Workload makeW1();
/// With weights of 4 bits; expectedSpikes stays 0.
Workload makeW1Narrow();
Workload makeW2();

/// What a loop written by hand found and did.
struct LoopResult {
  uint64_t spikes = 0, events = 0;
};

/// The same work as plain vectorisable C over arrays: no messages, no tables.
class LoopW1 {
public:
  explicit LoopW1(W1Rule rule = w1Rule);
  LoopResult run();
  /// Bytes as weights, the input of 20 steps added strip by strip, so that
  /// weights are read from the first-level cache.
  LoopResult runTight();

private:
  int32_t threshold;
  std::vector<int16_t> w1, w2;
  std::vector<int8_t> bytes; ///< of w1
  std::vector<std::vector<uint32_t>> input;
};

/// Outgoing synapses as compressed rows: target and weight side by side.
class LoopW2 {
public:
  LoopW2();
  LoopResult run();
  /// A bit a target, and a list of those that come twice; masked adds to
  /// 16-bit sums.
  LoopResult runTight();

private:
  W2Rows rows;
  std::vector<int32_t> start;
  /// By neuron: bits of all targets; targets that come again.
  std::vector<uint32_t> bits;
  std::vector<std::vector<uint16_t>> again;
};

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_WORKLOADS_H
