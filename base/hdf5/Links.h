//===- base/hdf5/Links.h - Names in groups ----------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Groups keep their links in three ways, all of which are read: as symbol
// tables (III.A.1, III.B to III.D; what h5py writes by default), as messages in
// the object header ("compact", IV.A.2.g), or in a fractal heap ("dense",
// IV.A.2.c).
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_LINKS_H
#define HILLOCK_BASE_HDF5_LINKS_H

#include "base/hdf5/Header.h"
#include <string>
#include <vector>

namespace hillock::hdf5 {

struct Link {
  std::string name; ///< Not empty, without '\0'.
  /// Of the object's header; noAddress for soft and external links, which lead
  /// elsewhere.
  uint64_t address = noAddress;
};

/// In no particular order; names may repeat in damaged files.
Expected<std::vector<Link>> readLinks(const Source &source,
                                      const Header &group);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_LINKS_H
