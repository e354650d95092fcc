//===- base/hdf5/BTrees.h - Walking B-trees ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Version 1 B-trees" (III.A.1) and "Version 2 B-trees" (III.A.2). Keys are not
// compared: whoever walks gets all entries. A node that is met twice is an
// error, since in a sound tree it has one parent.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_BTREES_H
#define HILLOCK_BASE_HDF5_BTREES_H

#include "base/hdf5/Source.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace hillock::hdf5 {

enum class BTreeKind : uint8_t { Group = 0, Chunks = 1 };

/// Calls \p visit for each child of a leaf, with the key before it.
Error walkBTree1(const Source &source, uint64_t address, BTreeKind kind,
                 size_t keyBytes,
                 llvm::function_ref<Error(Cursor key, uint64_t child)> visit);

/// Calls \p visit for each record. \p type is what the tree holds
/// (III.A.2, "Type"), checked against the file.
Error walkBTree2(const Source &source, uint64_t address, unsigned type,
                 llvm::function_ref<Error(Cursor record)> visit);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_BTREES_H
