//===- emulator/core/RowArena.cpp -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/RowArena.h"

namespace hillock::emu {

namespace {

constexpr uint32_t lineWords = 16;

struct Place {
  uint32_t core, row;
};

/// The rows of each worker's cores in order of first use, then those that only
/// the host names.
std::vector<std::vector<Place>> order(std::span<const CoreState> cores,
                                      std::span<const unsigned> workerOf,
                                      unsigned workers) {
  std::vector<std::vector<Place>> result(workers);
  std::vector<std::vector<bool>> seen;
  for (const CoreState &core : cores)
    seen.emplace_back(core.store.rows().size());
  auto take = [&](uint32_t core, uint32_t row) {
    if (seen[core][row])
      return;
    seen[core][row] = true;
    result[workerOf[core]].push_back({core, row});
  };
  for (const CoreState &core : cores)
    for (const RowRef &slot : core.out)
      take(slot.core, slot.first);
  for (uint32_t c = 0; c < cores.size(); ++c)
    for (uint32_t r = 0; r < seen[c].size(); ++r)
      take(c, r);
  return result;
}

/// A row that takes several cache lines starts with one.
uint64_t aligned(uint64_t word, uint32_t count) {
  return count < 4 * lineWords ? word
                               : (word + lineWords - 1) / lineWords * lineWords;
}

} // namespace

Error RowArena::arrange(std::span<CoreState> cores,
                        std::span<const unsigned> workerOf, unsigned workers) {
  std::vector<std::vector<Place>> places = order(cores, workerOf, workers);
  auto forEach = [&](auto move) {
    uint64_t word = 0;
    for (const std::vector<Place> &list : places)
      for (const Place &place : list) {
        const SynapseStore::Row &row =
            cores[place.core].store.rows()[place.row];
        uint32_t count = rowWords(row.kind, row.count);
        word = aligned(word, count);
        move(place, word);
        word += count;
      }
    return word;
  };
  uint64_t total = forEach([](const Place &, uint64_t) {});
  if (total > UINT32_MAX)
    return inputError(std::to_string(total) +
                          " words of synapses, the emulator holds 2^32",
                      "image", "split the network");
  words = HugeArray(total * sizeof(int32_t));
  int32_t *arena = words.as<int32_t>();
  forEach([&](const Place &place, uint64_t word) {
    cores[place.core].store.move(place.row, arena, uint32_t(word));
  });
  for (CoreState &core : cores)
    core.store.settle(arena);
  for (CoreState &core : cores)
    core.settle(cores);
  return Error::success();
}

} // namespace hillock::emu
