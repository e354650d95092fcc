//===- emulator/engine/CycleEngine.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/CycleEngine.h"
#include "base/Parallel.h"
#include <algorithm>

namespace hillock::emu {

namespace {

/// Steps that wait for their clocks, for each thread.
constexpr size_t stepsAhead = 8;

class Engine final : public CycleEngine {
public:
  Engine(std::shared_ptr<const image::LoadedImage> image, Options options,
         CycleOptions cycle)
      : index(std::move(image)), cycle(std::move(cycle)),
        recorder(index, this->cycle.activity),
        threads(std::max(options.threads, 1u)) {}

  Error load(std::shared_ptr<const image::LoadedImage> image, Options options);

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
  void keep(Error error);
  SetReport reportOf(const Set &set) const;

  ImageIndex index;
  CycleOptions cycle;
  StepRecorder recorder;
  unsigned threads;
  std::unique_ptr<Emulator> emulator;
  std::vector<Set> sets;
  std::vector<HostSpike> host;     ///< for the next step
  std::vector<StepEvents> waiting; ///< the first \c filled are steps
  size_t filled = 0;
  std::string problem; ///< the first failure of a clock
  ErrorKind problemKind = ErrorKind::Internal;
};

Error Engine::load(std::shared_ptr<const image::LoadedImage> image,
                   Options options) {
  Expected<std::vector<CostTable>> tables =
      costTables(image->target, cycle.parameters);
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
  Expected<std::unique_ptr<Emulator>> made =
      Emulator::create(std::move(image), options);
  if (!made)
    return made.takeError();
  emulator = std::move(*made);
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
  parallelChunks(0, static_cast<int64_t>(filled), threads,
                 [&](int64_t first, int64_t last, unsigned thread) {
                   for (auto s = static_cast<size_t>(first);
                        s < static_cast<size_t>(last); ++s)
                     for (Set &set : sets) {
                       Expected<StepTime> time = set.clocks[thread]->run(
                           waiting[s], set.totals[thread]);
                       if (time)
                         set.steps[before + s] = *time;
                       else
                         failed[s] = takeText(time.takeError());
                     }
                 });
  for (size_t s = 0; s < filled; ++s)
    if (!failed[s].empty())
      keep(makeError(ErrorKind::Internal, failed[s],
                     "step " + std::to_string(before + s + 1)));
  filled = 0;
}

void Engine::reset() {
  emulator->reset();
  recorder.reset();
  host.clear();
  filled = 0;
  problem.clear();
  for (Set &set : sets) {
    set.steps.clear();
    set.totals.assign(threads, {});
  }
}

SetReport Engine::reportOf(const Set &set) const {
  SetReport report;
  report.name = set.costs.name;
  report.source = set.costs.source;
  report.steps = set.steps;
  report.notes = set.clocks.front()->notes();
  report.totals.cores.resize(index.image().cores.size());
  report.totals.linkMessages.resize(
      size_t(set.clocks.front()->config().tiles()) * meshDirections);
  for (const ClockTotals &part : set.totals) {
    for (size_t c = 0; c < part.cores.size(); ++c)
      report.totals.cores[c] += part.cores[c];
    for (size_t l = 0; l < part.linkMessages.size(); ++l)
      report.totals.linkMessages[l] += part.linkMessages[l];
    report.totals.barrierHopsX += part.barrierHopsX;
    report.totals.barrierHopsY += part.barrierHopsY;
  }
  for (const EventCounts &counts : recorder.counts()) {
    report.layers.push_back(energyOf(counts, set.costs));
    report.energy += report.layers.back();
  }
  report.energy.barrier =
      barrierEnergy(set.costs, set.steps.size(), index.shape().tilesInUse,
                    report.totals.barrierHopsX, report.totals.barrierHopsY);
  return report;
}

Expected<CycleReport> Engine::report() {
  timeWaiting();
  if (!problem.empty())
    return makeError(problemKind, problem);
  CycleReport report;
  report.layers = index.layers();
  report.counts = recorder.counts();
  report.shape = index.shape();
  for (const Set &set : sets)
    report.sets.push_back(reportOf(set));
  return report;
}

} // namespace

uint64_t SetReport::workPs() const {
  uint64_t sum = 0;
  for (const StepTime &step : steps)
    sum += step.workPs;
  return sum;
}

uint64_t SetReport::totalPs() const {
  uint64_t sum = 0;
  for (const StepTime &step : steps)
    sum += step.totalPs();
  return sum;
}

EventCounts CycleReport::total() const {
  EventCounts sum;
  for (const EventCounts &layer : counts)
    sum += layer;
  return sum;
}

Interval CycleReport::timePs() const {
  std::vector<uint64_t> values;
  values.reserve(sets.size());
  for (const SetReport &set : sets)
    values.push_back(set.totalPs());
  return intervalOf(values);
}

Interval CycleReport::energyFj() const {
  std::vector<uint64_t> values;
  values.reserve(sets.size());
  for (const SetReport &set : sets)
    values.push_back(set.energy.total());
  return intervalOf(values);
}

Expected<std::unique_ptr<CycleEngine>>
CycleEngine::create(std::shared_ptr<const image::LoadedImage> image,
                    Options options, const CycleOptions &cycle) {
  if (!image)
    return makeError(ErrorKind::Internal, "no image was given");
  auto engine = std::make_unique<Engine>(image, options, cycle);
  if (Error error = engine->load(std::move(image), options))
    return std::move(error);
  return std::unique_ptr<CycleEngine>(std::move(engine));
}

} // namespace hillock::emu
