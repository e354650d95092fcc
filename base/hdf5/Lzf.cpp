//===- base/hdf5/Lzf.cpp --------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Lzf.h"
#include <cstdint>

namespace hillock::hdf5 {

std::optional<std::string> expandLzf(std::string_view stream, size_t most) {
  std::string out;
  size_t in = 0, size = stream.size();
  auto next = [&] { return static_cast<uint8_t>(stream[in++]); };
  while (in < size) {
    unsigned control = next();
    if (control < 32) {
      size_t length = control + 1;
      if (length > size - in || length > most - out.size())
        return std::nullopt;
      out.append(stream.substr(in, length));
      in += length;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (in == size)
        return std::nullopt;
      length += next();
    }
    length += 2;
    if (in == size)
      return std::nullopt;
    size_t distance = ((control & 31) << 8 | next()) + size_t{1};
    if (distance > out.size() || length > most - out.size())
      return std::nullopt;
    // The source may run into the bytes that are being written: that is how
    // the format repeats a pattern.
    for (size_t i = 0; i < length; ++i)
      out.push_back(out[out.size() - distance]);
  }
  return out;
}

} // namespace hillock::hdf5
