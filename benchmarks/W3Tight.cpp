//===- benchmarks/W3Tight.cpp - W3 by a tight loop ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/W3.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(HILLOCK_SANITIZED)
#define HILLOCK_CLONES
#else
#define HILLOCK_CLONES                                                         \
  __attribute__((target_clones("avx512f", "avx512bw", "avx2", "default")))
#endif

namespace hillock::bench {

namespace {

constexpr uint32_t block = 1024;
/// Numbers of near and far targets, of weight +4 and -4 each.
constexpr size_t headWords = 4;

/// V <- V + 41 + 4 sum for \p n neurons; a byte a neuron says whether it fires.
HILLOCK_CLONES
void advance(int32_t *v, int8_t *sum, uint8_t *fires, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const int32_t x = v[i] + 41 + 4 * sum[i];
    sum[i] = 0;
    v[i] = x >= 4096 ? 0 : x;
    fires[i] = x >= 4096;
  }
}

uint32_t wide(const uint16_t *words) {
  return uint32_t{words[0]} | uint32_t{words[1]} << 16;
}

} // namespace

TightW3::TightW3(uint32_t neurons)
    : words(size_t{neurons} * (headWords + 2 * w3Outputs) * sizeof(uint16_t)),
      first(neurons + 1), start(neurons) {
  auto *to = words.as<uint16_t>();
  std::vector<uint8_t> inputs(neurons);
  for (uint32_t i = 0; i < neurons; ++i) {
    start[i] = w3Start(i);
    first[i] = static_cast<size_t>(to - words.as<uint16_t>());
    std::vector<uint32_t> near[2], far[2];
    for (uint32_t k = 0; k < w3Outputs; ++k) {
      const uint32_t target = w3Target(i, k, neurons);
      (target / block == i / block ? near : far)[k % 2].push_back(target);
      // What the sum of a step is at most; it has to fit.
      if (++inputs[target] > INT8_MAX)
        std::abort();
    }
    for (const auto &lists : {near, far})
      for (int sign = 0; sign < 2; ++sign)
        *to++ = static_cast<uint16_t>(lists[sign].size());
    for (auto &list : near)
      for (uint32_t target : list)
        *to++ = static_cast<uint16_t>(target % block);
    for (auto &list : far) {
      std::sort(list.begin(), list.end());
      for (uint32_t target : list) {
        *to++ = static_cast<uint16_t>(target);
        *to++ = static_cast<uint16_t>(target >> 16);
      }
    }
  }
  first[neurons] = static_cast<size_t>(to - words.as<uint16_t>());
}

/// Adds what the neurons of \p fired bring.
void TightW3::deliver(const std::vector<uint32_t> &fired, int8_t *sum) const {
  constexpr size_t farAhead = 24, ahead = 12, sumsAhead = 3, line = 32;
  const auto *base = words.as<uint16_t>();
  for (size_t f = 0; f < fired.size(); ++f) {
    if (f + farAhead < fired.size())
      __builtin_prefetch(&first[fired[f + farAhead]]);
    if (f + ahead < fired.size()) {
      const size_t from = first[fired[f + ahead]],
                   end = first[fired[f + ahead] + 1];
      for (size_t at = from; at < end; at += line)
        __builtin_prefetch(base + at);
    }
    if (f + sumsAhead < fired.size()) {
      const uint16_t *next = base + first[fired[f + sumsAhead]];
      const uint32_t near = next[0] + next[1], far = next[2] + next[3];
      next += headWords + near;
      for (uint32_t k = 0; k < far; ++k)
        __builtin_prefetch(sum + wide(next + 2 * k), 1);
    }
    const uint16_t *row = base + first[fired[f]];
    const uint16_t *targets = row + headWords;
    int8_t *own = sum + fired[f] / block * block;
    for (int k = 0; k < row[0]; ++k)
      ++own[*targets++];
    for (int k = 0; k < row[1]; ++k)
      --own[*targets++];
    for (int k = 0; k < row[2]; ++k, targets += 2)
      ++sum[wide(targets)];
    for (int k = 0; k < row[3]; ++k, targets += 2)
      --sum[wide(targets)];
  }
}

LoopResult TightW3::run() const {
  const size_t n = start.size();
  HugeArray potentials(n * sizeof(int32_t)), sums(n);
  auto *v = potentials.as<int32_t>();
  auto *sum = sums.as<int8_t>();
  std::copy(start.begin(), start.end(), v);
  std::memset(sum, 0, n);
  uint8_t fires[block];
  std::vector<uint32_t> fired;
  LoopResult result;
  for (int t = 0; t < 100; ++t) {
    deliver(fired, sum);
    fired.clear();
    for (size_t i = 0; i < n; i += block) {
      advance(v + i, sum + i, fires, block);
      for (size_t k = 0; k < block; k += 8) {
        uint64_t eight;
        std::memcpy(&eight, fires + k, sizeof eight);
        for (size_t m = k; eight != 0 && m < k + 8; ++m)
          if (fires[m])
            fired.push_back(static_cast<uint32_t>(i + m));
      }
    }
    result.spikes += fired.size();
    result.events += fired.size() * w3Outputs;
  }
  return result;
}

} // namespace hillock::bench
