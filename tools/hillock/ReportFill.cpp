//===- tools/hillock/ReportFill.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/ReportFill.h"
#include "base/Describe.h"
#include "tools/hillock/CrossbarModel.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <cmath>

namespace hillock::tool {

double weightError(const std::vector<runtime::LayerRow> &layers) {
  double sum = 0, synapses = 0;
  for (const runtime::LayerRow &row : layers) {
    const auto count = static_cast<double>(row.synapses);
    sum += count * row.weightError * row.weightError;
    synapses += count;
  }
  return synapses > 0 ? std::sqrt(sum / synapses) : 0;
}

runtime::ReportData reportOf(const Model &model) {
  runtime::ReportData data;
  data.title = llvm::sys::path::stem(model.path).str();
  data.conventions = model.conventions;
  data.remarks = model.remarks;
  data.producer = "Hillock " HILLOCK_VERSION;
  if (const auto image = model.image()) {
    data.target = image->target.name();
    data.layers = runtime::layersOf(*image);
    data.chip = runtime::planOf(*image);
    if (!image->proto.producer().empty())
      data.producer = image->proto.producer();
  } else if (const auto crossbar = model.crossbarImage()) {
    data.target = crossbar->target.name();
    data.layers = crossbarLayers(crossbar->proto);
  }
  return data;
}

namespace {

/// The threshold of a compartment in the units of its voltage: the profile
/// holds a mantissa, which counts in units of 64 (nengo-loihi block.py).
std::optional<double> thresholdOf(const image::LoadedImage &image,
                                  const std::string &population,
                                  int64_t neuron) {
  for (const proto::Population &one : image.proto.debug().population()) {
    if (one.name() != population || one.is_input() ||
        neuron >= one.core_size() || neuron >= one.compartment_size())
      continue;
    const image::CoreTables &core =
        image.cores[one.core(static_cast<int>(neuron))];
    const uint32_t place = one.compartment(static_cast<int>(neuron));
    if (place >= core.thresholdOf.size() ||
        core.thresholdOf[place] >= core.thresholdProfiles.size())
      return std::nullopt;
    const image::FieldValues &profile =
        core.thresholdProfiles[core.thresholdOf[place]];
    const auto vth = profile.find("vth");
    if (vth == profile.end())
      return std::nullopt;
    return 64.0 * static_cast<double>(vth->second);
  }
  return std::nullopt;
}

/// The neuron of \p train that spikes most, the first on a tie.
int64_t busiest(const runtime::SpikeTrain &train) {
  const std::vector<int64_t> counts = train.counts();
  return counts.empty()
             ? 0
             : std::max_element(counts.begin(), counts.end()) - counts.begin();
}

runtime::MembraneTrace membrane(const LevelResult &result,
                                const ProbeTrace &probe, size_t index,
                                const image::LoadedImage *image) {
  runtime::MembraneTrace trace;
  const int64_t neuron = probe.neurons[index];
  trace.name = probe.population + "[" + std::to_string(neuron) + "]" +
               (probe.state.empty() ? "" : ":" + probe.state);
  for (const std::vector<double> &row : probe.values)
    trace.values.push_back(row[index]);
  // What is read out has a threshold that it never reaches.
  const runtime::SpikeTrain *train = result.population(probe.population);
  const bool spikes = train && !train->graded;
  if (image && probe.state == "v" && spikes)
    trace.threshold = thresholdOf(*image, probe.population, neuron);
  if (spikes)
    for (const runtime::Event &event : train->events)
      if (event.neuron == neuron)
        trace.spikeSteps.push_back(event.step);
  return trace;
}

} // namespace

Error addSample(runtime::ReportData &data, Model &model, const Stimuli &sample,
                const LevelOptions &options) {
  Expected<std::unique_ptr<Runner>> runner = model.runner(1);
  if (!runner)
    return runner.takeError();
  LevelOptions run = options;
  run.populations = true;
  Expected<LevelResult> result = (*runner)->run(sample, run);
  if (!result)
    return result.takeError();
  if (run.probes.empty()) {
    // The busiest neuron of the last populations shows what is going on.
    constexpr size_t most = 3;
    constexpr int64_t mostReadouts = 4;
    for (size_t i = result->populations.size(); i > 0; --i) {
      const runtime::SpikeTrain &train = result->populations[i - 1];
      if (train.events.empty() || run.probes.size() == most)
        continue;
      const int64_t neuron = train.graded ? 0 : busiest(train);
      // The name may be that of an input, which has no state. What an output
      // reads is shown for more than one neuron.
      ProbeRequest request{train.name, train.name, "", neuron, neuron};
      if (train.graded)
        request.last = std::min<int64_t>(train.neurons(), mostReadouts) - 1;
      LevelOptions trial = options;
      trial.steps = 1;
      trial.probes = {request};
      if (Expected<LevelResult> one = (*runner)->run(sample, trial))
        run.probes.push_back(request);
      else
        llvm::consumeError(one.takeError());
    }
    std::reverse(run.probes.begin(), run.probes.end());
    if (!run.probes.empty()) {
      result = (*runner)->run(sample, run);
      if (!result)
        return result.takeError();
    }
  }
  data.rasterSteps = result->steps;
  for (const auto &[name, stimulus] : sample) {
    runtime::SpikeTrain train{name, stimulus.shape, result->steps, {}};
    train.events = stimulus.events;
    data.raster.push_back(std::move(train));
  }
  for (runtime::SpikeTrain &train : result->populations)
    if (!sample.count(train.name) && !train.graded)
      data.raster.push_back(train);
  const auto image = model.image();
  for (const ProbeTrace &probe : result->probes)
    for (size_t i = 0; i < probe.neurons.size() && i < 12; ++i)
      data.membranes.push_back(membrane(*result, probe, i, image.get()));
  return Error::success();
}

void addCycles(runtime::ReportData &data,
               const std::optional<emu::CycleReport> &timeLine,
               const std::optional<emu::CycleReport> &cycles) {
  if (!cycles)
    return;
  data.timeLine = timeLine;
  data.cycles = cycles;
  std::string sets;
  for (const emu::SetReport &set : cycles->sets)
    sets += (sets.empty() ? "" : ", ") + set.name();
  const char *each = cycles->runs > 1 ? " a sample" : "";
  auto mean = [&](emu::Interval all) {
    return emu::Interval{all.low / cycles->runs, all.high / cycles->runs};
  };
  data.tiles.push_back({std::string("time") + each,
                        emu::timeRange(mean(cycles->timePs())), sets});
  data.tiles.push_back({std::string("energy") + each,
                        emu::energyRange(mean(cycles->energyFj())), sets});
}

void addCost(runtime::ReportData &data,
             const std::optional<CrossbarCostSum> &cost, size_t samples) {
  if (!cost)
    return;
  const auto count = static_cast<double>(std::max<size_t>(samples, 1));
  const auto mean = [&](uint64_t sum) {
    return withSeparators(
        static_cast<uint64_t>(std::llround(static_cast<double>(sum) / count)));
  };
  const std::string each = samples > 1 ? " a sample" : "";
  data.tiles.push_back({"cycles" + each, mean(cost->cycles),
                        mean(cost->clearCycles) + " more clear the chip"});
  data.tiles.push_back({"time" + each,
                        fixed(cost->milliseconds / count, 3) + " ms",
                        "at " + plain(cost->megahertz) + " MHz"});
  data.tiles.push_back({"energy" + each,
                        fixed(cost->nanojoules / count, 1) + " nJ",
                        cost->sameChip ? "power model of ODIN's paper, 0.55 V"
                                       : "ODIN's power model, 0.55 V"});
  data.tiles.push_back(
      {"synaptic operations", mean(cost->sops), samples > 1 ? "a sample" : ""});
}

} // namespace hillock::tool
