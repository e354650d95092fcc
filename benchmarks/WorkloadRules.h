//===- benchmarks/WorkloadRules.h - The workloads' definition ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BENCHMARKS_WORKLOADRULES_H
#define HILLOCK_BENCHMARKS_WORKLOADRULES_H

#include "base/Random.h"
#include <cstdint>
#include <vector>

namespace hillock::bench {

/// W1 as it is defined, and with weights of 4 bits: -most .. most, and a
/// threshold in the same proportion.
struct W1Rule {
  int16_t most;
  int32_t threshold;

  /// Input \p index / 1024 to hidden neuron \p index % 1024.
  int16_t hidden(uint64_t index) const { return weight(1, index); }
  /// Hidden neuron \p index / 10 to output \p index % 10.
  int16_t output(uint64_t index) const { return weight(2, index); }

private:
  int16_t weight(uint64_t stream, uint64_t index) const {
    return static_cast<int16_t>(
        static_cast<int>(H(stream, index) % uint64_t(2 * most + 1)) - most);
  }
};
constexpr W1Rule w1Rule = {63, 1000}, w1Narrow = {7, 111};

/// Input neurons that spike in each of 1000 steps, with probability 0.2.
inline std::vector<std::vector<uint32_t>> w1Input() {
  std::vector<std::vector<uint32_t>> active(1000);
  for (uint64_t t = 0; t < 1000; ++t)
    for (uint64_t i = 0; i < 784; ++i)
      if ((H(3, t * 784 + i) >> 32) < 858993459u)
        active[t].push_back(static_cast<uint32_t>(i));
  return active;
}

constexpr uint32_t w2Neurons = 10000, w2Inputs = 1000;

/// Source of synapse k of neuron j: 800 excitatory, 200 inhibitory.
inline uint32_t w2Source(uint64_t j, uint64_t k) {
  uint64_t h = H(11, j * 1000 + k) >> 11;
  return static_cast<uint32_t>(k < 800 ? h % 8000 : 8000 + h % 2000);
}

/// W2's graph by source: targets of neuron i are target[first[i]] ..
/// target[first[i + 1] - 1], ascending.
struct W2Rows {
  std::vector<uint32_t> first = std::vector<uint32_t>(w2Neurons + 1);
  std::vector<uint16_t> target;

  W2Rows() {
    for (uint32_t j = 0; j < w2Neurons; ++j)
      for (uint32_t k = 0; k < w2Inputs; ++k)
        ++first[w2Source(j, k) + 1];
    for (uint32_t i = 0; i < w2Neurons; ++i)
      first[i + 1] += first[i];
    target.resize(first.back());
    std::vector<uint32_t> next(first.begin(), first.end() - 1);
    for (uint32_t j = 0; j < w2Neurons; ++j)
      for (uint32_t k = 0; k < w2Inputs; ++k)
        target[next[w2Source(j, k)]++] = static_cast<uint16_t>(j);
  }
};

/// Initial voltage in the integer form (unit 1/64): 0 to 200 units.
inline int32_t w2Start(uint64_t j) {
  return static_cast<int32_t>((((H(12, j) >> 11) % 20000) * 64) / 100);
}

/// Neurons of W3; W3/8 has an eighth.
constexpr uint32_t w3Neurons = 1u << 20, w3Outputs = 64, w3Local = 48;

/// Target of synapse k of neuron i: within its block of 1024 neurons for the
/// first 48, anywhere for the others. Weight +4 for even k, -4 for odd k.
inline uint32_t w3Target(uint64_t i, uint64_t k, uint32_t neurons) {
  const uint64_t h = H(21, i * w3Outputs + k) >> 11;
  return static_cast<uint32_t>(k < w3Local ? (i & ~uint64_t{1023}) + h % 1024
                                           : h % neurons);
}
inline int32_t w3Start(uint64_t i) {
  return static_cast<int32_t>((H(22, i) >> 11) % 4096);
}

} // namespace hillock::bench

#endif // HILLOCK_BENCHMARKS_WORKLOADRULES_H
