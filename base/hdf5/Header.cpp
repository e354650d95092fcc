//===- base/hdf5/Header.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Header.h"
#include <algorithm>
#include <set>

namespace hillock::hdf5 {

namespace {

class HeaderReader {
public:
  explicit HeaderReader(const Source &source)
      : source(source), bytesLeft(source.size()) {}

  Error read(uint64_t address) {
    if (Error error = readFirst(address))
      return error;
    // Grows while it is read; takeBlock ends a circle.
    for (size_t i = 0; i < further.size(); ++i)
      if (Error error = readFurther(further[i]))
        return error;
    return Error::success();
  }

  std::vector<Message> messages;

private:
  struct Block {
    uint64_t address, size;
  };
  Error readFirst(uint64_t address);
  Error readFurther(const Block &block);
  Error readMessages(std::string_view bytes);
  Error takeBlock(const Block &block);

  const Source &source;
  uint64_t bytesLeft; ///< Blocks do not overlap in a sound file.
  bool isVersion2 = false, hasOrder = false;
  std::set<uint64_t> seen;
  std::vector<Block> further;
};

Error HeaderReader::takeBlock(const Block &block) {
  if (!seen.insert(block.address).second)
    return inputError("the blocks of its header go in a circle");
  if (block.size > bytesLeft)
    return inputError("its header is larger than the file");
  bytesLeft -= block.size;
  return Error::success();
}

Error HeaderReader::readFirst(uint64_t address) {
  std::string_view start = source.upTo(address, 64); // More than any prefix.
  if (start.empty())
    return inputError("its header lies outside of the file");
  Cursor prefix = source.cursor(start);
  isVersion2 = start.substr(0, 4) == "OHDR";
  prefix.skip(isVersion2 ? 4 : 0);
  uint64_t version = prefix.number(1), size = 0;
  if (version != (isVersion2 ? 2 : 1))
    return inputError("its header has the unknown version " +
                      std::to_string(version));
  if (isVersion2) {
    uint64_t flags = prefix.number(1);
    hasOrder = flags & 0x04;
    // Times; limits for attributes.
    prefix.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
    size = prefix.number(size_t{1} << (flags & 0x03));
  } else {
    prefix.skip(7);
    size = prefix.number(4);
    prefix.skip(4);
  }
  if (prefix.failed())
    return cutShort("its header");
  uint64_t begin = start.size() - prefix.left();
  if (Error error = takeBlock({address, size}))
    return error;
  if (!isVersion2) {
    auto bytes = source.at(address + begin, size, "its header");
    return bytes ? readMessages(*bytes) : bytes.takeError();
  }
  auto bytes =
      source.checkedBlock(address, begin + size + 4, "OHDR", "its header");
  return bytes ? readMessages(bytes->rest().substr(begin - 4))
               : bytes.takeError();
}

Error HeaderReader::readFurther(const Block &block) {
  const char *what = "a block of its header";
  if (Error error = takeBlock(block))
    return error;
  if (!isVersion2) {
    auto bytes = source.at(block.address, block.size, what);
    return bytes ? readMessages(*bytes) : bytes.takeError();
  }
  auto bytes = source.checkedBlock(block.address, block.size, "OCHK", what);
  return bytes ? readMessages(bytes->rest()) : bytes.takeError();
}

Error HeaderReader::readMessages(std::string_view bytes) {
  constexpr uint64_t sharedFlag = 0x02;
  size_t prefixBytes = isVersion2 ? (hasOrder ? 6 : 4) : 8;
  Cursor cursor = source.cursor(bytes);
  while (cursor.left() >= prefixBytes) { // The rest is a gap.
    Message message;
    message.type = static_cast<MessageType>(cursor.number(isVersion2 ? 1 : 2));
    uint64_t size = cursor.number(2);
    message.isShared = cursor.number(1) & sharedFlag;
    cursor.skip(isVersion2 ? (hasOrder ? 2 : 0) : 3);
    message.data = cursor.take(size);
    if (cursor.failed())
      return cutShort("a message of its header");
    if (message.type == MessageType::Continuation) {
      Cursor place = source.cursor(message.data);
      uint64_t address = place.address();
      further.push_back({address, place.length()});
      if (place.failed())
        return cutShort("a message of its header");
    } else {
      messages.push_back(message);
    }
  }
  return Error::success();
}

} // namespace

Expected<Header> Header::read(const Source &source, uint64_t address) {
  HeaderReader reader(source);
  if (Error error = reader.read(address))
    return error;
  Header header;
  header.all = std::move(reader.messages);
  return header;
}

const Message *Header::find(MessageType type) const {
  auto it = std::find_if(all.begin(), all.end(),
                         [&](const Message &m) { return m.type == type; });
  return it == all.end() ? nullptr : &*it;
}

Expected<std::string_view> resolve(const Source &source,
                                   const Message &message) {
  if (!message.isShared)
    return message.data;
  constexpr uint64_t inHeap = 1;
  Cursor cursor = source.cursor(message.data);
  uint64_t version = cursor.number(1), kind = cursor.number(1);
  if (version < 1 || version > 3)
    return inputError("a shared message has the unknown version " +
                      std::to_string(version));
  if (version == 3 && kind == inHeap)
    return inputError("a message lies in a table for the whole file, which is "
                      "not read",
                      "", "write the file again without shared messages");
  if (version == 1) {
    cursor.skip(6);
    cursor.length(); // Not used.
  }
  uint64_t address = cursor.address();
  if (cursor.failed())
    return cutShort("a shared message");
  auto header = Header::read(source, address);
  if (!header)
    return header.takeError();
  const Message *other = header->find(message.type);
  if (!other || other->isShared)
    return inputError("a shared message is not where it should be");
  return other->data;
}

} // namespace hillock::hdf5
