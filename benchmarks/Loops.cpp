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
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(HILLOCK_SANITIZED)
#define HILLOCK_CLONES
#else
#define HILLOCK_CLONES                                                         \
  __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif

namespace hillock::bench {

namespace {

HILLOCK_CLONES
void addRow(int32_t *sum, const int16_t *row, int n) {
  for (int j = 0; j < n; ++j)
    sum[j] += row[j];
}

/// V <- V - (V >> 3) + sum; spike and reset at the threshold.
HILLOCK_CLONES
void updateW1(int32_t *v, int32_t *sum, uint8_t *spike, int n,
              int32_t threshold) {
  for (int j = 0; j < n; ++j) {
    int32_t x = v[j] - (v[j] >> 3) + sum[j];
    spike[j] = x >= threshold;
    v[j] = x >= threshold ? 0 : x;
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

/// Lanes of a strip, and steps of a block.
constexpr int strip = 64, blockSteps = 20;

using Bytes __attribute__((vector_size(32))) = int8_t;
using Halves __attribute__((vector_size(64))) = int16_t;

/// Adds the rows of each step of a block to a strip of 16-bit sums.
HILLOCK_CLONES
void addStrip(int16_t (*sums)[strip], const int8_t (*rows)[strip],
              const std::vector<uint32_t> *active, int steps) {
  for (int t = 0; t < steps; ++t) {
    Halves low = {}, high = {};
    for (uint32_t i : active[t]) {
      Bytes a, b;
      __builtin_memcpy(&a, rows[i], sizeof a);
      __builtin_memcpy(&b, rows[i] + strip / 2, sizeof b);
      low += __builtin_convertvector(a, Halves);
      high += __builtin_convertvector(b, Halves);
    }
    __builtin_memcpy(sums[t], &low, sizeof low);
    __builtin_memcpy(sums[t] + strip / 2, &high, sizeof high);
  }
}

/// sum[j] += value for the bits of a row.
HILLOCK_CLONES
void addBits(int16_t *sum, const uint32_t *row, int words, int16_t value) {
  for (int w = 0; w < words; ++w)
    for (uint32_t left = row[w]; left; left &= left - 1)
      sum[32 * w + __builtin_ctz(left)] += value;
}

#if defined(__x86_64__)
/// The same by masked adds.
__attribute__((target("avx512f,avx512bw"))) void
addBitsMasked(int16_t *sum, const uint32_t *row, int words, int16_t value) {
  const __m512i values = _mm512_set1_epi16(value);
  for (int w = 0; w < words; ++w) {
    __m512i sums = _mm512_loadu_si512(sum + 32 * w);
    _mm512_storeu_si512(sum + 32 * w,
                        _mm512_mask_add_epi16(sums, row[w], sums, values));
  }
}
#endif

auto *pickAddBits() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw"))
    return addBitsMasked;
#endif
  return addBits;
}

HILLOCK_CLONES
void widen(int32_t *sum, int16_t *from, int n) {
  for (int j = 0; j < n; ++j) {
    sum[j] += 64 * from[j];
    from[j] = 0;
  }
}

constexpr int w2Words = (int(w2Neurons) + 31) / 32;

} // namespace

LoopW1::LoopW1(W1Rule rule)
    : threshold(rule.threshold), w1(784 * 1024), w2(1024 * 10),
      input(w1Input()) {
  for (int i = 0; i < 784 * 1024; ++i)
    w1[i] = rule.hidden(uint64_t(i));
  bytes.assign(w1.begin(), w1.end());
  for (int i = 0; i < 1024 * 10; ++i)
    w2[i] = rule.output(uint64_t(i));
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
    updateW1(vOut.data(), sumOut.data(), spikeOut.data(), 10, threshold);
    for (uint32_t i : active)
      addRow(sum.data(), &w1[i * 1024], 1024);
    result.events += active.size() * 1024;
    updateW1(v.data(), sum.data(), spike.data(), 1024, threshold);
    for (uint8_t s : spike)
      result.spikes += s;
  }
  return result;
}

LoopResult LoopW1::runTight() {
  LoopResult result;
  std::vector<int32_t> v(1024), vOut(16), sumOut(16);
  std::vector<uint8_t> spike(1024), spikeOut(16);
  std::vector<std::vector<int32_t>> sums(blockSteps,
                                         std::vector<int32_t>(1024));
  std::vector<int8_t[strip]> rows(784);
  for (size_t first = 0; first < input.size(); first += blockSteps) {
    int steps = int(std::min<size_t>(blockSteps, input.size() - first));
    for (int begin = 0; begin < 1024; begin += strip) {
      // 784 weights of 63 at most fit into 16 bits.
      int16_t part[blockSteps][strip] = {};
      for (int i = 0; i < 784; ++i)
        std::copy_n(&bytes[size_t(i) * 1024 + size_t(begin)], strip, rows[i]);
      addStrip(part, rows.data(), &input[first], steps);
      for (int t = 0; t < steps; ++t)
        std::copy_n(part[t], strip, sums[t].begin() + begin);
    }
    for (int t = 0; t < steps; ++t) {
      for (int j = 0; j < 1024; ++j)
        if (spike[j]) {
          addRow(sumOut.data(), &w2[j * 10], 10);
          result.events += 10;
        }
      updateW1(vOut.data(), sumOut.data(), spikeOut.data(), 10, threshold);
      result.events += input[first + t].size() * 1024;
      updateW1(v.data(), sums[t].data(), spike.data(), 1024, threshold);
      for (uint8_t s : spike)
        result.spikes += s;
    }
  }
  return result;
}

LoopW2::LoopW2()
    : start(w2Neurons), bits(size_t(w2Neurons) * w2Words), again(w2Neurons) {
  for (uint32_t i = 0; i < w2Neurons; ++i)
    for (uint32_t s = rows.first[i]; s < rows.first[i + 1]; ++s) {
      uint16_t j = rows.target[s];
      uint32_t &word = bits[size_t(i) * w2Words + j / 32];
      if ((word >> (j % 32)) & 1)
        again[i].push_back(j);
      word |= 1u << (j % 32);
    }
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

LoopResult LoopW2::runTight() {
  LoopResult result;
  std::vector<int32_t> v = start, ref(w2Neurons), sum(w2Neurons);
  std::vector<int16_t> units(w2Words * 32);
  std::vector<uint8_t> spike(w2Neurons);
  auto *add = pickAddBits();
  for (int step = 0; step < 1000; ++step) {
    for (uint32_t i = 0; i < w2Neurons; ++i) {
      if (!spike[i])
        continue;
      int16_t weight = i < 8000 ? 1 : -5;
      add(units.data(), &bits[size_t(i) * w2Words], w2Words, weight);
      for (uint16_t j : again[i])
        units[j] = int16_t(units[j] + weight);
      result.events += rows.first[i + 1] - rows.first[i];
    }
    widen(sum.data(), units.data(), w2Neurons);
    updateW2(v.data(), ref.data(), sum.data(), spike.data(), w2Neurons);
    for (uint8_t s : spike)
      result.spikes += s;
  }
  return result;
}

} // namespace hillock::bench
