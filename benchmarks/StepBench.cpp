//===- benchmarks/StepBench.cpp - Synaptic events a core-second -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// W1 and W2 through the front door: mapped, assembled, written, read, loaded,
// run. An iteration is a whole run of 1000 steps from the initial state, and
// beside it a run of the loop written by hand. The counters are of the fastest
// iteration: what disturbs a run on a shared machine only ever adds time.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Benchmarks.h"
#include "benchmarks/Measure.h"
#include "benchmarks/Prepared.h"
#include "emulator/jit/Jit.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <limits>

namespace hillock::bench {

namespace {

Expected<uint64_t> runOnce(emu::Emulator &emulator, const Prepared &prepared) {
  // As a session does it: so many steps at once, then a look at their spikes.
  constexpr size_t stepsAtOnce = 100;
  uint64_t counted = 0;
  std::span<const std::vector<emu::HostSpike>> left = prepared.input;
  std::vector<emu::Spike> spikes;
  while (!left.empty()) {
    size_t steps = std::min(stepsAtOnce, left.size());
    spikes.clear();
    if (Error error = emulator.run(left.first(steps), spikes))
      return std::move(error);
    counted += countSpikes(prepared, spikes);
    left = left.subspan(steps);
  }
  return counted;
}

template <typename Loop>
void step(benchmark::State &state, const Prepared &prepared, Loop &loop) {
  if (!prepared.problem.empty()) {
    state.SkipWithError(prepared.problem.c_str());
    return;
  }
  emu::Options options;
  options.threads = unsigned(state.range(0));
  options.codegen = emu::createJit();
  resetPeak(); // so that reused memory is counted as well
  uint64_t before = residentBytes();
  auto emulator = emu::Emulator::create(prepared.image, options);
  if (!emulator) {
    state.SkipWithError(takeText(emulator.takeError()).c_str());
    return;
  }
  double fastest = std::numeric_limits<double>::max(), fastestLoop = fastest,
         fastestTight = fastest, fastestWall = fastest;
  LoopResult byHand;
  // Loading and making machine code are not part of a run.
  if (auto warm = runOnce(**emulator, prepared); !warm) {
    state.SkipWithError(takeText(warm.takeError()).c_str());
    return;
  }
  (*emulator)->reset();
  for (auto _ : state) {
    const double startWall = wallSeconds();
    double start = cpuSeconds();
    Expected<uint64_t> spikes = runOnce(**emulator, prepared);
    fastest = std::min(fastest, cpuSeconds() - start);
    fastestWall = std::min(fastestWall, wallSeconds() - startWall);
    state.PauseTiming();
    if (!spikes) {
      state.SkipWithError(takeText(spikes.takeError()).c_str());
      return;
    }
    start = cpuSeconds();
    byHand = loop.run();
    fastestLoop = std::min(fastestLoop, cpuSeconds() - start);
    start = cpuSeconds();
    LoopResult tight = loop.runTight();
    fastestTight = std::min(fastestTight, cpuSeconds() - start);
    const uint64_t expected =
        prepared.expectedSpikes ? prepared.expectedSpikes : byHand.spikes;
    if (*spikes != expected || byHand.spikes != expected ||
        tight.spikes != expected) {
      std::string message = std::to_string(*spikes) +
                            " spikes, the loops have " +
                            std::to_string(byHand.spikes) + " and " +
                            std::to_string(tight.spikes) + ", expected " +
                            std::to_string(expected);
      state.SkipWithError(message.c_str());
      return;
    }
    resetPeak();
    state.counters["emulator_bytes"] = double(residentBytes() - before);
    emu::CoreCounters sum = totals(**emulator, prepared.image->cores.size());
    state.counters["events"] = double(sum.synapticEvents);
    state.counters["packets"] = double(sum.axonsIn);
    state.counters["updates"] = double(sum.updates);
    (*emulator)->reset();
    state.ResumeTiming();
  }
  auto &counters = state.counters;
  double events = counters["events"];
  counters["events_per_core_s"] = events / fastest;
  counters["updates_per_core_s"] = counters["updates"] / fastest;
  counters["packets_per_core_s"] = counters["packets"] / fastest;
  counters["loop_events_per_core_s"] = double(byHand.events) / fastestLoop;
  counters["ratio_to_loop"] =
      (events / fastest) / (double(byHand.events) / fastestLoop);
  counters["tight_events_per_core_s"] = double(byHand.events) / fastestTight;
  counters["ratio_to_tight"] =
      (events / fastest) / (double(byHand.events) / fastestTight);
  counters["ms_per_step"] = 1e3 * fastest / double(prepared.steps);
  counters["wall_ms_per_step"] = 1e3 * fastestWall / double(prepared.steps);
  counters["cores"] = double(prepared.image->cores.size());
  counters["bytes_per_synapse"] =
      counters["emulator_bytes"] / double(prepared.synapses);
  counters["image_bytes_per_synapse"] =
      double(prepared.imageBytes) / double(prepared.synapses);
}

void stepW1(benchmark::State &state) {
  static const Prepared prepared = prepare(makeW1());
  static LoopW1 loop;
  step(state, prepared, loop);
}

void stepW1Narrow(benchmark::State &state) {
  static const Prepared prepared = prepare(makeW1Narrow());
  static LoopW1 loop(w1Narrow);
  step(state, prepared, loop);
}

void stepW2(benchmark::State &state) {
  static const Prepared prepared = prepare(makeW2());
  static LoopW2 loop;
  step(state, prepared, loop);
}

} // namespace

void registerStep() {
  using benchmark::RegisterBenchmark;
  for (auto *bench : {RegisterBenchmark("step/W1", stepW1),
                      RegisterBenchmark("step/W1/4bit", stepW1Narrow),
                      RegisterBenchmark("step/W2", stepW2)})
    bench->ArgName("threads")
        ->Arg(1)
        ->Arg(2)
        ->MeasureProcessCPUTime()
        ->UseRealTime()
        ->Iterations(5)
        ->Unit(benchmark::kMillisecond);
}

} // namespace hillock::bench
