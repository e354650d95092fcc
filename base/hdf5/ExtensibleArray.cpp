//===- base/hdf5/ExtensibleArray.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/ExtensibleArray.h"
#include <algorithm>
#include <bit>

namespace hillock::hdf5 {

static const char *const what = "the index of its chunks";

static Error damagedArray() {
  return inputError(std::string(what) + " is damaged");
}

static uint64_t log2Of(uint64_t value) {
  return static_cast<uint64_t>(std::bit_width(value)) - 1;
}

Error ExtensibleArray::read(uint64_t address, Visit visit) {
  if (Error error = readHeader(address))
    return error;
  return indexBlock == noAddress ? Error::success() : readIndexBlock(visit);
}

Error ExtensibleArray::readHeader(uint64_t address) {
  size_t a = source.addressBytes(), l = source.lengthBytes();
  auto header = source.checkedBlock(address, 16 + a + 6 * l, "EAHD", what);
  if (!header)
    return header.takeError();
  header->skip(2);
  elementBytes = header->number(1);
  uint64_t indexBits = header->number(1);
  inIndexBlock = header->number(1);
  leastPerBlock = header->number(1);
  leastPointers = header->number(1);
  uint64_t pageBits = header->number(1);
  header->skip(4 * l); // Numbers and sizes of blocks.
  used = header->length();
  header->length(); // Elements that there is room for.
  indexBlock = header->address();
  uint64_t widest = a + (isFiltered ? 12 : 0);
  if (elementBytes < a + (isFiltered ? 5 : 0) || elementBytes > widest ||
      indexBits == 0 || indexBits > 63 || !std::has_single_bit(leastPerBlock) ||
      !std::has_single_bit(leastPointers) || pageBits > 32 ||
      indexBits < log2Of(leastPerBlock))
    return damagedArray();
  offsetBytes = (indexBits + 7) / 8;
  perPage = uint64_t{1} << pageBits;
  superBlocks = 1 + indexBits - log2Of(leastPerBlock);
  if (superBlocks < 2 * log2Of(leastPointers))
    return damagedArray();
  return Error::success();
}

Error ExtensibleArray::readIndexBlock(Visit visit) {
  size_t a = source.addressBytes();
  uint64_t direct = 2 * log2Of(leastPointers); // Super blocks without a block.
  uint64_t blocks = 2 * (leastPointers - 1);
  uint64_t size = 10 + a + inIndexBlock * elementBytes +
                  (blocks + superBlocks - direct) * a;
  auto block = source.checkedBlock(indexBlock, size, "EAIB", what);
  if (!block)
    return block.takeError();
  block->skip(2 + a);
  Cursor elements = source.cursor(block->take(inIndexBlock * elementBytes));
  visit(0, inIndexBlock, elementBytes, elements);
  uint64_t first = inIndexBlock;
  for (uint64_t number = 0; number < superBlocks && first < used; ++number) {
    Group group = groupOf(number);
    if (number >= direct) {
      uint64_t address = block->address();
      if (address != noAddress)
        if (Error error = readSuperBlock(address, group, first, visit))
          return error;
      first += saturatingMultiply(group.blocks, group.perBlock);
      continue;
    }
    for (uint64_t i = 0; i < group.blocks; ++i, first += group.perBlock) {
      uint64_t address = block->address();
      if (address == noAddress)
        continue;
      if (Error error = readDataBlock(address, first, group.perBlock, visit))
        return error;
    }
  }
  return Error::success();
}

Error ExtensibleArray::readDataBlock(uint64_t address, uint64_t first,
                                     uint64_t count, Visit visit) {
  size_t a = source.addressBytes();
  uint64_t body = saturatingMultiply(count, elementBytes);
  if (body > source.size())
    return damagedArray();
  auto block =
      source.checkedBlock(address, 10 + a + offsetBytes + body, "EADB", what);
  if (!block)
    return block.takeError();
  block->skip(2 + a + offsetBytes);
  visit(first, count, elementBytes, *block);
  return Error::success();
}

Error ExtensibleArray::readSuperBlock(uint64_t address, const Group &group,
                                      uint64_t first, Visit visit) {
  size_t a = source.addressBytes();
  bool isPaged = group.perBlock > perPage;
  uint64_t pages = isPaged ? group.perBlock / perPage : 0;
  // There are whole bytes for each data block, but its bits (one a page) follow
  // those of the one before.
  uint64_t bitBytes = (pages + 7) / 8;
  uint64_t body = saturatingMultiply(group.blocks, bitBytes + a);
  if (body > source.size())
    return damagedArray();
  auto block =
      source.checkedBlock(address, 10 + a + offsetBytes + body, "EASB", what);
  if (!block)
    return block.takeError();
  block->skip(2 + a + offsetBytes);
  std::string_view inUse = block->take(group.blocks * bitBytes);
  for (uint64_t i = 0; i < group.blocks && first < used;
       ++i, first += group.perBlock) {
    uint64_t data = block->address();
    if (data == noAddress)
      continue;
    Error error = isPaged ? readPages(data, inUse, i * pages, first,
                                      group.perBlock, visit)
                          : readDataBlock(data, first, group.perBlock, visit);
    if (error)
      return error;
  }
  return Error::success();
}

/// A data block in pages, each with its own checksum.
Error ExtensibleArray::readPages(uint64_t address, std::string_view inUse,
                                 uint64_t firstBit, uint64_t first,
                                 uint64_t count, Visit visit) {
  uint64_t prefix = 10 + source.addressBytes() + offsetBytes;
  auto start = source.checkedBlock(address, prefix, "EADB", what);
  if (!start)
    return start.takeError();
  uint64_t bytes = saturatingMultiply(perPage, elementBytes);
  if (bytes > source.size())
    return damagedArray();
  address += prefix;
  for (uint64_t i = 0; i < count / perPage; ++i, address += bytes + 4) {
    uint64_t bit = firstBit + i;
    if (!(static_cast<uint8_t>(inUse[bit / 8]) >> (7 - bit % 8) & 1))
      continue;
    auto part = source.at(address, bytes + 4, what);
    if (!part)
      return part.takeError();
    if (!hasGoodChecksum(*part))
      return inputError("the checksum of the index of its chunks is wrong");
    Cursor elements = source.cursor(part->substr(0, bytes));
    visit(first + i * perPage, perPage, elementBytes, elements);
  }
  return Error::success();
}

} // namespace hillock::hdf5
