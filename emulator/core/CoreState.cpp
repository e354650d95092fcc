//===- emulator/core/CoreState.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/CoreState.h"
#include "emulator/core/Deliver.h"
#include "emulator/core/LaneOps.h"
#include "emulator/core/kernels/Kernels.h"
#include <algorithm>
#include <cstring>

namespace hillock::emu {

void CoreState::settle(std::span<const CoreState> cores) {
  for (RowRef &row : out)
    row.first = cores[row.core].store.rows()[row.first].first;
}

void CoreState::dropSlots(std::vector<bool> slots) {
  if (std::find(slots.begin(), slots.end(), true) == slots.end())
    return;
  mergedSlots = std::move(slots);
  delivered.assign(lanes, 0);
  std::vector<RowRef> left;
  uint32_t first = 0;
  for (uint32_t c = 0; c < lanes; ++c) {
    for (uint32_t s = first; s < outFirst[c + 1]; ++s)
      if (!mergedSlots[s])
        left.push_back(out[s]);
    first = outFirst[c + 1];
    outFirst[c + 1] = uint32_t(left.size());
  }
  left.shrink_to_fit();
  out = std::move(left);
}

void CoreState::attach(const Ring &sums, uint32_t firstLane) {
  ring = sums;
  laneInRing = firstLane;
  reset();
}

void CoreState::countDelivered() {
  if (mergedSlots.empty())
    return;
  for (const Fired &spike : firedLast())
    if (delivered[spike.compartment]++ == 0)
      sent.push_back(spike.compartment);
}

void CoreState::beginRun() {
  countDelivered(); // they are on the way now
  fired.clear();
  firedEnd.clear();
}

void CoreState::setFired(std::vector<Fired> spikes) {
  fired = std::move(spikes);
  firedEnd.assign(1, uint32_t(fired.size()));
}

void CoreState::reset() {
  for (size_t s = 0; s < statePointers.size(); ++s)
    std::copy_n(initial[s].data(), padded, statePointers[s]);
  for (uint64_t slot = 0; ring.base && slot < ring.slots(); ++slot)
    std::memset(ringSlot(slot), 0, padded * sizeof(int32_t));
  for (Direct &port : direct)
    port = Direct();
  fired.clear();
  firedEnd.clear();
  std::fill(delivered.begin(), delivered.end(), 0);
  sent.clear();
  counters = CoreCounters();
}

void CoreState::deliver(const Message &message, uint64_t step) {
  const RowRef &row = message.row;
  ++counters.axonsIn;
  counters.synapticEvents += row.count;
  const int32_t *words = store.at(row.first);
  int32_t *sums = ringSlot(step + row.delay) + row.base;
  switch (row.kind) {
  case RowKind::Dense4:
    kernels->addDense4(sums, words, row.count, message.payload);
    break;
  case RowKind::Dense8:
    kernels->addDense8(sums, words, row.count, message.payload);
    break;
  case RowKind::Dense16:
    kernels->addDense16(sums, words, row.count, message.payload);
    break;
  case RowKind::Equal:
    addEqual(sums, lane::mul(words[0], message.payload), words + 1, row.count);
    break;
  case RowKind::Sparse:
    addSparse(sums, words, row.count, message.payload);
    break;
  case RowKind::Delayed:
    addDelayed(ring.base + laneInRing, ring.stride, ring.mask, step, row.base,
               words, row.count, message.payload);
    break;
  case RowKind::Merged:
    break; // by MergedRows::deliverSlice()
  }
}

void CoreState::deliverBatch(const Message *messages, uint64_t step) {
  const RowRef &row = messages[0].row;
  const void *rows[batchRows];
  for (size_t k = 0; k < batchRows; ++k)
    rows[k] = store.at(messages[k].row.first);
  counters.axonsIn += batchRows;
  counters.synapticEvents += batchRows * uint64_t(row.count);
  const auto add = row.kind == RowKind::Dense4 ? kernels->addDense4Batch
                                               : kernels->addDense8Batch;
  add(ringSlot(step + row.delay) + row.base, rows, row.count);
}

Error CoreState::inject(uint32_t compartment, uint32_t port, int32_t value,
                        uint64_t step) {
  if (compartment >= lanes)
    return inputError("compartment " + std::to_string(compartment) + " of " +
                          std::to_string(lanes),
                      name());
  if (port >= direct.size())
    return inputError("port " + std::to_string(port) + " of program '" +
                          program->name + "', which has " +
                          std::to_string(direct.size()),
                      name());
  Direct &to = direct[port];
  LaneArray &values = to.values[step & 1];
  if (!values)
    values = LaneArray(padded);
  to.used[step & 1] = true;
  values.data()[compartment] = lane::add(values.data()[compartment], value);
  return Error::success();
}

void CoreState::update(uint64_t step, uint64_t seed, Scratch &scratch) {
  advance(ringSlot(step), step, seed, scratch);
  // What entered the step before can go now: nobody reads it any more, and its
  // slot is the next that deliveries will use.
  std::memset(ringSlot(step - 1), 0, padded * sizeof(int32_t));
}

void CoreState::moveStates(std::span<int32_t *const> to) {
  for (size_t s = 0; s < statePointers.size(); ++s)
    std::copy_n(statePointers[s], padded, to[s]);
  statePointers.assign(to.begin(), to.end());
  states.clear();
}

void CoreState::advance(const int32_t *sums, uint64_t step, uint64_t seed,
                        Scratch &scratch) {
  if (!firedEnd.empty())
    countDelivered();
  constexpr size_t fewPorts = 8;
  const int32_t *few[fewPorts];
  std::vector<const int32_t *> many;
  std::span<const int32_t *> ports(few, std::min(direct.size(), fewPorts));
  if (direct.size() > fewPorts) {
    many.resize(direct.size());
    ports = many;
  }
  for (size_t p = 0; p < direct.size(); ++p)
    ports[p] =
        direct[p].used[step & 1] ? direct[p].values[step & 1].data() : nullptr;
  LaneContext context;
  context.native = native;
  context.kernels = kernels;
  context.scratch = scratch.lanes.data();
  context.arrays = scratch.arrays.data();
  context.states = statePointers;
  context.sums = sums;
  context.shift = shift;
  context.direct = ports;
  context.lanes = lanes;
  context.seed = seed;
  context.core = index;
  context.step = step;
  const size_t before = fired.size();
  code.run(context, fired);
  firedEnd.push_back(uint32_t(fired.size()));
  counters.updates += lanes;
  counters.spikes += fired.size() - before;

  // As the sums of the step before, see update().
  for (Direct &port : direct)
    if (port.used[(step - 1) & 1]) {
      LaneArray &old = port.values[(step - 1) & 1];
      std::memset(old.data(), 0, old.size() * sizeof(int32_t));
      port.used[(step - 1) & 1] = false;
    }
}

Expected<std::vector<int32_t>> CoreState::read(std::string_view state,
                                               uint64_t step,
                                               const int32_t *slot) const {
  if (int s = program->stateIndex(state); s >= 0)
    return std::vector<int32_t>(statePointers[size_t(s)],
                                statePointers[size_t(s)] + lanes);
  if (state != "q")
    return inputError("program '" + program->name + "' has no state '" +
                          std::string(state) + "'",
                      name());
  std::vector<int32_t> sums(lanes);
  if (step == 0)
    return sums;
  const Direct *port = direct.empty() ? nullptr : &direct[0];
  for (uint32_t c = 0; c < lanes; ++c) {
    sums[c] = lane::shl(slot[c], int32_t(shift));
    if (port && port->used[step & 1])
      sums[c] = lane::add(sums[c], port->values[step & 1].data()[c]);
  }
  return sums;
}

} // namespace hillock::emu
