//===- emulator/core/MergedRows.h - One row a spike -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A spike of a binary neuron adds the same numbers to the same sums whenever it
// comes, however many messages the chip makes of it. So the rows that a
// compartment reaches on the cores of one worker become one row over the sums
// of all these cores. Synapses of one weight and delay (a class) are a list of
// lanes, or, where the class is dense, a bit a lane: the bits of all spikes of
// a step are then counted together (Kernels::addBitRows). A row of bits takes
// an eighth of the memory of bytes and is never scattered.
//
// What the chip counts, messages and synaptic events of each core, is counted
// by sender and dealt to the cores when somebody asks
// (CoreState::countMerged).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_MERGEDROWS_H
#define HILLOCK_EMULATOR_CORE_MERGEDROWS_H

#include "base/HugeArray.h"
#include "emulator/core/CoreState.h"

namespace hillock::emu {

/// The merged rows towards the cores of one worker and level.
class MergedRows {
public:
  /// Synapses of one sender by weight and delay, lanes of the ring.
  struct Class {
    int32_t value = 0;
    uint32_t delay = 0;
    std::vector<uint32_t> lanes;
  };
  /// \p senders compartments in all, rings of \p lanes.
  void begin(size_t senders, size_t lanes);
  bool canBeBits(std::span<const Class> classes) const;
  /// The row of the next sender; without classes it has none.
  void add(std::span<Class> classes);
  void finish();

  bool empty() const { return segments.empty(); }
  bool has(size_t sender) const {
    return firstSegment[sender] != firstSegment[sender + 1];
  }
  /// Spikes of \p senders reach \p ring: lists at once, bits with flush().
  void deliver(std::span<const uint32_t> senders, uint64_t step,
               const Ring &ring);
  void flush(uint64_t step, const Ring &ring, const Kernels &kernels);
  /// Of a sender's row only the lanes \p first .. \p first + \p count - 1, with
  /// a payload: for a message of the host.
  void deliverSlice(size_t sender, uint64_t step, const Ring &ring,
                    size_t first, size_t count, int32_t payload) const;

private:
  struct Segment {
    uint32_t first; ///< in blocks of bits, or in 16-bit words of lists
    uint32_t count; ///< of a list; 0: bits
    uint16_t kind;  ///< index into kinds
  };
  /// A weight and a delay that occur.
  struct Kind {
    int32_t value = 0;
    uint32_t delay = 0;
    std::vector<const uint64_t *> active; ///< rows that wait for flush()
  };

  bool storeBits(Class &entry, uint16_t kind);
  void storeList(std::span<const uint32_t> lanes, uint16_t kind);
  uint32_t laneAt(const Segment &list, uint32_t i) const;
  void prefetch(size_t sender) const;

  std::vector<uint32_t> firstSegment; ///< by sender
  std::vector<Segment> segments;
  std::vector<Kind> kinds;
  std::vector<uint64_t> bitWords;  ///< while building
  std::vector<uint16_t> listWords; ///< while building
  HugeArray bits, lists;
  const uint64_t *zeros = nullptr; ///< a row without a bit
  size_t blocks = 0;               ///< of a row of bits
  bool wide = false;               ///< lanes of lists take two words
};

/// Merges what can be merged of the rows that the output slots of \p cores
/// name; slots that are left stay in CoreState::out. Cores of one bucket have
/// their lanes (\p firstLane) in one ring, of \p ringLanes lanes by bucket, and
/// rows of their own. All cores are connected; the rows of the stores have not
/// moved yet.
void mergeRows(std::span<CoreState> cores, std::span<const unsigned> bucketOf,
               std::span<const uint32_t> firstLane,
               std::span<const size_t> ringLanes,
               std::vector<MergedRows> &merged);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_MERGEDROWS_H
