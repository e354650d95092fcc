//===- compiler/frontend/nir/Lzf.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Lzf.h"
#include <cstring>
#include <hdf5.h>
#include <mutex>

namespace hillock::nir {

std::optional<std::vector<uint8_t>> lzfExpand(const uint8_t *data, size_t size,
                                              size_t most) {
  std::vector<uint8_t> out;
  size_t in = 0;
  while (in < size) {
    unsigned control = data[in++];
    if (control < 32) {
      size_t length = control + 1;
      if (length > size - in || length > most - out.size())
        return std::nullopt;
      out.insert(out.end(), data + in, data + in + length);
      in += length;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (in == size)
        return std::nullopt;
      length += data[in++];
    }
    length += 2;
    if (in == size)
      return std::nullopt;
    size_t distance = ((control & 31) << 8 | data[in++]) + size_t{1};
    if (distance > out.size() || length > most - out.size())
      return std::nullopt;
    // The source may run into the bytes that are being written: that is how
    // the format repeats a pattern.
    for (size_t i = 0; i < length; ++i)
      out.push_back(out[out.size() - distance]);
  }
  return out;
}

namespace {

// A back reference of 3 bytes yields at most 264.
constexpr size_t largestGrowth = 88;

size_t filterLzf(unsigned flags, size_t count, const unsigned *values,
                 size_t bytes, size_t *bufferSize, void **buffer) {
  if (!(flags & H5Z_FLAG_REVERSE))
    return 0; // We only read: "could not compress" makes HDF5 store plainly.
  auto plain = lzfExpand(static_cast<const uint8_t *>(*buffer), bytes,
                         bytes * largestGrowth);
  // The third value is the size of a whole chunk; HDF5 itself does not check
  // that a filter returned that much.
  if (!plain || plain->empty() || (count > 2 && plain->size() != values[2]))
    return 0;
  void *fresh = H5allocate_memory(plain->size(), false);
  if (!fresh)
    return 0;
  std::memcpy(fresh, plain->data(), plain->size());
  H5free_memory(*buffer);
  *buffer = fresh;
  *bufferSize = plain->size();
  return plain->size();
}

} // namespace

void registerLzf() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (H5Zfilter_avail(lzfFilter) > 0)
      return;
    static const H5Z_class2_t filter = {
        H5Z_CLASS_T_VERS, lzfFilter, 1, 1, "lzf", nullptr, nullptr, filterLzf};
    H5Zregister(&filter);
  });
}

} // namespace hillock::nir
