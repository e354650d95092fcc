//===- compiler/frontend/nir/Chunks.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Chunks.h"
#include "compiler/frontend/nir/Hdf5File.h"
#include "compiler/frontend/nir/Lzf.h"
#include <algorithm>
#include <cstring>
#include <zlib.h>

namespace hillock::nir {

namespace {

using Bytes = std::vector<uint8_t>;

/// The inverse of shuffle: byte i of all elements lies together.
Bytes unshuffle(const Bytes &bytes, size_t width) {
  Bytes out = bytes; // What does not fill an element stays at the end.
  size_t count = bytes.size() / width;
  for (size_t byte = 0; byte < width; ++byte)
    for (size_t i = 0; i < count; ++i)
      out[i * width + byte] = bytes[byte * count + i];
  return out;
}

/// Undoes one filter; false when the data are damaged.
bool undo(H5Z_filter_t filter, Bytes &bytes, const ChunkLayout &layout) {
  size_t most = layout.chunkBytes();
  if (filter == H5Z_FILTER_SHUFFLE) {
    bytes = unshuffle(bytes, layout.elementBytes);
    return true;
  }
  if (filter == lzfFilter) {
    auto plain = lzfExpand(bytes.data(), bytes.size(), most);
    if (plain)
      bytes = std::move(*plain);
    return plain.has_value();
  }
  Bytes plain(most);
  uLongf size = most;
  if (uncompress(plain.data(), &size, bytes.data(), uLong(bytes.size())) !=
      Z_OK)
    return false;
  plain.resize(size);
  bytes = std::move(plain);
  return true;
}

std::string readChunk(hid_t data, const ChunkLayout &layout,
                      const hsize_t *origin, Bytes &bytes) {
  hsize_t stored = 0;
  if (H5Dget_chunk_storage_size(data, origin, &stored) < 0 || stored == 0)
    return "a chunk is missing";
  if (stored > layout.mostStored)
    return "a chunk claims to be larger than the file";
  bytes.resize(stored);
  uint32_t skipped = 0;
  if (H5Dread_chunk(data, H5P_DEFAULT, origin, &skipped, bytes.data()) < 0)
    return "a chunk cannot be read";
  for (size_t i = layout.filters.size(); i-- > 0;)
    if (!(skipped >> i & 1) && !undo(layout.filters[i], bytes, layout))
      return "a compressed chunk is damaged";
  return bytes.size() == layout.chunkBytes() ? ""
                                             : "a chunk has the wrong size";
}

/// Copies what lies inside the data set, row by row along the last axis.
void place(const ChunkLayout &layout, const std::vector<hsize_t> &origin,
           const Bytes &bytes, char *out) {
  size_t rank = layout.shape.size(), width = layout.elementBytes;
  auto extent = [&](size_t axis) {
    return size_t(std::min(layout.chunk[axis],
                           layout.shape[axis] - int64_t(origin[axis])));
  };
  std::vector<size_t> index(rank, 0);
  for (;;) {
    size_t from = 0, to = 0;
    for (size_t axis = 0; axis < rank; ++axis) {
      from = from * size_t(layout.chunk[axis]) + index[axis];
      to = to * size_t(layout.shape[axis]) + origin[axis] + index[axis];
    }
    std::memcpy(out + to * width, bytes.data() + from * width,
                extent(rank - 1) * width);
    size_t axis = rank - 1;
    while (axis-- > 0) {
      if (++index[axis] < extent(axis))
        break;
      index[axis] = 0;
    }
    if (axis == SIZE_MAX)
      return;
  }
}

} // namespace

uint64_t ChunkLayout::chunkBytes() const {
  uint64_t bytes = elementBytes;
  for (int64_t extent : chunk)
    bytes *= uint64_t(extent);
  return bytes;
}

std::optional<ChunkLayout> chunkLayout(hid_t data, const Shape &shape,
                                       size_t elementBytes,
                                       uint64_t fileBytes) {
  Handle properties(H5Dget_create_plist(data), H5Pclose);
  hsize_t dims[H5S_MAX_RANK] = {};
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED || shape.empty() ||
      H5Pget_chunk(properties.get(), H5S_MAX_RANK, dims) != int(shape.size()))
    return std::nullopt;
  ChunkLayout layout{
      shape, Shape(dims, dims + shape.size()), elementBytes, {}, fileBytes};
  for (int i = 0, n = H5Pget_nfilters(properties.get()); i < n; ++i) {
    unsigned flags = 0, config = 0;
    size_t count = 0;
    H5Z_filter_t filter = H5Pget_filter2(properties.get(), unsigned(i), &flags,
                                         &count, nullptr, 0, nullptr, &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != lzfFilter)
      return std::nullopt;
    layout.filters.push_back(filter);
  }
  if (std::count(layout.chunk.begin(), layout.chunk.end(), 0) ||
      std::count(layout.shape.begin(), layout.shape.end(), 0))
    return std::nullopt;
  return layout;
}

std::string readChunks(hid_t data, const ChunkLayout &layout, char *out) {
  size_t rank = layout.shape.size();
  std::vector<hsize_t> origin(rank, 0);
  Bytes bytes;
  for (;;) {
    std::string problem = readChunk(data, layout, origin.data(), bytes);
    if (!problem.empty())
      return problem;
    place(layout, origin, bytes, out);
    size_t axis = rank;
    while (axis-- > 0) {
      origin[axis] += hsize_t(layout.chunk[axis]);
      if (int64_t(origin[axis]) < layout.shape[axis])
        break;
      origin[axis] = 0;
    }
    if (axis == SIZE_MAX)
      return "";
  }
}

} // namespace hillock::nir
