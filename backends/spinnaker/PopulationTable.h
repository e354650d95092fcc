//===- backends/spinnaker/PopulationTable.h - From key to rows --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The master population table of a core: which matrices a spike's key stands
// for. Of sPyNNaker 7.4 (spynnaker/pyNN/models/neuron/master_pop_table.py;
// neural_modelling/src/neuron/population_table): two words (numbers of entries
// and of addresses), entries of five words sorted by key, addresses of one.
//
//   entry    key | mask | start 13, colour bits 3, count 16
//            | core mask 16, core shift 16 | neurons 16, words of a bit field
//            16
//   address  length of a row less one 8, place in units of 16 bytes 24
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_SPINNAKER_POPULATIONTABLE_H
#define HILLOCK_BACKENDS_SPINNAKER_POPULATIONTABLE_H

#include "base/Error.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace hillock::spinnaker {

/// Matrices begin at multiples of so many bytes.
constexpr uint32_t kAddressBytes = 16;

/// A matrix in the synaptic memory of a core.
struct MatrixPlace {
  uint64_t offset = 0;   ///< bytes, a multiple of kAddressBytes
  uint32_t rowWords = 1; ///< 1 .. kMaxRowWords, without the header
  bool operator==(const MatrixPlace &) const = default;
};

/// One slice of a source population.
struct TableEntry {
  uint32_t key = 0, mask = 0;
  uint32_t colourBits = 0; ///< below the neuron's number, 0 .. 7
  uint32_t neurons = 0;    ///< of the slice
  uint32_t coreShift = 0;  ///< number of the lowest bit of the slice's number
  std::vector<MatrixPlace> matrices;
  bool operator==(const TableEntry &) const = default;
};

/// The table's words; entries may come in any order. Errors (Capacity): more
/// matrices, or bytes of them, than the fields can say. \p where names the
/// core.
Expected<std::vector<uint32_t>> encodeTable(std::vector<TableEntry> entries,
                                            const std::string &where);

/// Errors (Input): words that are not such a table.
Expected<std::vector<TableEntry>> decodeTable(llvm::ArrayRef<uint32_t> words);

} // namespace hillock::spinnaker

#endif // HILLOCK_BACKENDS_SPINNAKER_POPULATIONTABLE_H
