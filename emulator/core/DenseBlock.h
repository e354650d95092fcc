//===- emulator/core/DenseBlock.h - Dense rows over many steps --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// When the messages of many steps are known ahead, what they add is a product
// of matrices of integers: (steps x rows) of bits times (rows x lanes) of
// bytes. Sums of integers do not care for order, so it is the same as step by
// step.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_DENSEBLOCK_H
#define HILLOCK_EMULATOR_CORE_DENSEBLOCK_H

#include "emulator/core/CoreState.h"

namespace hillock::emu {

/// The byte rows of one core that have one length and place, and the spikes
/// of the host, or of lower levels, to them in a block of steps.
class DenseBlock {
public:
  /// Takes stock of \p core's rows, which have found their places.
  void build(const CoreState &core);
  /// Whether the core has enough of such rows.
  bool useful() const { return !rows.empty(); }

  /// Where a row lies.
  struct Place {
    static constexpr uint16_t none = UINT16_MAX;
    uint16_t chunk = none, row = 0;
  };
  Place placeOf(uint32_t axon, uint32_t atom) const {
    return axon < numberOf.size() && atom == 0 ? numberOf[axon] : Place();
  }

  /// Spikes come step by step: begin(), reserve() and take() those of a step,
  /// nextStep(), ..., then finish().
  void begin();
  /// Makes room for \p spikes more.
  void reserve(size_t spikes);
  /// False: this one has to be delivered by itself.
  bool take(const HostSpike &spike) {
    const Place place = placeOf(spike.axon, spike.atom);
    if (place.chunk == Place::none || spike.payload != 1)
      return false;
    take(place);
    return true;
  }
  void take(Place place) {
    Chunk &chunk = chunks[place.chunk];
    chunk.active[chunk.count++] = place.row;
  }
  void nextStep();
  /// Adds what was taken; \p first is the step of the first spike. Returns the
  /// number of spikes; all rows have lanes() synapses.
  uint64_t finish(uint64_t first, const Ring &ring, uint32_t lane,
                  const Kernels &kernels);
  uint32_t lanes() const { return shape.count; }

private:
  void addSingly(const Ring &ring, uint64_t step, uint32_t lane,
                 const Kernels &kernels) const;
  int32_t *sumsAt(const Ring &ring, uint64_t step, uint32_t lane) const {
    return ring.slot(step + shape.delay) + lane + shape.base;
  }

  std::vector<Place> numberOf; ///< by axon
  std::vector<const void *> rows;
  RowRef shape; ///< what the rows have in common
  struct Chunk {
    std::vector<uint16_t> active; ///< the first \c count count
    uint32_t count = 0;
    std::vector<uint32_t> first; ///< by step
  };
  std::vector<Chunk> chunks; ///< of chunkRows rows
  std::vector<int32_t *> sums;
  size_t steps = 0;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_DENSEBLOCK_H
