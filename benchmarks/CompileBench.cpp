//===- benchmarks/CompileBench.cpp - From a file to an image --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Import alone and the whole way to the bytes of an image, in process: what
// `hillock compile` does without starting a program and writing a file.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Benchmarks.h"
#include "benchmarks/DenseModel.h"
#include "benchmarks/Measure.h"
#include "compiler/frontend/nir/Writer.h"
#include "compiler/pipeline/Pipeline.h"
#include "image/ImageFile.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <unistd.h>

namespace hillock::bench {

namespace {

struct Case {
  const char *name;
  /// The path of the model; "" and a reason when there is none.
  std::function<std::string(std::string &reason)> file;
  const char *target;
  std::function<void(pipeline::Options &)> adjust;
};

std::string dataFile(const std::string &name, std::string &reason) {
  const char *folder = std::getenv("HILLOCK_DATA");
  if (!folder) {
    reason = "HILLOCK_DATA is not set";
    return "";
  }
  std::string path = std::string(folder) + "/" + name;
  if (!std::filesystem::exists(path)) {
    reason = "there is no " + path;
    return "";
  }
  return path;
}

/// A file that lives as long as the program.
class DenseFile {
public:
  DenseFile() {
    path = (std::filesystem::temp_directory_path() /
            ("hillock-bench-" + std::to_string(getpid()) + ".nir"))
               .string();
    if (Error error = nir::writeFile(path, denseGraph(1024, 1024)))
      problem = takeText(std::move(error));
  }
  ~DenseFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  std::string path, problem;
};

const std::vector<Case> &cases() {
  static const std::vector<Case> list = {
      {"braille",
       [](std::string &reason) {
         return dataFile("nir/03_rnn/braille_noDelay_bias_zero.nir", reason);
       },
       "loihi", [](pipeline::Options &) {}},
      {"scnn",
       [](std::string &reason) {
         return dataFile("nir/02_cnn/cnn_sinabs.nir", reason);
       },
       "loihi", [](pipeline::Options &) {}},
      {"dense1M",
       [](std::string &reason) {
         static const DenseFile file;
         reason = file.problem;
         return file.problem.empty() ? file.path : std::string();
       },
       "manycore",
       [](pipeline::Options &options) {
         options.frontend.dt = 1e-3;
         options.frontend.integrator = "euler";
       }}};
  return list;
}

/// Measures seconds and memory of \p work, which leaves the number of synapses.
template <typename Work> void measure(benchmark::State &state, Work work) {
  double fastest = std::numeric_limits<double>::max();
  uint64_t synapses = 0, growth = 0;
  for (auto _ : state) {
    state.PauseTiming();
    bool peak = resetPeak();
    uint64_t before = residentBytes();
    state.ResumeTiming();
    double start = cpuSeconds();
    Expected<uint64_t> result = work();
    fastest = std::min(fastest, cpuSeconds() - start);
    state.PauseTiming();
    if (!result) {
      state.SkipWithError(takeText(result.takeError()).c_str());
      return;
    }
    synapses = *result;
    if (peak)
      growth = std::max(growth, peakBytes() - std::min(before, peakBytes()));
    state.ResumeTiming();
  }
  state.counters["seconds"] = fastest;
  state.counters["peak_bytes"] = double(growth);
  if (synapses > 0) {
    state.counters["synapses"] = double(synapses);
    state.counters["peak_bytes_per_synapse"] =
        double(growth) / double(synapses);
  }
}

pipeline::Options optionsOf(const Case &what) {
  pipeline::Options options;
  options.target = what.target;
  what.adjust(options);
  return options;
}

void import(benchmark::State &state, const Case &what) {
  std::string reason, path = what.file(reason);
  if (path.empty()) {
    state.SkipWithError(("skipped: " + reason).c_str());
    return;
  }
  pipeline::Options options = optionsOf(what);
  options.to = pipeline::Phase::Snn;
  measure(state, [&]() -> Expected<uint64_t> {
    auto done = pipeline::Compilation::run(path, options);
    if (!done)
      return done.takeError();
    return 0;
  });
}

void compile(benchmark::State &state, const Case &what) {
  std::string reason, path = what.file(reason);
  if (path.empty()) {
    state.SkipWithError(("skipped: " + reason).c_str());
    return;
  }
  pipeline::Options options = optionsOf(what);
  uint64_t bytes = 0;
  measure(state, [&]() -> Expected<uint64_t> {
    auto done = pipeline::Compilation::run(path, options);
    if (!done)
      return done.takeError();
    bytes = image::serialize((*done)->image()).size();
    uint64_t synapses = 0;
    for (const proto::Population &p : (*done)->image().debug().population())
      synapses += p.synapses();
    return synapses;
  });
  state.counters["image_bytes"] = double(bytes);
}

} // namespace

void registerCompile() {
  for (const Case &what : cases()) {
    auto add = [&](const char *verb,
                   void (*run)(benchmark::State &, const Case &)) {
      benchmark::RegisterBenchmark(
          (std::string(verb) + "/" + what.name).c_str(),
          [run, &what](benchmark::State &state) { run(state, what); })
          ->MeasureProcessCPUTime()
          ->UseRealTime()
          ->Iterations(3)
          ->Unit(benchmark::kMillisecond);
    };
    add("import", import);
    add("compile", compile);
  }
}

} // namespace hillock::bench
