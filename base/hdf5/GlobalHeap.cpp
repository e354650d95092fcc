//===- base/hdf5/GlobalHeap.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/GlobalHeap.h"
#include <algorithm>

namespace hillock::hdf5 {

/// The objects before damage are kept.
Expected<const GlobalHeap::Collection *>
GlobalHeap::collection(uint64_t address) {
  auto [it, isNew] = collections.try_emplace(address);
  if (!isNew)
    return &it->second;
  const char *what = "a collection of texts";
  uint64_t prefix = 8 + source.lengthBytes();
  auto start = source.block(address, prefix, "GCOL", what);
  if (!start)
    return start.takeError();
  start->skip(4);
  uint64_t size = start->length();
  if (size < prefix)
    return cutShort(what);
  auto body = source.at(address + prefix, size - prefix, what);
  if (!body)
    return body.takeError();
  Cursor cursor = source.cursor(*body);
  Collection &found = it->second;
  while (cursor.left() >= 8 + source.lengthBytes()) {
    uint64_t index = cursor.number(2);
    cursor.skip(6);
    uint64_t length = cursor.length();
    if (index == 0 || length > cursor.left())
      break;
    found.push_back({index, cursor.take(length)});
    cursor.skip(std::min<uint64_t>((8 - length % 8) % 8, cursor.left()));
  }
  std::stable_sort(
      found.begin(), found.end(),
      [](const Object &a, const Object &b) { return a.index < b.index; });
  return &found;
}

Expected<std::string> GlobalHeap::text(std::string_view element) {
  Cursor cursor = source.cursor(element);
  uint64_t length = cursor.number(4);
  uint64_t address = cursor.address(), index = cursor.number(4);
  if (cursor.failed())
    return cutShort("the text");
  if (length == 0 || address == 0)
    return std::string();
  auto heap = collection(address);
  if (!heap)
    return heap.takeError();
  const Collection &objects = **heap;
  auto object = std::lower_bound(
      objects.begin(), objects.end(), index,
      [](const Object &o, uint64_t wanted) { return o.index < wanted; });
  if (object == objects.end() || object->index != index ||
      length > object->bytes.size())
    return inputError("the text is not in the file");
  // Elements may share one long text.
  if (Error error = source.charge(length))
    return error;
  std::string_view bytes = object->bytes.substr(0, length);
  return std::string(bytes.substr(0, bytes.find('\0')));
}

} // namespace hillock::hdf5
