//===- compiler/frontend/nir/ReadDriver.h - Bytes for HDF5 ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// HDF5's own drivers put reads through a "metadata accumulator", which copies
// from nowhere when a damaged file makes an address near 2^64
// (github.com/HDFGroup/hdf5 issues 584, 586 and 1311). This driver goes without
// it, never writes, and refuses every read that is not inside of the file.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_READDRIVER_H
#define HILLOCK_COMPILER_FRONTEND_NIR_READDRIVER_H

#include <hdf5.h>
#include <string_view>

namespace hillock::nir {

/// Makes H5Fopen with \p access read \p memory, which must outlive the file.
/// False when HDF5 does not take it.
bool readFromMemory(hid_t access, std::string_view memory);

/// Makes H5Fopen with \p access read the file that it names.
bool readFromDisk(hid_t access);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_READDRIVER_H
