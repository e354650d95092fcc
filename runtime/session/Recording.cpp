//===- runtime/session/Recording.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/session/Recording.h"
#include "base/Describe.h"
#include "proto/checkpoint.pb.h"
#include <algorithm>
#include <charconv>

namespace hillock::runtime {

namespace {

template <typename Shape> std::vector<int64_t> toVector(const Shape &shape) {
  return {shape.begin(), shape.end()};
}

bool byTime(const Event &a, const Event &b) {
  return a.step != b.step ? a.step < b.step : a.neuron < b.neuron;
}

/// The values of a probe's neurons after a step; cores are read once each.
std::vector<int32_t> readNeurons(const emu::Emulator &emulator,
                                 const proto::Population &population,
                                 const ProbeTrace &trace) {
  std::map<uint32_t, std::vector<int32_t>> byCore;
  std::vector<int32_t> values;
  for (uint32_t n : trace.neurons) {
    uint32_t core = population.core(n);
    auto found = byCore.find(core);
    if (found == byCore.end()) {
      auto state = emulator.read(core, trace.state);
      // A core of another program may lack the state; it then reads zero.
      found =
          byCore
              .emplace(core, state ? std::move(*state) : std::vector<int32_t>())
              .first;
      if (!state)
        llvm::consumeError(state.takeError());
    }
    uint32_t c = population.compartment(n);
    values.push_back(c < found->second.size() ? found->second[c] : 0);
  }
  return values;
}

void finish(SpikeTrain &train, int64_t steps) {
  train.steps = steps;
  std::erase_if(train.events,
                [&](const Event &event) { return event.step >= steps; });
  std::sort(train.events.begin(), train.events.end(), byTime);
}

void toProto(const SpikeTrain &train, proto::TrainCheckpoint &to) {
  for (const Event &event : train.events) {
    to.add_step(event.step);
    to.add_neuron(event.neuron);
    to.add_value(event.value);
  }
}

Error damaged(const std::string &what) {
  return inputError(what, "checkpoint: results so far",
                    "the checkpoint is damaged: use another one");
}

Error fromProto(const proto::TrainCheckpoint &from, SpikeTrain &train) {
  if (from.step_size() != from.neuron_size() ||
      from.step_size() != from.value_size())
    return damaged("lists of different lengths");
  train.events.clear();
  for (int i = 0; i < from.step_size(); ++i) {
    if (from.neuron(i) >= train.neurons())
      return damaged("neuron " + std::to_string(from.neuron(i)) + " of '" +
                     train.name + "'");
    train.events.push_back({from.step(i), from.neuron(i), from.value(i)});
  }
  return Error::success();
}

} // namespace

Expected<Recording> Recording::create(const image::LoadedImage &image,
                                      const emu::Emulator &emulator,
                                      const RunOptions &options,
                                      int64_t steps) {
  Recording recording(image);
  recording.keepsPopulations = options.populations;
  recording.wanted = steps;
  recording.placePopulations();
  recording.watchOutputs();
  for (const std::string &text : options.probes)
    if (Error error = recording.resolve(text, emulator))
      return std::move(error);
  for (const StopCondition &condition : options.stopWhen)
    if (Error error = recording.resolve(condition))
      return std::move(error);
  return recording;
}

void Recording::placePopulations() {
  for (const image::CoreTables &core : loaded->cores)
    place.emplace_back(core.compartments);
  const proto::Debug &debug = loaded->proto.debug();
  for (int p = 0; p < debug.population_size(); ++p) {
    const proto::Population &population = debug.population(p);
    longestLag = std::max<int64_t>(longestLag, population.lag());
    populations.push_back(
        {population.name(), toVector(population.shape()), 0, {}, false});
    for (int n = 0; n < population.core_size() && !population.is_input(); ++n)
      place[population.core(n)][population.compartment(n)] = {
          p, static_cast<uint32_t>(n)};
  }
  spikesOf.assign(populations.size(), 0);
  seen.assign(populations.size(), 0);
}

void Recording::watchOutputs() {
  const proto::Io &io = loaded->proto.io();
  shownBy.resize(loaded->cores.size());
  for (int o = 0; o < io.output_size(); ++o) {
    const proto::Port &port = io.output(o);
    longestLag = std::max<int64_t>(longestLag, port.lag());
    outputs.push_back(
        {port.name(), toVector(port.shape()), 0, {}, !port.state().empty()});
    for (int n = 0; n < port.core_size() && port.state().empty(); ++n) {
      std::vector<uint32_t> &list = shownBy[port.core(n)];
      list.resize(place[port.core(n)].size());
      uint32_t &at = list[port.index(n)];
      if (at == 0) {
        at = static_cast<uint32_t>(shown.size());
        shown.emplace_back();
      }
      shown[at].emplace_back(o, static_cast<uint32_t>(n));
    }
  }
}

Error Recording::resolve(const std::string &text,
                         const emu::Emulator &emulator) {
  auto fail = [&](const std::string &what) {
    return makeError(ErrorKind::Usage, what, "--probe " + text,
                     "write NAME:STATE, NAME[3]:STATE or NAME[3-9]:STATE");
  };
  size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    return fail("no state is named");
  std::string name = text.substr(0, colon), state = text.substr(colon + 1);
  std::string range;
  if (size_t bracket = name.rfind('[');
      bracket != std::string::npos && name.back() == ']') {
    range = name.substr(bracket + 1, name.size() - bracket - 2);
    name.resize(bracket);
  }
  Probe probe;
  for (const proto::Population &p : loaded->proto.debug().population())
    if (p.name() == name && !p.is_input())
      probe.population = &p;
  if (!probe.population)
    return fail("the chip has no population '" + name + "'");
  uint32_t size = static_cast<uint32_t>(probe.population->core_size());
  uint32_t low = 0, high = size ? size - 1 : 0;
  if (!range.empty()) {
    const char *end = range.data() + range.size();
    auto first = std::from_chars(range.data(), end, low);
    high = low;
    if (first.ec == std::errc() && first.ptr != end && *first.ptr == '-')
      first = std::from_chars(first.ptr + 1, end, high);
    if (first.ec != std::errc() || first.ptr != end || low > high ||
        high >= size)
      return fail("neurons '" + range + "' of " + std::to_string(size));
  }
  for (uint32_t n = low; n <= high && n < size; ++n)
    probe.trace.neurons.push_back(n);
  if (size > 0)
    if (auto values = emulator.read(probe.population->core(0), state); !values)
      return values.takeError();
  probe.trace.name = text;
  probe.trace.population = name;
  probe.trace.state = state;
  probe.trace.scale = probe.population->scale();
  probes.push_back(std::move(probe));
  return Error::success();
}

Error Recording::resolve(const StopCondition &condition) {
  Watch watch{condition, -1, -1};
  std::vector<std::string> names = {"spikes", "quiet"};
  bool graded = condition.kind == StopCondition::Kind::Outputs;
  for (size_t o = 0; o < outputs.size(); ++o) {
    names.push_back(outputs[o].name);
    if (condition.kind == StopCondition::Kind::Outputs)
      graded &= outputs[o].graded;
    else if (outputs[o].name == condition.name) {
      watch.output = static_cast<int>(o);
      graded = outputs[o].graded;
    }
  }
  const proto::Debug &debug = loaded->proto.debug();
  for (int p = 0; p < debug.population_size(); ++p)
    if (!debug.population(p).is_input()) {
      names.push_back(debug.population(p).name());
      if (debug.population(p).name() == condition.name && watch.output < 0)
        watch.population = p;
    }
  const std::string where = "--stop-when " + condition.text;
  if (graded)
    return makeError(ErrorKind::Usage, "the output has values, not spikes",
                     where, "wait for another population, or for quiet=N");
  if (condition.kind == StopCondition::Kind::Population && watch.output < 0 &&
      watch.population < 0)
    return makeError(ErrorKind::Usage,
                     "the chip has no output or population '" + condition.name +
                         "'",
                     where, didYouMean(condition.name, names));
  watches.push_back(std::move(watch));
  return Error::success();
}

void Recording::add(const emu::Spike &spike, int64_t chip) {
  const Occupant who = place[spike.core][spike.compartment];
  const auto payload = static_cast<float>(spike.payload);
  if (who.population >= 0) {
    ++spikesOf[who.population];
    int64_t t = chip - loaded->proto.debug().population(who.population).lag();
    if (t >= 0) {
      ++seen[who.population];
      if (keepsPopulations)
        populations[who.population].events.push_back(
            {static_cast<uint32_t>(t), who.neuron, payload});
    }
  }
  if (shownBy[spike.core].empty())
    return;
  for (auto [output, neuron] : shown[shownBy[spike.core][spike.compartment]])
    if (int64_t t = chip - loaded->proto.io().output(output).lag(); t >= 0)
      outputs[output].events.push_back(
          {static_cast<uint32_t>(t), neuron, payload});
}

Error Recording::readOutput(const emu::Emulator &emulator, int number,
                            int64_t step) {
  const proto::Port &port = loaded->proto.io().output(number);
  std::map<uint32_t, std::vector<int32_t>> byCore;
  for (int n = 0; n < port.core_size(); ++n) {
    auto [found, isNew] = byCore.try_emplace(port.core(n));
    if (isNew) {
      auto state = emulator.read(port.core(n), port.state());
      if (!state)
        return state.takeError();
      found->second = std::move(*state);
    }
    const int32_t value = found->second[port.index(n)];
    if (value != 0)
      outputs[number].events.push_back(
          {static_cast<uint32_t>(step), static_cast<uint32_t>(n),
           static_cast<float>(value / port.scale())});
  }
  return Error::success();
}

bool Recording::looksAtSteps() const {
  bool graded = false;
  for (const proto::Port &port : loaded->proto.io().output())
    graded |= !port.state().empty();
  return graded || !probes.empty() || !watches.empty();
}

Error Recording::record(const emu::Emulator &emulator, int64_t chip,
                        uint64_t fed) {
  const proto::Io &io = loaded->proto.io();
  for (const emu::Spike &spike : emulator.spikes())
    add(spike, chip);
  for (int o = 0; o < io.output_size(); ++o)
    if (int64_t t = chip - io.output(o).lag();
        !io.output(o).state().empty() && t >= 0)
      if (Error error = readOutput(emulator, o, t))
        return error;
  for (Probe &probe : probes)
    if (chip >= probe.population->lag())
      probe.trace.values.push_back(
          readNeurons(emulator, *probe.population, probe.trace));
  checkStops(chip, fed == 0 && emulator.spikes().empty());
  return Error::success();
}

void Recording::stop(int64_t atStep, const std::string &why) {
  if (atStep < 0 || atStep + 1 >= wanted)
    return;
  wanted = atStep + 1;
  reason = why;
}

void Recording::checkStops(int64_t chip, bool quiet) {
  quietSteps = quiet ? quietSteps + 1 : 0;
  const proto::Io &io = loaded->proto.io();
  for (const Watch &watch : watches) {
    const uint64_t needed = watch.condition.count;
    uint64_t count = 0;
    int64_t lagging = 0;
    if (watch.condition.kind == StopCondition::Kind::Quiet) {
      count = quietSteps;
      lagging = longestLag;
    } else if (watch.population >= 0) {
      count = seen[watch.population];
      lagging = loaded->proto.debug().population(watch.population).lag();
    } else {
      for (int o = 0; o < io.output_size(); ++o)
        if ((watch.output < 0 || watch.output == o) && !outputs[o].graded) {
          count += outputs[o].events.size();
          lagging = std::max<int64_t>(lagging, io.output(o).lag());
        }
    }
    if (count >= needed)
      stop(chip - lagging, watch.condition.text);
  }
}

void Recording::save(proto::RunCheckpoint &to) const {
  to.set_populations(keepsPopulations);
  for (const SpikeTrain &train : outputs)
    toProto(train, *to.add_output());
  if (keepsPopulations)
    for (const SpikeTrain &train : populations)
      toProto(train, *to.add_population());
  for (const Probe &probe : probes) {
    proto::ProbeCheckpoint &kept = *to.add_probe();
    kept.set_name(probe.trace.name);
    kept.set_neurons(static_cast<uint32_t>(probe.trace.neurons.size()));
    for (const std::vector<int32_t> &row : probe.trace.values)
      kept.mutable_value()->Add(row.begin(), row.end());
  }
  to.mutable_spikes_of()->Add(spikesOf.begin(), spikesOf.end());
  to.mutable_seen()->Add(seen.begin(), seen.end());
  to.set_quiet_steps(quietSteps);
  if (!reason.empty()) {
    to.set_stop_steps(static_cast<uint64_t>(wanted));
    to.set_stop_reason(reason);
  }
}

Error Recording::restore(const proto::RunCheckpoint &from, int64_t chip) {
  auto other = [](const std::string &what, const std::string &remedy) {
    return inputError(what, "checkpoint", remedy);
  };
  if (from.populations() != keepsPopulations)
    return other(from.populations()
                     ? "it holds the spikes of all populations"
                     : "it does not hold the spikes of all populations",
                 from.populations() ? "resume with --populations"
                                    : "resume without --populations");
  std::string names;
  bool same = static_cast<size_t>(from.probe_size()) == probes.size();
  for (int i = 0; i < from.probe_size(); ++i) {
    names += " --probe " + from.probe(i).name();
    same = same && from.probe(i).name() == probes[size_t(i)].trace.name;
  }
  if (!same)
    return other("it was made with" + (names.empty() ? " no probes" : names),
                 "resume with the same probes");
  const auto all = static_cast<int>(populations.size());
  if (from.output_size() != static_cast<int>(outputs.size()) ||
      from.population_size() != (keepsPopulations ? all : 0) ||
      from.spikes_of_size() != all || from.seen_size() != all)
    return damaged("not the outputs and populations of the image");
  for (size_t o = 0; o < outputs.size(); ++o)
    if (Error error = fromProto(from.output(int(o)), outputs[o]))
      return error;
  for (int p = 0; p < from.population_size(); ++p)
    if (Error error = fromProto(from.population(p), populations[size_t(p)]))
      return error;
  for (size_t i = 0; i < probes.size(); ++i) {
    const proto::ProbeCheckpoint &kept = from.probe(int(i));
    const int64_t neurons = int64_t(probes[i].trace.neurons.size());
    const int64_t rows =
        std::max<int64_t>(chip - probes[i].population->lag(), 0);
    if (kept.neurons() != neurons || kept.value_size() != rows * neurons)
      return damaged("probe '" + kept.name() + "' has " +
                     std::to_string(kept.value_size()) + " values");
    for (int64_t t = 0; t < rows; ++t)
      probes[i].trace.values.emplace_back(kept.value().begin() + t * neurons,
                                          kept.value().begin() +
                                              (t + 1) * neurons);
  }
  spikesOf.assign(from.spikes_of().begin(), from.spikes_of().end());
  seen.assign(from.seen().begin(), from.seen().end());
  quietSteps = from.quiet_steps();
  // A run that was about to stop does; one that had stopped goes on.
  const auto stops = static_cast<int64_t>(from.stop_steps());
  for (const Watch &watch : watches)
    if (from.has_stop_steps() && chip < stops + longestLag &&
        watch.condition.text == from.stop_reason())
      stop(stops - 1, from.stop_reason());
  return Error::success();
}

RunResult Recording::take() {
  RunResult result;
  result.steps = wanted;
  result.chipSteps = wanted + longestLag;
  result.stopped = reason;
  for (SpikeTrain &train : outputs)
    finish(train, wanted);
  for (SpikeTrain &train : populations)
    finish(train, wanted);
  // A population that is read has no spikes to show, but its values.
  const proto::Io &io = loaded->proto.io();
  for (int o = 0; o < io.output_size() && keepsPopulations; ++o)
    if (const proto::Port &port = io.output(o);
        !port.state().empty() && port.core_size() > 0)
      if (int32_t p = place[port.core(0)][port.index(0)].population; p >= 0) {
        populations[p].events = outputs[o].events;
        populations[p].graded = true;
      }
  result.outputs = std::move(outputs);
  if (keepsPopulations)
    result.populations = std::move(populations);
  for (Probe &probe : probes) {
    if (static_cast<int64_t>(probe.trace.values.size()) > wanted)
      probe.trace.values.resize(static_cast<size_t>(wanted));
    result.probes.push_back(std::move(probe.trace));
  }
  result.spikesOf = std::move(spikesOf);
  return result;
}

} // namespace hillock::runtime
