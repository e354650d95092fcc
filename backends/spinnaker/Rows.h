//===- backends/spinnaker/Rows.h - Synaptic rows ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rows of static synapses that a core of sPyNNaker fetches for a spike, as
// release 7.4 has them (spynnaker/pyNN/models/neuron/synapse_io.py,
// synapse_dynamics_static.py; neural_modelling/src/neuron/synapse_row.h):
//
//   word 0        words of plastic synapses: 0
//   word 1        n, the number of fixed synapses
//   word 2        control words of plastic synapses: 0
//   words 3..     n words, and zeros up to the length that all rows share
//
// A word is, from its top, 16 bits of weight without sign, the delay, the type
// and the target. All words are little-endian in memory.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_SPINNAKER_ROWS_H
#define HILLOCK_BACKENDS_SPINNAKER_ROWS_H

#include "base/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace hillock::spinnaker {

constexpr unsigned kHeaderWords = 3;
/// The population table has 8 bits for the length of a row less one.
constexpr unsigned kMaxRowWords = 256;
/// Excitatory and inhibitory; the sign of a weight is its type.
constexpr unsigned kTypes = 2;
/// A ring buffer has 2^14 entries (MAX_RING_BUFFER_BITS).
constexpr unsigned kRingBufferBits = 14;

struct Synapse {
  uint32_t target = 0; ///< neuron of the core
  uint32_t type = 0;   ///< 0 excitatory, 1 inhibitory
  uint32_t delay = 1;  ///< ticks, 1 .. WordLayout::maxDelay()
  uint32_t weight = 0; ///< 0 .. 65535
  auto operator<=>(const Synapse &) const = default;
};

/// Where the fields of a word are.
struct WordLayout {
  unsigned indexBits = 8, typeBits = 1, delayBits = 5;

  /// For cores of at most \p atoms neurons, 1 .. 256; all of the ring buffer
  /// that the neurons leave is for delays, as sPyNNaker has it.
  static WordLayout forAtoms(uint32_t atoms);
  uint32_t maxDelay() const { return uint32_t{1} << delayBits; }

  /// The longest delay sets the bit above the field: the core masks it, and a
  /// field of 0 stands for it.
  uint32_t encode(const Synapse &synapse) const;
  Synapse decode(uint32_t word) const;
};

/// Appends a matrix: a row for each element of \p rows, of \p rowWords words
/// behind the header. No row may be longer.
void appendMatrix(llvm::ArrayRef<llvm::ArrayRef<uint32_t>> rows,
                  uint32_t rowWords, std::vector<uint32_t> &matrix);

/// The words of one row, which is its header and the longest row's length.
/// Errors (Input): a plastic part, more synapses than the row has words,
/// padding that is not 0.
Expected<llvm::ArrayRef<uint32_t>> readRow(llvm::ArrayRef<uint32_t> row);

} // namespace hillock::spinnaker

#endif // HILLOCK_BACKENDS_SPINNAKER_ROWS_H
