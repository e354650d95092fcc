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
  const unsigned worker = workerOf[row.core];
  merged[bucket(worker, levelOf[row.core])].deliverSlice(
      mergedSender.at({row.core, row.first}), step, owns[worker].ring,
      core.lane(), core.compartments(), message.payload);
}

/// Puts the messages of spikes into the mail \p to, by receiving worker.
void StepEmulator::post(unsigned worker, uint32_t number, std::span<Mail> to,
                        std::span<const Fired> fired) {
  constexpr size_t ahead = 2;
  CoreState &core = cores[number];
  Mail *const own = to.data() + size_t{worker} * workerCount();
  for (size_t b : mergedBuckets) {
    auto &senders = own[b / levels.size()].merged[b % levels.size()];
    for (const Fired &spike : fired)
      if (uint32_t sender = firstSender[number] + spike.compartment;
          merged[b].has(sender))
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
      own[workerOf[row.core]].messages.push_back({row, spike.payload});
    }
  }
}

/// Adds what \p core's dense rows have been told of.
void StepEmulator::addDense(uint32_t number, unsigned worker) {
  CoreState &core = cores[number];
  const uint64_t taken =
      dense[number].finish(done + 1, owns[worker].ring, core.lane(), *kernels);
  core.counters.axonsIn += taken;
  core.counters.synapticEvents += taken * dense[number].lanes();
}

/// What the host sends to dense rows in all steps.
void StepEmulator::deliverAhead(unsigned worker) {
  for (uint32_t c : owns[worker].cores)
    if (dense[c].useful())
      addDense(c, worker);
}

/// What has been sent to the cores of levels \p first .. \p end - 1, who are
/// all whom anybody may have sent to.
void StepEmulator::deliverMail(unsigned worker, uint64_t step, size_t first,
                               size_t end) {
  const Ring &ring = owns[worker].ring;
  for (unsigned from = 0; from < workerCount(); ++from) {
    Mail &box = mail(step, from, worker);
    deliverAll(box.messages, step);
    for (size_t l = first; l < end; ++l) {
      merged[bucket(worker, l)].deliver(box.merged[l], step, ring);
      box.merged[l].clear();
    }
  }
  for (size_t l = first; l < end; ++l)
    merged[bucket(worker, l)].flush(step, ring, *kernels);
}

/// Step \p k of the block for a worker's cores of a level.
void StepEmulator::runCores(std::span<const uint32_t> of, unsigned worker,
                            size_t k) {
  const uint64_t step = done + 1 + k;
  const bool last = k + 1 == blockSteps;
  if (!inbox.empty())
    for (uint32_t c : of)
      deliverAll(inbox[k * cores.size() + c], step);
  for (uint32_t c : of) {
    CoreState &core = cores[c];
    core.update(step, options.seed, owns[worker].scratch);
    const std::span<const Fired> fired = core.firedIn(k);
    for (const Fired &spike : fired)
      core.counters.axonsOut += core.slotCount(spike.compartment);
    if (staged.empty() || last)
      post(worker, c, last ? carried : mails[(step + 1) & 1], fired);
    else
      stage(worker, c, k, fired);
  }
}

void StepEmulator::runLevel(size_t number, unsigned worker) {
  const Level &level = levels[number];
  const std::vector<uint32_t> &of = level.cores[worker];
  if (!staged.empty() && blockSteps > 1)
    for (uint32_t c : of)
      deliverStagedRows(worker, c);
  for (size_t k = 0; k < blockSteps; ++k) {
    if (k > 0 && level.spans)
      workers->meet();
    if (k > 0 && level.talks)
      deliverMail(worker, done + 1 + k, number, number + 1);
    if (!staged.empty())
      deliverStaged(worker, number, k);
    runCores(of, worker, k);
  }
}

void StepEmulator::work(unsigned worker) {
  Own &own = owns[worker];
  for (uint32_t c : own.cores)
    cores[c].beginRun();
  if (hostKnown)
    deliverAhead(worker);
  deliverMail(worker, done + 1, 0, levels.size());
  deliverAll(own.host, done + 1);
  for (size_t l = 0; l < levels.size(); ++l) {
    if (l > 0 && blockSteps > 1)
      workers->meet();
    runLevel(l, worker);
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
  std::swap(mails[(done + 1) & 1], carried); // all mail has been delivered
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
  if (inputs.size() > 1 && levels.size() > 1 && staged.empty())
    makeStaged();
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
