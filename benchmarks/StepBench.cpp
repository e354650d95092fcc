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
#include "benchmarks/Workloads.h"
#include "compiler/mapping/solver/Assemble.h"
#include "compiler/mapping/solver/Map.h"
#include "emulator/core/Emulator.h"
#include "emulator/jit/Jit.h"
#include "image/ImageFile.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <limits>

namespace hillock::bench {

namespace {

/// A workload that is ready to run.
struct Prepared {
  std::string problem; ///< why it is not
  std::shared_ptr<const image::LoadedImage> image;
  std::vector<std::vector<emu::HostSpike>> input;
  /// Compartments whose spikes count, by core.
  std::vector<std::vector<bool>> counted;
  uint64_t neurons = 0, expectedSpikes = 0, synapses = 0, imageBytes = 0;
  int64_t steps = 0;
};

Expected<image::LoadedImage> throughTheFile(const Workload &workload,
                                            Prepared &prepared) {
  Expected<target::TargetModel> target = target::findTarget("manycore");
  if (!target)
    return target.takeError();
  Expected<mapping::Mapping> mapped = mapping::map(workload.network, *target);
  if (!mapped)
    return mapped.takeError();
  Expected<proto::Image> image =
      mapping::assemble(workload.network, *mapped, *target, workload.programs);
  if (!image)
    return image.takeError();
  std::string bytes = image::serialize(*image);
  prepared.imageBytes = bytes.size();
  Expected<proto::Image> parsed =
      image::parseImage(bytes, workload.network.name);
  if (!parsed)
    return parsed.takeError();
  return image::load(std::move(*parsed), workload.network.name);
}

Prepared prepare(const Workload &workload) {
  Prepared result;
  Expected<image::LoadedImage> image = throughTheFile(workload, result);
  if (!image) {
    result.problem = takeText(image.takeError());
    return result;
  }
  result.image = std::make_shared<image::LoadedImage>(std::move(*image));
  result.neurons = workload.neurons;
  result.expectedSpikes = workload.expectedSpikes;
  result.steps = workload.steps;
  for (const image::CoreTables &core : result.image->cores) {
    result.synapses += core.rows.synapses();
    result.counted.emplace_back(core.compartments);
  }
  const proto::Io &io = result.image->proto.io();
  for (const proto::Port &port : io.output())
    for (int n = 0; n < port.core_size(); ++n)
      result.counted[port.core(n)][port.index(n)] = true;
  result.input.resize(size_t(workload.steps));
  for (size_t t = 0; t < workload.input.size(); ++t)
    for (uint32_t neuron : workload.input[t]) {
      const proto::Port &port = io.input(0);
      for (uint32_t at = port.first(int(neuron));
           at < port.first(int(neuron) + 1); ++at)
        result.input[t].push_back(
            {port.core(int(at)), port.index(int(at)), port.atom(int(at)), 1});
    }
  return result;
}

/// Sums of all cores.
emu::CoreCounters totals(const emu::Emulator &emulator, size_t cores) {
  emu::CoreCounters sum;
  for (uint32_t c = 0; c < cores; ++c) {
    const emu::CoreCounters &core = emulator.counters(c);
    sum.axonsIn += core.axonsIn;
    sum.synapticEvents += core.synapticEvents;
    sum.updates += core.updates;
    sum.spikes += core.spikes;
    sum.axonsOut += core.axonsOut;
  }
  return sum;
}

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
    for (const emu::Spike &spike : spikes)
      counted += prepared.counted[spike.core][spike.compartment];
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
