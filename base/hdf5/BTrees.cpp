//===- base/hdf5/BTrees.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/BTrees.h"
#include <bit>
#include <set>
#include <vector>

namespace hillock::hdf5 {

namespace {

Error circle() { return inputError("the nodes of its index go in a circle"); }

class Walker1 {
public:
  Walker1(const Source &source, BTreeKind kind, size_t keyBytes,
          llvm::function_ref<Error(Cursor, uint64_t)> visit)
      : source(source), kind(kind), keyBytes(keyBytes), visit(visit) {}

  /// \p level is that which the node must have; none for the root. It sinks
  /// with each call, so the depth is limited.
  Error walk(uint64_t address, int level) {
    const char *what = "a node of its index";
    if (!seen.insert(address).second)
      return circle();
    size_t prefix = 8 + 2 * source.addressBytes();
    auto start = source.block(address, prefix, "TREE", what);
    if (!start)
      return start.takeError();
    uint64_t type = start->number(1), found = start->number(1);
    uint64_t entries = start->number(2);
    if (type != static_cast<uint64_t>(kind) ||
        (level >= 0 && found != static_cast<uint64_t>(level)))
      return inputError("a node of its index is of another index");
    size_t step = keyBytes + source.addressBytes();
    auto body = source.at(address + prefix, entries * step, what);
    if (!body)
      return body.takeError();
    Cursor cursor = source.cursor(*body);
    for (uint64_t i = 0; i < entries; ++i) {
      Cursor key = source.cursor(cursor.take(keyBytes));
      uint64_t child = cursor.address();
      if (Error error = found == 0 ? visit(key, child)
                                   : walk(child, static_cast<int>(found) - 1))
        return error;
    }
    return Error::success();
  }

private:
  const Source &source;
  BTreeKind kind;
  size_t keyBytes;
  llvm::function_ref<Error(Cursor, uint64_t)> visit;
  std::set<uint64_t> seen;
};

/// Bytes that hold any number up to \p most.
size_t widthOf(uint64_t most) {
  return most == 0 ? 1 : (static_cast<size_t>(std::bit_width(most)) + 7) / 8;
}

class Walker2 {
public:
  Walker2(const Source &source, unsigned type,
          llvm::function_ref<Error(Cursor)> visit)
      : source(source), type(type), visit(visit) {}

  Error walkTree(uint64_t address);

private:
  Error computeWidths(uint64_t nodeBytes, uint64_t depth);
  Error walkNode(uint64_t address, uint64_t depth, uint64_t records);
  Error checkStart(Cursor &cursor, unsigned kind);

  const Source &source;
  unsigned type;
  llvm::function_ref<Error(Cursor)> visit;
  uint64_t recordBytes = 0;
  size_t countWidth = 0;          ///< Of the records in a child.
  std::vector<size_t> totalWidth; ///< Of those below a child, by its depth.
  std::set<uint64_t> seen;
};

Error Walker2::checkStart(Cursor &cursor, unsigned kind) {
  uint64_t version = cursor.number(1), found = cursor.number(1);
  if (version != 0)
    return inputError("its index has the unknown version " +
                      std::to_string(version));
  if (found != kind)
    return inputError("a node of its index is of another index");
  return Error::success();
}

/// How many bytes a pointer to a child takes follows from how many records
/// could fit (III.A.2, "Number of Records for Child Node").
Error Walker2::computeWidths(uint64_t nodeBytes, uint64_t depth) {
  constexpr uint64_t overhead = 10, deepest = 16;
  if (depth > deepest || recordBytes == 0 || nodeBytes < overhead + recordBytes)
    return inputError("its index is damaged");
  uint64_t most = (nodeBytes - overhead) / recordBytes, total = most;
  countWidth = widthOf(most);
  totalWidth = {0};
  for (uint64_t level = 1; level <= depth; ++level) {
    uint64_t pointer =
        source.addressBytes() + countWidth + totalWidth[level - 1];
    if (nodeBytes < overhead + pointer)
      return inputError("its index is damaged");
    most = (nodeBytes - overhead - pointer) / (recordBytes + pointer);
    total = saturatingMultiply(most + 1, total);
    total = total > ~uint64_t{0} - most ? ~uint64_t{0} : total + most;
    totalWidth.push_back(widthOf(total));
  }
  return Error::success();
}

Error Walker2::walkTree(uint64_t address) {
  size_t size = 22 + source.addressBytes() + source.lengthBytes();
  auto cursor =
      source.checkedBlock(address, size, "BTHD", "the header of its index");
  if (!cursor)
    return cursor.takeError();
  if (Error error = checkStart(*cursor, type))
    return error;
  uint64_t nodeBytes = cursor->number(4);
  recordBytes = cursor->number(2);
  uint64_t depth = cursor->number(2);
  cursor->skip(2); // When to split and merge.
  uint64_t root = cursor->address();
  uint64_t records = cursor->number(2);
  if (Error error = computeWidths(nodeBytes, depth))
    return error;
  return root == noAddress ? Error::success() : walkNode(root, depth, records);
}

Error Walker2::walkNode(uint64_t address, uint64_t depth, uint64_t records) {
  const char *what = "a node of its index";
  if (!seen.insert(address).second)
    return circle();
  uint64_t pointer =
      depth == 0 ? 0
                 : source.addressBytes() + countWidth + totalWidth[depth - 1];
  uint64_t body = saturatingMultiply(records, recordBytes + pointer);
  if (body > source.size())
    return inputError("a node of its index lies outside of the file");
  auto cursor = source.checkedBlock(address, 10 + body + pointer,
                                    depth == 0 ? "BTLF" : "BTIN", what);
  if (!cursor)
    return cursor.takeError();
  if (Error error = checkStart(*cursor, type))
    return error;
  for (uint64_t i = 0; i < records; ++i)
    if (Error error = visit(source.cursor(cursor->take(recordBytes))))
      return error;
  for (uint64_t i = 0; i <= records && depth > 0; ++i) {
    uint64_t child = cursor->address();
    uint64_t count = cursor->number(countWidth);
    cursor->skip(totalWidth[depth - 1]);
    if (Error error = walkNode(child, depth - 1, count))
      return error;
  }
  return Error::success();
}

} // namespace

Error walkBTree1(const Source &source, uint64_t address, BTreeKind kind,
                 size_t keyBytes,
                 llvm::function_ref<Error(Cursor, uint64_t)> visit) {
  return Walker1(source, kind, keyBytes, visit).walk(address, -1);
}

Error walkBTree2(const Source &source, uint64_t address, unsigned type,
                 llvm::function_ref<Error(Cursor)> visit) {
  return Walker2(source, type, visit).walkTree(address);
}

} // namespace hillock::hdf5
