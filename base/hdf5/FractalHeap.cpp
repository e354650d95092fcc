//===- base/hdf5/FractalHeap.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/FractalHeap.h"
#include <algorithm>
#include <bit>

namespace hillock::hdf5 {

static Error damagedHeap() { return inputError("its heap is damaged"); }

static uint64_t log2Of(uint64_t value) {
  return static_cast<uint64_t>(std::bit_width(value)) - 1;
}

Expected<FractalHeap> FractalHeap::open(const Source &source,
                                        uint64_t address) {
  FractalHeap heap(source);
  if (Error error = heap.readHeader(address))
    return error;
  return heap;
}

/// III.G, "Fractal Heap Header".
Error FractalHeap::readHeader(uint64_t address) {
  size_t a = source->addressBytes(), l = source->lengthBytes();
  auto cursor = source->checkedBlock(address, 26 + 3 * a + 12 * l, "FRHP",
                                     "the header of its heap");
  if (!cursor)
    return cursor.takeError();
  uint64_t version = cursor->number(1);
  widthOfId = cursor->number(2);
  uint64_t filterBytes = cursor->number(2);
  hasChecksums = cursor->number(1) & 2;
  uint64_t largestManaged = cursor->number(4);
  // Huge objects, free space; sizes and numbers of objects.
  cursor->skip(l + a + l + a + 8 * l);
  tableWidth = cursor->number(2);
  startBytes = cursor->length();
  largestDirect = cursor->length();
  uint64_t heapBits = cursor->number(2);
  cursor->skip(2); // Rows to begin with.
  root = cursor->address();
  rootRows = cursor->number(2);
  if (cursor->failed() || version != 0)
    return damagedHeap();
  if (filterBytes != 0)
    return inputError("its heap is compressed, which is not read", "",
                      "write the file again with libver='earliest'");
  if (!std::has_single_bit(tableWidth) || !std::has_single_bit(startBytes) ||
      !std::has_single_bit(largestDirect) || startBytes > largestDirect ||
      heapBits == 0 || heapBits > 64 || largestDirect > uint64_t{1} << 40 ||
      largestManaged == 0 || rootRows > 64)
    return damagedHeap();
  widthOfOffset = (heapBits + 7) / 8;
  widthOfLength =
      (std::min(log2Of(largestDirect), log2Of(largestManaged)) + 8) / 8;
  return Error::success();
}

/// III.G, "Fractal Heap IDs".
Expected<std::string_view> FractalHeap::object(std::string_view id) {
  Cursor cursor = source->cursor(id);
  constexpr uint64_t managedId = 0, tinyId = 2, largestPlain = 18;
  uint64_t start = cursor.number(1), kind = start >> 4 & 3;
  if (cursor.failed() || start >> 6 != 0)
    return damagedHeap();
  if (kind == managedId)
    return managed(cursor);
  if (kind != tinyId)
    return inputError("an entry is very large, which is not read", "",
                      "write the file again with libver='earliest'");
  uint64_t length = start & 0x0f;
  if (widthOfId > largestPlain)
    length = length << 8 | cursor.number(1);
  std::string_view bytes = cursor.take(length + 1);
  if (cursor.failed())
    return damagedHeap();
  return bytes;
}

/// Finds the block with the managed object: a table of blocks, whose rows hold
/// tableWidth blocks each, twice as large from row to row (after the second);
/// from some row on the blocks are tables themselves.
Expected<std::string_view> FractalHeap::managed(Cursor id) {
  uint64_t offset = id.number(widthOfOffset), length = id.number(widthOfLength);
  if (id.failed() || length == 0 || root == noAddress)
    return damagedHeap();
  if (rootRows == 0)
    return inBlock(root, startBytes, offset, length);
  uint64_t firstRow = tableWidth * startBytes; // Bytes of the row.
  uint64_t directRows = log2Of(largestDirect) - log2Of(startBytes) + 2;
  uint64_t block = root, rows = rootRows;
  // Each table is a small part of the one before it.
  for (int depth = 0; depth < 64; ++depth) {
    uint64_t row = offset < firstRow ? 0 : log2Of(offset / firstRow) + 1;
    if (row >= rows)
      return damagedHeap();
    offset -= row == 0 ? 0 : firstRow << (row - 1);
    uint64_t column = offset / blockBytes(row);
    offset %= blockBytes(row);
    auto next = child(block, rows, row * tableWidth + column);
    if (!next)
      return next.takeError();
    if (row < directRows)
      return inBlock(*next, blockBytes(row), offset, length);
    block = *next;
    if (blockBytes(row) < firstRow)
      return damagedHeap();
    rows = log2Of(blockBytes(row)) - log2Of(firstRow) + 1;
  }
  return damagedHeap();
}

/// III.G, "Fractal Heap Indirect Block".
Expected<uint64_t> FractalHeap::child(uint64_t block, uint64_t rows,
                                      uint64_t index) {
  size_t a = source->addressBytes();
  uint64_t entries = rows * tableWidth;
  auto cursor = source->checkedBlock(block, 9 + a + widthOfOffset + entries * a,
                                     "FHIB", "a table of its heap");
  if (!cursor)
    return cursor.takeError();
  cursor->skip(1 + a + widthOfOffset + index * a);
  uint64_t address = cursor->address();
  if (cursor->failed() || address == noAddress)
    return damagedHeap();
  return address;
}

/// III.G, "Fractal Heap Direct Block". Offsets count from its first letter.
Expected<std::string_view> FractalHeap::inBlock(uint64_t address,
                                                uint64_t blockBytes,
                                                uint64_t offset,
                                                uint64_t length) {
  uint64_t sumAt = 5 + source->addressBytes() + widthOfOffset;
  uint64_t begin = sumAt + (hasChecksums ? 4 : 0);
  if (offset < begin || offset > blockBytes || length > blockBytes - offset)
    return damagedHeap();
  if (checked.insert(address).second) {
    auto block =
        source->block(address, blockBytes, "FHDB", "a block of its heap");
    if (!block)
      return block.takeError();
    if (hasChecksums) {
      // Computed with zeros in its own place.
      std::string copy = "FHDB" + std::string(block->rest());
      std::string stored = copy.substr(sumAt, 4);
      copy.replace(sumAt, 4, 4, '\0');
      if (!hasGoodChecksum(copy + stored))
        return inputError("the checksum of a block of its heap is wrong");
    }
  }
  return source->at(address + offset, length, "an entry of its heap");
}

} // namespace hillock::hdf5
