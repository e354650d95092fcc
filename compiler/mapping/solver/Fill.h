//===- compiler/mapping/solver/Fill.h - Tables of cores ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H

#include "compiler/mapping/problem/Mapping.h"
#include "compiler/mapping/problem/PlacementProblem.h"
#include "compiler/mapping/solver/Partition.h"
#include "image/Words.h"

namespace hillock::mapping {

/// A mapping in few bytes. What grows with the synapses is kept as tightly as
/// in the image: rows as the words of their formats, output slots as core and
/// axon. take() spreads out one core at a time.
class PackedMapping {
public:
  /// The cores are without rows and output slots. Before moveTo() they, and
  /// the places of neurons, are those of logical cores.
  Mapping mapping;

  /// Gives the cores the places on the mesh and sorts by them.
  void moveTo(const std::vector<std::pair<uint32_t, uint32_t>> &chipAndCore);
  /// Messages between cores, one for each output slot. Sorted by the two ends;
  /// self-traffic included.
  std::vector<Traffic> traffic() const;
  /// All tables of a core; its rows are gone afterwards.
  image::CoreTables take(uint32_t core);

private:
  friend class Filler;

  /// The rows of a core.
  struct Rows {
    image::BitWriter words;
    std::vector<uint16_t> last; ///< synapse of each: its length less one
    std::vector<uint8_t> format;
  };
  /// The slots of a population's neurons, as PlacedPopulation::host. Core and
  /// axon share a word; the atom follows from the neuron.
  struct Slots {
    std::vector<uint32_t> first;
    std::vector<uint32_t> to;
  };
  uint32_t coreOf(uint32_t slot) const { return slot >> axonBits; }
  uint32_t axonOf(uint32_t slot) const {
    return slot & ((uint32_t{1} << axonBits) - 1);
  }
  struct Neuron {
    uint32_t population = UINT32_MAX, number = 0;
  };
  void spreadRows(uint32_t core, image::CoreTables &tables);

  target::TargetModel target;
  uint32_t axonBits = 16;               ///< of a slot
  std::vector<Rows> rows;               ///< by core
  std::vector<std::vector<Neuron>> who; ///< by core and compartment
  std::vector<Slots> slots;             ///< by population
};

/// The tables of all cores. An Internal error when a synapse does not fit the
/// format of its row; a Capacity error when there are too many cores to be
/// named beside their axons in 32 bits. The slots of \p cut are gone
/// afterwards.
Expected<PackedMapping> fillTables(const CostModel &model, CutNetwork &cut,
                                   const std::vector<LogicalCore> &cores);

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_FILL_H
