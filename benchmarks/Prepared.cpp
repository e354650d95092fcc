//===- benchmarks/Prepared.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "benchmarks/Prepared.h"
#include "compiler/mapping/solver/Assemble.h"
#include "image/ImageFile.h"
#include <filesystem>
#include <unistd.h>

namespace hillock::bench {

static Expected<image::LoadedImage>
throughTheFile(const Workload &workload, const mapping::MapOptions &options,
               Prepared &prepared) {
  Expected<target::TargetModel> target = target::findTarget("manycore");
  if (!target)
    return target.takeError();
  Expected<mapping::Mapping> mapped =
      mapping::map(workload.network, *target, options);
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

Prepared prepare(const Workload &workload, const mapping::MapOptions &options) {
  Prepared result;
  Expected<image::LoadedImage> image =
      throughTheFile(workload, options, result);
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

TemporaryFile::TemporaryFile()
    : path((std::filesystem::temp_directory_path() /
            ("hillock-bench-" + std::to_string(getpid()) + ".hlk"))
               .string()) {}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

uint64_t countSpikes(const Prepared &prepared,
                     std::span<const emu::Spike> spikes) {
  uint64_t counted = 0;
  for (const emu::Spike &spike : spikes)
    counted += prepared.counted[spike.core][spike.compartment];
  return counted;
}

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

} // namespace hillock::bench
