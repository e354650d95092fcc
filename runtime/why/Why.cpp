//===- runtime/why/Why.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/why/Why.h"
#include "base/Describe.h"
#include "emulator/engine/CorePlaces.h"
#include "emulator/timing/Costs.h"
#include "runtime/why/NeuronReplay.h"
#include <algorithm>
#include <cstdlib>

namespace hillock::runtime {

namespace {

/// A message that reaches the accumulator of the neuron at hand.
struct Arrival {
  Sender from;
  uint32_t firedAt = 0, addedAt = 0; ///< steps of the chip
  int32_t weight = 0;                ///< payload included
  uint32_t delay = 0;
  int64_t contribution = 0;
};

class Explainer {
public:
  Explainer(std::shared_ptr<const image::LoadedImage> loaded,
            const History &history, const WhyRequest &request)
      : image(*loaded), places(image), history(history), request(request),
        incoming(image) {
    placeNeurons();
    if (auto tables = emu::costTables(image.target, {}))
      costs = std::move(*tables);
    else // a target without times
      llvm::consumeError(tables.takeError());
  }

  Expected<WhySpike> spike(uint32_t core, uint32_t compartment,
                           uint64_t chipStep, unsigned depth);

private:
  struct Place {
    int population = -1;
    uint32_t neuron = 0;
  };
  void placeNeurons();
  std::vector<Arrival> arrivals(uint32_t core, uint32_t compartment,
                                uint64_t until);
  Error share(WhySpike &spike, std::vector<Arrival> &arrivals);
  Error shareSteps(NeuronReplay &replay, WhySpike &spike,
                   std::vector<Arrival> &arrivals);
  void shareWithin(NeuronReplay &replay,
                   const std::vector<NeuronReplay::Lanes> &before,
                   const std::vector<bool> &fires,
                   std::span<const std::span<Arrival>> groups);
  Error name(WhySpike &spike, const std::vector<Arrival> &arrivals,
             unsigned depth);
  WhyCause cause(const WhySpike &spike, const Arrival &arrival) const;
  std::vector<bool> firings(const WhySpike &spike) const;
  int64_t networkStep(int population, uint64_t chipStep) const {
    const int64_t lag =
        population < 0 ? 0 : image.proto.debug().population(population).lag();
    return static_cast<int64_t>(chipStep) - 1 - lag;
  }

  const image::LoadedImage &image;
  emu::CorePlaces places;
  const History &history;
  const WhyRequest &request;
  Incoming incoming;
  std::vector<emu::CostTable> costs;
  std::vector<std::vector<Place>> place; ///< by core, compartment
};

void Explainer::placeNeurons() {
  for (const image::CoreTables &core : image.cores)
    place.emplace_back(core.compartments);
  const proto::Debug &debug = image.proto.debug();
  for (int p = 0; p < debug.population_size(); ++p)
    for (int n = 0;
         !debug.population(p).is_input() && n < debug.population(p).core_size();
         ++n)
      place[debug.population(p).core(n)][debug.population(p).compartment(n)] = {
          p, static_cast<uint32_t>(n)};
}

/// Sorted by the step in which they are added, then by sender.
std::vector<Arrival> Explainer::arrivals(uint32_t core, uint32_t compartment,
                                         uint64_t until) {
  std::vector<Arrival> list;
  for (const Synapse &synapse : incoming.of(core, compartment))
    for (const Firing &firing : history.of(synapse.from)) {
      const uint32_t added = firing.step + 1 + synapse.delay;
      if (added > until)
        break;
      list.push_back(
          {synapse.from, firing.step, added,
           static_cast<int32_t>(static_cast<uint32_t>(synapse.weight) *
                                static_cast<uint32_t>(firing.payload)),
           synapse.delay, 0});
    }
  std::stable_sort(
      list.begin(), list.end(),
      [](const Arrival &a, const Arrival &b) { return a.addedAt < b.addedAt; });
  return list;
}

std::vector<bool> Explainer::firings(const WhySpike &spike) const {
  std::vector<bool> fires(spike.chipStep + 1, false);
  for (const Firing &firing :
       history.of({false, spike.core, spike.compartment}))
    if (firing.step <= spike.chipStep)
      fires[firing.step] = true;
  return fires;
}

/// Pasts of a neuron: past k has the messages up to step k and none later.
/// Those that have become equal run as one, so that what a reset has wiped out
/// costs nothing.
class Pasts {
public:
  /// \p most: of them.
  Pasts(const NeuronReplay &replay, size_t most)
      : lanes(replay.initial(most)), first(1, 0) {}

  /// Advances by step \p step, in which \p sum arrives for past \p step and all
  /// later ones.
  bool advance(NeuronReplay &replay, uint64_t step, int32_t sum, bool fires) {
    if (sum != 0) {
      NeuronReplay::append(lanes, lanes, lanes.count - 1, 1);
      first.push_back(static_cast<size_t>(step));
    }
    inputs.assign(lanes.count, 0);
    inputs.back() = sum;
    membrane.resize(lanes.count);
    // The last past is what happened; it is asked alone whether it fires.
    NeuronReplay::Lanes whole = NeuronReplay::copies(lanes, lanes.count - 1, 1);
    const bool byItself =
        replay.advance(whole, step, {&sum, 1}, fires, nullptr, nullptr);
    replay.advance(lanes, step, inputs, fires, membrane.data(), &threshold);
    return byItself;
  }

  /// The state of what happened.
  NeuronReplay::Lanes now() const {
    return NeuronReplay::copies(lanes, lanes.count - 1, 1);
  }

  void merge() {
    std::vector<size_t> kept = {0};
    for (size_t lane = 1; lane < lanes.count; ++lane)
      if (!equal(kept.back(), lane))
        kept.push_back(lane);
    if (kept.size() == lanes.count)
      return;
    for (size_t at = 0; at < lanes.states.size(); at += lanes.room)
      for (size_t k = 0; k < kept.size(); ++k)
        lanes.states[at + k] = lanes.states[at + kept[k]];
    for (size_t k = 0; k < kept.size(); ++k)
      first[k] = first[kept[k]];
    first.resize(kept.size());
    lanes.count = kept.size();
  }

  /// The membrane of each past after the last advance().
  std::vector<int32_t> membranes(size_t count) const {
    std::vector<int32_t> all(count);
    for (size_t lane = 0; lane < first.size(); ++lane)
      std::fill(all.begin() + static_cast<ptrdiff_t>(first[lane]), all.end(),
                membrane[lane]);
    return all;
  }

  int32_t threshold = 0;

private:
  bool equal(size_t a, size_t b) const {
    for (size_t at = 0; at < lanes.states.size(); at += lanes.room)
      if (lanes.states[at + a] != lanes.states[at + b])
        return false;
    return true;
  }
  NeuronReplay::Lanes lanes;
  std::vector<size_t> first; ///< past of each lane, up to the next lane's
  std::vector<int32_t> inputs, membrane;
};

/// The difference between past t and past t - 1 is what the messages of step t
/// are worth at the end.
Error Explainer::shareSteps(NeuronReplay &replay, WhySpike &spike,
                            std::vector<Arrival> &arrivals) {
  const auto last = static_cast<size_t>(spike.chipStep);
  std::vector<uint32_t> sums(last + 1, 0); // as the chip: modulo 2^32
  std::vector<bool> arrive(last + 1, false);
  for (const Arrival &arrival : arrivals) {
    sums[arrival.addedAt] += static_cast<uint32_t>(arrival.weight);
    arrive[arrival.addedAt] = true;
  }
  const std::vector<bool> fires = firings(spike);
  std::vector<NeuronReplay::Lanes> before(last + 1);
  // A past for each step that adds something, and the one without messages.
  Pasts pasts(replay, 1 + static_cast<size_t>(std::count_if(
                              sums.begin(), sums.end(),
                              [](uint32_t sum) { return sum != 0; })));
  for (size_t t = 1; t <= last; ++t) {
    if (arrive[t])
      before[t] = pasts.now();
    if (pasts.advance(replay, t, static_cast<int32_t>(sums[t]), fires[t]) !=
        fires[t])
      return makeError(
          ErrorKind::Internal,
          std::string("the neuron ") + (fires[t] ? "fired" : "did not fire") +
              " in step " + std::to_string(t) +
              " of the chip, its replay differs",
          spike.population + "[" + std::to_string(spike.neuron) + "]");
    if (t < last)
      pasts.merge();
  }
  const std::vector<int32_t> membrane = pasts.membranes(last + 1);
  spike.membrane = membrane[last];
  spike.threshold = pasts.threshold;
  spike.rest = membrane[0];
  std::vector<std::span<Arrival>> groups;
  for (size_t first = 0; first < arrivals.size();) {
    size_t end = first;
    while (end < arrivals.size() &&
           arrivals[end].addedAt == arrivals[first].addedAt)
      ++end;
    const size_t t = arrivals[first].addedAt;
    // A step that is worth nothing: all of it has been reset or has leaked.
    if (end - first == 1)
      arrivals[first].contribution = int64_t{membrane[t]} - membrane[t - 1];
    else if (membrane[t] != membrane[t - 1] || t == last)
      groups.push_back(std::span(arrivals).subspan(first, end - first));
    first = end;
  }
  shareWithin(replay, before, fires, groups);
  return Error::success();
}

/// Lane k of a group gets the first k messages of its step. The groups of all
/// steps are advanced together: each begins when its step comes.
void Explainer::shareWithin(NeuronReplay &replay,
                            const std::vector<NeuronReplay::Lanes> &before,
                            const std::vector<bool> &fires,
                            std::span<const std::span<Arrival>> groups) {
  if (groups.empty())
    return;
  const size_t last = fires.size() - 1;
  size_t room = 0;
  for (const std::span<Arrival> group : groups)
    room += group.size() + 1;
  NeuronReplay::Lanes lanes = replay.initial(room);
  lanes.count = 0;
  std::vector<int32_t> inputs, membrane(room);
  size_t next = 0;
  for (size_t t = groups.front().front().addedAt; t <= last; ++t) {
    inputs.assign(lanes.count, 0);
    if (next < groups.size() && groups[next].front().addedAt == t) {
      uint32_t sum = 0;
      inputs.push_back(0);
      for (const Arrival &arrival : groups[next]) {
        sum += static_cast<uint32_t>(arrival.weight);
        inputs.push_back(static_cast<int32_t>(sum));
      }
      NeuronReplay::append(lanes, before[t], 0, groups[next].size() + 1);
      ++next;
    }
    replay.advance(lanes, t, inputs, fires[t],
                   t == last ? membrane.data() : nullptr, nullptr);
  }
  const int32_t *at = membrane.data();
  for (const std::span<Arrival> group : groups) {
    for (size_t k = 0; k < group.size(); ++k)
      group[k].contribution = int64_t{at[k + 1]} - at[k];
    at += group.size() + 1;
  }
}

Error Explainer::share(WhySpike &spike, std::vector<Arrival> &arrivals) {
  Expected<NeuronReplay> replay =
      NeuronReplay::create(image, spike.core, spike.compartment);
  if (!replay)
    return replay.takeError();
  spike.comparable = replay->comparable();
  spike.reaches = replay->reaches();
  if (!spike.comparable) {
    for (Arrival &arrival : arrivals)
      arrival.contribution = arrival.weight;
    return Error::success();
  }
  return shareSteps(*replay, spike, arrivals);
}

WhyCause Explainer::cause(const WhySpike &spike, const Arrival &arrival) const {
  WhyCause cause;
  cause.isInput = arrival.from.isInput;
  cause.neuron = arrival.from.number;
  cause.firedAt = arrival.firedAt;
  cause.addedAt = arrival.addedAt;
  cause.weight = arrival.weight;
  cause.delay = arrival.delay;
  cause.contribution = arrival.contribution;
  if (cause.isInput) {
    cause.population =
        image.proto.io().input(static_cast<int>(arrival.from.place)).name();
    cause.step = static_cast<int64_t>(arrival.firedAt) - 1;
    return cause;
  }
  const Place from = place[arrival.from.place][arrival.from.number];
  cause.population =
      from.population < 0
          ? "core " + std::to_string(arrival.from.place)
          : image.proto.debug().population(from.population).name();
  if (from.population >= 0)
    cause.neuron = from.neuron;
  cause.step = networkStep(from.population, arrival.firedAt);
  const emu::PathHops hops = places.hops(arrival.from.place, spike.core);
  cause.hopsX = hops.x;
  cause.hopsY = hops.y;
  for (const emu::CostTable &set : costs) {
    const uint64_t chip = set.hasHopChip ? set.hopChip.ps : 0;
    cause.travelPs.emplace_back(
        set.name, set.hopLocal.ps + (hops.x - hops.chipX) * set.hopX.ps +
                      (hops.y - hops.chipY) * set.hopY.ps +
                      hops.chipX * (set.hasHopChip ? chip : set.hopX.ps) +
                      hops.chipY * (set.hasHopChip ? chip : set.hopY.ps));
  }
  return cause;
}

Error Explainer::name(WhySpike &spike, const std::vector<Arrival> &arrivals,
                      unsigned depth) {
  std::vector<const Arrival *> order;
  for (const Arrival &arrival : arrivals) {
    if (arrival.contribution != 0)
      order.push_back(&arrival);
    else
      ++spike.without;
  }
  std::stable_sort(
      order.begin(), order.end(), [](const Arrival *a, const Arrival *b) {
        return std::llabs(a->contribution) > std::llabs(b->contribution);
      });
  for (size_t k = 0; k < order.size(); ++k) {
    if (k >= request.most) {
      ++spike.others;
      spike.othersSum += order[k]->contribution;
      continue;
    }
    WhyCause &cause = spike.causes.emplace_back(this->cause(spike, *order[k]));
    if (cause.isInput || depth <= 1)
      continue;
    Expected<WhySpike> deeper =
        this->spike(order[k]->from.place, order[k]->from.number,
                    order[k]->firedAt, depth - 1);
    if (!deeper)
      return deeper.takeError();
    cause.spike = std::make_unique<WhySpike>(std::move(*deeper));
  }
  return Error::success();
}

Expected<WhySpike> Explainer::spike(uint32_t core, uint32_t compartment,
                                    uint64_t chipStep, unsigned depth) {
  WhySpike spike;
  const Place mine = place[core][compartment];
  spike.population =
      mine.population < 0
          ? "core " + std::to_string(core)
          : image.proto.debug().population(mine.population).name();
  spike.neuron = mine.population < 0 ? compartment : mine.neuron;
  spike.step = networkStep(mine.population, chipStep);
  spike.chipStep = chipStep;
  spike.core = core;
  spike.compartment = compartment;
  for (const Firing &firing : history.of({false, core, compartment})) {
    const int64_t when = networkStep(mine.population, firing.step);
    if (firing.step < chipStep)
      spike.lastSpike = spike.firedBefore = when;
    else if (firing.step == chipStep)
      spike.fired = true;
    else if (spike.firedAfter < 0)
      spike.firedAfter = when;
  }
  std::vector<Arrival> all = arrivals(core, compartment, chipStep);
  if (Error error = share(spike, all))
    return std::move(error);
  if (Error error = name(spike, all, depth))
    return std::move(error);
  return spike;
}

Expected<const proto::Population *> findPopulation(const proto::Debug &debug,
                                                   const std::string &name) {
  std::vector<std::string> names;
  for (const proto::Population &population : debug.population()) {
    if (population.is_input())
      continue;
    if (population.name() == name)
      return &population;
    names.push_back(population.name());
  }
  return makeError(ErrorKind::Usage,
                   "the chip has no population '" + name + "'", "--neuron",
                   didYouMean(name, names));
}

} // namespace

Expected<WhySpike> explain(std::shared_ptr<const image::LoadedImage> image,
                           const std::map<std::string, Stimulus> &stimuli,
                           const WhyRequest &request) {
  auto population = findPopulation(image->proto.debug(), request.population);
  if (!population)
    return population.takeError();
  const auto neurons = static_cast<uint32_t>((*population)->core_size());
  if (request.neuron >= neurons)
    return makeError(ErrorKind::Usage,
                     "neuron " + std::to_string(request.neuron) + " of '" +
                         request.population + "', which has " +
                         std::to_string(neurons),
                     "--neuron");
  int64_t steps = 0;
  for (const auto &[name, stimulus] : stimuli)
    steps = std::max(steps, stimulus.steps);
  if (request.step < 0 || request.step >= steps)
    return makeError(ErrorKind::Usage,
                     "step " + std::to_string(request.step) +
                         " of a sample of " + std::to_string(steps) + " steps",
                     "--step", "steps are counted from 0");
  const auto n = static_cast<int>(request.neuron);
  const uint64_t chipStep =
      static_cast<uint64_t>(request.step) + (*population)->lag() + 1;
  Expected<History> history = History::record(image, stimuli, request.step + 1);
  if (!history)
    return history.takeError();
  // The next spike is worth knowing when the neuron did not fire.
  if (!history->fired(
          {false, (*population)->core(n), (*population)->compartment(n)},
          chipStep)) {
    history = History::record(image, stimuli, steps);
    if (!history)
      return history.takeError();
  }
  Explainer explainer(image, *history, request);
  return explainer.spike((*population)->core(n), (*population)->compartment(n),
                         chipStep, std::max(request.depth, 1u));
}

} // namespace hillock::runtime
