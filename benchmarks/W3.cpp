//===- benchmarks/W3.cpp - A million neurons ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/W3.h"
#include "image/ProgramBuilder.h"
#include <array>
#include <cstring>

#if defined(HILLOCK_SANITIZED)
#define HILLOCK_CLONES
#else
#define HILLOCK_CLONES                                                         \
  __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif

using namespace hillock::image;

namespace hillock::bench {

namespace {

/// V <- V + 41 + input, spike and reset at 4096. A weight w is stored as the
/// mantissa w, which the chip adds as 64 w.
Program w3Program() {
  ProgramBuilder b("w3_if");
  auto v = b.state("v", 31);
  auto sum = b.shr(b.input(), b.constant(6));
  auto x = b.add(b.add(v, b.constant(41)), sum);
  auto fires = b.lessEqual(b.constant(4096), x);
  b.write("v", b.select(fires, b.constant(0), x));
  b.fire(fires, b.constant(1));
  return b.take();
}

} // namespace

namespace {

/// A row while it is sorted: target << 7 | sign << 6 | number of the synapse.
/// No two keys are equal, so each has a place of its own.
using W3Keys = std::array<uint32_t, w3Outputs>;

HILLOCK_CLONES
void makeKeys(uint64_t source, uint32_t neurons, W3Keys &keys) {
  // What w3Target() says, for all synapses at once.
  constexpr uint64_t stream = sm64(0x5EED2026u + 21);
  const uint64_t first = stream + source * w3Outputs;
  const auto block = static_cast<uint32_t>(source & ~uint64_t{1023});
  const bool masked = (neurons & (neurons - 1)) == 0;
  uint64_t hashes[w3Outputs];
  for (uint32_t k = 0; k < w3Outputs; ++k)
    hashes[k] = sm64(first + k) >> 11;
  for (uint32_t k = 0; k < w3Local; ++k)
    keys[k] = static_cast<uint32_t>(hashes[k]) & 1023u;
  for (uint32_t k = 0; k < w3Local; ++k)
    keys[k] |= block;
  for (uint32_t k = w3Local; masked && k < w3Outputs; ++k)
    keys[k] = static_cast<uint32_t>(hashes[k]) & (neurons - 1);
  for (uint32_t k = w3Local; !masked && k < w3Outputs; ++k)
    keys[k] = static_cast<uint32_t>(hashes[k] % neurons);
  for (uint32_t k = 0; k < w3Outputs; ++k)
    keys[k] = keys[k] << 7 | (k & 1) << 6 | k;
}

/// How many keys are smaller: 4096 subtractions without a branch, many at a
/// time, are faster than sorting. Keys have 31 bits, so that the highest bit
/// of a difference says which is the smaller one.
HILLOCK_CLONES
void rankKeys(const W3Keys &keys, W3Keys &ranks) {
  constexpr uint32_t lanes = 16;
  for (uint32_t j = 0; j < w3Outputs; j += lanes) {
    uint32_t smaller[lanes] = {};
    for (uint32_t i = 0; i < w3Outputs; ++i)
      for (uint32_t l = 0; l < lanes; ++l)
        smaller[l] += (keys[i] - keys[j + l]) >> 31;
    for (uint32_t l = 0; l < lanes; ++l)
      ranks[j + l] = smaller[l];
  }
}

} // namespace

void W3Rows::append(uint32_t source,
                    std::vector<mapping::Synapse> &synapses) const {
  made.fetch_add(1, std::memory_order_relaxed);
  W3Keys keys, ranks;
  makeKeys(source, neurons, keys);
  rankKeys(keys, ranks);
  const size_t begin = synapses.size();
  synapses.resize(begin + w3Outputs);
  mapping::Synapse *row = synapses.data() + begin;
  for (uint32_t k = 0; k < w3Outputs; ++k)
    row[ranks[k]] = {keys[k] >> 7, static_cast<int16_t>(k & 1 ? -4 : 4), 0};
}

Workload makeW3(uint32_t neurons, std::shared_ptr<W3Rows> rows) {
  Workload w;
  w.network.name = "w3";
  mapping::Population population;
  population.name = "neurons";
  population.shape = {neurons};
  population.program = "w3_if";
  std::vector<int32_t> &start = population.initial["v"];
  start.reserve(neurons);
  for (uint32_t i = 0; i < neurons; ++i)
    start.push_back(w3Start(i));
  w.network.populations.push_back(std::move(population));
  mapping::Projection projection;
  projection.connectivity = std::move(rows);
  w.network.projections = {projection};
  w.network.outputs = {{"neurons", 0}};
  w.programs = {w3Program()};
  w.steps = 100;
  w.neurons = neurons;
  return w;
}

LoopW3::LoopW3(uint32_t neurons)
    : target(size_t{neurons} * w3Outputs), start(neurons) {
  for (uint32_t i = 0; i < neurons; ++i) {
    start[i] = w3Start(i);
    for (uint32_t k = 0; k < w3Outputs; ++k)
      target[size_t{i} * w3Outputs + k] = w3Target(i, k, neurons);
  }
}

namespace {

/// V <- V + 41 + sum for n neurons, a multiple of 64; a byte a neuron says
/// whether it fires. Vectorized by the compiler.
HILLOCK_CLONES
void advance(int32_t *v, int32_t *sum, uint8_t *fires, size_t n) {
  for (size_t i = 0; i < n; ++i) {
    const int32_t x = v[i] + 41 + sum[i];
    sum[i] = 0;
    v[i] = x >= 4096 ? 0 : x;
    fires[i] = x >= 4096;
  }
}

} // namespace

LoopResult LoopW3::run() {
  const size_t n = start.size();
  std::vector<int32_t> v = start, sum(n);
  std::vector<uint8_t> fires(n);
  std::vector<uint32_t> fired;
  LoopResult result;
  for (int t = 0; t < 100; ++t) {
    for (size_t f = 0; f < fired.size(); ++f) {
      constexpr size_t ahead = 8, line = 16; // targets of a cache line
      if (f + ahead < fired.size())
        for (uint32_t k = 0; k < w3Outputs; k += line)
          __builtin_prefetch(target.data() +
                             size_t{fired[f + ahead]} * w3Outputs + k);
      const uint32_t *row = target.data() + size_t{fired[f]} * w3Outputs;
      for (uint32_t k = 0; k < w3Outputs; k += 2) {
        sum[row[k]] += 4;
        sum[row[k + 1]] -= 4;
      }
    }
    fired.clear();
    advance(v.data(), sum.data(), fires.data(), n);
    for (size_t i = 0; i < n; i += 8) {
      uint64_t eight;
      std::memcpy(&eight, fires.data() + i, sizeof eight);
      for (size_t k = i; eight != 0 && k < i + 8; ++k)
        if (fires[k])
          fired.push_back(static_cast<uint32_t>(k));
    }
    result.spikes += fired.size();
    result.events += fired.size() * w3Outputs;
  }
  return result;
}

} // namespace hillock::bench
