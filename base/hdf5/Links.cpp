//===- base/hdf5/Links.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Links.h"
#include "base/Describe.h"
#include "base/hdf5/BTrees.h"
#include "base/hdf5/FractalHeap.h"

namespace hillock::hdf5 {

namespace {

constexpr size_t largestGroup = size_t{1} << 20;

class LinkReader {
public:
  explicit LinkReader(const Source &source) : source(source) {}
  Error readCompact(const Header &group);
  Error readDense(std::string_view linkInfo);
  Error readSymbolTable(std::string_view message);

  std::vector<Link> links;

private:
  Error add(Link link);
  Error readMessage(std::string_view bytes);
  Error readSymbols(uint64_t address, std::string_view names);

  const Source &source;
};

Error LinkReader::add(Link link) {
  if (links.size() >= largestGroup)
    return inputError("the group holds more than " +
                      withSeparators(uint64_t{largestGroup}) + " names");
  links.push_back(std::move(link));
  return Error::success();
}

/// "The Link Message" (IV.A.2.g).
Error LinkReader::readMessage(std::string_view bytes) {
  constexpr uint64_t hardLink = 0;
  std::string which = "link " + std::to_string(links.size());
  Cursor cursor = source.cursor(bytes);
  uint64_t version = cursor.number(1), flags = cursor.number(1);
  if (version != 1 || flags > 0x1f)
    return inputError(which + " has the unknown version " +
                      std::to_string(version) + " or unknown flags " +
                      std::to_string(flags));
  uint64_t type = flags & 0x08 ? cursor.number(1) : hardLink;
  cursor.skip(flags & 0x04 ? 8 : 0); // The order of creation.
  cursor.skip(flags & 0x10 ? 1 : 0); // The character set.
  uint64_t length = cursor.number(size_t{1} << (flags & 0x03));
  Link link;
  link.name = std::string(cursor.take(length));
  if (type == hardLink)
    link.address = cursor.address();
  if (cursor.failed())
    return cutShort(which);
  if (link.name.empty() || link.name.find('\0') != std::string::npos)
    return inputError(which + " has no name");
  return add(std::move(link));
}

Error LinkReader::readCompact(const Header &group) {
  for (const Message &message : group.messages()) {
    if (message.type != MessageType::Link)
      continue;
    if (message.isShared)
      return inputError("the header says that link " +
                        std::to_string(links.size()) +
                        " is shared, which links cannot be");
    if (Error error = readMessage(message.data))
      return error;
  }
  return Error::success();
}

/// Names are looked up through a B-tree whose records (III.A.2, type 5) are a
/// hash and the ID of a link message in the heap.
Error LinkReader::readDense(std::string_view linkInfo) {
  constexpr unsigned namesOfLinks = 5;
  Cursor cursor = source.cursor(linkInfo);
  cursor.skip(1);
  uint64_t flags = cursor.number(1);
  cursor.skip(flags & 1 ? 8 : 0); // The largest order of creation.
  uint64_t heapAddress = cursor.address(), index = cursor.address();
  if (cursor.failed())
    return cutShort("the list of its links");
  if (heapAddress == noAddress)
    return Error::success();
  auto heap = FractalHeap::open(source, heapAddress);
  if (!heap)
    return heap.takeError();
  return walkBTree2(source, index, namesOfLinks, [&](Cursor record) -> Error {
    record.skip(4);
    auto message = heap->object(record.take(heap->idBytes()));
    return message ? readMessage(*message) : message.takeError();
  });
}

/// "Symbol Table Node" (III.B) with its entries (III.C). \p names is the data
/// segment of the group's local heap (III.D).
Error LinkReader::readSymbols(uint64_t address, std::string_view names) {
  constexpr uint64_t softLink = 2;
  const char *what = "a list of names";
  auto start = source.block(address, 8, "SNOD", what);
  if (!start)
    return start.takeError();
  start->skip(2);
  uint64_t count = start->number(2);
  uint64_t step = 2 * source.addressBytes() + 24;
  auto body = source.at(address + 8, count * step, what);
  if (!body)
    return body.takeError();
  for (uint64_t i = 0; i < count; ++i) {
    Cursor entry = source.cursor(body->substr(i * step, step));
    uint64_t offset = entry.address();
    Link link;
    link.address = entry.address();
    if (entry.number(4) == softLink)
      link.address = noAddress;
    Cursor rest = source.cursor(names);
    rest.skip(offset);
    link.name = std::string(rest.text());
    if (rest.failed() || link.name.empty())
      return inputError("an entry has no name");
    if (Error error = source.charge(link.name.size()))
      return error;
    if (Error error = add(std::move(link)))
      return error;
  }
  return Error::success();
}

/// "The Symbol Table Message" (IV.A.2.r).
Error LinkReader::readSymbolTable(std::string_view message) {
  Cursor cursor = source.cursor(message);
  uint64_t tree = cursor.address(), heap = cursor.address();
  if (cursor.failed())
    return cutShort("the place of its names");
  size_t a = source.addressBytes(), l = source.lengthBytes();
  auto start = source.block(heap, 8 + 2 * l + a, "HEAP", "the heap of names");
  if (!start)
    return start.takeError();
  start->skip(4);
  uint64_t size = start->length();
  start->length(); // Of the free list.
  uint64_t address = start->address();
  auto names = source.at(address, size, "the heap of names");
  if (!names)
    return names.takeError();
  return walkBTree1(
      source, tree, BTreeKind::Group, l,
      [&](Cursor, uint64_t child) { return readSymbols(child, *names); });
}

} // namespace

Expected<std::vector<Link>> readLinks(const Source &source,
                                      const Header &group) {
  LinkReader reader(source);
  auto read = [&]() -> Error {
    if (const Message *table = group.find(MessageType::SymbolTable))
      return reader.readSymbolTable(table->data);
    if (Error error = reader.readCompact(group))
      return error;
    const Message *info = group.find(MessageType::LinkInfo);
    return info ? reader.readDense(info->data) : Error::success();
  };
  if (Error error = read())
    return error;
  return std::move(reader.links);
}

} // namespace hillock::hdf5
