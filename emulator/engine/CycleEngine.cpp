//===- emulator/engine/CycleEngine.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/CycleEngine.h"
#include "base/Parallel.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/engine/ClockCheckpoint.h"
#include <algorithm>
#include <map>

namespace hillock::emu {

namespace {

/// Steps that wait for their clocks, for each thread.
constexpr size_t stepsAhead = 8;

class Engine final : public CycleEngine {
public:
  Engine(std::shared_ptr<const image::LoadedImage> image,
         std::unique_ptr<Emulator> spikes, unsigned threads, CycleOptions cycle)
      : index(std::move(image)), cycle(std::move(cycle)),
        recorder(index, this->cycle.activity,
                 this->cycle.clock.network == NetworkModel::Flit),
        threads(std::max(threads, 1u)), emulator(std::move(spikes)) {}

  Error load();

  uint64_t now() const override { return emulator->now(); }
  Error send(std::span<const HostSpike> spikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override {
    return emulator->inject(core, compartment, port, value);
  }
  void step() override;
  std::span<const Spike> spikes() const override { return emulator->spikes(); }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override {
    return emulator->read(core, state);
  }
  const CoreCounters &counters(uint32_t core) const override {
    return emulator->counters(core);
  }
  void reset() override;
  Error save(proto::Checkpoint &to) const override;
  /// Without a clock's past in it, a report tells of the steps since then.
  Error restore(const proto::Checkpoint &from) override;
  Expected<CycleReport> report() override;

private:
  /// A parameter set with a clock for each thread.
  struct Set {
    CostTable costs;
    std::vector<std::unique_ptr<ChipClock>> clocks;
    std::vector<ClockTotals> totals; ///< by thread
    std::vector<StepTime> steps;
  };

  void timeWaiting();
  void forget();
  /// Names and lists of the right lengths.
  ClockPast emptyPast() const;
  void keep(Error error);
  SetReport reportOf(const Set &set) const;
  std::vector<CoreFlow> flows() const;

  ImageIndex index;
  CycleOptions cycle;
  StepRecorder recorder;
  unsigned threads;
  std::unique_ptr<Emulator> emulator;
  std::vector<Set> sets;
  std::vector<EventCounts> stepCounts;
  std::vector<HostSpike> host;     ///< for the next step
  std::vector<StepEvents> waiting; ///< the first \c filled are steps
  size_t filled = 0;
  std::string problem; ///< the first failure of a clock
  ErrorKind problemKind = ErrorKind::Internal;
};

Error Engine::load() {
  Expected<std::vector<CostTable>> tables =
      costTables(index.image().target, cycle.parameters);
  if (!tables)
    return tables.takeError();
  for (CostTable &costs : *tables) {
    Set &set = sets.emplace_back();
    set.totals.resize(threads);
    for (unsigned t = 0; t < threads; ++t) {
      Expected<std::unique_ptr<ChipClock>> clock =
          ChipClock::create(costs, index.shape(), cycle.clock);
      if (!clock)
        return clock.takeError();
      set.clocks.push_back(std::move(*clock));
    }
    set.costs = std::move(costs);
  }
  waiting.resize(threads == 1 ? 1 : threads * stepsAhead);
  return Error::success();
}

Error Engine::send(std::span<const HostSpike> spikes) {
  if (Error error = emulator->send(spikes))
    return error;
  host.insert(host.end(), spikes.begin(), spikes.end());
  return Error::success();
}

void Engine::keep(Error error) {
  ErrorKind kind = ErrorKind::Internal;
  std::string text = takeText(std::move(error), &kind);
  if (!problem.empty())
    return;
  problem = std::move(text);
  problemKind = kind;
}

void Engine::step() {
  emulator->step();
  if (!problem.empty())
    return;
  if (Error error = recorder.record(*emulator, host, waiting[filled]))
    keep(std::move(error));
  host.clear();
  stepCounts.push_back(recorder.last());
  if (++filled == waiting.size())
    timeWaiting();
}

/// Which thread times which step changes nothing: totals are sums, and the
/// times go to their steps' places.
void Engine::timeWaiting() {
  if (!problem.empty()) {
    filled = 0;
    return;
  }
  std::vector<std::string> failed(filled);
  const size_t before = sets.front().steps.size();
  for (Set &set : sets)
    set.steps.resize(before + filled);
  // By step, then set; only for those who want to see them.
  std::vector<ClockTotals> own(cycle.observe ? filled * sets.size() : 0);
  parallelChunks(0, static_cast<int64_t>(filled), threads,
                 [&](int64_t first, int64_t last, unsigned thread) {
                   for (auto s = static_cast<size_t>(first);
                        s < static_cast<size_t>(last); ++s)
                     for (size_t k = 0; k < sets.size(); ++k) {
                       Set &set = sets[k];
                       ClockTotals &totals = own.empty()
                                                 ? set.totals[thread]
                                                 : own[s * sets.size() + k];
                       Expected<StepTime> time =
                           set.clocks[thread]->run(waiting[s], totals);
                       if (time)
                         set.steps[before + s] = *time;
                       else
                         failed[s] = takeText(time.takeError());
                     }
                 });
  for (size_t i = 0; i < own.size(); ++i) {
    Set &set = sets[i % sets.size()];
    set.totals[0] += own[i];
    cycle.observe(i % sets.size(), set.steps[before + i / sets.size()], own[i]);
  }
  for (size_t s = 0; s < filled; ++s)
    if (!failed[s].empty())
      keep(makeError(ErrorKind::Internal, failed[s],
                     "step " + std::to_string(before + s + 1)));
  filled = 0;
}

ClockPast Engine::emptyPast() const {
  ClockPast past;
  for (const Set &set : sets) {
    ClockPast::Set &kept = past.sets.emplace_back();
    kept.name = set.costs.name;
    kept.totals.cores.resize(index.image().cores.size());
    kept.totals.heat.resize(index.image().cores.size());
    kept.totals.linkMessages.resize(
        size_t(set.clocks.front()->config().tiles()) * meshDirections);
  }
  past.layers.resize(recorder.counts().size());
  for (const std::vector<uint64_t> &core : recorder.fired())
    past.fired.emplace_back(core.size());
  return past;
}

Error Engine::save(proto::Checkpoint &to) const {
  // Timing what waits changes nothing that anybody can see.
  const_cast<Engine *>(this)->timeWaiting();
  if (!problem.empty())
    return makeError(problemKind, problem);
  if (Error error = emulator->save(to))
    return error;
  ClockPast past = emptyPast();
  for (size_t s = 0; s < sets.size(); ++s) {
    past.sets[s].steps = sets[s].steps;
    for (const ClockTotals &part : sets[s].totals)
      past.sets[s].totals += part;
  }
  past.layers = recorder.counts();
  past.steps = stepCounts;
  past.fired = recorder.fired();
  toProto(past, *to.mutable_clock());
  return Error::success();
}

Error Engine::restore(const proto::Checkpoint &from) {
  ClockPast past = emptyPast();
  if (from.has_clock())
    if (Error error = fromProto(from.clock(), past))
      return error;
  Expected<std::vector<HostSpike>> sent = fromProto(from.host());
  if (!sent)
    return sent.takeError();
  if (Error error = emulator->restore(from))
    return error;
  forget();
  host = std::move(*sent);
  for (size_t s = 0; s < sets.size(); ++s) {
    sets[s].steps = std::move(past.sets[s].steps);
    sets[s].totals[0] = std::move(past.sets[s].totals);
  }
  stepCounts = std::move(past.steps);
  recorder.restore(std::move(past.layers), std::move(past.fired));
  return Error::success();
}

void Engine::reset() {
  emulator->reset();
  forget();
}

void Engine::forget() {
  recorder.reset();
  host.clear();
  filled = 0;
  stepCounts.clear();
  problem.clear();
  for (Set &set : sets) {
    set.steps.clear();
    set.totals.assign(threads, {});
  }
}

SetReport Engine::reportOf(const Set &set) const {
  SetReport report;
  report.costs = set.costs;
  report.cyclePs = cycle.clock.cyclePs;
  report.steps = set.steps;
  for (const StepTime &step : set.steps) {
    report.workPs += step.workPs;
    report.barrierPs += step.barrierPs;
    report.barrierHighPs += step.barrierHighPs;
    report.lowerPs += step.lowerPs;
  }
  report.notes = set.clocks.front()->notes();
  report.totals.cores.resize(index.image().cores.size());
  report.totals.heat.resize(index.image().cores.size());
  report.totals.linkMessages.resize(
      size_t(set.clocks.front()->config().tiles()) * meshDirections);
  for (const ClockTotals &part : set.totals)
    report.totals += part;
  for (const EventCounts &counts : recorder.counts()) {
    report.layers.push_back(energyOf(counts, set.costs));
    report.energy += report.layers.back();
  }
  report.energy.barrier =
      barrierEnergy(set.costs, set.steps.size(), index.shape().tilesInUse,
                    report.totals.barrierHopsX, report.totals.barrierHopsY);
  report.energy.leakage =
      leakageEnergy(set.costs, report.totalPs(), index.shape().chipsInUse);
  return report;
}

/// All messages of a compartment leave with each of its spikes.
std::vector<CoreFlow> Engine::flows() const {
  std::vector<CoreFlow> list;
  const auto &cores = index.image().cores;
  for (uint32_t from = 0; from < cores.size(); ++from) {
    const image::CoreTables &tables = cores[from];
    const std::span<const ImageIndex::Slot> slots = index.slots(from);
    std::vector<uint64_t> messages(cores.size(), 0);
    for (uint32_t c = 0; c < tables.compartments; ++c)
      if (const uint64_t spikes = recorder.fired()[from][c])
        for (uint32_t slot = tables.outFirst[c]; slot < tables.outFirst[c + 1];
             ++slot)
          messages[slots[slot].core] += spikes;
    for (uint32_t to = 0; to < cores.size(); ++to)
      if (messages[to])
        list.push_back({from, to, messages[to]});
  }
  return list;
}

Expected<CycleReport> Engine::report() {
  timeWaiting();
  if (!problem.empty())
    return makeError(problemKind, problem);
  CycleReport report;
  report.layers = index.layers();
  report.counts = recorder.counts();
  report.stepCounts = stepCounts;
  report.steps = stepCounts.size();
  report.flows = flows();
  report.shape = index.shape();
  for (const Set &set : sets)
    report.sets.push_back(reportOf(set));
  return report;
}

} // namespace

EventCounts CycleReport::total() const {
  EventCounts sum;
  for (const EventCounts &layer : counts)
    sum += layer;
  return sum;
}

Interval CycleReport::timePs() const {
  std::vector<uint64_t> values;
  for (const SetReport &set : sets) {
    values.push_back(set.totalPs());
    values.push_back(set.highPs());
  }
  return intervalOf(values);
}

Interval CycleReport::energyFj() const {
  std::vector<uint64_t> values;
  for (const SetReport &set : sets)
    values.push_back(set.energy.total());
  return intervalOf(values);
}

uint64_t CycleReport::stepEnergyFj(const SetReport &set, size_t step) const {
  const uint64_t hops = set.totals.barrierHopsX + set.totals.barrierHopsY;
  Energy energy = energyOf(stepCounts[step], set.costs);
  // Barrier messages are the same in every step.
  energy.barrier = hops == 0
                       ? barrierEnergy(set.costs, 1, shape.tilesInUse, 0, 0)
                       : set.energy.barrier / stepCounts.size();
  energy.leakage =
      leakageEnergy(set.costs, set.steps[step].totalPs(), shape.chipsInUse);
  return energy.total();
}

void CycleReport::add(const CycleReport &other) {
  runs += other.runs;
  steps += other.steps;
  stepCounts.clear();
  for (size_t l = 0; l < counts.size(); ++l)
    counts[l] += other.counts[l];
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> sums;
  for (const std::vector<CoreFlow> *list :
       std::initializer_list<const std::vector<CoreFlow> *>{&flows,
                                                            &other.flows})
    for (const CoreFlow &flow : *list)
      sums[{flow.from, flow.to}] += flow.messages;
  flows.clear();
  for (const auto &[ends, messages] : sums)
    flows.push_back({ends.first, ends.second, messages});
  for (size_t s = 0; s < sets.size(); ++s) {
    SetReport &mine = sets[s];
    const SetReport &its = other.sets[s];
    mine.steps.clear();
    mine.workPs += its.workPs;
    mine.barrierPs += its.barrierPs;
    mine.barrierHighPs += its.barrierHighPs;
    mine.lowerPs += its.lowerPs;
    mine.totals += its.totals;
    for (size_t l = 0; l < mine.layers.size(); ++l)
      mine.layers[l] += its.layers[l];
    mine.energy += its.energy;
  }
}

Expected<std::unique_ptr<CycleEngine>>
CycleEngine::create(std::shared_ptr<const image::LoadedImage> image,
                    Options options, const CycleOptions &cycle) {
  if (!image)
    return makeError(ErrorKind::Internal, "no image was given");
  Expected<std::unique_ptr<Emulator>> made = Emulator::create(image, options);
  if (!made)
    return made.takeError();
  return create(std::move(image), std::move(*made), options.threads, cycle);
}

Expected<std::unique_ptr<CycleEngine>>
CycleEngine::create(std::shared_ptr<const image::LoadedImage> image,
                    std::unique_ptr<Emulator> spikes, unsigned threads,
                    const CycleOptions &cycle) {
  if (!image || !spikes)
    return makeError(ErrorKind::Internal, "no image or emulator was given");
  auto engine = std::make_unique<Engine>(std::move(image), std::move(spikes),
                                         threads, cycle);
  if (Error error = engine->load())
    return std::move(error);
  return std::unique_ptr<CycleEngine>(std::move(engine));
}

} // namespace hillock::emu
