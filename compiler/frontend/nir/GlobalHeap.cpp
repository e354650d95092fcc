//===- compiler/frontend/nir/GlobalHeap.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/GlobalHeap.h"
#include <algorithm>
#include <utility>

namespace hillock::nir {

namespace {

/// \p bytes must hold that much.
uint64_t number(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width && i < 8; ++i)
    value |= uint64_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

// Collections do not overlap in a sound file.
constexpr uint64_t workPerByte = 16;

} // namespace

GlobalHeap::GlobalHeap(Reader reader, uint64_t base, size_t addressBytes,
                       size_t sizeBytes, uint64_t fileBytes)
    : reader(std::move(reader)), base(base), workLeft(workPerByte * fileBytes),
      addressBytes(addressBytes), sizeBytes(sizeBytes) {}

const GlobalHeap::Collection *GlobalHeap::collection(uint64_t address) {
  auto [it, added] = collections.try_emplace(address);
  Collection &found = it->second;
  if (!added)
    return &found;
  size_t header = 8 + sizeBytes;
  std::string start = reader(base + address, header);
  if (start.size() < header || start.compare(0, 4, "GCOL") != 0 ||
      start[4] != 1)
    return &found;
  uint64_t size = number(start, 8, sizeBytes);
  if (size > workLeft)
    return &found;
  workLeft -= size;
  found.bytes = reader(base + address, size);
  uint64_t at = header, end = found.bytes.size();
  while (end - at >= header) {
    uint64_t index = number(found.bytes, at, 2);
    uint64_t length = number(found.bytes, at + 8, sizeBytes);
    if (index == 0 || length > end - at - header)
      break;
    found.objects[index] = {at + header, length};
    uint64_t padded = (length + 7) / 8 * 8;
    if (padded > end - at - header)
      break;
    at += header + padded;
  }
  return &found;
}

std::optional<std::string> GlobalHeap::text(std::string_view element) {
  if (element.size() < elementBytes())
    return std::nullopt;
  uint64_t length = number(element, 0, 4);
  uint64_t address = number(element, 4, addressBytes);
  uint64_t index = number(element, 4 + addressBytes, 4);
  if (length == 0 || address == 0)
    return std::string();
  const Collection *heap = collection(address);
  auto object = heap->objects.find(index);
  if (object == heap->objects.end() || length > object->second.size ||
      length > workLeft)
    return std::nullopt;
  workLeft -= length;
  std::string text = heap->bytes.substr(object->second.offset, length);
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

} // namespace hillock::nir
