//===- backends/spinnaker/Cores.h - A network as rows of cores --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cuts populations into slices, one a core, and makes the population table and
// the synaptic matrices of each core: a matrix for each projection, source
// slice and target slice between which there are synapses.
//
// Numbers stay exact. The 16 bits of a weight are a magnitude; a core adds up
// the magnitudes of a tick in 16 bits (and stops at 65535), shifts the sum left
// by a number of the type, and the result is the lowest bits of an s16.15
// input. The shifts are chosen such that those lowest bits are the integers of
// the network: input * 2^15 = integer / 2^unit, where unit is 0 unless weights
// are fractions. So a threshold of the network is that many 2^-15.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_SPINNAKER_CORES_H
#define HILLOCK_BACKENDS_SPINNAKER_CORES_H

#include "backends/spinnaker/PopulationTable.h"
#include "backends/spinnaker/Rows.h"
#include <array>
#include <functional>
#include <string>

namespace hillock::spinnaker {

//===----------------------------------------------------------------------===//
// What is to be written
//===----------------------------------------------------------------------===//

struct Connection {
  uint32_t target = 0; ///< neuron of the target population
  int32_t weight = 0;  ///< in units of 2^Projection::exponent
  uint32_t delay = 1;  ///< ticks from the spike to its arrival, at least 1
  auto operator<=>(const Connection &) const = default;
};

struct Population {
  std::string name;
  uint32_t neurons = 0;
};

struct Projection {
  uint32_t source = 0, target = 0; ///< numbers of populations
  int exponent = 0;
  /// Appends the connections of a source neuron, in any order; several of one
  /// pair and delay add up.
  std::function<void(uint32_t, std::vector<Connection> &)> append;
  std::string where; ///< of the user's graph
};

struct Network {
  std::vector<Population> populations;
  std::vector<Projection> projections;
};

//===----------------------------------------------------------------------===//
// Slices and scales
//===----------------------------------------------------------------------===//

/// Neurons of one core, also of an input: who sends with these keys.
struct Slice {
  uint32_t population = 0;
  uint32_t first = 0, count = 0;
  uint32_t key = 0, mask = 0;
  /// What neuron \p local (0 .. count - 1) sends, with a colour of 0.
  uint32_t keyOf(uint32_t local) const;
};

/// Of all cores of a population.
struct RingBuffer {
  std::array<uint32_t, kTypes> shift{};
  int unit = 0; ///< see above; never positive
  /// The largest sum of all magnitudes that could reach a neuron in a tick;
  /// above 65535 the buffer would stop there.
  std::array<uint64_t, kTypes> most{};
};

/// Bits for the time stamp of late spikes, as sPyNNaker has it.
constexpr uint32_t kColourBits = 4;

struct Plan {
  WordLayout layout;
  uint32_t atomsPerCore = 0;
  std::vector<Slice> slices;           ///< by population, then first
  std::vector<RingBuffer> ringBuffers; ///< by population
};

/// \p atomsPerCore: 1 .. 256. Errors name the projection: (Capacity) a delay
/// that the ring buffer has no room for, weights into a population whose ratio
/// does not fit 16 bits, too many slices for keys.
Expected<Plan> planSlices(const Network &network, uint32_t atomsPerCore);

//===----------------------------------------------------------------------===//
// Cores
//===----------------------------------------------------------------------===//

/// A row longer than kMaxRowWords goes on in another matrix.
struct Matrix {
  uint32_t projection = 0;
  uint32_t source = 0; ///< number of the slice
  MatrixPlace place;
  uint32_t rows = 0; ///< one a neuron of the source slice
  uint64_t synapses = 0;
};

struct Core {
  uint32_t slice = 0;
  std::vector<Matrix> matrices; ///< by source, then projection
  std::vector<uint32_t> table;  ///< region 5 of a population's core
  std::vector<uint32_t> rows;   ///< region 6
};

/// The cores of one population, one a slice.
Expected<std::vector<Core>> coresOf(const Network &network, const Plan &plan,
                                    uint32_t population);

/// What a core does with a spike, from the words of its memory alone.
class CoreReader {
public:
  /// Errors (Input): words that are no table, matrices behind the end.
  static Expected<CoreReader> create(llvm::ArrayRef<uint32_t> table,
                                     std::vector<uint32_t> rows,
                                     WordLayout layout);
  /// Synapses of all rows that belong to \p key; none for unknown keys.
  Expected<std::vector<Synapse>> synapsesOf(uint32_t key) const;

private:
  std::vector<TableEntry> entries;
  std::vector<uint32_t> rows;
  WordLayout layout;
};

/// Reads every synapse of \p cores, those of \p population, back, and compares
/// weights, delays and targets with the network's. A Mismatch error names the
/// first difference.
Error checkCores(const Network &network, const Plan &plan, uint32_t population,
                 const std::vector<Core> &cores);

} // namespace hillock::spinnaker

#endif // HILLOCK_BACKENDS_SPINNAKER_CORES_H
