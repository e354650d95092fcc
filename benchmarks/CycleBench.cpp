//===- benchmarks/CycleBench.cpp - Cycle mode a core-second ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The workloads of the other benchmarks with time and energy, as `hillock run
// --timing cycle` does it: all parameter sets of the target, and at the end the
// report. And the network alone, with made-up traffic.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Benchmarks.h"
#include "benchmarks/Measure.h"
#include "benchmarks/Prepared.h"
#include "benchmarks/W3.h"
#include "emulator/engine/CycleEngine.h"
#include "emulator/jit/Jit.h"
#include "emulator/noc/Traffic.h"
#include "emulator/stream/StreamEmulator.h"
#include "image/ImageFile.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <limits>

namespace hillock::bench {

namespace {

/// A whole run from the initial state, and its report.
struct Run {
  emu::CycleReport report;
  uint64_t spikes = 0;
};

Expected<Run> runOnce(emu::CycleEngine &engine, const Prepared &prepared) {
  Run run;
  for (const std::vector<emu::HostSpike> &input : prepared.input) {
    if (Error error = engine.send(input))
      return std::move(error);
    engine.step();
    run.spikes += countSpikes(prepared, engine.spikes());
  }
  Expected<emu::CycleReport> report = engine.report();
  if (!report)
    return report.takeError();
  run.report = std::move(*report);
  return std::move(run);
}

struct Case {
  const char *name;
  const Prepared &(*prepared)();
  /// The emulator reads the image core by core, as that of step/W3 does.
  bool streamed = false;
};

Expected<std::unique_ptr<emu::Emulator>>
createStreamed(const Prepared &prepared, const emu::Options &options) {
  const TemporaryFile file;
  if (Error error = image::writeImage(prepared.image->proto, file.path))
    return std::move(error);
  auto reader = image::ImageReader::open(file.path);
  if (!reader)
    return reader.takeError();
  return emu::createStreamed(std::move(*reader), options);
}

Expected<std::unique_ptr<emu::CycleEngine>>
createEngine(const Prepared &prepared, bool streamed,
             emu::NetworkModel network) {
  if (!prepared.problem.empty())
    return makeError(ErrorKind::Internal, prepared.problem);
  emu::Options options;
  options.codegen = emu::createJit();
  auto emulator = streamed ? createStreamed(prepared, options)
                           : emu::Emulator::create(prepared.image, options);
  if (!emulator)
    return emulator.takeError();
  emu::CycleOptions cycle;
  cycle.clock.network = network;
  return emu::CycleEngine::create(prepared.image, std::move(*emulator),
                                  options.threads, cycle);
}

void count(const Run &run, benchmark::State &state) {
  auto &counters = state.counters;
  const emu::EventCounts total = run.report.total();
  counters["steps"] = double(run.report.steps);
  counters["sets"] = double(run.report.sets.size());
  counters["events"] = double(total.synapticEvents());
  counters["updates"] = double(total.updates());
  counters["packets"] = double(total.messages);
  counters["chip_seconds_low"] = 1e-12 * double(run.report.timePs().low);
  counters["chip_seconds_high"] = 1e-12 * double(run.report.timePs().high);
  counters["joules_low"] = 1e-15 * double(run.report.energyFj().low);
  const uint64_t hops =
      total.hopsX + total.hopsY + total.hopsChipX + total.hopsChipY;
  counters["hops_per_packet"] = double(hops) / double(total.messages);
  counters["joules_high"] = 1e-15 * double(run.report.energyFj().high);
}

/// Rates of the fastest iteration.
void rates(double cpu, double wall, benchmark::State &state) {
  auto &counters = state.counters;
  for (const char *what : {"events", "updates", "packets"})
    counters[std::string(what) + "_per_core_s"] = counters[what] / cpu;
  counters["seconds"] = cpu;
  counters["wall_seconds"] = wall;
}

void cycle(benchmark::State &state, const Case &one,
           emu::NetworkModel network) {
  const Prepared &prepared = one.prepared();
  auto engine = createEngine(prepared, one.streamed, network);
  if (!engine) {
    state.SkipWithError(takeText(engine.takeError()).c_str());
    return;
  }
  double fastest = std::numeric_limits<double>::max(), fastestWall = fastest;
  for (auto _ : state) {
    const double startWall = wallSeconds(), start = cpuSeconds();
    Expected<Run> run = runOnce(**engine, prepared);
    fastest = std::min(fastest, cpuSeconds() - start);
    fastestWall = std::min(fastestWall, wallSeconds() - startWall);
    state.PauseTiming();
    if (!run) {
      state.SkipWithError(takeText(run.takeError()).c_str());
      return;
    }
    if (run->spikes != prepared.expectedSpikes) {
      state.SkipWithError((std::to_string(run->spikes) + " spikes, expected " +
                           std::to_string(prepared.expectedSpikes))
                              .c_str());
      return;
    }
    count(*run, state);
    state.counters["cores"] = double(prepared.image->cores.size());
    (*engine)->reset();
    state.ResumeTiming();
  }
  rates(fastest, fastestWall, state);
  // Each set's times have a network of their own, through which all go.
  auto &counters = state.counters;
  if (network == emu::NetworkModel::Flit)
    counters["network_packets_per_core_s"] =
        counters["packets_per_core_s"] * counters["sets"];
}

const Prepared &preparedW1() {
  static const Prepared prepared = prepare(makeW1());
  return prepared;
}

const Prepared &preparedW2() {
  static const Prepared prepared = prepare(makeW2());
  return prepared;
}

/// As step/W3 has it, but with all tables in memory, which the clock reads.
template <uint32_t Neurons> const Prepared &preparedW3() {
  static const Prepared prepared = [] {
    Workload workload = makeW3(Neurons, std::make_shared<W3Rows>(Neurons));
    workload.expectedSpikes =
        Neurons == w3Neurons ? w3Spikes : LoopW3(Neurons).run().spikes;
    mapping::MapOptions options;
    options.neuronsPerCore = 1024;
    return prepare(workload, options);
  }();
  return prepared;
}

/// The network alone: random packets, offered as fast as they are taken, from
/// each node of 8 x 8 to any other.
void saturatedMesh(benchmark::State &state) {
  emu::MeshConfig config;
  config.width = config.height = 8;
  emu::TrafficOptions options;
  options.packetsPerNode = 4000;
  const emu::Traffic traffic = emu::makeTraffic(config, options);
  auto mesh = emu::Mesh::create(config);
  if (!mesh) {
    state.SkipWithError(takeText(mesh.takeError()).c_str());
    return;
  }
  double fastest = std::numeric_limits<double>::max(), fastestWall = fastest;
  emu::MeshResult result;
  for (auto _ : state) {
    const double startWall = wallSeconds(), start = cpuSeconds();
    if (Error error = (*mesh)->run(traffic.work(), result)) {
      state.SkipWithError(takeText(std::move(error)).c_str());
      return;
    }
    fastest = std::min(fastest, cpuSeconds() - start);
    fastestWall = std::min(fastestWall, wallSeconds() - startWall);
  }
  auto &counters = state.counters;
  counters["packets"] = double(result.delivered);
  counters["packets_per_core_s"] = double(result.delivered) / fastest;
  uint64_t hops = 0;
  for (const uint64_t flits : result.linkFlits)
    hops += flits;
  counters["hops_per_core_s"] = double(hops) / fastest;
  counters["cycles_per_core_s"] = double(result.cycles) / fastest;
  counters["seconds"] = fastest;
  counters["wall_seconds"] = fastestWall;
}

constexpr Case cases[] = {{"cycle/W1", preparedW1},
                          {"cycle/W2", preparedW2},
                          {"cycle/W3/8", preparedW3<w3Neurons / 8>, true},
                          {"cycle/W3", preparedW3<w3Neurons>, true}};

void finish(benchmark::internal::Benchmark *bench, int iterations) {
  bench->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Iterations(iterations)
      ->Unit(benchmark::kMillisecond);
}

} // namespace

void registerCycle() {
  using benchmark::RegisterBenchmark;
  for (const Case &one : cases)
    for (const auto &[name, network] :
         {std::pair("/bound", emu::NetworkModel::Bound),
          std::pair("/flit", emu::NetworkModel::Flit)})
      finish(RegisterBenchmark((std::string(one.name) + name).c_str(),
                               [&one, network](benchmark::State &state) {
                                 cycle(state, one, network);
                               }),
             network == emu::NetworkModel::Flit ? 2 : 5);
  finish(RegisterBenchmark("cycle/mesh8x8", saturatedMesh), 5);
}

} // namespace hillock::bench
