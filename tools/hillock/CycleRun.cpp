//===- tools/hillock/CycleRun.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/CycleRun.h"
#include "base/Describe.h"
#include "emulator/engine/Advice.h"
#include "emulator/jit/Jit.h"
#include <algorithm>

namespace hillock::tool {

void TimingOptions::declare(CLI::App *verb) {
  verb->add_option("--timing", timing,
                   "step: spikes without a clock; cycle: time and energy, too")
      ->check(CLI::IsMember({"step", "cycle"}))
      ->capture_default_str();
  verb->add_option("--parameters", parameters,
                   "Sets of times and energies: names (davies2018, sanafe), "
                   "all, or FILE.textproto; all of the target's when none is "
                   "named")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  verb->add_option("--network", network,
                   "flit: messages through routers; bound: the busiest core "
                   "or channel alone, quicker")
      ->check(CLI::IsMember({"flit", "bound"}))
      ->capture_default_str();
}

Error TimingOptions::check(const Model &model) const {
  if (!cycle()) {
    if (parameters.empty() && network == "flit")
      return Error::success();
    return makeError(ErrorKind::Usage, "a run without a clock takes no times",
                     parameters.empty() ? "--network" : "--parameters",
                     "add --timing cycle");
  }
  if (model.image())
    return Error::success();
  if (model.crossbarImage())
    return makeError(ErrorKind::Usage,
                     "this chip is always run with its clock, and by one model "
                     "of its energy",
                     "--timing cycle",
                     "leave it out; cycles, time and energy are printed");
  return makeError(ErrorKind::Usage, "only a chip has a clock",
                   "--timing cycle", "give an image, or --level chip");
}

emu::CycleOptions TimingOptions::cycleOptions() const {
  emu::CycleOptions options;
  options.parameters = parameters;
  if (network == "bound")
    options.clock.network = emu::NetworkModel::Bound;
  return options;
}

namespace {

Json toJson(const emu::Energy &energy) {
  return {{"neurons", energy.update},   {"spikes", energy.spike},
          {"axon_out", energy.axonOut}, {"network", energy.network},
          {"axon_in", energy.axonIn},   {"synapses", energy.synapses},
          {"barriers", energy.barrier}, {"leakage", energy.leakage},
          {"total", energy.total()}};
}

Json hotJson(const emu::SetReport &set) {
  constexpr size_t most = 8;
  Json list = Json::array();
  for (const uint32_t core : emu::hottestCores(set)) {
    if (list.size() == most)
      break;
    const emu::CoreWork &work = set.totals.cores[core];
    const emu::CoreHeat &heat = set.totals.heat[core];
    auto ps = [&](uint64_t cycles) { return cycles * set.cyclePs; };
    list.push_back({{"core", core},
                    {"bound_by", emu::stageName(emu::boundBy(work))},
                    {"busiest_steps", heat.busiestSteps},
                    {"axon_in_ps", ps(work.axonIn)},
                    {"synapses_ps", ps(work.synapses)},
                    {"neurons_ps", ps(work.updates)},
                    {"axon_out_ps", ps(work.axonOut)},
                    {"blocked_ps", ps(work.blocked)},
                    {"messages_in", work.messagesIn},
                    {"messages_out", work.messagesOut},
                    {"split_saves_ps", heat.splitSavesPs}});
  }
  return list;
}

Json moveJson(const emu::CycleReport &report, const emu::SetReport &set) {
  const auto move = emu::bestMove(report, set);
  if (!move)
    return nullptr;
  const uint32_t width = report.shape.width;
  auto tile = [&](uint32_t one) { return Json{one % width, one / width}; };
  Json json = {{"core", move->core},
               {"from_tile", tile(move->fromTile)},
               {"to_tile", tile(move->toTile)},
               {"saved_fj", move->savedFj},
               {"hops_fj", move->hopsFj}};
  if (move->with)
    json["change_places_with"] = *move->with;
  return json;
}

/// Of one run, or of the sum of runs (then without steps).
Json toJson(const emu::SetReport &set, const emu::CycleReport &report) {
  Json layers = Json::array(), steps = Json::array(), energy = Json::array();
  for (size_t l = 0; l < set.layers.size(); ++l)
    if (set.layers[l].total() != 0)
      layers.push_back(
          {{"name", report.layers[l]}, {"energy_fj", toJson(set.layers[l])}});
  for (size_t s = 0; s < set.steps.size(); ++s) {
    steps.push_back(set.steps[s].totalPs());
    energy.push_back(report.stepEnergyFj(set, s));
  }
  Json json = {{"name", set.name()},
               {"source", set.source()},
               {"time_ps", set.totalPs()},
               {"time_without_barriers_ps", set.workPs},
               {"time_with_longer_barriers_ps", set.highPs()},
               {"energy_fj", toJson(set.energy)},
               {"layers", std::move(layers)},
               {"hottest_cores", hotJson(set)},
               {"best_move", moveJson(report, set)},
               {"assumed", set.notes}};
  if (!set.steps.empty()) {
    json["step_ps"] = std::move(steps);
    json["step_fj"] = std::move(energy);
  }
  return json;
}

Json intervalJson(emu::Interval interval) {
  return {interval.low, interval.high};
}

} // namespace

void showCycles(const emu::CycleReport &report, Output &out) {
  Json sets = Json::array();
  for (const emu::SetReport &set : report.sets)
    sets.push_back(toJson(set, report));
  out.document["timing"] = {{"sets", std::move(sets)},
                            {"time_ps", intervalJson(report.timePs())},
                            {"energy_fj", intervalJson(report.energyFj())}};
  for (const auto &[name, text] : emu::describe(report))
    out.item(name, text);
}

void CycleSamples::attach(std::shared_ptr<const image::LoadedImage> image,
                          const TimingOptions &options, size_t count,
                          runtime::EvaluateOptions &to) {
  samples.resize(count);
  to.emulator = [image, cycle = options.cycleOptions(),
                 chip = std::move(to.emulator)]()
      -> Expected<std::unique_ptr<emu::Emulator>> {
    auto inner =
        chip ? chip() : emu::Emulator::create(image, emu::hostOptions(1));
    if (!inner)
      return inner.takeError();
    auto made = emu::CycleEngine::create(image, std::move(*inner), 1, cycle);
    if (!made)
      return made.takeError();
    return std::unique_ptr<emu::Emulator>(std::move(*made));
  };
  to.afterSample = [this](size_t index, emu::Emulator &emulator) {
    // It was made above.
    return take(index, static_cast<emu::CycleEngine &>(emulator));
  };
}

Error CycleSamples::take(size_t index, emu::CycleEngine &engine) {
  Expected<emu::CycleReport> report = engine.report();
  if (!report)
    return report.takeError();
  Sample &sample = samples[index];
  for (const emu::SetReport &set : report->sets) {
    sample.ps.push_back(set.totalPs());
    sample.highPs.push_back(set.highPs());
    sample.fj.push_back(set.energy.total());
  }
  // Integer sums: the order of the samples does not matter.
  std::lock_guard<std::mutex> lock(mutex);
  if (index == 0)
    firstReport = *report;
  if (sum)
    sum->add(*report);
  else
    sum = std::move(*report);
  return Error::success();
}

namespace {

/// The mean and the smallest value that 95 % of all do not exceed.
struct Spread {
  uint64_t mean = 0, p95 = 0;
};

Spread spreadOf(std::vector<uint64_t> values) {
  std::sort(values.begin(), values.end());
  uint64_t sum = 0;
  for (const uint64_t value : values)
    sum += value;
  return {sum / values.size(), values[(values.size() * 95 + 99) / 100 - 1]};
}

} // namespace

void CycleSamples::show(Output &out) const {
  Json sets = Json::array();
  std::vector<uint64_t> times, energies;
  for (size_t s = 0; s < sum->sets.size(); ++s) {
    const emu::SetReport &set = sum->sets[s];
    std::vector<uint64_t> ps, highPs, fj;
    for (const Sample &sample : samples) {
      ps.push_back(sample.ps[s]);
      highPs.push_back(sample.highPs[s]);
      fj.push_back(sample.fj[s]);
    }
    const Spread time = spreadOf(ps), high = spreadOf(highPs),
                 energy = spreadOf(fj);
    times.insert(times.end(), {time.mean, high.mean});
    energies.push_back(energy.mean);
    out.item(set.name() + " time", emu::withPrefix(time.mean, 12, "s") +
                                       " a sample, 95 % within " +
                                       emu::withPrefix(time.p95, 12, "s"));
    out.item(set.name() + " energy", emu::withPrefix(energy.mean, 15, "J") +
                                         " a sample, 95 % within " +
                                         emu::withPrefix(energy.p95, 15, "J"));
    Json json = toJson(set, *sum);
    json["sample_time_ps"] = {{"mean", time.mean}, {"p95", time.p95}};
    json["sample_time_with_longer_barriers_ps"] = {{"mean", high.mean},
                                                   {"p95", high.p95}};
    json["sample_energy_fj"] = {{"mean", energy.mean}, {"p95", energy.p95}};
    sets.push_back(std::move(json));
  }
  const emu::Interval time = emu::intervalOf(times),
                      energy = emu::intervalOf(energies);
  if (sum->sets.size() > 1) {
    out.item("all sets time", emu::timeRange(time) + " a sample");
    out.item("all sets energy", emu::energyRange(energy) + " a sample");
  }
  out.document["timing"] = {{"sets", std::move(sets)},
                            {"sample_time_ps", intervalJson(time)},
                            {"sample_energy_fj", intervalJson(energy)}};
}

Json CycleSamples::sampleJson(size_t index) const {
  Json json = Json::object();
  for (size_t s = 0; s < sum->sets.size(); ++s)
    json[sum->sets[s].name()] = {{"time_ps", samples[index].ps[s]},
                                 {"energy_fj", samples[index].fj[s]}};
  return json;
}

} // namespace hillock::tool
