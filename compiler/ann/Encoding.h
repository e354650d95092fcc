//===- compiler/ann/Encoding.h - How weights are stored ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two ways to store the weights of a layer: all of them, packed; or entries
// that say how many zeros to skip and which weight comes then. docs/int4.md
// describes both; here they are counted and made, and a layer takes the smaller
// one.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_ENCODING_H
#define HILLOCK_COMPILER_ANN_ENCODING_H

#include "compiler/ann/IntNetwork.h"

namespace hillock::ann {

/// The weight codes of an output channel after the other, within a channel in
/// the order of the window: row, column, input channel.
std::vector<int8_t> inWindowOrder(const IntLayer &layer);

/// Entries of entryBits: the weight's code in the low codeBits, the number of
/// zeros before it above. The code may be that of zero, so that an entry can
/// stand for a long way without a weight. Zeros behind a channel's last entry
/// are not stored.
struct SkipCode {
  unsigned entryBits = 8, codeBits = 4;
  std::vector<uint32_t> counts; ///< entries of each output channel
  std::vector<uint16_t> entries;

  /// Of one of the counts: 1, or 2 where a channel has more than 255 entries.
  unsigned countBytes() const;
  uint64_t bytes() const;
};

/// The smaller of the entries of 8 and of 16 bits, where that is smaller than
/// packedBytes() of all weights; else nothing.
std::optional<SkipCode> skipCodeOf(const IntLayer &layer);

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_ENCODING_H
