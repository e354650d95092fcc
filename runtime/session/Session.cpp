//===- runtime/session/Session.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/session/Session.h"
#include "base/Describe.h"
#include <algorithm>
#include <charconv>
#include <cmath>

namespace hillock::runtime {

namespace {

template <typename Shape> std::vector<int64_t> toVector(const Shape &shape) {
  return {shape.begin(), shape.end()};
}

std::string shapeText(const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

int64_t product(const std::vector<int64_t> &shape) {
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  return n;
}

// A count in a step is that many messages; more than this is not a count.
constexpr float maxCount = 255;

bool byTime(const Event &a, const Event &b) {
  return a.step != b.step ? a.step < b.step : a.neuron < b.neuron;
}

} // namespace

int64_t SpikeTrain::neurons() const { return product(shape); }

std::vector<int64_t> SpikeTrain::counts() const {
  std::vector<int64_t> result(neurons());
  for (const Event &event : events)
    ++result[event.neuron];
  return result;
}

std::vector<double> SpikeTrain::sums() const {
  std::vector<double> result(neurons());
  for (const Event &event : events)
    result[event.neuron] += event.value;
  return result;
}

emu::CoreCounters RunResult::total() const {
  emu::CoreCounters sum;
  for (const emu::CoreCounters &core : cores) {
    sum.axonsIn += core.axonsIn;
    sum.synapticEvents += core.synapticEvents;
    sum.updates += core.updates;
    sum.spikes += core.spikes;
    sum.axonsOut += core.axonsOut;
  }
  return sum;
}

struct Session::Source {
  const proto::Port *port;
  const Stimulus *stimulus;
};

struct Session::Probe {
  ProbeTrace trace;
  const proto::Population *population;
};

Expected<Session> Session::open(std::shared_ptr<const image::LoadedImage> image,
                                unsigned threads) {
  Session session;
  session.loaded = std::move(image);
  emu::Options options;
  options.threads = threads;
  auto emulator = emu::Emulator::create(session.loaded, options);
  if (!emulator)
    return emulator.takeError();
  session.emulator = std::move(*emulator);
  for (const image::CoreTables &core : session.loaded->cores)
    session.place.emplace_back(core.compartments);
  const proto::Debug &debug = session.loaded->proto.debug();
  for (int p = 0; p < debug.population_size(); ++p) {
    const proto::Population &population = debug.population(p);
    if (population.is_input())
      continue;
    for (int n = 0; n < population.core_size(); ++n)
      session.place[population.core(n)][population.compartment(n)] = {
          p, static_cast<uint32_t>(n)};
  }
  return session;
}

std::vector<std::pair<std::string, std::vector<int64_t>>>
Session::inputs() const {
  std::vector<std::pair<std::string, std::vector<int64_t>>> result;
  for (const proto::Port &port : loaded->proto.io().input())
    result.emplace_back(port.name(), toVector(port.shape()));
  return result;
}

Expected<std::vector<Session::Source>>
Session::bind(const std::map<std::string, Stimulus> &stimuli) const {
  std::vector<Source> sources;
  const proto::Io &io = loaded->proto.io();
  for (const auto &[name, stimulus] : stimuli) {
    const proto::Port *port = nullptr;
    for (const proto::Port &candidate : io.input())
      if (candidate.name() == name || (name.empty() && io.input_size() == 1))
        port = &candidate;
    if (!port) {
      std::string known;
      for (const proto::Port &candidate : io.input())
        known += (known.empty() ? "'" : ", '") + candidate.name() + "'";
      return inputError("the network has no input '" + name + "'", "stimulus",
                        "its inputs are " + known);
    }
    std::vector<int64_t> shape = toVector(port->shape());
    if (stimulus.neurons() != product(shape))
      return inputError(
          "the stimulus has " + std::to_string(stimulus.neurons()) +
              " neurons (" + shapeText(stimulus.shape) +
              "), the network's "
              "input has " +
              std::to_string(product(shape)) + " (" + shapeText(shape) + ")",
          "input '" + port->name() + "'", "give data of the network's shape");
    for (const Event &event : stimulus.events)
      if (event.value < 1 || event.value > maxCount ||
          event.value != std::floor(event.value))
        return inputError("a value of " + std::to_string(event.value) +
                              " at step " + std::to_string(event.step) +
                              ", neuron " + std::to_string(event.neuron) +
                              "; the chip's input takes spikes",
                          "input '" + port->name() + "'",
                          "encode the values as spikes (--encode)");
    sources.push_back({port, &stimulus});
  }
  if (sources.empty())
    return inputError("no stimulus is given", "input", "give --input");
  return sources;
}

Error Session::feed(const std::vector<Source> &sources, int64_t step) {
  std::vector<emu::HostSpike> spikes;
  for (const Source &source : sources) {
    const proto::Port &port = *source.port;
    for (const Event &event : source.stimulus->eventsAt(step))
      for (uint32_t i = port.first(event.neuron);
           i < port.first(event.neuron + 1); ++i) {
        uint32_t atom =
            i < static_cast<uint32_t>(port.atom_size()) ? port.atom(i) : 0;
        spikes.insert(spikes.end(), static_cast<size_t>(event.value),
                      {port.core(i), port.index(i), atom, 1});
      }
  }
  return emulator->send(spikes);
}

Error Session::readOutput(const proto::Port &port, int64_t step,
                          std::vector<Event> &events) const {
  std::map<uint32_t, std::vector<int32_t>> byCore;
  for (int n = 0; n < port.core_size(); ++n) {
    auto [found, isNew] = byCore.try_emplace(port.core(n));
    if (isNew) {
      auto state = emulator->read(port.core(n), port.state());
      if (!state)
        return state.takeError();
      found->second = std::move(*state);
    }
    const int32_t value = found->second[port.index(n)];
    if (value != 0)
      events.push_back({static_cast<uint32_t>(step), static_cast<uint32_t>(n),
                        static_cast<float>(value / port.scale())});
  }
  return Error::success();
}

Expected<Session::Probe> Session::resolve(const std::string &text) const {
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
  probe.population = nullptr;
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
  for (uint32_t n = low; n <= high; ++n)
    probe.trace.neurons.push_back(n);
  uint32_t core = probe.population->core(0);
  if (auto values = emulator->read(core, state); !values)
    return values.takeError();
  probe.trace.name = text;
  probe.trace.population = name;
  probe.trace.state = state;
  probe.trace.scale = probe.population->scale();
  return probe;
}

namespace {

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

std::vector<SpikeTrain> emptyTrains(const proto::Debug &debug, int64_t steps) {
  std::vector<SpikeTrain> trains;
  for (const proto::Population &population : debug.population())
    trains.push_back(
        {population.name(), toVector(population.shape()), steps, {}, false});
  return trains;
}

} // namespace

Expected<RunResult> Session::run(const std::map<std::string, Stimulus> &stimuli,
                                 const RunOptions &options) {
  auto sources = bind(stimuli);
  if (!sources)
    return sources.takeError();
  RunResult result;
  result.steps = options.steps;
  for (const Source &source : *sources) {
    result.inputSpikes += source.stimulus->events.size();
    if (options.steps == 0)
      result.steps = std::max(result.steps, source.stimulus->steps);
  }
  std::vector<Probe> probes;
  for (const std::string &text : options.probes) {
    auto probe = resolve(text);
    if (!probe)
      return probe.takeError();
    probes.push_back(std::move(*probe));
  }
  const proto::Debug &debug = loaded->proto.debug();
  const proto::Io &io = loaded->proto.io();
  int64_t lag = 0;
  // Where an output's spikes come from: by core and compartment.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<std::pair<int, uint32_t>>>
      watched;
  for (int o = 0; o < io.output_size(); ++o) {
    const proto::Port &port = io.output(o);
    lag = std::max<int64_t>(lag, port.lag());
    result.outputs.push_back({port.name(),
                              toVector(port.shape()),
                              result.steps,
                              {},
                              !port.state().empty()});
    for (int n = 0; n < port.core_size() && port.state().empty(); ++n)
      watched[{port.core(n), port.index(n)}].push_back(
          {o, static_cast<uint32_t>(n)});
  }
  for (const proto::Population &population : debug.population())
    lag = std::max<int64_t>(lag, population.lag());
  std::vector<SpikeTrain> trains = emptyTrains(debug, result.steps);
  result.spikesOf.assign(debug.population_size(), 0);
  emulator->reset();
  result.chipSteps = result.steps + lag;
  for (int64_t chip = 0; chip < result.chipSteps; ++chip) {
    emulator->step();
    if (chip < result.steps)
      if (Error error = feed(*sources, chip))
        return std::move(error);
    for (const emu::Spike &spike : emulator->spikes()) {
      Place where = place[spike.core][spike.compartment];
      if (where.population >= 0) {
        ++result.spikesOf[where.population];
        int64_t t = chip - debug.population(where.population).lag();
        if (options.populations && t >= 0 && t < result.steps)
          trains[where.population].events.push_back(
              {static_cast<uint32_t>(t), where.neuron,
               static_cast<float>(spike.payload)});
      }
      auto found = watched.find({spike.core, spike.compartment});
      if (found == watched.end())
        continue;
      for (auto [output, neuron] : found->second) {
        int64_t t = chip - io.output(output).lag();
        if (t >= 0 && t < result.steps)
          result.outputs[output].events.push_back(
              {static_cast<uint32_t>(t), neuron,
               static_cast<float>(spike.payload)});
      }
    }
    for (int o = 0; o < io.output_size(); ++o)
      if (int64_t t = chip - io.output(o).lag();
          !io.output(o).state().empty() && t >= 0 && t < result.steps)
        if (Error error = readOutput(io.output(o), t, result.outputs[o].events))
          return std::move(error);
    for (Probe &probe : probes)
      if (int64_t t = chip - probe.population->lag();
          t >= 0 && t < result.steps)
        probe.trace.values.push_back(
            readNeurons(*emulator, *probe.population, probe.trace));
  }
  for (SpikeTrain &output : result.outputs)
    std::sort(output.events.begin(), output.events.end(), byTime);
  for (SpikeTrain &train : trains)
    std::sort(train.events.begin(), train.events.end(), byTime);
  // A population that is read has no spikes to show, but its values.
  for (int o = 0; o < io.output_size() && options.populations; ++o)
    if (const proto::Port &port = io.output(o);
        !port.state().empty() && port.core_size() > 0)
      if (int32_t p = place[port.core(0)][port.index(0)].population; p >= 0) {
        trains[p].events = result.outputs[o].events;
        trains[p].graded = true;
      }
  if (options.populations)
    result.populations = std::move(trains);
  for (Probe &probe : probes)
    result.probes.push_back(std::move(probe.trace));
  for (uint32_t core = 0; core < loaded->cores.size(); ++core)
    result.cores.push_back(emulator->counters(core));
  return result;
}

} // namespace hillock::runtime
