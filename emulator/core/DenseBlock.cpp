//===- emulator/core/DenseBlock.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/DenseBlock.h"
#include "emulator/core/kernels/Kernels.h"
#include <algorithm>
#include <map>
#include <tuple>

namespace hillock::emu {

namespace {

/// Below these a row by itself is as good.
constexpr uint32_t leastRows = 32, leastLanes = 32;

using Shape = std::tuple<RowKind, uint32_t, uint16_t, uint8_t>;

Shape shapeOf(const RowRef &row) {
  return {row.kind, row.count, row.base, row.delay};
}

} // namespace

void DenseBlock::build(const CoreState &core) {
  std::vector<RowRef> ofAxon(core.table().axonsIn.size());
  std::map<Shape, uint64_t> axons;
  for (uint32_t a = 0; a < ofAxon.size(); ++a)
    if (core.find(a, 0, ofAxon[a]) && isByteRow(ofAxon[a].kind) &&
        ofAxon[a].count >= leastLanes)
      ++axons[shapeOf(ofAxon[a])];
  uint64_t most = 0;
  Shape common;
  for (const auto &[candidate, count] : axons)
    if (count > most) {
      most = count;
      common = candidate;
    }
  if (most < leastRows || most > size_t(Place::none - 1) * chunkRows)
    return;
  numberOf.resize(ofAxon.size());
  for (uint32_t a = 0; a < ofAxon.size(); ++a) {
    if (shapeOf(ofAxon[a]) != common)
      continue;
    shape = ofAxon[a];
    numberOf[a] = {uint16_t(rows.size() / chunkRows),
                   uint16_t(rows.size() % chunkRows)};
    rows.push_back(core.store.at(shape.first));
  }
  chunks.resize((rows.size() + chunkRows - 1) / chunkRows);
}

void DenseBlock::begin() {
  steps = 0;
  for (Chunk &chunk : chunks) {
    chunk.count = 0;
    chunk.first.assign(1, 0);
  }
}

void DenseBlock::reserve(size_t spikes) {
  for (Chunk &chunk : chunks)
    if (chunk.active.size() < chunk.count + spikes)
      chunk.active.resize(2 * (chunk.count + spikes));
}

void DenseBlock::nextStep() {
  for (Chunk &chunk : chunks)
    chunk.first.push_back(chunk.count);
  ++steps;
}

/// Where hardly a row is used twice, copying them would not pay.
void DenseBlock::addSingly(const Ring &ring, uint64_t step, uint32_t lane,
                           const Kernels &kernels) const {
  const bool packed = shape.kind == RowKind::Dense4;
  const auto addBatch =
      packed ? kernels.addDense4Batch : kernels.addDense8Batch;
  const auto add = packed ? kernels.addDense4 : kernels.addDense8;
  for (size_t t = 0; t < steps; ++t) {
    const void *batch[batchRows];
    size_t count = 0;
    int32_t *to = sumsAt(ring, step + t, lane);
    for (size_t c = 0; c < chunks.size(); ++c)
      for (uint32_t i = chunks[c].first[t]; i < chunks[c].first[t + 1]; ++i) {
        batch[count++] = rows[c * chunkRows + chunks[c].active[i]];
        if (count == batchRows) {
          addBatch(to, batch, shape.count);
          count = 0;
        }
      }
    for (size_t i = 0; i < count; ++i)
      add(to, batch[i], shape.count, 1);
  }
}

uint64_t DenseBlock::finish(uint64_t first, const Ring &ring, uint32_t lane,
                            const Kernels &kernels) {
  uint64_t taken = 0;
  for (const Chunk &chunk : chunks)
    taken += chunk.count;
  if (taken < rows.size()) {
    addSingly(ring, first, lane, kernels);
    return taken;
  }
  sums.resize(steps);
  for (size_t t = 0; t < steps; ++t)
    sums[t] = sumsAt(ring, first + t, lane);
  for (size_t c = 0; c < chunks.size(); ++c) {
    const Chunk &chunk = chunks[c];
    if (chunk.count == 0)
      continue;
    DenseSteps block;
    block.rows = rows.data() + c * chunkRows;
    block.rowCount = std::min(chunkRows, rows.size() - c * chunkRows);
    block.packed = shape.kind == RowKind::Dense4;
    block.lanes = shape.count;
    block.active = chunk.active.data();
    block.first = chunk.first.data();
    block.steps = steps;
    block.sums = sums.data();
    kernels.addSteps(block);
  }
  return taken;
}

} // namespace hillock::emu
