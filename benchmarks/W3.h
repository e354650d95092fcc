//===- benchmarks/W3.h - A million neurons ----------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// W3: 1,048,576 neurons without leak, 64 synapses each, 48 of them in their own
// block of 1024 and 16 anywhere; 1 % of the neurons spike in a step.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_W3_H
#define HILLOCK_BENCHMARKS_W3_H

#include "base/HugeArray.h"
#include "benchmarks/Workloads.h"
#include <atomic>

namespace hillock::bench {

/// Of all neurons in 100 steps, by the integer definition.
constexpr uint64_t w3Spikes = 1047077;

/// W3's synapses, made from the hash whenever they are asked for: a list of
/// them would be larger than all else.
class W3Rows : public mapping::Connectivity {
public:
  explicit W3Rows(uint32_t neurons) : neurons(neurons) {}
  void append(uint32_t source,
              std::vector<mapping::Synapse> &synapses) const override;
  /// Rows made so far.
  uint64_t calls() const { return made; }

private:
  uint32_t neurons;
  mutable std::atomic<uint64_t> made = 0;
};

/// W3 with \p neurons, a multiple of 1024 and at most 2^24. expectedSpikes
/// stays 0.
Workload makeW3(uint32_t neurons, std::shared_ptr<W3Rows> rows);

/// The same work over arrays: compressed rows of 32-bit targets, whose signs
/// alternate.
class LoopW3 {
public:
  explicit LoopW3(uint32_t neurons);
  LoopResult run();

private:
  std::vector<uint32_t> target;
  std::vector<int32_t> start;
};

/// The same, knowing what the emulator knows: targets by weight, near ones in
/// 16 bits, sums in bytes, all on large pages and asked for in advance.
class TightW3 {
public:
  explicit TightW3(uint32_t neurons);
  LoopResult run() const;

private:
  void deliver(const std::vector<uint32_t> &fired, int8_t *sum) const;

  HugeArray words;
  std::vector<size_t> first; ///< by neuron
  std::vector<int32_t> start;
};

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_W3_H
