//===- compiler/frontend/nir/ObjectHeader.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/ObjectHeader.h"
#include <string_view>
#include <utility>

namespace hillock::nir {

namespace {

constexpr uint64_t dataspaceMessage = 0x01, datatypeMessage = 0x03,
                   linkMessage = 0x06, layoutMessage = 0x08,
                   filterMessage = 0x0b, continuationMessage = 0x10;
constexpr uint64_t sharedFlag = 0x02; // of a message: its data lie elsewhere

/// Takes numbers and text off the front; once too short, stays failed.
class Cursor {
public:
  explicit Cursor(std::string_view bytes) : bytes(bytes) {}
  bool failed() const { return isShort; }
  size_t left() const { return bytes.size(); }

  std::string_view take(uint64_t size) {
    if (size > bytes.size()) {
      isShort = true;
      bytes = {};
      return {};
    }
    std::string_view front = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return front;
  }
  uint64_t number(size_t width) {
    std::string_view digits = take(width);
    uint64_t value = 0;
    for (size_t i = 0; i < digits.size() && i < 8; ++i)
      value |= uint64_t{static_cast<uint8_t>(digits[i])} << (8 * i);
    return value;
  }

private:
  std::string_view bytes;
  bool isShort = false;
};

/// Takes a text of at most \p size bytes with its '\0'.
bool takeText(Cursor &cursor, uint64_t size) {
  return cursor.take(size).find('\0') != std::string_view::npos;
}

uint64_t padded(uint64_t size) { return (size + 7) / 8 * 8; }

/// "The Filter Pipeline Message": HDF5 1.10 looks for the end of a filter's
/// name past the end of the header.
std::string checkFilters(std::string_view bytes) {
  Cursor cursor(bytes);
  uint64_t version = cursor.number(1), count = cursor.number(1);
  cursor.take(version == 1 ? 6 : 0);
  bool isSound = version == 1 || version == 2;
  for (uint64_t i = 0; i < count && isSound; ++i) {
    uint64_t filter = cursor.number(2);
    uint64_t length = version == 1 || filter >= 256 ? cursor.number(2) : 0;
    cursor.take(2); // Flags.
    uint64_t values = cursor.number(2);
    if (length > 0)
      isSound = takeText(cursor, version == 1 ? padded(length) : length);
    cursor.take(4 * values + (version == 1 && values % 2 ? 4 : 0));
    isSound = isSound && !cursor.failed();
  }
  return isSound ? "" : "the list of its filters is damaged";
}

/// "The Data Layout Message": HDF5 1.10 divides by the sizes of chunks before
/// it looks at them. \p axes becomes the number of a chunk's axes, the one of
/// the element included; it stays as it is when there are no chunks.
std::string checkLayout(std::string_view bytes, size_t addressBytes,
                        int64_t &axes) {
  constexpr uint64_t chunked = 2;
  Cursor cursor(bytes);
  uint64_t version = cursor.number(1);
  uint64_t count = version < 3 ? cursor.number(1) : 0;
  uint64_t layout = cursor.number(1);
  if (version < 1 || version > 4)
    return "the layout of its data has the unknown version " +
           std::to_string(version);
  if (layout != chunked)
    return cursor.failed() ? "the layout of its data is damaged" : "";
  cursor.take(version < 3 ? 5 : version == 4 ? 1 : 0); // Reserved, or flags.
  if (version >= 3)
    count = cursor.number(1);
  uint64_t width = version == 4 ? cursor.number(1) : 4;
  cursor.take(version == 4 ? 0 : addressBytes);
  bool isSound = width >= 1 && width <= 8 && count >= 1;
  for (uint64_t i = 0; i < count && isSound; ++i)
    isSound = cursor.number(width) != 0;
  axes = static_cast<int64_t>(count);
  return isSound ? "" : "the layout of its chunks is damaged";
}

/// "The Datatype Message", for enumerations over integers: the same with the
/// names of the values. Other types are left to the library.
std::string checkDatatype(std::string_view bytes) {
  constexpr uint64_t integerClass = 0, enumClass = 8;
  Cursor cursor(bytes);
  uint64_t kind = cursor.number(1), version = kind >> 4;
  if ((kind & 0x0f) != enumClass)
    return "";
  uint64_t count = cursor.number(2);
  cursor.take(5); // More bits and the size.
  bool isSound = (cursor.number(1) & 0x0f) == integerClass;
  cursor.take(3);
  uint64_t size = cursor.number(4);
  cursor.take(4); // Offset and precision of the integers.
  for (uint64_t i = 0; i < count && isSound; ++i) {
    uint64_t length = 0;
    bool ended = false;
    for (; cursor.left() > 0 && !ended; ++length)
      ended = cursor.number(1) == 0;
    if (version < 3)
      cursor.take(padded(length) - length);
    isSound = ended && !cursor.failed();
  }
  isSound = isSound && size <= 8;
  cursor.take(isSound ? count * size : 0);
  return isSound && !cursor.failed() ? "" : "its enumeration is damaged";
}

/// The blocks of one object header, one after the other.
class HeaderReader {
public:
  HeaderReader(const RawFile &file, bool wantsLinks)
      : file(file), workLeft(file.fileBytes), wantsLinks(wantsLinks) {}

  /// Each part returns what is wrong, or "".
  std::string read(uint64_t address) {
    std::string problem = readFirst(address);
    return problem.empty() ? readFurther() : problem;
  }

  std::vector<RawLink> links;

private:
  struct Block {
    uint64_t address, size;
  };
  std::string readFirst(uint64_t address);
  std::string readFurther();
  std::string readMessages(std::string_view bytes);
  std::string readLink(std::string_view bytes);
  std::optional<std::string> bytesOf(const Block &block);

  const RawFile &file;
  uint64_t workLeft; ///< Blocks do not overlap in a sound file.
  bool wantsLinks, isVersion2 = false, hasOrder = false;
  int64_t dataAxes = -1, chunkAxes = -1; ///< -1: not said, or no chunks
  std::vector<Block> further;
};

std::optional<std::string> HeaderReader::bytesOf(const Block &block) {
  uint64_t offset;
  if (__builtin_add_overflow(file.base, block.address, &offset) ||
      block.size == 0 || block.size > workLeft)
    return std::nullopt;
  workLeft -= block.size;
  std::string bytes = file.read(offset, block.size);
  if (bytes.size() != block.size)
    return std::nullopt;
  return bytes;
}

std::string HeaderReader::readFirst(uint64_t address) {
  uint64_t offset;
  if (__builtin_add_overflow(file.base, address, &offset))
    return "its header lies outside of the file";
  std::string start = file.read(offset, 64); // More than any prefix.
  Cursor prefix(start);
  uint64_t size = 0;
  if (start.compare(0, 4, "OHDR") == 0) {
    prefix.take(4);
    uint64_t version = prefix.number(1), flags = prefix.number(1);
    if (version != 2)
      return "its header has the unknown version " + std::to_string(version);
    isVersion2 = true;
    hasOrder = flags & 0x04;
    prefix.take((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
    size = prefix.number(size_t{1} << (flags & 0x03));
  } else {
    uint64_t version = prefix.number(1);
    if (version != 1)
      return "its header has the unknown version " + std::to_string(version);
    prefix.take(7);
    size = prefix.number(4);
    prefix.take(4);
  }
  if (prefix.failed())
    return "its header is cut short";
  uint64_t begin = start.size() - prefix.left();
  auto bytes = bytesOf({address + begin, size});
  if (!bytes)
    return "its header is larger than the file";
  return readMessages(*bytes);
}

std::string HeaderReader::readFurther() {
  // Grows while it is read; bytesOf ends a circle.
  for (size_t i = 0; i < further.size(); ++i) {
    auto bytes = bytesOf(further[i]);
    if (!bytes)
      return "a block of its header lies outside of the file";
    std::string_view messages = *bytes;
    if (isVersion2) {
      if (messages.size() < 8 || messages.substr(0, 4) != "OCHK")
        return "a block of its header has no signature";
      messages = messages.substr(4, messages.size() - 8);
    }
    if (std::string problem = readMessages(messages); !problem.empty())
      return problem;
  }
  return "";
}

std::string HeaderReader::readMessages(std::string_view bytes) {
  size_t prefixBytes = isVersion2 ? (hasOrder ? 6 : 4) : 8;
  Cursor cursor(bytes);
  while (cursor.left() >= prefixBytes) { // The rest is a gap.
    uint64_t type = cursor.number(isVersion2 ? 1 : 2);
    uint64_t size = cursor.number(2), flags = cursor.number(1);
    cursor.take(isVersion2 ? (hasOrder ? 2 : 0) : 3);
    std::string_view data = cursor.take(size);
    if (cursor.failed())
      return "a message of its header is cut short";
    if (type == continuationMessage) {
      Cursor place(data);
      uint64_t address = place.number(file.addressBytes);
      further.push_back({address, place.number(file.sizeBytes)});
      if (place.failed())
        return "a message of its header is cut short";
    } else if (type == linkMessage && wantsLinks) {
      if (flags & sharedFlag)
        return "the header says that link " + std::to_string(links.size()) +
               " is shared, which links cannot be";
      if (std::string problem = readLink(data); !problem.empty())
        return "link " + std::to_string(links.size()) + " " + problem;
    } else if (!(flags & sharedFlag)) {
      std::string problem =
          type == filterMessage     ? checkFilters(data)
          : type == datatypeMessage ? checkDatatype(data)
          : type == layoutMessage
              ? checkLayout(data, file.addressBytes, chunkAxes)
              : "";
      if (type == dataspaceMessage && data.size() >= 2)
        dataAxes = static_cast<uint8_t>(data[1]);
      if (problem.empty() && chunkAxes >= 0 && dataAxes >= 0 &&
          chunkAxes != dataAxes + 1)
        problem = "its chunks have another number of axes than its data";
      if (!problem.empty())
        return problem;
    }
  }
  return "";
}

std::string HeaderReader::readLink(std::string_view bytes) {
  Cursor cursor(bytes);
  uint64_t version = cursor.number(1), flags = cursor.number(1);
  if (version != 1 || flags > 0x1f)
    return "has the unknown version " + std::to_string(version) +
           " or unknown flags " + std::to_string(flags);
  uint64_t type = flags & 0x08 ? cursor.number(1) : 0;
  cursor.take(flags & 0x04 ? 8 : 0); // The order of creation.
  cursor.take(flags & 0x10 ? 1 : 0); // The character set.
  uint64_t length = cursor.number(size_t{1} << (flags & 0x03));
  RawLink link;
  link.name = std::string(cursor.take(length));
  if (type == 0)
    link.address = cursor.number(file.addressBytes);
  if (cursor.failed())
    return "is cut short";
  if (link.name.empty() || link.name.find('\0') != std::string::npos)
    return "has no name";
  links.push_back(std::move(link));
  return "";
}

} // namespace

std::variant<std::vector<RawLink>, std::string>
readCompactLinks(const RawFile &file, uint64_t address) {
  HeaderReader reader(file, true);
  if (std::string problem = reader.read(address); !problem.empty())
    return problem;
  return std::move(reader.links);
}

std::string findHeaderProblem(const RawFile &file, uint64_t address) {
  return HeaderReader(file, false).read(address);
}

} // namespace hillock::nir
