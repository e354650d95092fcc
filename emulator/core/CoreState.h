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

namespace hillock::emu {

/// How a row lies in the core's synapse store.
enum class RowKind : uint8_t {
  Dense8,  ///< int8 weights of consecutive compartments
  Dense16, ///< int16 weights of consecutive compartments
  Sparse,  ///< weight << 16 | target a synapse, one delay for all
  Delayed, ///< as Sparse, then a byte of delay a synapse
};

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

/// The weights of all rows of a core, in 32-bit words.
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
  const int32_t *at(uint32_t word) const { return words.data() + word; }
  uint32_t maxDelay() const { return longest; }
  bool shiftsSum() const { return sumExponent; }

private:
  Error loadRow(const image::CoreTables &tables, size_t row,
                const std::string &where);
  Expected<int16_t> weight(const image::SynapseFormat &format, int16_t mantissa,
                           const std::string &where) const;
  void storeDense(std::span<const int16_t> weights, Row &row);
  void storeSparse(std::span<const int16_t> weights,
                   std::span<const uint16_t> targets,
                   std::span<const uint8_t> delays, Row &row);
  uint32_t append(size_t bytes);

  std::vector<int32_t> words;
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
  /// Destinations of the output slots; all cores must be loaded.
  Error connect(const image::LoadedImage &image,
                std::span<const CoreState> cores,
                const std::vector<std::pair<uint64_t, uint32_t>> &places);

  void reset();
  void prefetch(const RowRef &row) const {
    __builtin_prefetch(store.at(row.first));
  }
  void deliver(const Message &message, uint64_t step);
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
  SynapseStore store;
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
