//===- benchmarks/Loops.cpp - The same work, written by hand --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Random.h"
#include "benchmarks/WorkloadRules.h"
#include "benchmarks/Workloads.h"
#include <algorithm>

#if defined(HILLOCK_SANITIZED)
#define HILLOCK_CLONES
#else
#define HILLOCK_CLONES                                                         \
  __attribute__((target_clones("avx512f", "avx2", "default")))
#endif

namespace hillock::bench {

namespace {

HILLOCK_CLONES
void addRow(int32_t *sum, const int16_t *row, int n) {
  for (int j = 0; j < n; ++j)
    sum[j] += row[j];
}

/// V <- V - (V >> 3) + sum; spike and reset at 1000.
HILLOCK_CLONES
void updateW1(int32_t *v, int32_t *sum, uint8_t *spike, int n) {
  for (int j = 0; j < n; ++j) {
    int32_t x = v[j] - (v[j] >> 3) + sum[j];
    spike[j] = x >= 1000;
    v[j] = x >= 1000 ? 0 : x;
    sum[j] = 0;
  }
}

HILLOCK_CLONES
void updateW2(int32_t *v, int32_t *ref, int32_t *sum, uint8_t *spike, int n) {
  for (int j = 0; j < n; ++j) {
    int32_t leaked = static_cast<int32_t>((int64_t(v[j]) * 3896) >> 12);
    int32_t x = leaked + (ref[j] > 0 ? 0 : 843 + sum[j]);
    bool fires = ref[j] == 0 && x >= 12800;
    spike[j] = fires;
    v[j] = fires ? 0 : x;
    ref[j] = fires ? 2 : std::max(ref[j] - 1, 0);
    sum[j] = 0;
  }
}

} // namespace

LoopW1::LoopW1() : w1(784 * 1024), w2(1024 * 10), input(w1Input()) {
  for (int i = 0; i < 784 * 1024; ++i)
    w1[i] = w1Weight(i);
  for (int i = 0; i < 1024 * 10; ++i)
    w2[i] = w2Weight(i);
}

LoopResult LoopW1::run() {
  LoopResult result;
  std::vector<int32_t> v(1024), sum(1024), vOut(16), sumOut(16);
  std::vector<uint8_t> spike(1024), spikeOut(16);
  for (const std::vector<uint32_t> &active : input) {
    // Spikes of the step before reach the next layer one step later.
    for (int j = 0; j < 1024; ++j)
      if (spike[j]) {
        addRow(sumOut.data(), &w2[j * 10], 10);
        result.events += 10;
      }
    updateW1(vOut.data(), sumOut.data(), spikeOut.data(), 10);
    for (uint32_t i : active)
      addRow(sum.data(), &w1[i * 1024], 1024);
    result.events += active.size() * 1024;
    updateW1(v.data(), sum.data(), spike.data(), 1024);
    for (uint8_t s : spike)
      result.spikes += s;
  }
  return result;
}

LoopW2::LoopW2() : start(w2Neurons) {
  for (uint32_t j = 0; j < w2Neurons; ++j)
    start[j] = w2Start(j);
}

LoopResult LoopW2::run() {
  LoopResult result;
  std::vector<int32_t> v = start, ref(w2Neurons), sum(w2Neurons);
  std::vector<uint8_t> spike(w2Neurons);
  for (int step = 0; step < 1000; ++step) {
    for (uint32_t i = 0; i < w2Neurons; ++i) {
      if (!spike[i])
        continue;
      int32_t weight = (i < 8000 ? 1 : -5) * 64;
      for (uint32_t s = rows.first[i]; s < rows.first[i + 1]; ++s)
        sum[rows.target[s]] += weight;
      result.events += rows.first[i + 1] - rows.first[i];
    }
    updateW2(v.data(), ref.data(), sum.data(), spike.data(), w2Neurons);
    for (uint8_t s : spike)
      result.spikes += s;
  }
  return result;
}

} // namespace hillock::bench
