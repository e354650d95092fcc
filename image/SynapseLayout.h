//===- image/SynapseLayout.h - Rows of synapses as bits ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row is a sequence of groups. All groups but the last hold group_synapses
// synapses (64 on Loihi). A group is, from its lowest bit:
//
//     format number    header_format_bits
//     synapses - 1     header_count_bits
//     per synapse:
//       target index   indexBits, sparse rows only
//       delay          delayBits
//       tag            tagBits, always zero
//       weight         weightBits: mantissa >> shiftBits(), two's complement
//                      when mixed, else its magnitude
//     zeros up to the next word of word_bits
//
// What a row costs is public (nengo-loihi block.py, bits_per_axon); the order
// of the parts is ours.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_SYNAPSELAYOUT_H
#define HILLOCK_IMAGE_SYNAPSELAYOUT_H

#include "image/CoreTables.h"
#include "image/Words.h"

namespace hillock::image {

/// AxonOut words behind the first of an axon that takes several slots: this in
/// the field 'type', zero elsewhere.
constexpr int64_t slotTakenType = 3;

/// Widths of the parts of one synapse.
struct EntryLayout {
  unsigned indexBits, delayBits, tagBits, weightBits;
  explicit EntryLayout(const SynapseFormat &format)
      : indexBits(format.compression == Compression::Sparse ? format.indexBits
                                                            : 0),
        delayBits(format.delayBits), tagBits(format.tagBits),
        weightBits(format.weightBits) {}
  /// At most 57, what a BitReader reads at once.
  unsigned bits() const { return indexBits + delayBits + tagBits + weightBits; }
};

/// Words of a row of \p synapses (at least 1) entries.
uint64_t rowWords(const SynapseFormat &format, uint64_t synapses,
                  const proto::SynapsePacking &packing);

/// Appends row \p row; \p number is what the headers call its format.
void encodeRow(BitWriter &out, const SynapseRows &rows, size_t row,
               const SynapseFormat &format, unsigned number,
               const proto::SynapsePacking &packing);

/// Appends a row of \p synapses entries, read from \p in, to \p rows (but not
/// to rows.format). Delays are always appended. Returns what is wrong with the
/// bits, or "".
std::string decodeRow(BitReader &in, SynapseRows &rows, uint32_t synapses,
                      const SynapseFormat &format, unsigned number,
                      const proto::SynapsePacking &packing);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_SYNAPSELAYOUT_H
