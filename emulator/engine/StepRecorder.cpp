//===- emulator/engine/StepRecorder.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/StepRecorder.h"
#include <algorithm>
#include <cstring>

namespace hillock::emu {

StepRecorder::StepRecorder(const ImageIndex &index, Activity activity,
                           bool ordered)
    : index(index), activity(activity), ordered(ordered),
      layers(index.layers().size()) {
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

Error StepRecorder::findActive(const Emulator &emulator, uint32_t core,
                               std::span<const Spike> fired) {
  allActive = activity == Activity::All || allBiased[core];
  if (allActive)
    return Error::success();
  active = biased[core];
  for (const Spike &spike : fired)
    active[spike.compartment] = 1;
  auto mark = [&](std::string_view state) -> Error {
    if (allActive)
      return Error::success();
    Expected<std::vector<int32_t>> values = emulator.read(core, state);
    if (!values)
      return values.takeError();
    for (size_t c = 0; c < active.size(); ++c)
      active[c] = static_cast<uint8_t>(active[c] | ((*values)[c] != 0));
    allActive = std::memchr(active.data(), 0, active.size()) == nullptr;
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

/// A row of several layers is left to receiveMixed().
void StepRecorder::receive(const ImageIndex::Row &row, CoreSums &sums) {
  const auto kind = static_cast<size_t>(row.kind);
  ++sums.messagesIn;
  sums.synapses[kind] += row.synapses;
  if (row.layer == ImageIndex::mixed)
    return;
  ++layers[row.layer].axonsIn;
  layers[row.layer].synapses[kind] += row.synapses;
}

void StepRecorder::receiveMixed(uint32_t core, uint32_t axon, uint32_t atom,
                                SynapseKind kind) {
  bool first = true;
  index.forTargets(core, axon, atom, [&](uint32_t layer) {
    layers[layer].axonsIn += first;
    ++layers[layer].synapses[static_cast<size_t>(kind)];
    first = false;
  });
  if (first) // an empty row among others
    ++layers.back().axonsIn;
}

/// A message's way, X before Y, takes a channel in each tile from the first on
/// and up to the last: its ends are marked here, and sumLinks() fills what lies
/// between. Where the way has no part in X, or Y, the marks cancel out.
static void markLinks(const CorePlaces::Place &from,
                      const CorePlaces::Place &to, uint32_t width,
                      uint64_t *links) {
  auto at = [&](uint32_t x, uint32_t y, Port direction) -> uint64_t & {
    return links[(size_t(y) * width + x) * meshDirections +
                 static_cast<size_t>(direction)];
  };
  const Port alongX = from.x < to.x ? Port::East : Port::West;
  ++at(from.x, from.y, alongX);
  --at(to.x, from.y, alongX);
  const Port alongY = from.y < to.y ? Port::South : Port::North;
  ++at(to.x, from.y, alongY);
  --at(to.x, to.y, alongY);
}

/// From markLinks() to messages of each channel.
static void sumLinks(const ChipShape &shape, std::vector<uint64_t> &links) {
  const size_t tiles = links.size() / meshDirections;
  auto add = [&](size_t tile, size_t before, Port direction) {
    const auto d = static_cast<size_t>(direction);
    links[tile * meshDirections + d] += links[before * meshDirections + d];
  };
  for (size_t tile = 0; tile < tiles; ++tile) {
    if (tile % shape.width != 0)
      add(tile, tile - 1, Port::East);
    if (tile >= shape.width)
      add(tile, tile - shape.width, Port::South);
  }
  for (size_t tile = tiles; tile-- > 0;) {
    if (tile % shape.width != shape.width - 1)
      add(tile, tile + 1, Port::West);
    if (tile + shape.width < tiles)
      add(tile, tile + shape.width, Port::North);
  }
}

uint32_t StepRecorder::send(uint32_t core, uint32_t compartment,
                            StepEvents &events) {
  const CorePlaces::Place &here = index.placeOf(core);
  const ChipShape &shape = index.shape();
  StepSums &sums = events.sums;
  const ImageIndex::Sender &sender = index.sender(core, compartment);
  uint32_t number = sender.firstSlot;
  for (const ImageIndex::Slot &slot : index.slots(core, compartment)) {
    receive(slot.row, sums.cores[slot.core]);
    if (slot.row.layer == ImageIndex::mixed) {
      const image::AxonOut &out = index.image().cores[core].axonsOut[number];
      receiveMixed(slot.core, out.axon, out.atom, slot.row.kind);
    }
    ++number;
    markLinks(here, index.placeOf(slot.core), shape.width,
              sums.linkMessages.data());
    if (ordered)
      events.order.messages.push_back(
          {shape.nodeOf[slot.core], slot.row.synapses, slot.row.kind});
  }
  const uint32_t messages = number - sender.firstSlot;
  EventCounts &mine = layers[sender.layer];
  ++mine.spikes;
  mine.messages += messages;
  mine.hopsX += sender.hops.x - sender.hops.chipX;
  mine.hopsY += sender.hops.y - sender.hops.chipY;
  mine.hopsChipX += sender.hops.chipX;
  mine.hopsChipY += sender.hops.chipY;
  return messages;
}

/// Asks for what the spikes to come will take.
void StepRecorder::fetchAhead(std::span<const Spike> next) const {
  constexpr size_t early = 10, late = 5; // the second reads the first's
  if (next.size() > early) {
    const Spike &spike = next[early];
    __builtin_prefetch(&index.sender(spike.core, spike.compartment));
    __builtin_prefetch(&spikesOf[spike.core][spike.compartment], 1);
  }
  if (next.size() > late) {
    const auto slots = index.slots(next[late].core, next[late].compartment);
    constexpr size_t line = 64 / sizeof(ImageIndex::Slot), most = 4 * line;
    for (size_t k = 0; k < std::min(slots.size(), most); k += line)
      __builtin_prefetch(&slots[k]);
  }
}

void StepRecorder::recordCore(uint32_t core, std::span<const Spike> spikes,
                              size_t count, StepEvents &events) {
  const uint32_t compartments = index.image().cores[core].compartments;
  CoreSums &sums = events.sums.cores[core];
  uint32_t next = 0;
  for (size_t k = 0; k < count; ++k) {
    fetchAhead(spikes.subspan(k));
    const uint32_t compartment = spikes[k].compartment;
    ++spikesOf[core][compartment];
    const uint32_t messages = send(core, compartment, events);
    sums.messagesOut += messages;
    if (!ordered)
      continue;
    const uint32_t end = compartment + 1;
    const uint32_t busy = advance(core, next, end);
    events.order.firings.push_back({busy, end - next - busy, messages});
    sums.active += busy;
    next = end;
  }
  CoreRest &last = rest[core];
  last.active = advance(core, next, compartments);
  last.inactive = compartments - next - last.active;
  sums.active += last.active;
  sums.inactive = compartments - sums.active;
  sums.firings = count;
  if (ordered)
    events.order.endCore(last);
}

void StepRecorder::fromHost(std::span<const HostSpike> host,
                            StepEvents &events) {
  for (const HostSpike &spike : host) {
    const ImageIndex::Row row = index.row(spike.core, spike.axon, spike.atom);
    ++rest[spike.core].hostMessages;
    rest[spike.core].hostSynapses[static_cast<size_t>(row.kind)] +=
        row.synapses;
    receive(row, events.sums.cores[spike.core]);
    if (row.layer == ImageIndex::mixed)
      receiveMixed(spike.core, spike.axon, spike.atom, row.kind);
  }
}

Error StepRecorder::record(const Emulator &emulator,
                           std::span<const HostSpike> host,
                           StepEvents &events) {
  const ChipShape &shape = index.shape();
  StepSums &sums = events.sums;
  sums.cores.assign(runs.size(), {});
  sums.linkMessages.assign(size_t(shape.width) * shape.height * meshDirections,
                           0);
  events.order.clear();
  rest.assign(runs.size(), {});
  fromHost(host, events);
  std::span<const Spike> spikes = emulator.spikes();
  for (uint32_t core = 0; core < runs.size(); ++core) {
    size_t count = 0;
    while (count < spikes.size() && spikes[count].core == core)
      ++count;
    if (Error error = findActive(emulator, core, spikes.first(count)))
      return error;
    recordCore(core, spikes, count, events);
    spikes = spikes.subspan(count);
  }
  sumLinks(shape, sums.linkMessages);
  EventCounts now;
  for (const EventCounts &layer : layers)
    now += layer;
  step = now - before;
  before = now;
  sums.messages = step.messages;
  sums.hopsX = step.hopsX;
  sums.hopsY = step.hopsY;
  sums.hopsChipX = step.hopsChipX;
  sums.hopsChipY = step.hopsChipY;
  return Error::success();
}

} // namespace hillock::emu
