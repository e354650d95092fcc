//===- emulator/core/StepRun.cpp - Running steps --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/Deliver.h"
#include "emulator/core/StepEmulator.h"
#include "emulator/core/kernels/Kernels.h"
#include <algorithm>

namespace hillock::emu {

namespace {

/// Whether the \p left messages from \p first begin with a batch.
bool beginsBatch(const Message *first, size_t left) {
  if (!isByteRow(first->row.kind) || left < batchRows)
    return false;
  for (size_t k = 0; k < batchRows; ++k)
    if (!batches(*first, first[k]))
      return false;
  return true;
}

} // namespace

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
    if (message->row.kind == RowKind::Merged)
      deliverMerged(*message, step);
    core.deliver(*message, step);
    ++message;
  }
  box.clear();
}

/// A message of the host to a row of which only the sender's merged row is
/// left.
void StepEmulator::deliverMerged(const Message &message, uint64_t step) {
  const RowRef &row = message.row;
  const CoreState &core = cores[row.core];
  unsigned worker = workerOf[row.core];
  merged[worker].deliverSlice(mergedSender.at({row.core, row.first}), step,
                              owns[worker].ring, core.lane(),
                              core.compartments(), message.payload);
}

void StepEmulator::post(unsigned worker, uint32_t number, uint64_t step,
                        std::span<const Fired> fired) {
  constexpr size_t ahead = 2;
  CoreState &core = cores[number];
  for (const Fired &spike : fired)
    core.counters.axonsOut += core.slotCount(spike.compartment);
  for (unsigned to = 0; to < workerCount(); ++to) {
    if (merged[to].empty())
      continue;
    std::vector<uint32_t> &senders = mail(step + 1, worker, to).merged;
    for (const Fired &spike : fired)
      if (uint32_t sender = firstSender[number] + spike.compartment;
          merged[to].has(sender))
        senders.push_back(sender);
  }
  if (core.out.empty())
    return;
  for (size_t i = 0; i < fired.size(); ++i) {
    const Fired &spike = fired[i];
    if (i + ahead < fired.size())
      core.prefetchSlots(fired[i + ahead].compartment);
    uint32_t first = core.outFirst[spike.compartment];
    uint32_t last = core.outFirst[spike.compartment + 1];
    for (uint32_t slot = first; slot < last; ++slot) {
      const RowRef &row = core.out[slot];
      mail(step + 1, worker, workerOf[row.core])
          .messages.push_back({row, spike.payload});
    }
  }
}

/// What the host sends to dense rows in all steps.
void StepEmulator::deliverAhead(unsigned worker) {
  for (uint32_t c : owns[worker].cores) {
    if (!dense[c].useful())
      continue;
    CoreState &core = cores[c];
    uint64_t taken =
        dense[c].finish(done + 1, owns[worker].ring, core.lane(), *kernels);
    core.counters.axonsIn += taken;
    core.counters.synapticEvents += taken * dense[c].lanes();
  }
}

/// Everything that arrives in step \p k of the block.
void StepEmulator::deliverStep(unsigned worker, size_t k) {
  const uint64_t step = done + 1 + k;
  Own &own = owns[worker];
  for (unsigned from = 0; from < workerCount(); ++from) {
    Mail &box = mail(step, from, worker);
    deliverAll(box.messages, step);
    merged[worker].deliver(box.merged, step, own.ring);
    box.merged.clear();
  }
  merged[worker].flush(step, own.ring, *kernels);
  if (k == 0)
    deliverAll(own.host, step);
  if (inbox.empty())
    return;
  for (uint32_t c : own.cores)
    deliverAll(inbox[k * cores.size() + c], step);
}

void StepEmulator::work(unsigned worker) {
  Own &own = owns[worker];
  for (uint32_t c : own.cores)
    cores[c].beginRun();
  if (hostKnown)
    deliverAhead(worker);
  for (size_t k = 0; k < blockSteps; ++k) {
    if (k > 0)
      workers->meet();
    deliverStep(worker, k);
    const uint64_t step = done + 1 + k;
    for (uint32_t c : own.cores) {
      cores[c].update(step, options.seed, own.scratch);
      post(worker, c, step, cores[c].firedIn(k));
    }
  }
}

void StepEmulator::collect(uint64_t step, size_t k,
                           std::vector<Spike> &spikes) const {
  size_t at = spikes.size(), count = 0;
  for (const CoreState &core : cores)
    count += core.firedIn(k).size();
  if (spikes.capacity() < at + count)
    spikes.reserve(2 * (at + count));
  spikes.resize(at + count);
  for (uint32_t c = 0; c < cores.size(); ++c)
    for (const Fired &fired : cores[c].firedIn(k))
      spikes[at++] = {step, c, fired.compartment, fired.payload};
}

/// Once the emulator has worked enough for it.
void StepEmulator::makeNative(size_t steps) {
  for (const CoreState &core : cores)
    interpreted += core.compartments() * steps;
  if (interpreted <= options.codegenAfter)
    return;
  for (CoreState &core : cores)
    core.useNative(*options.codegen);
  native = true;
}

void StepEmulator::runBlock(size_t steps) {
  if (options.codegen && !native)
    makeNative(steps);
  blockSteps = steps;
  workers->run();
  done += steps;
  hostKnown = false;
  queued.clear();
  for (size_t b = 0; b < std::min(inbox.size(), steps * cores.size()); ++b)
    inbox[b].clear();
}

void StepEmulator::step() {
  runBlock(1);
  emitted.clear();
  collect(done, 0, emitted);
}

/// Looks up the rows of a block's host spikes.
Error StepEmulator::queueHost(std::span<const std::vector<HostSpike>> inputs) {
  inbox.resize(mostSteps * cores.size());
  auto fail = [&](Error error) {
    hostKnown = false;
    for (Box &box : inbox)
      box.clear();
    return error;
  };
  hostKnown = true;
  for (DenseBlock &block : dense)
    block.begin();
  for (size_t k = 0; k < inputs.size(); ++k) {
    for (DenseBlock &block : dense)
      block.reserve(inputs[k].size());
    Box *boxes = inbox.data() + k * cores.size();
    for (const HostSpike &spike : inputs[k]) {
      if (spike.core < dense.size() && dense[spike.core].take(spike))
        continue;
      if (Error error = checkCore(spike.core))
        return fail(std::move(error));
      Message message;
      message.payload = spike.payload;
      if (!cores[spike.core].find(spike.axon, spike.atom, message.row))
        return fail(cores[spike.core]
                        .resolve(spike.axon, spike.atom, "host spike")
                        .takeError());
      if (message.row.kind == RowKind::Merged)
        knowMerged();
      boxes[spike.core].push_back(message);
    }
    for (DenseBlock &block : dense)
      block.nextStep();
  }
  return Error::success();
}

Error StepEmulator::run(std::span<const std::vector<HostSpike>> inputs,
                        std::vector<Spike> &spikes) {
  size_t steps = 0;
  for (; !inputs.empty(); inputs = inputs.subspan(steps)) {
    steps = std::min(mostSteps, inputs.size());
    if (Error error = queueHost(inputs.first(steps)))
      return error;
    runBlock(steps);
    for (size_t k = 0; k < steps; ++k)
      collect(done - steps + 1 + k, k, spikes);
  }
  if (steps > 0) {
    emitted.clear();
    collect(done, steps - 1, emitted);
  }
  return Error::success();
}

} // namespace hillock::emu
