//===- emulator/core/Emulator.cpp - Loading and asking --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Emulator.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/core/StepEmulator.h"
#include "emulator/core/kernels/Kernels.h"
#include <algorithm>
#include <bit>

namespace hillock::emu {

namespace {

constexpr unsigned maxThreads = 256;
/// Slots of a ring where dense rows are added for many steps at once, and the
/// most that rings may grow by it, in lanes.
constexpr uint64_t blockSlots = 32;
constexpr uint64_t mostRingLanes = uint64_t(8) << 20;

} // namespace

Error StepEmulator::load() {
  Expected<const Kernels *> loops = findKernels(options.simd);
  if (!loops)
    return loops.takeError();
  kernels = *loops;
  cores.resize(image->cores.size());
  for (uint32_t c = 0; c < cores.size(); ++c) {
    if (Error error = cores[c].load(*image, c, *kernels))
      return error;
    const image::CoreTables &tables = image->cores[c];
    places.emplace_back(uint64_t(tables.chip) << 32 | tables.core, c);
  }
  std::sort(places.begin(), places.end());
  for (CoreState &core : cores)
    if (Error error = core.connect(*image, cores, places))
      return error;

  unsigned wanted = std::clamp(options.threads, 1u, maxThreads);
  wanted = std::min<unsigned>(wanted, std::max<size_t>(cores.size(), 1));
  workers = std::make_unique<Workers>(wanted, [this](unsigned w) { work(w); });
  const CoreLevels found = findLevels(workers->count());
  deal(workers->count(), found);
  std::vector<uint32_t> firstLane(cores.size());
  std::vector<size_t> ringLanes(workerCount());
  for (uint32_t c = 0; c < cores.size(); ++c) {
    firstLane[c] = static_cast<uint32_t>(ringLanes[workerOf[c]]);
    ringLanes[workerOf[c]] += paddedLanes(cores[c].compartments());
    firstSender.push_back(
        c == 0 ? 0 : firstSender[c - 1] + cores[c - 1].compartments());
  }
  std::vector<unsigned> buckets(cores.size());
  std::vector<size_t> bucketLanes(workerCount() * levels.size());
  for (uint32_t c = 0; c < cores.size(); ++c)
    buckets[c] = static_cast<unsigned>(bucket(workerOf[c], levelOf[c]));
  for (size_t b = 0; b < bucketLanes.size(); ++b)
    bucketLanes[b] = ringLanes[b / levels.size()];
  mergeRows(cores, buckets, firstLane, bucketLanes, merged);
  for (size_t b = 0; b < merged.size(); ++b)
    if (!merged[b].empty())
      mergedBuckets.push_back(b);
  if (Error error = rows.arrange(cores, workerOf, workerCount()))
    return error;
  dense.resize(cores.size());
  for (uint32_t c = 0; c < cores.size(); ++c)
    dense[c].build(cores[c]);
  placeRings(firstLane, ringLanes);
  return Error::success();
}

void StepEmulator::placeRings(std::span<const uint32_t> firstLane,
                              std::span<const size_t> ringLanes) {
  mostSteps = plainSteps;
  for (unsigned w = 0; w < workerCount(); ++w) {
    Own &own = owns[w];
    uint64_t longest = 0;
    bool ahead = false;
    for (uint32_t c : own.cores) {
      longest = std::max<uint64_t>(longest, cores[c].store.maxDelay());
      ahead |= dense[c].useful();
    }
    own.ring.stride = (ringLanes[w] + bitBlock - 1) / bitBlock * bitBlock;
    uint64_t slots = std::bit_ceil(longest + 2);
    if (ahead && own.ring.stride * blockSlots <= mostRingLanes)
      slots = std::max(slots * 2, blockSlots);
    own.ring.mask = slots - 1;
    if (ahead)
      mostSteps = std::min<size_t>(mostSteps, slots - longest - 1);
    own.sums = LaneArray(slots * own.ring.stride);
    own.ring.base = own.sums.data();
    for (uint32_t c : own.cores)
      cores[c].attach(own.ring, firstLane[c]);
  }
}

/// By levels where that keeps the workers as busy as one level would: a chain
/// of cores is better run side by side, each a step behind the one before.
void StepEmulator::deal(unsigned count, const CoreLevels &found) {
  CoreLevels one;
  one.component.assign(cores.size(), 0);
  one.level.assign(cores.size(), 0);
  auto [together, work] = balance(one.level, 1, count);
  auto [byLevel, workByLevel] = balance(found.level, found.count, count);
  const bool useLevels = workByLevel <= work + work / 4;
  workerOf = useLevels ? byLevel : together;
  owns = std::vector<Own>(count);
  for (uint32_t c = 0; c < cores.size(); ++c)
    owns[workerOf[c]].cores.push_back(c);
  makeLevels(useLevels ? found : one);
  size_t values = 0, arrays = 0;
  for (const CoreState &core : cores) {
    values = std::max(values, core.scratchValues());
    arrays = std::max(arrays, core.arraysNeeded());
  }
  for (Own &own : owns)
    own.scratch = {LaneArray(values), std::vector<int32_t *>(arrays)};
}

Error StepEmulator::checkCore(uint32_t core) const {
  if (core < cores.size())
    return Error::success();
  return inputError("core " + std::to_string(core) + " of an image with " +
                    std::to_string(cores.size()));
}

Error StepEmulator::send(std::span<const HostSpike> hostSpikes) {
  std::vector<Message> messages;
  messages.reserve(hostSpikes.size());
  for (const HostSpike &spike : hostSpikes) {
    if (Error error = checkCore(spike.core))
      return error;
    Expected<RowRef> row =
        cores[spike.core].resolve(spike.axon, spike.atom, "host spike");
    if (!row)
      return row.takeError();
    messages.push_back({*row, spike.payload});
  }
  // All or nothing: only now is anything queued.
  for (const Message &message : messages) {
    if (message.row.kind == RowKind::Merged)
      knowMerged();
    owns[workerOf[message.row.core]].host.push_back(message);
  }
  queued.insert(queued.end(), hostSpikes.begin(), hostSpikes.end());
  return Error::success();
}

Error StepEmulator::inject(uint32_t core, uint32_t compartment, uint32_t port,
                           int32_t value) {
  if (Error error = checkCore(core))
    return error;
  return cores[core].inject(compartment, port, value, done + 1);
}

void StepEmulator::knowMerged() {
  if (!mergedSender.empty())
    return;
  for (uint32_t c = 0; c < cores.size(); ++c)
    cores[c].forEachMerged(
        [&](uint32_t compartment, const image::AxonOut &slot) {
          const uint32_t to = indexOf(slot.chip, slot.core);
          const image::AxonIn &axon = image->cores[to].axonsIn[slot.axon];
          mergedSender[{to, axon.firstRow + slot.atom}] =
              firstSender[c] + compartment;
        });
}

uint32_t StepEmulator::indexOf(uint32_t chip, uint32_t core) const {
  std::pair<uint64_t, uint32_t> key(uint64_t(chip) << 32 | core, 0);
  return std::lower_bound(places.begin(), places.end(), key)->second;
}

/// Messages that merged rows stood for.
void StepEmulator::countMerged() const {
  for (uint32_t c = 0; c < cores.size(); ++c)
    cores[c].countMerged([&](const image::AxonOut &slot, uint32_t spikes) {
      CoreState &to = cores[indexOf(slot.chip, slot.core)];
      const image::AxonIn &axon = to.table().axonsIn[slot.axon];
      to.counters.axonsIn += spikes;
      to.counters.synapticEvents +=
          uint64_t(spikes) * to.store.rows()[axon.firstRow + slot.atom].count;
    });
}

const CoreCounters &StepEmulator::counters(uint32_t core) const {
  static const CoreCounters none;
  countMerged();
  return core < cores.size() ? cores[core].counters : none;
}

Expected<std::vector<int32_t>>
StepEmulator::read(uint32_t core, std::string_view state) const {
  if (Error error = checkCore(core))
    return std::move(error);
  return cores[core].read(state, done);
}

void StepEmulator::reset() {
  for (CoreState &core : cores)
    core.reset();
  for (std::vector<Mail> &side : mails)
    for (Mail &box : side) {
      box.messages.clear();
      for (std::vector<uint32_t> &senders : box.merged)
        senders.clear();
    }
  for (Own &own : owns)
    own.host.clear();
  queued.clear();
  emitted.clear();
  done = 0;
}

Error StepEmulator::save(proto::Checkpoint &to) const {
  if (!imageHash)
    imageHash = hashOf(*image);
  to.set_format(checkpointFormat);
  to.set_image_hash(*imageHash);
  to.set_seed(options.seed);
  to.set_step(done);
  countMerged();
  for (const CoreState &core : cores)
    core.save(*to.add_core(), done);
  toProto(emitted, *to.mutable_spikes());
  toProto(queued, *to.mutable_host());
  return Error::success();
}

Error StepEmulator::restore(const proto::Checkpoint &from) {
  if (!imageHash)
    imageHash = hashOf(*image);
  if (Error error = checkHeader(from, *imageHash, options.seed, cores.size()))
    return error;
  Expected<std::vector<Spike>> spikes = fromProto(from.spikes(), from.step());
  if (!spikes)
    return spikes.takeError();
  Expected<std::vector<HostSpike>> host = fromProto(from.host());
  if (!host)
    return host.takeError();
  for (uint32_t c = 0; c < cores.size(); ++c)
    if (Error error = cores[c].check(from.core(int(c))))
      return error;
  for (const Spike &spike : *spikes)
    if (spike.core >= cores.size() ||
        spike.compartment >= cores[spike.core].compartments())
      return inputError("a spike of core " + std::to_string(spike.core) +
                            ", compartment " +
                            std::to_string(spike.compartment),
                        "checkpoint", "it is damaged: use another one");
  for (const HostSpike &spike : *host) {
    if (Error error = checkCore(spike.core))
      return error;
    if (auto row = cores[spike.core].resolve(spike.axon, spike.atom,
                                             "checkpoint: host spike");
        !row)
      return row.takeError();
  }
  reset();
  done = from.step();
  for (uint32_t c = 0; c < cores.size(); ++c)
    cores[c].restore(from.core(int(c)), done);
  std::vector<std::vector<Fired>> fired(cores.size());
  for (const Spike &spike : *spikes)
    fired[spike.core].push_back({spike.compartment, spike.payload});
  emitted = std::move(*spikes);
  for (uint32_t c = 0; c < cores.size(); ++c) {
    cores[c].setFired(std::move(fired[c]));
    post(workerOf[c], c, mails[(done + 1) & 1], cores[c].firedLast());
    cores[c].counters = fromProto(from.core(int(c)).counters());
  }
  return send(*host);
}

// An emulator without them is one that nobody interrupts.
Error Emulator::save(proto::Checkpoint &) const {
  return makeError(ErrorKind::Internal, "this emulator cannot be saved");
}
Error Emulator::restore(const proto::Checkpoint &) {
  return makeError(ErrorKind::Internal, "this emulator cannot be restored");
}

Error Emulator::run(std::span<const std::vector<HostSpike>> inputs,
                    std::vector<Spike> &spikesOfAll) {
  for (const std::vector<HostSpike> &input : inputs) {
    if (Error error = send(input))
      return error;
    step();
    spikesOfAll.insert(spikesOfAll.end(), spikes().begin(), spikes().end());
  }
  return Error::success();
}

Expected<std::unique_ptr<Emulator>>
Emulator::create(std::shared_ptr<const image::LoadedImage> image,
                 Options options) {
  if (!image)
    return makeError(ErrorKind::Internal, "no image was given");
  auto emulator = std::make_unique<StepEmulator>(std::move(image), options);
  if (Error error = emulator->load())
    return std::move(error);
  return std::unique_ptr<Emulator>(std::move(emulator));
}

} // namespace hillock::emu
