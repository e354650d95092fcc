//===- base/hdf5/Lzf.h - Expanding LZF streams ------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Python's h5py can write data sets through its own filter, LZF (HDF5 filter
// number 32000).
//
// Stream format: a control byte c below 32 is followed by c + 1 literal bytes.
// Otherwise c is a back reference: length (c >> 5) + 2, where a length field of
// 7 adds the next byte; distance ((c & 31) << 8 | next byte) + 1.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_LZF_H
#define HILLOCK_BASE_HDF5_LZF_H

#include <optional>
#include <string>
#include <string_view>

namespace hillock::hdf5 {

constexpr unsigned lzfFilter = 32000;

/// None when the stream is damaged or the result would exceed \p most bytes.
std::optional<std::string> expandLzf(std::string_view stream, size_t most);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_LZF_H
