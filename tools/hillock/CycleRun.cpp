//===- tools/hillock/CycleRun.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/CycleRun.h"
#include "emulator/engine/CycleEngine.h"

namespace hillock::tool {

namespace {

/// As a session feeds the chip: one message an axon and unit of the value.
Error feed(const proto::Io &io, const Stimuli &stimuli, int64_t step,
           emu::Emulator &emulator) {
  std::vector<emu::HostSpike> spikes;
  for (const proto::Port &port : io.input()) {
    auto found = stimuli.find(port.name());
    if (found == stimuli.end() && io.input_size() == 1)
      found = stimuli.find("");
    if (found == stimuli.end())
      continue;
    for (const runtime::Event &event : found->second.eventsAt(step))
      for (uint32_t i = port.first(static_cast<int>(event.neuron));
           i < port.first(static_cast<int>(event.neuron) + 1); ++i) {
        const int at = static_cast<int>(i);
        const uint32_t atom = at < port.atom_size() ? port.atom(at) : 0;
        spikes.insert(spikes.end(), static_cast<size_t>(event.value),
                      {port.core(at), port.index(at), atom, 1});
      }
  }
  return emulator.send(spikes);
}

/// The clock must not change what the chip does.
Error compare(const emu::Emulator &emulator, const LevelResult &result) {
  for (uint32_t core = 0; core < result.cores.size(); ++core) {
    const emu::CoreCounters &now = emulator.counters(core);
    const emu::CoreCounters &then = result.cores[core];
    if (now.spikes != then.spikes || now.axonsIn != then.axonsIn ||
        now.synapticEvents != then.synapticEvents)
      return makeError(ErrorKind::Internal,
                       "a run with a clock has " + std::to_string(now.spikes) +
                           " spikes, one without " +
                           std::to_string(then.spikes),
                       "core " + std::to_string(core));
  }
  return Error::success();
}

Json toJson(const emu::Energy &energy) {
  return {{"neurons", energy.update},    {"axon_out", energy.axonOut},
          {"network", energy.network},   {"axon_in", energy.axonIn},
          {"synapses", energy.synapses}, {"barriers", energy.barrier},
          {"total", energy.total()}};
}

Json toJson(const emu::SetReport &set, const emu::CycleReport &report) {
  Json layers = Json::array(), steps = Json::array();
  uint64_t high = 0;
  for (size_t l = 0; l < set.layers.size(); ++l)
    if (set.layers[l].total() != 0)
      layers.push_back(
          {{"name", report.layers[l]}, {"energy_fj", toJson(set.layers[l])}});
  for (const emu::StepTime &step : set.steps) {
    steps.push_back(step.totalPs());
    high += step.workPs + step.barrierHighPs;
  }
  return {{"name", set.name},
          {"source", set.source},
          {"time_ps", set.totalPs()},
          {"time_without_barriers_ps", set.workPs()},
          {"time_with_longer_barriers_ps", high},
          {"step_ps", std::move(steps)},
          {"energy_fj", toJson(set.energy)},
          {"layers", std::move(layers)},
          {"assumed", set.notes}};
}

void show(const emu::CycleReport &report, Output &out) {
  Json sets = Json::array();
  for (const emu::SetReport &set : report.sets)
    sets.push_back(toJson(set, report));
  const emu::Interval time = report.timePs(), energy = report.energyFj();
  out.document["timing"] = {{"sets", std::move(sets)},
                            {"time_ps", {time.low, time.high}},
                            {"energy_fj", {energy.low, energy.high}}};
  for (const auto &[name, text] : emu::describe(report))
    out.item(name, text);
}

} // namespace

Error addCycles(const std::shared_ptr<const image::LoadedImage> &image,
                const Stimuli &stimuli, const LevelResult &result,
                const std::vector<std::string> &parameters, unsigned threads,
                Output &out) {
  emu::Options options;
  options.threads = threads;
  emu::CycleOptions cycle;
  cycle.parameters = parameters;
  Expected<std::unique_ptr<emu::CycleEngine>> engine =
      emu::CycleEngine::create(image, options, cycle);
  if (!engine)
    return engine.takeError();
  for (int64_t step = 0; step < result.chipSteps; ++step) {
    (*engine)->step();
    if (step < result.steps)
      if (Error error = feed(image->proto.io(), stimuli, step, **engine))
        return error;
  }
  if (Error error = compare(**engine, result))
    return error;
  Expected<emu::CycleReport> report = (*engine)->report();
  if (!report)
    return report.takeError();
  show(*report, out);
  return Error::success();
}

} // namespace hillock::tool
