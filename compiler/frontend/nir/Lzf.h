//===- compiler/frontend/nir/Lzf.h - Reading LZF-filtered data --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Python's h5py can write data sets through its own filter, LZF (HDF5 filter
// number 32000), which the stock HDF5 library does not have.
//
// Stream format: a control byte c below 32 is followed by c + 1 literal bytes.
// Otherwise c is a back reference: length (c >> 5) + 2, where a length field of
// 7 adds the next byte; distance ((c & 31) << 8 | next byte) + 1.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_LZF_H
#define HILLOCK_COMPILER_FRONTEND_NIR_LZF_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hillock::nir {

/// Expands \p size bytes at \p data. None when the stream is damaged or the
/// result would exceed \p most bytes.
std::optional<std::vector<uint8_t>> lzfExpand(const uint8_t *data, size_t size,
                                              size_t most);

constexpr int lzfFilter = 32000;

/// Makes HDF5 able to read LZF-filtered data sets; a no-op when some other
/// part of the process has registered the filter. Any thread, any number of
/// times.
void registerLzf();

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_LZF_H
