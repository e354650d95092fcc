//===- emulator/core/CoreState.h - One core at run time ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A core's tables in the form in which they run: rows of synapses ready to be
// added, states and accumulators as arrays of lanes, the program compiled for
// the core's parameters.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_CORESTATE_H
#define HILLOCK_EMULATOR_CORE_CORESTATE_H

#include "emulator/core/Emulator.h"
#include "emulator/core/LaneProgram.h"
#include <algorithm>

namespace hillock::emu {

/// How a row lies in the core's synapse store.
enum class RowKind : uint8_t {
  Dense8,  ///< int8 weights of consecutive compartments
  Dense16, ///< int16 weights of consecutive compartments
  Equal,   ///< one weight for all, then 16 bits of target a synapse
  Sparse,  ///< weight << 16 | target a synapse, one delay for all
  Delayed, ///< as Sparse, then a byte of delay a synapse
};

/// 32-bit words of a row of \p count synapses.
constexpr uint32_t rowWords(RowKind kind, uint32_t count) {
  switch (kind) {
  case RowKind::Dense8:
    return (count + 3) / 4;
  case RowKind::Dense16:
    return (count + 1) / 2;
  case RowKind::Equal:
    return 1 + (count + 1) / 2;
  case RowKind::Sparse:
    return count;
  case RowKind::Delayed:
    return count + (count + 3) / 4;
  }
  return 0;
}

/// A row as an axon names it: everything that a delivery needs.
struct RowRef {
  uint32_t core = 0;  ///< destination, index into the image
  uint32_t first = 0; ///< 32-bit word in the store
  uint32_t count = 0;
  uint16_t base = 0; ///< compartment that relative target 0 means
  RowKind kind = RowKind::Sparse;
  uint8_t delay = 0;
};

struct Message {
  RowRef row;
  int32_t payload = 1;
};

/// True when \p other may be added together with \p first, see addDense8Batch.
inline bool batches(const Message &first, const Message &other) {
  const RowRef &a = first.row, &b = other.row;
  return b.kind == RowKind::Dense8 && other.payload == 1 && a.core == b.core &&
         a.count == b.count && a.base == b.base && a.delay == b.delay;
}

/// The weights of all rows of a core, in 32-bit words: first in memory of its
/// own, later in a RowArena.
class SynapseStore {
public:
  /// Converts the rows; \p where names the core in errors. Weights are
  /// mantissas after their own exponent, so that a sum of them, shifted left by
  /// the target's base exponent, is the current.
  Error load(const image::CoreTables &tables, const std::string &where);

  struct Row {
    uint32_t first = 0, count = 0;
    uint16_t offset = 0;  ///< of a dense row's first target
    uint16_t highest = 0; ///< largest relative target
    RowKind kind = RowKind::Sparse;
    uint8_t delay = 0;
  };
  const std::vector<Row> &rows() const { return table; }
  const int32_t *at(uint32_t word) const { return base + word; }
  /// Copies row \p number to \p arena + \p word, from where it will be read.
  void move(uint32_t number, int32_t *arena, uint32_t word);
  /// All rows have been moved to \p arena.
  void settle(const int32_t *arena);
  uint32_t maxDelay() const { return longest; }
  bool shiftsSum() const { return sumExponent; }

private:
  Error loadRow(const image::CoreTables &tables, size_t row,
                const std::string &where);
  Expected<int16_t> weight(const image::SynapseFormat &format, int16_t mantissa,
                           const std::string &where) const;
  void storeEqual(int16_t weight, std::span<const uint16_t> targets, Row &row);
  void storeDense(std::span<const int16_t> weights, Row &row);
  void storeSparse(std::span<const int16_t> weights,
                   std::span<const uint16_t> targets,
                   std::span<const uint8_t> delays, Row &row);
  uint32_t append(size_t bytes);

  std::vector<int32_t> words;
  const int32_t *base = nullptr;
  std::vector<Row> table;
  uint32_t longest = 0;
  bool sumExponent = false;
};

/// Working memory of one thread.
struct Scratch {
  LaneArray lanes;
  std::vector<int32_t *> arrays;
};

class CoreState {
public:
  Error load(const image::LoadedImage &image, uint32_t index);
  /// The rows of an axon of this core; \p where names the sender.
  Expected<RowRef> resolve(uint32_t axon, uint32_t atom,
                           const std::string &where) const;
  /// Destinations of the output slots; all cores must be loaded. What \c first
  /// holds is the number of the row until settle().
  Error connect(const image::LoadedImage &image,
                std::span<const CoreState> cores,
                const std::vector<std::pair<uint64_t, uint32_t>> &places);

  /// The rows of all cores have found their places.
  void settle(std::span<const CoreState> cores);

  void reset();
  /// Asks for all of a short row; the hardware follows in a long one.
  void prefetch(const RowRef &row) const {
    constexpr uint32_t line = 16, lines = 4; // words, lines
    const int32_t *words = store.at(row.first);
    uint32_t count = std::min(rowWords(row.kind, row.count), line * lines);
    for (uint32_t at = 0; at < count; at += line)
      __builtin_prefetch(words + at);
  }
  void prefetchSlots(uint32_t compartment) const {
    const char *slots =
        reinterpret_cast<const char *>(out.data() + outFirst[compartment]);
    for (int line = 0; line < 4; ++line)
      __builtin_prefetch(slots + 64 * line);
  }
  void deliver(const Message &message, uint64_t step);
  /// batchRows messages for which batches() holds.
  void deliverBatch(const Message *messages, uint64_t step);
  Error inject(uint32_t compartment, uint32_t port, int32_t value,
               uint64_t step);
  void update(uint64_t step, uint64_t seed, Scratch &scratch);
  Expected<std::vector<int32_t>> read(std::string_view state,
                                      uint64_t step) const;

  size_t scratchValues() const {
    return size_t(code.scratchSlots()) * laneBlock;
  }
  size_t arraysNeeded() const { return code.arraysNeeded(); }
  /// An estimate of the work of a step, to deal cores to threads.
  uint64_t weight() const;

  SynapseStore store;
  std::vector<Fired> fired; ///< of the last step
  /// Output slots of compartment c: outFirst[c] .. outFirst[c+1]-1 of out.
  std::vector<uint32_t> outFirst;
  std::vector<RowRef> out;
  CoreCounters counters;

private:
  Error loadParams(const image::LoadedImage &image);
  int32_t *ringSlot(uint64_t step) {
    return ring.data() + (step & slotMask) * padded;
  }
  const int32_t *ringSlot(uint64_t step) const {
    return ring.data() + (step & slotMask) * padded;
  }
  std::string name() const;

  const image::CoreTables *tables = nullptr;
  const image::Program *program = nullptr;
  uint32_t index = 0, lanes = 0, padded = 0, shift = 0;
  uint64_t slotMask = 0;
  LaneProgram code;
  /// Sums of future steps; the slot of the last step keeps its sums for read().
  LaneArray ring;
  /// Injected values by port, for odd and even steps; allocated when used.
  struct Direct {
    LaneArray values[2];
    bool used[2] = {false, false};
  };
  std::vector<Direct> direct;
  std::vector<LaneArray> states, initial, paramLanes;
  std::vector<int32_t *> statePointers;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_CORESTATE_H
