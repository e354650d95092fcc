//===- tests/unit/base/hdf5/Oracle.h - What HDF5 itself reads ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Files made by the HDF5 library, and a comparison of all that it reads from a
// file with what our reader does.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_BASE_HDF5_ORACLE_H
#define HILLOCK_TESTS_UNIT_BASE_HDF5_ORACLE_H

#include "base/hdf5/File.h"
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <map>

namespace hillock::hdf5::test {

/// How a file or a data set is made.
struct Making {
  bool isLatest = false; ///< Else as old as possible, as h5py does.
  hsize_t userBlock = 0;
};

/// The bytes of a file that \p fill filled.
std::string makeFile(const Making &making,
                     const std::function<void(hid_t file)> &fill);

/// A data set with the numbers \p values, which may be null.
/// \p creation and \p maxDims may set layout and filters.
hid_t makeData(hid_t parent, const std::string &name, hid_t type,
               const std::vector<hsize_t> &dims, const void *values,
               hid_t memoryType, hid_t creation = H5P_DEFAULT,
               const std::vector<hsize_t> &maxDims = {});

/// 0, 1, 2, ... scaled, so that all bytes of all types are in use.
std::vector<double> someNumbers(uint64_t count);

/// Every object below the root by its path, as our reader finds them.
std::map<std::string, uint64_t> objectsOf(const File &file);

/// Expects the same objects, shapes and values. Returns the number of data
/// sets.
int expectSameAsLibrary(std::string_view bytes, const std::string &what);

template <typename T> std::string textOf(Expected<T> result) {
  return result ? "" : takeText(result.takeError());
}

} // namespace hillock::hdf5::test

#endif // HILLOCK_TESTS_UNIT_BASE_HDF5_ORACLE_H
