//===- emulator/engine/StepRecorder.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/StepRecorder.h"
#include <algorithm>

namespace hillock::emu {

StepRecorder::StepRecorder(const ImageIndex &index, Activity activity)
    : index(index), activity(activity), layers(index.layers().size()) {
  for (uint32_t core = 0; core < index.image().cores.size(); ++core) {
    const image::CoreTables &tables = index.image().cores[core];
    std::vector<Run> &mine = runs.emplace_back();
    for (uint32_t c = 0; c < tables.compartments; ++c) {
      const uint32_t layer = index.layerOf(core, c);
      if (mine.empty() || mine.back().layer != layer)
        mine.push_back({c + 1, layer});
      else
        mine.back().end = c + 1;
    }
    std::vector<uint8_t> &bias = biased.emplace_back(tables.compartments, 0);
    auto field = tables.compartmentFields.find("bias_mant");
    if (field != tables.compartmentFields.end())
      for (uint32_t c = 0; c < tables.compartments; ++c)
        bias[c] = field->second[c] != 0;
    spikesOf.emplace_back(tables.compartments, 0);
    allBiased.push_back(std::all_of(bias.begin(), bias.end(),
                                    [](uint8_t one) { return one != 0; }));
  }
}

void StepRecorder::reset() {
  layers.assign(layers.size(), {});
  for (std::vector<uint64_t> &core : spikesOf)
    core.assign(core.size(), 0);
  step = before = {};
}

void StepRecorder::restore(std::vector<EventCounts> counts,
                           std::vector<std::vector<uint64_t>> fired) {
  layers = std::move(counts);
  spikesOf = std::move(fired);
  step = before = {};
  for (const EventCounts &layer : layers)
    before += layer;
}

Error StepRecorder::findActive(const Emulator &emulator, uint32_t core) {
  allActive = activity == Activity::All || allBiased[core];
  if (allActive)
    return Error::success();
  active = biased[core];
  auto mark = [&](std::string_view state) -> Error {
    Expected<std::vector<int32_t>> values = emulator.read(core, state);
    if (!values)
      return values.takeError();
    for (size_t c = 0; c < active.size(); ++c)
      active[c] = static_cast<uint8_t>(active[c] | ((*values)[c] != 0));
    return Error::success();
  };
  const image::LoadedImage &image = index.image();
  for (const auto &state : image.programs[image.cores[core].program].states)
    if (Error error = mark(state.name))
      return error;
  return mark("q");
}

uint32_t StepRecorder::advance(uint32_t core, uint32_t from, uint32_t to) {
  uint32_t all = 0;
  auto run = std::upper_bound(
      runs[core].begin(), runs[core].end(), from,
      [](uint32_t value, const Run &one) { return value < one.end; });
  while (from < to) {
    const uint32_t end = std::min(to, run->end);
    uint32_t count = end - from;
    if (!allActive)
      count = static_cast<uint32_t>(
          std::count(active.begin() + from, active.begin() + end, uint8_t(1)));
    layers[run->layer].updatesActive += count;
    layers[run->layer].updatesInactive += end - from - count;
    all += count;
    from = end;
    ++run;
  }
  return all;
}

void StepRecorder::receive(uint32_t core, uint32_t axon, uint32_t atom,
                           const ImageIndex::Row &row) {
  const auto kind = static_cast<size_t>(row.kind);
  if (row.layer != ImageIndex::mixed) {
    ++layers[row.layer].axonsIn;
    layers[row.layer].synapses[kind] += row.synapses;
    return;
  }
  bool first = true;
  index.forTargets(core, axon, atom, [&](uint32_t layer) {
    layers[layer].axonsIn += first;
    ++layers[layer].synapses[kind];
    first = false;
  });
  if (first) // an empty row among others
    ++layers.back().axonsIn;
}

void StepRecorder::send(uint32_t core, uint32_t compartment,
                        StepEvents &events) {
  const image::CoreTables &tables = index.image().cores[core];
  EventCounts &mine = layers[index.layerOf(core, compartment)];
  const uint32_t first = tables.outFirst[compartment];
  const uint32_t last = tables.outFirst[compartment + 1];
  mine.messages += last - first;
  for (uint32_t slot = first; slot < last; ++slot) {
    const image::AxonOut &out = tables.axonsOut[slot];
    const uint32_t to = index.coreAt(out.chip, out.core);
    const ImageIndex::Row row = index.row(to, out.axon, out.atom);
    events.messages.push_back(
        {index.shape().nodeOf[to], row.synapses, row.kind});
    const PathHops hops = index.hops(core, to);
    mine.hopsX += hops.x - hops.chipX;
    mine.hopsY += hops.y - hops.chipY;
    mine.hopsChipX += hops.chipX;
    mine.hopsChipY += hops.chipY;
    receive(to, out.axon, out.atom, row);
  }
}

void StepRecorder::recordCore(uint32_t core, std::span<const Spike> spikes,
                              StepEvents &events) {
  const image::CoreTables &tables = index.image().cores[core];
  uint32_t next = 0;
  for (const Spike &spike : spikes) {
    if (!allActive)
      active[spike.compartment] = 1;
    Firing firing;
    firing.active = advance(core, next, spike.compartment + 1);
    firing.inactive = spike.compartment + 1 - next - firing.active;
    firing.messages = tables.outFirst[spike.compartment + 1] -
                      tables.outFirst[spike.compartment];
    next = spike.compartment + 1;
    ++layers[index.layerOf(core, spike.compartment)].spikes;
    ++spikesOf[core][spike.compartment];
    send(core, spike.compartment, events);
    events.firings.push_back(firing);
  }
  rest[core].active = advance(core, next, tables.compartments);
  rest[core].inactive = tables.compartments - next - rest[core].active;
  events.endCore(rest[core]);
}

void StepRecorder::fromHost(std::span<const HostSpike> host) {
  for (const HostSpike &spike : host) {
    const ImageIndex::Row row = index.row(spike.core, spike.axon, spike.atom);
    ++rest[spike.core].hostMessages;
    rest[spike.core].hostSynapses[static_cast<size_t>(row.kind)] +=
        row.synapses;
    receive(spike.core, spike.axon, spike.atom, row);
  }
}

Error StepRecorder::record(const Emulator &emulator,
                           std::span<const HostSpike> host,
                           StepEvents &events) {
  events.clear();
  rest.assign(runs.size(), {});
  fromHost(host);
  std::span<const Spike> spikes = emulator.spikes();
  for (uint32_t core = 0; core < runs.size(); ++core) {
    if (Error error = findActive(emulator, core))
      return error;
    size_t count = 0;
    while (count < spikes.size() && spikes[count].core == core)
      ++count;
    recordCore(core, spikes.first(count), events);
    spikes = spikes.subspan(count);
  }
  EventCounts now;
  for (const EventCounts &layer : layers)
    now += layer;
  step = now - before;
  before = now;
  return Error::success();
}

} // namespace hillock::emu
