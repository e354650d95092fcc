//===- base/hdf5/Filters.cpp ----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Filters.h"
#include "base/hdf5/Lzf.h"
#include <algorithm>
#include <optional>
#include <zlib.h>

namespace hillock::hdf5 {

namespace {

constexpr uint64_t deflateFilter = 1, shuffleFilter = 2, fletcherFilter = 3;

uint64_t padded(uint64_t size) { return (size + 7) / 8 * 8; }

/// The inverse of shuffle: byte i of all elements lies together; what does not
/// fill an element stays at the end.
std::string unshuffle(std::string_view bytes, uint64_t width) {
  std::string out(bytes);
  if (width <= 1 || width > bytes.size())
    return out;
  size_t count = bytes.size() / width;
  for (size_t byte = 0; byte < width; ++byte)
    for (size_t i = 0; i < count; ++i)
      out[i * width + byte] = bytes[byte * count + i];
  return out;
}

std::optional<std::string> inflated(std::string_view bytes, uint64_t most) {
  std::string plain(most, '\0');
  uLongf size = most;
  if (uncompress(reinterpret_cast<Bytef *>(plain.data()), &size,
                 reinterpret_cast<const Bytef *>(bytes.data()),
                 bytes.size()) != Z_OK)
    return std::nullopt;
  plain.resize(size);
  return plain;
}

/// Fletcher's checksum over 16-bit words, in one's complement; an odd last
/// byte is the upper half of a word.
uint32_t fletcher32(std::string_view bytes) {
  uint64_t first = 0, second = 0;
  auto byte = [&](size_t i) -> uint64_t {
    return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0;
  };
  auto fold = [](uint64_t sum) { return (sum & 0xffff) + (sum >> 16); };
  for (size_t i = 0; i < bytes.size(); i += 2) {
    first = fold(first + (byte(i) << 8 | byte(i + 1)));
    second = fold(second + first);
  }
  return static_cast<uint32_t>(fold(second) << 16 | fold(first));
}

/// Old versions of the library stored the bytes of each half in another order.
uint32_t halvesSwapped(uint32_t sum) {
  return (sum & 0x00ff00ff) << 8 | (sum >> 8 & 0x00ff00ff);
}

std::optional<std::string> withoutChecksum(std::string_view bytes) {
  if (bytes.size() < 4)
    return std::nullopt;
  std::string_view data = bytes.substr(0, bytes.size() - 4);
  uint32_t sum = fletcher32(data), stored = 0;
  for (size_t i = 0; i < 4; ++i)
    stored |= uint32_t{static_cast<uint8_t>(bytes[data.size() + i])} << (8 * i);
  if (sum != stored && halvesSwapped(sum) != stored)
    return std::nullopt;
  return std::string(data);
}

/// None when the bytes are damaged.
std::optional<std::string> undo(const Filter &filter, std::string_view bytes,
                                uint64_t most, uint64_t elementBytes) {
  if (filter.id == shuffleFilter)
    return unshuffle(bytes,
                     filter.values.empty() ? elementBytes : filter.values[0]);
  if (filter.id == fletcherFilter)
    return withoutChecksum(bytes);
  return filter.id == lzfFilter ? expandLzf(bytes, most)
                                : inflated(bytes, most);
}

} // namespace

Expected<std::vector<Filter>> parseFilters(Cursor cursor) {
  constexpr uint64_t firstWithName = 256; // From version 2 on.
  uint64_t version = cursor.number(1), count = cursor.number(1);
  if (version != 1 && version != 2)
    return inputError("the list of its filters has the unknown version " +
                      std::to_string(version));
  bool isOld = version == 1;
  cursor.skip(isOld ? 6 : 0);
  std::vector<Filter> filters;
  for (uint64_t i = 0; i < count; ++i) {
    Filter filter;
    filter.id = cursor.number(2);
    uint64_t length =
        isOld || filter.id >= firstWithName ? cursor.number(2) : 0;
    cursor.skip(2); // Flags.
    uint64_t values = cursor.number(2);
    std::string_view name = cursor.take(isOld ? padded(length) : length);
    if (length > 0 && name.find('\0') == std::string_view::npos)
      return inputError("the list of its filters is damaged");
    for (char c : name.substr(0, name.find('\0')))
      filter.name += c >= ' ' && c <= '~' ? c : '?';
    for (uint64_t k = 0; k < values && !cursor.failed(); ++k)
      filter.values.push_back(static_cast<uint32_t>(cursor.number(4)));
    cursor.skip(isOld && values % 2 ? 4 : 0);
    if (cursor.failed())
      return inputError("the list of its filters is damaged");
    filters.push_back(std::move(filter));
  }
  return filters;
}

Error checkKnown(const std::vector<Filter> &filters) {
  constexpr size_t mostFilters = 32; // One bit each in a chunk's mask.
  if (filters.size() > mostFilters)
    return inputError("the list of its filters is damaged");
  for (const Filter &filter : filters) {
    if (filter.id == deflateFilter || filter.id == shuffleFilter ||
        filter.id == fletcherFilter || filter.id == lzfFilter)
      continue;
    return inputError(
        "is compressed with HDF5 filter " + std::to_string(filter.id) +
            (filter.name.empty() ? "" : " '" + filter.name + "'") +
            ", which is not available here",
        "", "write the file again with deflate (gzip) or without compression");
  }
  return Error::success();
}

uint64_t expansionOf(const std::vector<Filter> &filters) {
  // Deflate spends at least two bits on 258 bytes; a back reference of LZF, of
  // 3 bytes, yields at most 264.
  uint64_t factor = 1;
  for (const Filter &filter : filters)
    factor = saturatingMultiply(factor, filter.id == deflateFilter ? 1032
                                        : filter.id == lzfFilter   ? 88
                                                                   : 1);
  return std::min<uint64_t>(factor, 1032);
}

Expected<std::string> undoFilters(const std::vector<Filter> &filters,
                                  std::string_view stored, uint64_t skipped,
                                  uint64_t wanted, uint64_t elementBytes) {
  // A filter that was applied to filtered bytes may have had to store a bit
  // more than those of a chunk.
  uint64_t most = wanted + wanted / 64 + 64 * filters.size();
  std::string bytes(stored);
  for (size_t i = filters.size(); i-- > 0;) {
    if (skipped >> i & 1)
      continue;
    auto plain = undo(filters[i], bytes, most, elementBytes);
    if (!plain)
      return inputError("a compressed chunk is damaged");
    bytes = std::move(*plain);
  }
  if (bytes.size() != wanted)
    return inputError("a chunk has the wrong size");
  return bytes;
}

} // namespace hillock::hdf5
