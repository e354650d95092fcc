//===- benchmarks/W3Bench.cpp - Building and running W3 -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The whole way of a large network: mapping, packing and the image file core by
// core, then the file into the emulator core by core.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Benchmarks.h"
#include "benchmarks/Measure.h"
#include "benchmarks/Prepared.h"
#include "benchmarks/W3.h"
#include "compiler/mapping/solver/Assemble.h"
#include "emulator/jit/Jit.h"
#include "emulator/stream/StreamEmulator.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <limits>

namespace hillock::bench {

namespace {

struct Size {
  const char *name;
  uint32_t neurons;
  uint64_t expectedSpikes;
};

constexpr Size sizes[] = {{"step/W3", w3Neurons, w3Spikes},
                          {"step/W3/8", w3Neurons / 8, 0}};

/// Seconds of making all rows once.
double generationSeconds(uint32_t neurons) {
  const W3Rows rows(neurons);
  std::vector<mapping::Synapse> synapses;
  const double start = cpuSeconds();
  for (uint32_t i = 0; i < neurons; ++i) {
    synapses.clear();
    rows.append(i, synapses);
    benchmark::DoNotOptimize(synapses.data());
  }
  return cpuSeconds() - start;
}

struct Built {
  std::unique_ptr<emu::Emulator> emulator;
  size_t cores = 0;
  uint64_t chips = 0, imageBytes = 0, own = 0;
  uint64_t buildPeak = 0, loadPeak = 0; ///< of the whole process
  double buildSeconds = 0, loadSeconds = 0, generation = 0, passes = 0;
  double buildWall = 0, loadWall = 0; ///< the first with the generation
};

Expected<Built> build(const Size &size, unsigned threads) {
  Built built;
  const double once = generationSeconds(size.neurons);
  auto target = target::findTarget("manycore");
  if (!target)
    return target.takeError();
  const TemporaryFile file;
  resetPeak();
  double start = cpuSeconds(), startWall = wallSeconds();
  {
    auto rows = std::make_shared<W3Rows>(size.neurons);
    const Workload workload = makeW3(size.neurons, rows);
    mapping::MapOptions options;
    options.neuronsPerCore = 1024;
    auto mapped = mapping::mapToFile(workload.network, *target,
                                     workload.programs, options, file.path);
    if (!mapped)
      return mapped.takeError();
    built.chips = mapped->statistics.chips;
    built.passes = double(rows->calls()) / size.neurons;
  }
  built.generation = once * built.passes;
  built.buildSeconds = cpuSeconds() - start;
  built.buildWall = wallSeconds() - startWall;
  built.buildPeak = peakBytes();
  resetPeak(); // so that the emulator's own memory can be told
  const uint64_t before = residentBytes();
  start = cpuSeconds();
  startWall = wallSeconds();
  auto reader = image::ImageReader::open(file.path);
  if (!reader)
    return reader.takeError();
  built.imageBytes = reader->fileBytes();
  built.cores = static_cast<size_t>(reader->frame().proto.core_size());
  emu::Options options;
  options.threads = threads;
  options.codegen = emu::createJit();
  auto emulator = emu::createStreamed(std::move(*reader), options);
  if (!emulator)
    return emulator.takeError();
  built.loadSeconds = cpuSeconds() - start;
  built.loadWall = wallSeconds() - startWall;
  built.loadPeak = peakBytes();
  resetPeak();
  built.own = residentBytes() - before;
  built.emulator = std::move(*emulator);
  return std::move(built);
}

uint64_t runOnce(emu::Emulator &emulator) {
  uint64_t spikes = 0;
  for (int t = 0; t < 100; ++t) {
    emulator.step();
    spikes += emulator.spikes().size();
  }
  return spikes;
}

void count(const Built &built, const Size &size, benchmark::State &state) {
  const double synapses = double(size.neurons) * w3Outputs;
  auto &counters = state.counters;
  counters["cores"] = double(built.cores);
  counters["chips"] = double(built.chips);
  counters["peak_bytes"] = double(std::max(built.buildPeak, built.loadPeak));
  counters["build_peak_bytes"] = double(built.buildPeak);
  counters["load_peak_bytes"] = double(built.loadPeak);
  counters["emulator_bytes"] = double(built.own);
  counters["bytes_per_synapse"] = double(built.own) / synapses;
  counters["image_bytes_per_synapse"] = double(built.imageBytes) / synapses;
  counters["build_seconds"] = built.buildSeconds - built.generation;
  counters["load_seconds"] = built.loadSeconds;
  counters["build_wall_seconds"] = built.buildWall;
  counters["load_wall_seconds"] = built.loadWall;
  counters["generation_seconds"] = built.generation;
  counters["generation_passes"] = built.passes;
}

void run(benchmark::State &state, const Size &size) {
  auto built = build(size, unsigned(state.range(0)));
  if (!built) {
    state.SkipWithError(takeText(built.takeError()).c_str());
    return;
  }
  emu::Emulator &emulator = *built->emulator;
  count(*built, size, state);
  LoopW3 loop(size.neurons);
  const TightW3 tight(size.neurons);
  double fastest = std::numeric_limits<double>::max(), fastestLoop = fastest,
         fastestTight = fastest, fastestWall = fastest;
  LoopResult byHand, byTight;
  runOnce(emulator); // makes the machine code, which is not part of a run
  emulator.reset();
  for (auto _ : state) {
    const double startWall = wallSeconds();
    double start = cpuSeconds();
    const uint64_t spikes = runOnce(emulator);
    fastest = std::min(fastest, cpuSeconds() - start);
    fastestWall = std::min(fastestWall, wallSeconds() - startWall);
    state.PauseTiming();
    start = cpuSeconds();
    byHand = loop.run();
    fastestLoop = std::min(fastestLoop, cpuSeconds() - start);
    start = cpuSeconds();
    byTight = tight.run();
    fastestTight = std::min(fastestTight, cpuSeconds() - start);
    // The loop is the reference of sizes for which no count is published.
    const uint64_t expected =
        size.expectedSpikes ? size.expectedSpikes : byHand.spikes;
    if (spikes != expected || byHand.spikes != expected ||
        byTight.spikes != expected) {
      state.SkipWithError((std::to_string(spikes) + " spikes, the loops have " +
                           std::to_string(byHand.spikes) + " and " +
                           std::to_string(byTight.spikes) + ", expected " +
                           std::to_string(expected))
                              .c_str());
      return;
    }
    const emu::CoreCounters sum = totals(emulator, built->cores);
    state.counters["events"] = double(sum.synapticEvents);
    state.counters["packets"] = double(sum.axonsIn);
    state.counters["updates"] = double(sum.updates);
    state.counters["spikes"] = double(spikes);
    emulator.reset();
    state.ResumeTiming();
  }
  auto &counters = state.counters;
  const double events = counters["events"];
  counters["events_per_core_s"] = events / fastest;
  counters["updates_per_core_s"] = counters["updates"] / fastest;
  counters["packets_per_core_s"] = counters["packets"] / fastest;
  counters["loop_events_per_core_s"] = double(byHand.events) / fastestLoop;
  counters["ratio_to_loop"] =
      (events / fastest) / (double(byHand.events) / fastestLoop);
  counters["tight_events_per_core_s"] = double(byTight.events) / fastestTight;
  counters["ratio_to_tight"] =
      (events / fastest) / (double(byTight.events) / fastestTight);
  counters["ms_per_step"] = 1e3 * fastest / 100;
  counters["wall_ms_per_step"] = 1e3 * fastestWall / 100;
}

} // namespace

void registerW3() {
  for (const Size &size : sizes)
    benchmark::RegisterBenchmark(
        size.name, [&size](benchmark::State &state) { run(state, size); })
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Iterations(5)
        ->Unit(benchmark::kMillisecond);
}

} // namespace hillock::bench
