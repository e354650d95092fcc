//===- emulator/stream/StreamEmulator.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores are dealt to workers in the order of the image, so that the sums of a
// worker's cores lie side by side. In a step every worker adds what the spikes
// of the last step bring to its lanes, and advances its cores, those of one
// program together. Lists of spikes exist twice, for odd and even steps, so
// that the end of a step is the only barrier.
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/StreamEmulator.h"
#include "emulator/core/Workers.h"
#include "emulator/core/kernels/Kernels.h"
#include "emulator/stream/CoreGroups.h"
#include "emulator/stream/StreamCounters.h"
#include <algorithm>
#include <bit>

namespace hillock::emu {

namespace {

constexpr unsigned maxThreads = 256;
/// Lanes that machine code advances at once: their sums stay in the first-level
/// cache between being widened and being read.
constexpr uint32_t chunkLanes = 2048;

class StreamEmulator final : public Emulator {
public:
  StreamEmulator(image::ImageReader from, Options options)
      : reader(std::move(from)), options(options), counts(tables) {}

  Error load();

  uint64_t now() const override { return done; }
  Error send(std::span<const HostSpike> hostSpikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override;
  void step() override;
  std::span<const Spike> spikes() const override { return emitted; }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override;
  const CoreCounters &counters(uint32_t core) const override;
  void reset() override;

private:
  using Senders = StreamCounters::Senders;
  /// What one thread works on.
  struct alignas(128) Part { // no two share a cache line
    SumRing sums;
    CoreGroups groups;
    LaneArray widened; ///< sums of a core or a chunk
    Scratch scratch;
    Senders active[2]; ///< who fired, for odd and even steps
  };

  void makeParts();
  SumFormat chooseSums(const StreamTables::Worker &worker) const;
  void checkHost();
  void makeNative();
  void work(unsigned worker);
  void advanceTogether(const CoreGroup &group, Part &part);
  void advanceOneByOne(const CoreGroup &group, Part &part);
  void emit();
  unsigned workerOf(uint32_t core) const;
  Error checkCore(uint32_t core) const;

  image::ImageReader reader;
  Options options;
  StreamTables tables;
  const Kernels *kernels = nullptr;
  std::vector<Part> parts; ///< by worker
  Senders host;            ///< who the host sent for
  /// By axon of the host: the step in which it was last sent for.
  std::vector<uint64_t> lastSent;
  std::vector<Spike> emitted;
  StreamCounters counts;
  mutable std::vector<CoreCounters> dealt;
  mutable bool fresh = false; ///< dealt is up to date
  uint64_t interpreted = 0;   ///< compartments times steps
  bool native = false;        ///< machine code has been asked for
  uint64_t done = 0;
  std::unique_ptr<Workers> workers; // last: its threads end first
};

Error StreamEmulator::load() {
  Expected<const Kernels *> found = findKernels(options.simd);
  if (!found)
    return found.takeError();
  kernels = *found;
  const size_t count = reader.frame().proto.core_size();
  unsigned wanted = std::clamp(options.threads, 1u, maxThreads);
  wanted = std::min<unsigned>(wanted, std::max<size_t>(count, 1));
  workers = std::make_unique<Workers>(wanted, [this](unsigned w) { work(w); });
  if (Error error = loadStream(reader, *kernels, workers->count(), tables))
    return error;
  makeParts();
  counts.begin();
  lastSent.assign(tables.hostAxons.size(), 0);
  return Error::success();
}

/// A sender fires once a step at most, so all synapses of a lane together are
/// the most that a sum can become; but for payloads, and what the host sends.
SumFormat StreamEmulator::chooseSums(const StreamTables::Worker &worker) const {
  for (const CoreState &core : tables.cores)
    if (!core.firesOne())
      return {};
  const uint32_t shift = tables.kinds.commonShift();
  const uint64_t most = uint64_t{INT16_MAX} << shift;
  return SumFormat::holding(
      worker.fanOut.largestSum(worker.lanes, tables.kinds, most), shift);
}

void StreamEmulator::makeParts() {
  size_t values = 0, arrays = 0;
  uint32_t widest = chunkLanes;
  for (const CoreState &core : tables.cores) {
    values = std::max({values, core.scratchValues(),
                       core.laneProgram().nativeScratch(chunkLanes)});
    arrays = std::max(arrays, core.arraysNeeded());
    widest = std::max(widest, paddedLanes(core.compartments()));
  }
  const uint64_t slots =
      std::bit_ceil(uint64_t{tables.kinds.longestDelay()} + 2);
  for (const StreamTables::Worker &worker : tables.workers)
    parts.push_back({SumRing(worker.lanes, slots, chooseSums(worker)),
                     CoreGroups(tables.cores, worker.firstCore, worker.endCore),
                     LaneArray(widest),
                     {LaneArray(values), std::vector<int32_t *>(arrays)},
                     {}});
}

Error StreamEmulator::checkCore(uint32_t core) const {
  if (core < tables.cores.size())
    return Error::success();
  return inputError("core " + std::to_string(core) + " of an image with " +
                    std::to_string(tables.cores.size()));
}

unsigned StreamEmulator::workerOf(uint32_t core) const {
  unsigned worker = 0;
  while (core >= tables.workers[worker].endCore)
    ++worker;
  return worker;
}

Error StreamEmulator::send(std::span<const HostSpike> hostSpikes) {
  Senders found;
  for (const HostSpike &spike : hostSpikes) {
    const auto at = tables.hostAxons.find({spike.core, spike.axon, spike.atom});
    if (at == tables.hostAxons.end())
      return inputError("core " + std::to_string(spike.core) + ", axon " +
                            std::to_string(spike.axon) + ", atom " +
                            std::to_string(spike.atom) +
                            " belongs to no input of the image",
                        "host spike", "send to the axons of its ports");
    found.push_back({at->second, spike.payload});
  }
  host.insert(host.end(), found.begin(), found.end());
  return Error::success();
}

Error StreamEmulator::inject(uint32_t core, uint32_t compartment, uint32_t port,
                             int32_t value) {
  if (Error error = checkCore(core))
    return error;
  if (Error error =
          tables.cores[core].inject(compartment, port, value, done + 1))
    return error;
  // The step after it, too: there the values are forgotten.
  parts[workerOf(core)].groups.keepApart(core, done + 2);
  return Error::success();
}

/// Sums were chosen for one spike of every sender.
void StreamEmulator::checkHost() {
  bool plain = true;
  for (const FanOut::Sender &sender : host) {
    uint64_t &last = lastSent[sender.number - tables.firstSender.back()];
    plain &= sender.payload == 1 && last != done + 1;
    last = done + 1;
  }
  for (Part &part : parts)
    if (!plain)
      part.sums.makeWide();
}

void StreamEmulator::advanceTogether(const CoreGroup &group, Part &part) {
  const CoreState &first = tables.cores[group.firstCore];
  Senders &next = part.active[(done + 1) & 1];
  std::vector<int32_t *> states = group.states;
  LaneContext context;
  context.native = first.nativeCode();
  context.kernels = kernels;
  context.scratch = part.scratch.lanes.data();
  context.states = states;
  context.step = done + 1;
  for (uint32_t begin = 0; begin < group.lanes; begin += chunkLanes) {
    context.lanes = std::min(chunkLanes, group.lanes - begin);
    context.sums = part.sums.read(
        done + 1, size_t{tables.firstLane[group.firstCore]} + begin,
        paddedLanes(context.lanes), *kernels, part.widened.data());
    const uint32_t sender = tables.firstSender[group.firstCore] + begin;
    first.laneProgram().runNative(context, [&](uint32_t lane, int32_t payload) {
      next.push_back({sender + lane, payload});
    });
    for (int32_t *&state : states)
      state += chunkLanes;
  }
}

void StreamEmulator::advanceOneByOne(const CoreGroup &group, Part &part) {
  Senders &next = part.active[(done + 1) & 1];
  for (uint32_t c = group.firstCore; c < group.endCore; ++c) {
    CoreState &core = tables.cores[c];
    const int32_t *sums = part.sums.read(done + 1, tables.firstLane[c],
                                         paddedLanes(core.compartments()),
                                         *kernels, part.widened.data());
    core.beginRun();
    core.advance(sums, done + 1, options.seed, part.scratch);
    for (const Fired &fired : core.firedLast())
      next.push_back(
          {tables.firstSender[c] + fired.compartment, fired.payload});
  }
}

void StreamEmulator::work(unsigned worker) {
  const uint64_t step = done + 1;
  Part &part = parts[worker];
  const FanOut &fanOut = tables.workers[worker].fanOut;
  for (const Part &from : parts)
    fanOut.deliver(from.active[done & 1], step, part.sums, tables.kinds);
  fanOut.deliver(host, step, part.sums, tables.kinds);
  counts.count(part.active[done & 1]);
  part.active[step & 1].clear();
  for (const CoreGroup &group : part.groups.all())
    if (group.together && group.apartUntil < step)
      advanceTogether(group, part);
    else
      advanceOneByOne(group, part);
  // Nobody reads them any more, and theirs is the next slot to be used.
  part.sums.clear(step - 1);
}

/// Once the emulator has worked enough for it.
void StreamEmulator::makeNative() {
  interpreted += tables.firstSender.back();
  if (interpreted <= options.codegenAfter)
    return;
  for (CoreState &core : tables.cores)
    core.useNative(*options.codegen);
  for (Part &part : parts)
    part.groups.splitByCode(tables.cores);
  native = true;
}

/// Spikes of the step that has been done, from the lists of its senders.
void StreamEmulator::emit() {
  emitted.clear();
  uint32_t core = 0;
  for (const Part &part : parts)
    for (const FanOut::Sender &sender : part.active[done & 1]) {
      while (sender.number >= tables.firstSender[core + 1])
        ++core;
      emitted.push_back({done, core, sender.number - tables.firstSender[core],
                         sender.payload});
    }
}

void StreamEmulator::step() {
  if (options.codegen && !native)
    makeNative();
  checkHost();
  workers->run();
  counts.count(host);
  host.clear();
  ++done;
  fresh = false;
  emit();
}

Expected<std::vector<int32_t>>
StreamEmulator::read(uint32_t core, std::string_view state) const {
  if (Error error = checkCore(core))
    return std::move(error);
  const CoreState &of = tables.cores[core];
  const uint32_t lanes = paddedLanes(of.compartments());
  LaneArray room(lanes);
  const int32_t *sums = parts[workerOf(core)].sums.read(
      done, tables.firstLane[core], lanes, *kernels, room.data());
  return of.read(state, done, sums);
}

const CoreCounters &StreamEmulator::counters(uint32_t core) const {
  static const CoreCounters none;
  if (core >= tables.cores.size())
    return none;
  if (!fresh) {
    std::vector<Senders> waiting;
    for (const Part &part : parts)
      waiting.push_back(part.active[done & 1]);
    dealt = counts.deal(done, waiting);
    fresh = true;
  }
  return dealt[core];
}

void StreamEmulator::reset() {
  for (CoreState &core : tables.cores)
    core.reset();
  for (Part &part : parts) {
    part.sums.clear();
    part.groups.reset();
    for (Senders &senders : part.active)
      senders.clear();
  }
  host.clear();
  emitted.clear();
  std::fill(lastSent.begin(), lastSent.end(), 0);
  counts.begin();
  fresh = false;
  done = 0;
}

} // namespace

Expected<std::unique_ptr<Emulator>> createStreamed(image::ImageReader reader,
                                                   Options options) {
  auto emulator = std::make_unique<StreamEmulator>(std::move(reader), options);
  if (Error error = emulator->load())
    return std::move(error);
  return std::unique_ptr<Emulator>(std::move(emulator));
}

} // namespace hillock::emu
