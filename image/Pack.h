//===- image/Pack.h - Tables to memory words and back -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_PACK_H
#define HILLOCK_IMAGE_PACK_H

#include "base/Error.h"
#include "image/CoreTables.h"
#include "proto/image.pb.h"
#include "target/TargetModel.h"

namespace hillock::image {

/// Writes the words of one core. A value that does not fit its field, a table
/// that does not fit its memory, or rows that break the rules of CoreTables
/// end in a Capacity or Internal error that names memory, index, field, value
/// and limit. Rows that several axons share are stored once.
Expected<proto::Core> pack(const CoreTables &tables,
                           const target::TargetModel &target);

/// The inverse: pack(unpack(core)) gives the same words. The input is not
/// trusted: pointers outside the memory, unknown codes, set bits beyond the
/// used words, overlapping or truncated rows end in an Input error that names
/// core, memory, word and field.
Expected<CoreTables> unpack(const proto::Core &core,
                            const target::TargetModel &target);

/// unpack() without the output slots, which are not looked at.
Expected<CoreTables> unpackInputs(const proto::Core &core,
                                  const target::TargetModel &target);

/// Of unpack() only compartments and output axons, which are checked word by
/// word; whether they lead anywhere is for the caller to find out.
Expected<CoreTables> unpackOutputs(const proto::Core &core,
                                   const target::TargetModel &target);

/// Of unpack() only place, program and number of compartments.
Expected<CoreTables> unpackPlace(const proto::Core &core,
                                 const target::TargetModel &target);

/// The spelling that unpack() gives to equal tables: absent fields of profiles
/// and of the configuration are there with their standard value (0, or the
/// legal value next to it); lists of zeros (delays, compartment fields, initial
/// states) and the configuration's "compartments" are absent. So
/// unpack(pack(t)) == canonical(t) for all tables that pack.
CoreTables canonical(CoreTables tables, const target::TargetModel &target);

/// Bits of an axon row of \p synapses entries, headers and rounding included
/// (nengo-loihi block.py, bits_per_axon, with its groups of 64).
uint64_t rowBits(const SynapseFormat &format, uint64_t synapses,
                 const target::TargetModel &target);

/// How full each memory of a core is, for inspect, reports and messages.
struct Usage {
  std::string memory;
  uint64_t usedWords = 0, words = 0, wordBits = 0;
};
std::vector<Usage> usage(const proto::Core &core,
                         const target::TargetModel &target);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_PACK_H
