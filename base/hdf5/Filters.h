//===- base/hdf5/Filters.h - Undoing filters of chunks ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "The Data Storage - Filter Pipeline Message" (IV.A.2.l) and the filters that
// are known here: deflate (1), shuffle (2), Fletcher's checksum (3) and h5py's
// LZF (32000). Not known: szip (4), nbit (5), scale-offset (6) and plug-ins.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_FILTERS_H
#define HILLOCK_BASE_HDF5_FILTERS_H

#include "base/hdf5/Source.h"
#include <string>
#include <vector>

namespace hillock::hdf5 {

struct Filter {
  uint64_t id = 0;
  std::string name; ///< For messages; often empty.
  std::vector<uint32_t> values;
};

/// In the order of writing.
Expected<std::vector<Filter>> parseFilters(Cursor cursor);

/// An error that names the first filter that is not known here.
Error checkKnown(const std::vector<Filter> &filters);

/// Not more than this comes out of a byte.
uint64_t expansionOf(const std::vector<Filter> &filters);

/// Undoes \p filters, all known, but for those whose bit in \p skipped is set.
/// \p elementBytes is at least 1. The result has \p wanted bytes; memory is
/// taken for little more than that.
Expected<std::string> undoFilters(const std::vector<Filter> &filters,
                                  std::string_view stored, uint64_t skipped,
                                  uint64_t wanted, uint64_t elementBytes);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_FILTERS_H
