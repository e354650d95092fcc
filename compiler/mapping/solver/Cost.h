//===- compiler/mapping/solver/Cost.h - What a block takes ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a block of neurons takes of the memories of the core on which it lies.
// It depends on the block and on how the spikes of its sources are grouped,
// but not on how the sources are cut, except for output slots.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_SOLVER_COST_H
#define HILLOCK_COMPILER_MAPPING_SOLVER_COST_H

#include "compiler/mapping/problem/Registers.h"
#include "compiler/mapping/solver/RowSets.h"
#include <array>
#include <optional>

namespace hillock::mapping {

/// How freely the rows of a block choose their format: each for itself; one
/// dense and one sparse format a projection; one a projection. The first
/// takes the fewest words, the last the fewest formats.
enum class Freedom : uint8_t { Each, Two, One };
constexpr size_t freedoms = 3;

/// What the formats of one projection into one block must hold.
struct FormatNeeds {
  uint32_t indexBits = 0, delayBits = 0; ///< of the widest row
  image::Compression single = image::Compression::Sparse;
};

/// The format of a row set. \p needs is of its projection and block.
image::SynapseFormat formatOf(const RowShape &shape, Freedom freedom,
                              const FormatNeeds &needs,
                              const Projection &projection, bool onSum,
                              const target::TargetModel &target);
/// Synapses of each of its rows in that format, padding included.
uint32_t lengthOf(const RowShape &shape, const image::SynapseFormat &format);

struct BlockCost {
  uint32_t neurons = 0;
  uint64_t axonsIn = 0;
  uint64_t slotsOut = 0; ///< filled in when all targets are cut
  std::array<uint64_t, freedoms> words = {};
  std::array<std::vector<image::SynapseFormat>, freedoms> formats; ///< sorted
  std::vector<uint32_t> profiles, thresholds, configs; ///< sorted set numbers
  uint32_t maxDelay = 0;
  uint32_t maxOffset = 0; ///< of population axons
  bool discreteIn = false, populationIn = false;
  bool unencodable = false;       ///< a row is longer than the axon can say
  std::vector<FormatNeeds> needs; ///< like the incoming projections
};

/// A limit that a block or a core exceeds.
struct Excess {
  std::string memory;
  uint64_t used = 0, most = 0;
  double ratio() const {
    return static_cast<double>(used) / static_cast<double>(most ? most : 1);
  }
};

class CostModel {
public:
  /// \p neuronsPerCore: fewer than the target has; 0: as many.
  CostModel(const Network &network, const target::TargetModel &target,
            const RegisterTable &registers, std::vector<Grouping> groupings,
            uint32_t neuronsPerCore = 0);

  /// Output slots that the sources of a cut need for it.
  struct SourceSlots {
    std::vector<uint64_t> total; ///< by population; inputs need none
    /// By population and neuron; empty for those that are no sources.
    std::vector<std::vector<uint32_t>> each;
  };

  /// Costs of all blocks of \p cut, and the slots that it takes.
  std::vector<BlockCost> evaluate(const Cut &cut, SourceSlots &slots) const;

  /// The worst excess of a core that holds only this; nothing when it fits.
  std::optional<Excess> excess(const BlockCost &cost) const;
  /// The first freedom with which formats and words fit.
  std::optional<Freedom> freedomFor(const BlockCost &cost) const;

  const std::vector<uint32_t> &incoming(uint32_t population) const {
    return incomingOf[population];
  }
  const std::vector<Grouping> &groupings() const { return groupingOf; }
  const Network &network() const { return net; }
  const target::TargetModel &target() const { return chip; }
  const RegisterTable &registers() const { return regs; }
  /// Most neurons on a core.
  uint32_t neuronsPerCore() const { return mostNeurons; }

private:
  void addProjection(uint32_t projection, const Cut &cut,
                     std::vector<BlockCost> &costs, SourceSlots &slots) const;
  void addRegisters(const Cut &cut, std::vector<BlockCost> &costs) const;

  const Network &net;
  const target::TargetModel &chip;
  const RegisterTable &regs;
  std::vector<Grouping> groupingOf;
  uint32_t mostNeurons;
  std::vector<std::vector<uint32_t>> incomingOf; ///< projections by target
};

/// Inserts the elements of \p from into the sorted list \p into.
template <typename T>
void mergeSorted(std::vector<T> &into, const std::vector<T> &from) {
  for (const T &value : from) {
    const auto at = std::lower_bound(into.begin(), into.end(), value);
    if (at == into.end() || *at != value)
      into.insert(at, value);
  }
}

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_SOLVER_COST_H
