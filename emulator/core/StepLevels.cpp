//===- emulator/core/StepLevels.cpp - Level after level -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a block of steps a level of cores runs all of them before the next level
// begins: its rows stay in the cache, what arrives at the dense rows of the
// next level is known for all steps, and threads meet once a level and not once
// a step. Messages to higher levels wait in boxes.
//
//===----------------------------------------------------------------------===//
#include "emulator/core/StepEmulator.h"
#include <algorithm>
#include <map>
#include <numeric>

namespace hillock::emu {

namespace {

/// What boxes may need if everybody fires in all steps of a block, in bytes,
/// and how many there may be.
constexpr uint64_t mostStagedBytes = uint64_t{1} << 30, mostBoxes = 1u << 20;
/// Merged rows have a word for each sender and bucket.
constexpr uint64_t mostMergedSenders = uint64_t{16} << 20;
/// Blocks of fewer steps would not pay.
constexpr size_t leastSteps = 8;

/// Steps of a block for which there is room.
size_t stepsWithin(const std::vector<CoreState> &cores) {
  uint64_t slots = 1;
  for (const CoreState &core : cores)
    slots += core.table().axonsOut.size();
  return mostStagedBytes / (slots * sizeof(Message));
}

/// By core, the cores that it sends to, each once.
std::vector<std::vector<uint32_t>>
targetsOf(const std::vector<CoreState> &cores) {
  std::vector<std::vector<uint32_t>> targets(cores.size());
  std::vector<size_t> seen(cores.size(), SIZE_MAX);
  for (size_t c = 0; c < cores.size(); ++c)
    for (const RowRef &row : cores[c].out)
      if (std::exchange(seen[row.core], c) != c)
        targets[c].push_back(row.core);
  return targets;
}

} // namespace

CoreLevels StepEmulator::findLevels(unsigned count) const {
  CoreLevels found = CoreLevels::find(targetsOf(cores));
  uint64_t senders = 0;
  for (const CoreState &core : cores)
    senders += core.compartments();
  const uint64_t boxes =
      (cores.size() + uint64_t{count} * found.count) * plainSteps * count;
  if (boxes > mostBoxes || stepsWithin(cores) < leastSteps ||
      senders * found.count * count > mostMergedSenders) {
    found.level.assign(cores.size(), 0);
    found.component.assign(cores.size(), 0);
    found.count = 1;
  }
  return found;
}

/// In each level the heaviest core first, each to the worker that has least.
std::pair<std::vector<unsigned>, uint64_t>
StepEmulator::balance(std::span<const uint32_t> levelOfCore,
                      uint32_t levelCount, unsigned count) const {
  std::vector<uint32_t> order(cores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return cores[a].weight() > cores[b].weight();
  });
  std::vector<std::vector<uint64_t>> load(levelCount,
                                          std::vector<uint64_t>(count, 0));
  std::vector<unsigned> dealt(cores.size());
  for (uint32_t core : order) {
    std::vector<uint64_t> &of = load[levelOfCore[core]];
    const auto least = std::min_element(of.begin(), of.end());
    *least += cores[core].weight();
    dealt[core] = static_cast<unsigned>(least - of.begin());
  }
  uint64_t work = 0;
  for (const std::vector<uint64_t> &of : load)
    work += *std::max_element(of.begin(), of.end());
  return {std::move(dealt), work};
}

void StepEmulator::makeLevels(const CoreLevels &found) {
  levelOf = found.level;
  levels.resize(found.count);
  for (Level &level : levels)
    level.cores.resize(workerCount());
  std::map<uint32_t, unsigned> workerOfComponent;
  for (uint32_t c = 0; c < cores.size(); ++c) {
    Level &level = levels[levelOf[c]];
    level.cores[workerOf[c]].push_back(c);
    const unsigned first =
        workerOfComponent.try_emplace(found.component[c], workerOf[c])
            .first->second;
    level.spans |= first != workerOf[c];
    for (const RowRef &row : cores[c].out)
      level.talks |= levelOf[row.core] == levelOf[c];
  }
  const size_t pairs = size_t{workerCount()} * workerCount();
  for (std::vector<Mail> *side : {&mails[0], &mails[1], &carried}) {
    *side = std::vector<Mail>(pairs);
    for (Mail &box : *side)
      box.merged.resize(levels.size());
  }
}

/// When the first block of several steps is asked for: many emulators never
/// run one.
void StepEmulator::makeStaged() {
  mostSteps = std::min(mostSteps, stepsWithin(cores));
  staged.resize(workerCount());
  for (Staged &from : staged) {
    from.messages.resize(mostSteps * cores.size());
    from.dense.resize(mostSteps * cores.size());
    from.merged.resize(mostSteps * merged.size());
  }
  makePlaces();
}

void StepEmulator::makePlaces() {
  placesOfSlots.resize(cores.size());
  for (size_t c = 0; c < cores.size(); ++c) {
    std::vector<DenseBlock::Place> found;
    bool any = false;
    cores[c].forEachLeft([&](const image::AxonOut &slot) {
      const uint32_t to = cores[c].out[found.size()].core;
      DenseBlock::Place place;
      if (levelOf[to] != levelOf[c])
        place = dense[to].placeOf(slot.axon, slot.atom);
      found.push_back(place);
      any |= place.chunk != DenseBlock::Place::none;
    });
    if (any)
      placesOfSlots[c] = std::move(found);
  }
}

/// As post(), but those to higher levels into the boxes of step \p k + 1.
void StepEmulator::stage(unsigned worker, uint32_t number, size_t k,
                         std::span<const Fired> fired) {
  const CoreState &core = cores[number];
  for (size_t b : mergedBuckets) {
    const size_t level = b % levels.size(), to = b / levels.size();
    auto &senders = level == levelOf[number]
                        ? mail(done + 2 + k, worker, static_cast<unsigned>(to))
                              .merged[level]
                        : staged[worker].merged[(k + 1) * merged.size() + b];
    for (const Fired &spike : fired)
      if (uint32_t sender = firstSender[number] + spike.compartment;
          merged[b].has(sender))
        senders.push_back(sender);
  }
  if (core.out.empty())
    return;
  const std::vector<DenseBlock::Place> &ofSlots = placesOfSlots[number];
  const size_t box = (k + 1) * cores.size();
  for (const Fired &spike : fired)
    for (uint32_t slot = core.outFirst[spike.compartment];
         slot < core.outFirst[spike.compartment + 1]; ++slot) {
      const RowRef &row = core.out[slot];
      if (levelOf[row.core] == levelOf[number]) // its own component
        mail(done + 2 + k, worker, workerOf[row.core])
            .messages.push_back({row, spike.payload});
      else if (!ofSlots.empty() && spike.payload == 1 &&
               ofSlots[slot].chunk != DenseBlock::Place::none)
        staged[worker].dense[box + row.core].push_back(ofSlots[slot]);
      else
        staged[worker].messages[box + row.core].push_back({row, spike.payload});
    }
}

/// What lower levels sent to dense rows in all steps.
void StepEmulator::deliverStagedRows(unsigned worker, uint32_t core) {
  DenseBlock &block = dense[core];
  if (!block.useful())
    return;
  block.begin();
  for (size_t k = 0; k < blockSteps; ++k) {
    for (Staged &from : staged) {
      auto &taken = from.dense[k * cores.size() + core];
      block.reserve(taken.size());
      for (const DenseBlock::Place &place : taken)
        block.take(place);
      taken.clear();
    }
    block.nextStep();
  }
  addDense(core, worker);
}

void StepEmulator::deliverStaged(unsigned worker, size_t level, size_t k) {
  const uint64_t step = done + 1 + k;
  const size_t b = bucket(worker, level);
  for (Staged &from : staged) {
    for (uint32_t c : levels[level].cores[worker])
      deliverAll(from.messages[k * cores.size() + c], step);
    std::vector<uint32_t> &senders = from.merged[k * merged.size() + b];
    merged[b].deliver(senders, step, owns[worker].ring);
    senders.clear();
  }
  merged[b].flush(step, owns[worker].ring, *kernels);
}

} // namespace hillock::emu
