//===- emulator/core/Emulator.cpp - The step engine -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores are dealt to workers once. In a step every worker adds the messages
// that wait for its cores, advances its cores, and writes the messages that
// their spikes cause into boxes, one a (sending, receiving) pair of workers.
// Boxes exist twice, for odd and even steps, so that the end of a step is the
// only barrier.
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Emulator.h"
#include "emulator/core/CoreState.h"
#include "emulator/core/Deliver.h"
#include "emulator/core/RowArena.h"
#include "emulator/core/Workers.h"
#include <algorithm>
#include <numeric>

namespace hillock::emu {

namespace {

constexpr unsigned maxThreads = 256;

class StepEmulator final : public Emulator {
public:
  StepEmulator(std::shared_ptr<const image::LoadedImage> loaded,
               Options options)
      : image(std::move(loaded)), options(options) {}

  Error load();

  uint64_t now() const override { return done; }
  Error send(std::span<const HostSpike> hostSpikes) override;
  Error inject(uint32_t core, uint32_t compartment, uint32_t port,
               int32_t value) override;
  void step() override;
  std::span<const Spike> spikes() const override { return emitted; }
  Expected<std::vector<int32_t>> read(uint32_t core,
                                      std::string_view state) const override;
  const CoreCounters &counters(uint32_t core) const override {
    static const CoreCounters none;
    return core < cores.size() ? cores[core].counters : none;
  }
  void reset() override;

private:
  using Box = std::vector<Message>;

  void deal(unsigned workerCount);
  void work(unsigned worker);
  void deliverAll(Box &box, uint64_t step);
  void post(unsigned worker, CoreState &core, uint64_t step);
  Box &box(uint64_t step, unsigned from, unsigned to) {
    return boxes[step & 1][from * coresOf.size() + to];
  }
  Error checkCore(uint32_t core) const;

  std::shared_ptr<const image::LoadedImage> image;
  Options options;
  RowArena rows;
  std::vector<CoreState> cores;
  std::vector<std::vector<uint32_t>> coresOf; ///< by worker, rising
  std::vector<unsigned> workerOf;             ///< by core
  std::vector<Box> boxes[2];
  std::vector<Box> hostBoxes; ///< by receiving worker
  std::vector<Scratch> scratch;
  std::vector<Spike> emitted;
  uint64_t done = 0;
  std::unique_ptr<Workers> workers; // last: its threads end first
};

Error StepEmulator::load() {
  cores.resize(image->cores.size());
  std::vector<std::pair<uint64_t, uint32_t>> places;
  for (uint32_t c = 0; c < cores.size(); ++c) {
    if (Error error = cores[c].load(*image, c))
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
  deal(workers->count());
  return rows.arrange(cores, workerOf, workers->count());
}

/// Heaviest core first, each to the worker that has least.
void StepEmulator::deal(unsigned workerCount) {
  coresOf.assign(workerCount, {});
  workerOf.assign(cores.size(), 0);
  std::vector<uint64_t> load(workerCount, 0);
  std::vector<uint32_t> order(cores.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    uint64_t left = cores[a].weight(), right = cores[b].weight();
    return left != right ? left > right : a < b;
  });
  for (uint32_t core : order) {
    auto least = std::min_element(load.begin(), load.end());
    unsigned worker = static_cast<unsigned>(least - load.begin());
    *least += cores[core].weight();
    workerOf[core] = worker;
    coresOf[worker].push_back(core);
  }
  size_t values = 0, arrays = 0;
  for (const CoreState &core : cores) {
    values = std::max(values, core.scratchValues());
    arrays = std::max(arrays, core.arraysNeeded());
  }
  for (auto &list : coresOf) {
    std::sort(list.begin(), list.end());
    scratch.push_back({LaneArray(values), std::vector<int32_t *>(arrays)});
  }
  for (auto &side : boxes)
    side.resize(size_t(workerCount) * workerCount);
  hostBoxes.resize(workerCount);
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
  for (const Message &message : messages)
    hostBoxes[workerOf[message.row.core]].push_back(message);
  return Error::success();
}

Error StepEmulator::inject(uint32_t core, uint32_t compartment, uint32_t port,
                           int32_t value) {
  if (Error error = checkCore(core))
    return error;
  return cores[core].inject(compartment, port, value, done + 1);
}

/// Whether the \p left messages from \p first begin with a batch.
bool beginsBatch(const Message *first, size_t left) {
  if (first->row.kind != RowKind::Dense8 || left < batchRows)
    return false;
  for (size_t k = 0; k < batchRows; ++k)
    if (!batches(*first, first[k]))
      return false;
  return true;
}

void StepEmulator::deliverAll(Box &box, uint64_t step) {
  constexpr size_t ahead = 8;
  const Message *message = box.data(), *end = message + box.size();
  while (message != end) {
    size_t left = size_t(end - message);
    CoreState &core = cores[message->row.core];
    if (beginsBatch(message, left)) {
      core.deliverBatch(message, step);
      message += batchRows;
      continue;
    }
    if (ahead < left) {
      const RowRef &next = message[ahead].row;
      cores[next.core].prefetch(next);
    }
    core.deliver(*message, step);
    ++message;
  }
  box.clear();
}

void StepEmulator::post(unsigned worker, CoreState &core, uint64_t step) {
  constexpr size_t ahead = 2;
  for (size_t i = 0; i < core.fired.size(); ++i) {
    const Fired &fired = core.fired[i];
    if (i + ahead < core.fired.size())
      core.prefetchSlots(core.fired[i + ahead].compartment);
    uint32_t first = core.outFirst[fired.compartment];
    uint32_t last = core.outFirst[fired.compartment + 1];
    core.counters.axonsOut += last - first;
    for (uint32_t slot = first; slot < last; ++slot) {
      const RowRef &row = core.out[slot];
      box(step + 1, worker, workerOf[row.core]).push_back({row, fired.payload});
    }
  }
}

void StepEmulator::work(unsigned worker) {
  uint64_t step = done + 1;
  for (unsigned from = 0; from < coresOf.size(); ++from)
    deliverAll(box(step, from, worker), step);
  deliverAll(hostBoxes[worker], step);
  for (uint32_t core : coresOf[worker]) {
    cores[core].update(step, options.seed, scratch[worker]);
    post(worker, cores[core], step);
  }
}

void StepEmulator::step() {
  workers->run();
  ++done;
  emitted.clear();
  for (uint32_t c = 0; c < cores.size(); ++c)
    for (const Fired &fired : cores[c].fired)
      emitted.push_back({done, c, fired.compartment, fired.payload});
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
  for (auto &side : boxes)
    for (Box &box : side)
      box.clear();
  for (Box &box : hostBoxes)
    box.clear();
  emitted.clear();
  done = 0;
}

} // namespace

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
