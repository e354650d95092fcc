//===- emulator/stream/StreamEmulator.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores are dealt to workers in the order of the image, so that the sums of a
// worker's cores lie side by side. In a step every worker adds what the spikes
// of the last step bring to its lanes, and advances its cores. Lists of spikes
// exist twice, for odd and even steps, so that the end of a step is the only
// barrier.
//
//===----------------------------------------------------------------------===//
#include "emulator/stream/StreamEmulator.h"
#include "emulator/core/Workers.h"
#include "emulator/core/kernels/Kernels.h"
#include "emulator/stream/FanOut.h"
#include "emulator/stream/StreamLoader.h"
#include <algorithm>
#include <bit>

namespace hillock::emu {

namespace {

constexpr unsigned maxThreads = 256;

class StreamEmulator final : public Emulator {
public:
  StreamEmulator(image::ImageReader from, Options options)
      : reader(std::move(from)), options(options) {}

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
  using Senders = std::vector<FanOut::Sender>;

  void makeRings();
  void makeNative();
  void work(unsigned worker);
  void count(std::span<const FanOut::Sender> senders);
  void dealCounters() const;
  Error checkCore(uint32_t core) const;

  image::ImageReader reader;
  Options options;
  StreamTables tables;
  std::vector<LaneArray> sums; ///< by worker
  std::vector<Ring> rings;     ///< by worker
  std::vector<Scratch> scratch;
  /// Who fired, by worker, for odd and even steps; and who the host sent for.
  std::vector<Senders> active[2];
  Senders host;
  std::vector<Spike> emitted;
  /// By sender: spikes that were delivered and not yet dealt to the cores.
  mutable std::vector<uint32_t> delivered;
  mutable std::vector<CoreCounters> dealt;
  mutable bool fresh = false; ///< dealt is up to date
  uint64_t interpreted = 0;   ///< compartments times steps
  bool native = false;        ///< machine code has been asked for
  uint64_t done = 0;
  std::unique_ptr<Workers> workers; // last: its threads end first
};

Error StreamEmulator::load() {
  Expected<const Kernels *> kernels = findKernels(options.simd);
  if (!kernels)
    return kernels.takeError();
  const size_t count = reader.frame().proto.core_size();
  unsigned wanted = std::clamp(options.threads, 1u, maxThreads);
  wanted = std::min<unsigned>(wanted, std::max<size_t>(count, 1));
  workers = std::make_unique<Workers>(wanted, [this](unsigned w) { work(w); });
  if (Error error = loadStream(reader, **kernels, workers->count(), tables))
    return error;
  makeRings();
  for (auto &side : active)
    side.resize(workers->count());
  delivered.assign(tables.senders, 0);
  return Error::success();
}

void StreamEmulator::makeRings() {
  size_t values = 0, arrays = 0;
  for (const CoreState &core : tables.cores) {
    values = std::max(values, core.scratchValues());
    arrays = std::max(arrays, core.arraysNeeded());
  }
  const uint64_t slots =
      std::bit_ceil(uint64_t{tables.kinds.longestDelay()} + 2);
  for (const StreamTables::Worker &worker : tables.workers) {
    sums.emplace_back(slots * worker.lanes);
    rings.push_back({sums.back().data(), worker.lanes, slots - 1});
    for (uint32_t c = worker.firstCore; c < worker.endCore; ++c)
      tables.cores[c].attach(rings.back(), tables.firstLane[c]);
    scratch.push_back({LaneArray(values), std::vector<int32_t *>(arrays)});
  }
}

Error StreamEmulator::checkCore(uint32_t core) const {
  if (core < tables.cores.size())
    return Error::success();
  return inputError("core " + std::to_string(core) + " of an image with " +
                    std::to_string(tables.cores.size()));
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
  return tables.cores[core].inject(compartment, port, value, done + 1);
}

void StreamEmulator::work(unsigned worker) {
  const uint64_t step = done + 1;
  for (const Senders &senders : active[done & 1])
    tables.workers[worker].fanOut.deliver(senders, step, rings[worker],
                                          tables.kinds);
  tables.workers[worker].fanOut.deliver(host, step, rings[worker],
                                        tables.kinds);
  count(active[done & 1][worker]);
  Senders &next = active[step & 1][worker];
  next.clear();
  for (uint32_t c = tables.workers[worker].firstCore;
       c < tables.workers[worker].endCore; ++c) {
    CoreState &core = tables.cores[c];
    core.beginRun();
    core.update(step, options.seed, scratch[worker]);
    for (const Fired &fired : core.firedLast())
      next.push_back(
          {tables.firstSender[c] + fired.compartment, fired.payload});
  }
}

/// A list belongs to one worker, so nobody else counts these senders.
void StreamEmulator::count(std::span<const FanOut::Sender> senders) {
  for (const FanOut::Sender &sender : senders)
    ++delivered[sender.number];
}

/// Once the emulator has worked enough for it.
void StreamEmulator::makeNative() {
  interpreted += tables.firstSender.back();
  if (interpreted <= options.codegenAfter)
    return;
  for (CoreState &core : tables.cores)
    core.useNative(*options.codegen);
  native = true;
}

void StreamEmulator::step() {
  if (options.codegen && !native)
    makeNative();
  workers->run();
  count(host);
  host.clear();
  ++done;
  fresh = false;
  emitted.clear();
  for (uint32_t c = 0; c < tables.cores.size(); ++c)
    for (const Fired &fired : tables.cores[c].firedLast())
      emitted.push_back({done, c, fired.compartment, fired.payload});
}

Expected<std::vector<int32_t>>
StreamEmulator::read(uint32_t core, std::string_view state) const {
  if (Error error = checkCore(core))
    return std::move(error);
  return tables.cores[core].read(state, done);
}

/// Messages are counted by sender, which is cheap, and dealt to the cores when
/// somebody asks.
void StreamEmulator::dealCounters() const {
  const auto owner = [&](uint32_t sender) { // the host's senders come last
    return static_cast<size_t>(std::upper_bound(tables.firstSender.begin(),
                                                tables.firstSender.end(),
                                                sender) -
                               tables.firstSender.begin()) -
           1;
  };
  std::vector<CoreCounters> sum(tables.cores.size() + 1);
  for (size_t c = 0; c < tables.cores.size(); ++c)
    sum[c] = tables.cores[c].counters;
  const auto visit = [&](uint32_t sender, uint64_t spikes, bool arrived) {
    const size_t from = owner(sender);
    for (const StreamTables::Worker &worker : tables.workers)
      worker.fanOut.forEachRow(sender, [&](uint32_t lane, uint64_t synapses) {
        sum[from].axonsOut += spikes;
        if (!arrived)
          return;
        CoreCounters &to = sum[worker.coreOf(lane, tables.firstLane)];
        to.axonsIn += spikes;
        to.synapticEvents += spikes * synapses;
      });
  };
  for (uint32_t s = 0; s < delivered.size(); ++s)
    if (delivered[s] > 0)
      visit(s, delivered[s], true);
  for (const Senders &senders : active[done & 1])
    for (const FanOut::Sender &sender : senders)
      visit(sender.number, 1, false);
  sum.resize(tables.cores.size());
  dealt = std::move(sum);
  fresh = true;
}

const CoreCounters &StreamEmulator::counters(uint32_t core) const {
  static const CoreCounters none;
  if (core >= tables.cores.size())
    return none;
  if (!fresh)
    dealCounters();
  return dealt[core];
}

void StreamEmulator::reset() {
  for (CoreState &core : tables.cores)
    core.reset();
  for (auto &side : active)
    for (Senders &senders : side)
      senders.clear();
  host.clear();
  emitted.clear();
  std::fill(delivered.begin(), delivered.end(), 0);
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
