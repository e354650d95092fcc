//===- base/hdf5/Elements.cpp - Elements of a data set --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/hdf5/Dataset.h"
#include <algorithm>
#include <cstring>

namespace hillock::hdf5 {

namespace {

/// What may be made of nothing: of parts that were never written, and so read
/// as the fill value.
constexpr uint64_t mostUnwritten = 1 << 20;

Error tooMuch(const Source &source, const Dataset &data, uint64_t bytes) {
  std::vector<int64_t> shape;
  for (uint64_t dim : data.space.dims)
    shape.push_back(static_cast<int64_t>(std::min<uint64_t>(dim, INT64_MAX)));
  return inputError("a shape of " + describeShape(shape) +
                    (bytes == ~uint64_t{0}
                         ? " is"
                         : " takes " + describeBytes(bytes) + ", which is") +
                    " more than the file of " + describeBytes(source.size()) +
                    " can hold for it");
}

/// \p bytes of fill values, or zeros.
std::string filled(const Dataset &data, uint64_t bytes) {
  std::string out(bytes, '\0');
  uint64_t width = data.type.bytes;
  if (data.fill.size() != width || data.type.isVariable)
    return out;
  for (uint64_t at = 0; at + width <= bytes; at += width)
    std::memcpy(out.data() + at, data.fill.data(), width);
  return out;
}

/// Copies what lies inside the data set, row by row along the last axis.
void place(const Dataset &data, uint64_t slot, const std::string &bytes,
           std::string &out) {
  struct Axis {
    uint64_t extent, fromStep, toStep, index;
  };
  const auto &shape = data.space.dims, &chunk = data.layout.chunk;
  std::vector<uint64_t> grid = gridOf(data);
  std::vector<Axis> axes; // The last one first, without those of one step.
  uint64_t width = data.type.bytes, run = width;
  uint64_t from = 0, to = 0, fromStep = width, toStep = width;
  for (size_t axis = shape.size(); axis-- > 0; slot /= grid[axis]) {
    uint64_t origin = slot % grid[axis] * chunk[axis];
    uint64_t extent = std::min(chunk[axis], shape[axis] - origin);
    if (axis + 1 == shape.size())
      run = extent * width;
    else if (extent > 1)
      axes.push_back({extent, fromStep, toStep, 0});
    to += origin * toStep;
    fromStep *= chunk[axis];
    toStep *= shape[axis];
  }
  for (;;) {
    std::memcpy(out.data() + to, bytes.data() + from, run);
    size_t i = 0;
    for (; i < axes.size(); ++i) {
      Axis &axis = axes[i];
      from += axis.fromStep;
      to += axis.toStep;
      if (++axis.index < axis.extent)
        break;
      from -= axis.extent * axis.fromStep;
      to -= axis.extent * axis.toStep;
      axis.index = 0;
    }
    if (i == axes.size())
      return;
  }
}

Expected<std::string> readChunks(const Source &source, const Dataset &data,
                                 uint64_t needed, uint64_t mostBytes) {
  if (Error error = checkKnown(data.filters))
    return error;
  auto chunks = listChunks(source, data);
  if (!chunks)
    return chunks.takeError();
  // The work is that of whole chunks, which may be larger than the shape.
  uint64_t whole = data.layout.chunkBytes, stored = 0;
  for (uint64_t extent : gridOf(data))
    whole = saturatingMultiply(whole, extent);
  for (const Chunk &chunk : *chunks)
    stored =
        std::min(stored + std::min(chunk.bytes, source.size()), source.size());
  uint64_t allowed = saturatingMultiply(stored, expansionOf(data.filters));
  allowed = std::min(std::max(allowed, mostUnwritten), mostBytes);
  if (chunks->empty() ? needed > allowed : whole > allowed)
    return tooMuch(source, data, chunks->empty() ? needed : whole);
  std::string out = filled(data, needed);
  for (const Chunk &chunk : *chunks) {
    auto packed = source.at(chunk.address, chunk.bytes, "a chunk");
    if (!packed)
      return packed.takeError();
    auto plain = undoFilters(data.filters, *packed, chunk.skipped,
                             data.layout.chunkBytes, data.type.bytes);
    if (!plain)
      return plain.takeError();
    place(data, chunk.slot, *plain, out);
  }
  return out;
}

} // namespace

Expected<std::string> readElements(const Source &source, const Dataset &data,
                                   uint64_t mostBytes) {
  if (data.isElsewhere)
    return inputError("the data lie in another file", "",
                      "store the data itself in the file");
  uint64_t needed = saturatingMultiply(data.space.count, data.type.bytes);
  if (needed == 0)
    return std::string();
  const Layout &layout = data.layout;
  if (needed > mostBytes)
    return tooMuch(source, data, needed);
  if (layout.kind == LayoutKind::Chunked)
    return readChunks(source, data, needed, mostBytes);
  if (layout.kind == LayoutKind::Compact) {
    if (layout.compact.size() < needed)
      return cutShort("the data set");
    return std::string(layout.compact.substr(0, needed));
  }
  if (layout.address == noAddress) {
    if (needed > mostUnwritten)
      return tooMuch(source, data, needed);
    return filled(data, needed);
  }
  if (needed > source.size())
    return tooMuch(source, data, needed);
  auto bytes = source.at(layout.address, needed, "the data set");
  if (!bytes)
    return bytes.takeError();
  return std::string(*bytes);
}

} // namespace hillock::hdf5
