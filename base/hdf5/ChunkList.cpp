//===- base/hdf5/ChunkList.cpp - Finding chunks ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/BTrees.h"
#include "base/hdf5/Dataset.h"
#include "base/hdf5/ExtensibleArray.h"
#include <algorithm>
#include <bit>

namespace hillock::hdf5 {

std::vector<uint64_t> gridOf(const Dataset &data) {
  std::vector<uint64_t> grid;
  for (size_t i = 0; i < data.layout.chunk.size(); ++i) {
    uint64_t dim = data.space.dims[i], chunk = data.layout.chunk[i];
    grid.push_back(dim / chunk + (dim % chunk != 0));
  }
  return grid;
}

void ChunkList::add(const std::vector<uint64_t> &scaled, uint64_t address,
                    uint64_t bytes, uint64_t skipped) {
  if (address == noAddress)
    return;
  uint64_t slot = 0;
  bool sticksOut = false;
  for (size_t i = 0; i < grid.size(); ++i) {
    if (scaled[i] >= grid[i])
      return; // The data set was larger once.
    slot = slot * grid[i] + scaled[i];
    sticksOut |= scaled[i] + 1 == grid[i] &&
                 data.space.dims[i] % data.layout.chunk[i] != 0;
  }
  if (sticksOut && data.layout.skipsFiltersAtEdge)
    skipped = ~uint64_t{0};
  chunks.push_back({slot, address, bytes, skipped});
}

Error ChunkList::readAll() {
  isFiltered = !data.filters.empty();
  if (data.layout.address == noAddress)
    return Error::success(); // Nothing was ever written.
  switch (data.layout.index) {
  case ChunkIndex::BTree1:
    return readBTree1();
  case ChunkIndex::Single:
    readSingle();
    return Error::success();
  case ChunkIndex::Implicit:
    return readImplicit();
  case ChunkIndex::FixedArray:
    return readFixedArray();
  case ChunkIndex::ExtensibleArray:
    return readExtensibleArray();
  case ChunkIndex::BTree2:
    return readBTree2();
  }
  return Error::success();
}

/// III.A.1: keys are the stored size, the mask of skipped filters, and the
/// first element of the chunk along each axis, that of the bytes included.
Error ChunkList::readBTree1() {
  size_t rank = grid.size();
  std::vector<uint64_t> scaled(rank);
  return walkBTree1(source, data.layout.address, BTreeKind::Chunks,
                    8 + 8 * (rank + 1), [&](Cursor key, uint64_t child) {
                      uint64_t bytes = key.number(4), skipped = key.number(4);
                      for (size_t i = 0; i < rank; ++i)
                        scaled[i] = key.number(8) / data.layout.chunk[i];
                      add(scaled, child, bytes, skipped);
                      return Error::success();
                    });
}

/// III.A.2, types 10 and 11: places in the grid come last.
Error ChunkList::readBTree2() {
  constexpr unsigned plain = 10, filtered = 11;
  size_t rank = grid.size();
  std::vector<uint64_t> scaled(rank);
  return walkBTree2(
      source, data.layout.address, isFiltered ? filtered : plain,
      [&](Cursor record) -> Error {
        uint64_t address = record.address(), bytes = data.layout.chunkBytes;
        uint64_t skipped = 0;
        if (isFiltered) {
          if (record.left() < 4 + 8 * rank || record.left() > 12 + 8 * rank)
            return inputError("the index of its chunks is damaged");
          bytes = record.number(record.left() - 4 - 8 * rank);
          skipped = record.number(4);
        }
        for (size_t i = 0; i < rank; ++i)
          scaled[i] = record.number(8);
        if (record.failed())
          return inputError("the index of its chunks is damaged");
        add(scaled, address, bytes, skipped);
        return Error::success();
      });
}

void ChunkList::readSingle() {
  bool hasOwnSize = isFiltered && data.layout.singleBytes != 0;
  add(std::vector<uint64_t>(grid.size(), 0), data.layout.address,
      hasOwnSize ? data.layout.singleBytes : data.layout.chunkBytes,
      data.layout.singleSkipped);
}

size_t ChunkList::growingAxis() const {
  const auto &most = data.space.maxDims;
  if (data.layout.index != ChunkIndex::ExtensibleArray)
    return 0;
  auto it = std::find(most.begin(), most.end(), ~uint64_t{0});
  return it == most.end() ? 0 : static_cast<size_t>(it - most.begin());
}

/// Arrays are in C order over the grid of the largest extent, with the growing
/// axis moved to the front.
void ChunkList::addFromArray(uint64_t index, Cursor &element) {
  uint64_t address = element.address(), bytes = data.layout.chunkBytes;
  uint64_t skipped = 0;
  if (isFiltered) {
    bytes = element.number(elementBytes - source.addressBytes() - 4);
    skipped = element.number(4);
  }
  if (element.failed() || address == noAddress)
    return;
  size_t rank = grid.size(), growing = growingAxis();
  std::vector<uint64_t> scaled(rank);
  for (size_t i = rank; i-- > 0;) {
    // The axis at place i after the move.
    size_t axis = i == 0 ? growing : i <= growing ? i - 1 : i;
    scaled[axis] = i == 0 ? index : index % largestGrid[i];
    index = i == 0 ? 0 : index / largestGrid[i];
  }
  add(scaled, address, bytes, skipped);
}

void ChunkList::addElements(uint64_t first, uint64_t count, Cursor &elements) {
  for (uint64_t i = 0; i < count && elements.left() >= elementBytes; ++i) {
    Cursor element = source.cursor(elements.take(elementBytes));
    addFromArray(first + i, element);
  }
}

static std::vector<uint64_t> largestGridOf(const Dataset &data,
                                           size_t growing) {
  std::vector<uint64_t> result;
  for (size_t i = 0; i < data.layout.chunk.size(); ++i) {
    uint64_t most = std::max(data.space.maxDims[i], data.space.dims[i]);
    uint64_t chunk = data.layout.chunk[i];
    // Divided by: not 0.
    result.push_back(std::max<uint64_t>(most / chunk + (most % chunk != 0), 1));
  }
  std::rotate(result.begin(), result.begin() + ptrdiff_t(growing),
              result.begin() + ptrdiff_t(growing) + (result.empty() ? 0 : 1));
  return result;
}

/// All chunks follow each other.
Error ChunkList::readImplicit() {
  if (isFiltered)
    return inputError("the index of its chunks is damaged");
  largestGrid = largestGridOf(data, 0);
  uint64_t count = 1, bytes = data.layout.chunkBytes;
  for (uint64_t extent : largestGrid)
    count = saturatingMultiply(count, extent);
  uint64_t total = saturatingMultiply(count, bytes);
  if (auto all = source.at(data.layout.address, total, "a chunk"); !all)
    return all.takeError();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t rest = i;
    std::vector<uint64_t> scaled(grid.size());
    for (size_t axis = grid.size(); axis-- > 0; rest /= largestGrid[axis])
      scaled[axis] = rest % largestGrid[axis];
    add(scaled, data.layout.address + i * bytes, bytes, 0);
  }
  return Error::success();
}

/// "Fixed Array Index" (VII.C).
Error ChunkList::readFixedArray() {
  size_t a = source.addressBytes(), l = source.lengthBytes();
  auto header = source.checkedBlock(data.layout.address, 12 + a + l, "FAHD",
                                    "the index of its chunks");
  if (!header)
    return header.takeError();
  header->skip(2);
  elementBytes = header->number(1);
  uint64_t pageBits = header->number(1), count = header->length();
  uint64_t address = header->address();
  if (address == noAddress)
    return Error::success();
  uint64_t widest = a + (isFiltered ? 12 : 0);
  if (elementBytes < a + (isFiltered ? 5 : 0) || elementBytes > widest ||
      pageBits > 32 || count > source.size())
    return inputError("the index of its chunks is damaged");
  largestGrid = largestGridOf(data, 0);
  bool isPaged = count > uint64_t{1} << pageBits;
  uint64_t pages = isPaged ? ((count - 1) >> pageBits) + 1 : 0;
  uint64_t body = isPaged ? (pages + 7) / 8 : count * elementBytes;
  auto block = source.checkedBlock(address, 10 + a + body, "FADB",
                                   "the index of its chunks");
  if (!block)
    return block.takeError();
  block->skip(2 + a);
  if (isPaged)
    return readFixedPages(*block, address + 10 + a + body, count, pageBits);
  addElements(0, count, *block);
  return Error::success();
}

/// \p block is at the bits that say which pages are in use.
Error ChunkList::readFixedPages(Cursor &block, uint64_t address, uint64_t count,
                                uint64_t pageBits) {
  std::string_view inUse = block.rest();
  uint64_t perPage = uint64_t{1} << pageBits;
  for (uint64_t first = 0, page = 0; first < count; first += perPage, ++page) {
    uint64_t here = std::min(perPage, count - first);
    uint64_t bytes = here * elementBytes;
    if (static_cast<uint8_t>(inUse[page / 8]) >> (7 - page % 8) & 1) {
      auto part = source.at(address, bytes + 4, "the index of its chunks");
      if (!part)
        return part.takeError();
      if (!hasGoodChecksum(*part))
        return inputError("the checksum of the index of its chunks is wrong");
      Cursor elements = source.cursor(part->substr(0, bytes));
      addElements(first, here, elements);
    }
    address += bytes + 4;
  }
  return Error::success();
}

Error ChunkList::readExtensibleArray() {
  largestGrid = largestGridOf(data, growingAxis());
  return ExtensibleArray(source, isFiltered)
      .read(data.layout.address, [&](uint64_t first, uint64_t count,
                                     size_t width, Cursor &elements) {
        elementBytes = width;
        addElements(first, count, elements);
      });
}

Expected<std::vector<Chunk>> listChunks(const Source &source,
                                        const Dataset &data) {
  ChunkList list(source, data);
  if (Error error = list.readAll())
    return error;
  std::vector<Chunk> chunks = std::move(list.chunks);
  std::sort(chunks.begin(), chunks.end(),
            [](const Chunk &a, const Chunk &b) { return a.slot < b.slot; });
  for (size_t i = 1; i < chunks.size(); ++i)
    if (chunks[i].slot == chunks[i - 1].slot)
      return inputError("the file has a chunk twice");
  return chunks;
}

} // namespace hillock::hdf5
