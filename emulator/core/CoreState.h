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
#include "emulator/core/PackedRows.h"
#include <algorithm>

namespace hillock::proto {
class CoreCheckpoint;
} // namespace hillock::proto

namespace hillock::emu {

/// How a row lies in the core's synapse store.
enum class RowKind : uint8_t {
  Dense4,  ///< PackedRows.h: weights of consecutive compartments
  Dense8,  ///< int8 weights of consecutive compartments
  Dense16, ///< int16 weights of consecutive compartments
  Equal,   ///< one weight for all, then 16 bits of target a synapse
  Sparse,  ///< weight << 16 | target a synapse, one delay for all
  Delayed, ///< as Sparse, then a byte of delay a synapse
  Merged,  ///< part of a row of MergedRows
};

/// 32-bit words of a row of \p count synapses.
constexpr uint32_t rowWords(RowKind kind, uint32_t count) {
  switch (kind) {
  case RowKind::Dense4:
    return uint32_t(packedBytes(count) / sizeof(uint32_t));
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
  case RowKind::Merged:
    return 0;
  }
  return 0;
}

/// A row as an axon names it: everything that a delivery needs.
struct RowRef {
  uint32_t core = 0;  ///< destination, index into the image
  uint32_t first = 0; ///< 32-bit word in the store; of a merged row its number
  uint32_t count = 0;
  uint16_t base = 0; ///< compartment that relative target 0 means
  RowKind kind = RowKind::Sparse;
  uint8_t delay = 0;
};

struct Message {
  RowRef row;
  int32_t payload = 1;
};

/// Rows of this kind can be added several at once.
inline bool isByteRow(RowKind kind) {
  return kind == RowKind::Dense8 || kind == RowKind::Dense4;
}

/// True when \p other may be added together with \p first, a byte row, see
/// addDense8Batch.
inline bool batches(const Message &first, const Message &other) {
  const RowRef &a = first.row, &b = other.row;
  return b.kind == a.kind && other.payload == 1 && a.core == b.core &&
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
  /// Row \p number lies in a MergedRows.
  void merge(uint32_t number) { table[number].kind = RowKind::Merged; }
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

/// Sums of steps to come, a slot a step, the lanes of all cores of a worker
/// side by side. The slot of the last step keeps its sums for read().
struct Ring {
  int32_t *base = nullptr;
  size_t stride = 0;
  uint64_t mask = 0;
  int32_t *slot(uint64_t step) const { return base + (step & mask) * stride; }
  uint64_t slots() const { return mask + 1; }
};

/// Working memory of one thread.
struct Scratch {
  LaneArray lanes;
  std::vector<int32_t *> arrays;
};

/// Neighbours may belong to different threads, so no two share a cache line.
class alignas(128) CoreState {
public:
  Error load(const image::LoadedImage &image, uint32_t index,
             const Kernels &loops);
  /// The rows of an axon of this core; \p where names the sender.
  Expected<RowRef> resolve(uint32_t axon, uint32_t atom,
                           const std::string &where) const;
  /// The same without words: false when it is not there.
  bool find(uint32_t axon, uint32_t atom, RowRef &row) const;
  /// Destinations of the output slots; all cores must be loaded. What \c first
  /// holds is the number of the row until settle().
  Error connect(const image::LoadedImage &image,
                std::span<const CoreState> cores,
                const std::vector<std::pair<uint64_t, uint32_t>> &places);

  /// Takes away the output slots of rows that were merged.
  void dropSlots(std::vector<bool> slots);
  /// This core's lanes of \p ring begin with \p firstLane.
  void attach(const Ring &ring, uint32_t firstLane);
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
  /// Advances by the sums of the ring.
  void update(uint64_t step, uint64_t seed, Scratch &scratch);
  /// Advances by \p sums, padded lanes, whoever made them.
  void advance(const int32_t *sums, uint64_t step, uint64_t seed,
               Scratch &scratch);
  /// Forgets the spikes of the last run of steps, see \c fired.
  void beginRun();
  /// Spikes of the \p k-th step since beginRun().
  std::span<const Fired> firedIn(size_t k) const {
    uint32_t first = k == 0 ? 0 : firedEnd[k - 1];
    return {fired.data() + first, firedEnd[k] - first};
  }
  std::span<const Fired> firedLast() const {
    return firedEnd.empty() ? std::span<const Fired>()
                            : firedIn(firedEnd.size() - 1);
  }
  /// As if the last step had ended with these spikes.
  void setFired(std::vector<Fired> spikes);
  /// Visits (output slot, spikes of its compartment that were delivered) of the
  /// merged slots since the last call.
  template <typename Visit> void countMerged(Visit visit) {
    for (uint32_t c : sent) {
      for (uint32_t s = tables->outFirst[c]; s < tables->outFirst[c + 1]; ++s)
        if (mergedSlots[s])
          visit(tables->axonsOut[s], delivered[c]);
      delivered[c] = 0;
    }
    sent.clear();
  }
  template <typename Visit> void forEachMerged(Visit visit) const {
    for (uint32_t c = 0; c < lanes && !mergedSlots.empty(); ++c)
      for (uint32_t s = tables->outFirst[c]; s < tables->outFirst[c + 1]; ++s)
        if (mergedSlots[s])
          visit(c, tables->axonsOut[s]);
  }
  /// Visits the slots of the image that are left in \c out, in its order.
  template <typename Visit> void forEachLeft(Visit visit) const {
    for (size_t s = 0; s < tables->axonsOut.size(); ++s)
      if (mergedSlots.empty() || !mergedSlots[s])
        visit(tables->axonsOut[s]);
  }
  uint32_t slotCount(uint32_t compartment) const {
    return tables->outFirst[compartment + 1] - tables->outFirst[compartment];
  }
  const image::CoreTables &table() const { return *tables; }
  /// Spikes, if any, have the payload 1.
  bool firesOne() const { return code.firesOne(); }
  uint32_t lane() const { return laneInRing; }
  Expected<std::vector<int32_t>> read(std::string_view state,
                                      uint64_t step) const {
    return read(state, step, ringSlot(step));
  }
  /// The same where the sums of the last step are \p sums.
  Expected<std::vector<int32_t>> read(std::string_view state, uint64_t step,
                                      const int32_t *sums) const;
  /// State s lies at to[s] from now on, padded lanes at a cache line.
  void moveStates(std::span<int32_t *const> to);
  std::span<int32_t *const> stateLanes() const { return statePointers; }

  /// Between two steps, after \p step; check() before restore(), which leaves
  /// the counters to the caller.
  void save(proto::CoreCheckpoint &to, uint64_t step) const;
  Error check(const proto::CoreCheckpoint &from) const;
  void restore(const proto::CoreCheckpoint &from, uint64_t step);

  uint32_t compartments() const { return lanes; }
  size_t scratchValues() const {
    return std::max(size_t(code.scratchSlots()) * laneBlock,
                    code.nativeScratch(lanes));
  }
  /// Machine code from now on, where \p codegen makes it.
  void useNative(LaneCodegen &codegen) {
    native = codegen.generate(code, shift);
  }
  LaneFunction nativeCode() const { return native; }
  const LaneProgram &laneProgram() const { return code; }
  size_t arraysNeeded() const { return code.arraysNeeded(); }
  /// An estimate of the work of a step, to deal cores to threads.
  uint64_t weight() const;

  SynapseStore store;
  /// Output slots of compartment c that are not merged: outFirst[c] ..
  /// outFirst[c+1]-1 of out.
  std::vector<uint32_t> outFirst;
  std::vector<RowRef> out;
  CoreCounters counters;

private:
  Error loadParams(const image::LoadedImage &image);
  int32_t *ringSlot(uint64_t step) const {
    return ring.base ? ring.slot(step) + laneInRing : nullptr;
  }
  void countDelivered();
  std::string name() const;

  const image::CoreTables *tables = nullptr;
  const image::Program *program = nullptr;
  const Kernels *kernels = nullptr;
  uint32_t index = 0, lanes = 0, padded = 0, shift = 0, laneInRing = 0;
  LaneProgram code;
  LaneFunction native = nullptr;
  Ring ring;
  std::vector<Fired> fired; ///< of the steps since beginRun()
  std::vector<uint32_t> firedEnd;
  std::vector<bool> mergedSlots; ///< by slot of the image; empty: none
  /// Spikes by compartment that merged rows have taken, and whose are not 0.
  std::vector<uint32_t> delivered, sent;
  /// Injected values by port, for odd and even steps; allocated when used.
  struct Direct {
    LaneArray values[2];
    bool used[2] = {false, false};
  };
  std::vector<Direct> direct;
  std::vector<LaneArray> states; ///< until moveStates()
  std::vector<LaneArray> initial, paramLanes;
  std::vector<int32_t *> statePointers;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_CORESTATE_H
