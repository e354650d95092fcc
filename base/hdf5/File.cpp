//===- base/hdf5/File.cpp -------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/File.h"
#include "base/hdf5/BTrees.h"
#include "base/hdf5/FractalHeap.h"
#include <algorithm>

namespace hillock::hdf5 {

// Deflate cannot expand more than about 1032 times.
static constexpr uint64_t largestExpansion = 1032;

Expected<File> File::openMemory(std::string_view bytes) {
  auto source = Source::open(bytes);
  if (!source)
    return source.takeError();
  File file;
  file.source = std::make_unique<Source>(*source);
  file.heap = std::make_unique<GlobalHeap>(*file.source);
  file.bytesLeft = saturatingMultiply(bytes.size() + 1024, largestExpansion);
  return std::move(file);
}

Expected<File> File::openBytes(std::string bytes) {
  auto owned = std::make_unique<std::string>(std::move(bytes));
  auto file = openMemory(*owned);
  if (file)
    file->owned = std::move(owned);
  return file;
}

Expected<Object> File::object(uint64_t address) const {
  auto header = Header::read(*source, address);
  if (!header)
    return header.takeError();
  Object object;
  if (header->find(MessageType::SymbolTable) ||
      header->find(MessageType::LinkInfo)) {
    object.kind = ObjectKind::Group;
  } else if (header->find(MessageType::Datatype) &&
             header->find(MessageType::Dataspace)) {
    auto data = parseDataset(*source, *header);
    if (!data)
      return data.takeError();
    object.kind = ObjectKind::Dataset;
    object.data = std::move(*data);
  }
  return object;
}

Expected<std::vector<Link>> File::links(uint64_t group) const {
  auto header = Header::read(*source, group);
  if (!header)
    return header.takeError();
  auto links = readLinks(*source, *header);
  if (!links)
    return links.takeError();
  std::sort(links->begin(), links->end(),
            [](const Link &a, const Link &b) { return a.name < b.name; });
  return links;
}

/// "The Attribute Message" (IV.A.2.m). None when it is another's.
Expected<std::optional<Values>> File::parseAttribute(std::string_view message,
                                                     std::string_view wanted) {
  Cursor cursor = source->cursor(message);
  uint64_t version = cursor.number(1), flags = cursor.number(1);
  if (version < 1 || version > 3)
    return inputError("an attribute has the unknown version " +
                      std::to_string(version));
  uint64_t sizes[3];
  for (uint64_t &size : sizes)
    size = cursor.number(2);
  cursor.skip(version == 3 ? 1 : 0); // The character set.
  std::string_view parts[3];
  for (size_t i = 0; i < 3; ++i) {
    parts[i] = cursor.take(sizes[i]);
    if (version == 1)
      cursor.skip((8 - sizes[i] % 8) % 8);
  }
  if (cursor.failed())
    return cutShort("an attribute");
  if (parts[0].substr(0, parts[0].find('\0')) != wanted)
    return std::nullopt;
  bool isTypeShared = version > 1 && flags & 1;
  bool isSpaceShared = version > 1 && flags & 2;
  auto typeBytes =
      resolve(*source, {MessageType::Datatype, isTypeShared, parts[1]});
  if (!typeBytes)
    return typeBytes.takeError();
  auto spaceBytes =
      resolve(*source, {MessageType::Dataspace, isSpaceShared, parts[2]});
  if (!spaceBytes)
    return spaceBytes.takeError();
  auto type = parseDatatype(source->cursor(*typeBytes));
  if (!type)
    return type.takeError();
  auto space = parseDataspace(source->cursor(*spaceBytes));
  if (!space)
    return space.takeError();
  uint64_t bytes = saturatingMultiply(space->count, type->bytes);
  std::string_view elements = cursor.take(bytes);
  if (cursor.failed())
    return cutShort("an attribute");
  return Values{*type, std::move(*space), std::string(elements)};
}

/// "The Attribute Info Message" (IV.A.2.v): the attributes are messages in a
/// fractal heap, found through records (III.A.2, type 8) that begin with IDs.
Expected<std::optional<Values>> File::denseAttribute(std::string_view info,
                                                     std::string_view name) {
  constexpr unsigned namesOfAttributes = 8;
  Cursor cursor = source->cursor(info);
  cursor.skip(1);
  uint64_t flags = cursor.number(1);
  cursor.skip(flags & 1 ? 2 : 0); // The largest order of creation.
  uint64_t heapAddress = cursor.address(), index = cursor.address();
  std::optional<Values> found;
  if (cursor.failed())
    return cutShort("the list of attributes");
  if (heapAddress == noAddress)
    return found;
  auto objects = FractalHeap::open(*source, heapAddress);
  if (!objects)
    return objects.takeError();
  Error error = walkBTree2(
      *source, index, namesOfAttributes, [&](Cursor record) -> Error {
        auto message = objects->object(record.take(objects->idBytes()));
        if (!message)
          return message.takeError();
        auto value = parseAttribute(*message, name);
        if (!value)
          return value.takeError();
        if (*value)
          found = std::move(*value);
        return Error::success();
      });
  if (error)
    return error;
  return found;
}

Expected<std::optional<Values>> File::attribute(uint64_t object,
                                                std::string_view name) {
  auto header = Header::read(*source, object);
  if (!header)
    return header.takeError();
  for (const Message &message : header->messages()) {
    if (message.type != MessageType::Attribute)
      continue;
    auto bytes = resolve(*source, message);
    if (!bytes)
      return bytes.takeError();
    auto value = parseAttribute(*bytes, name);
    if (!value || *value)
      return value;
  }
  if (const Message *info = header->find(MessageType::AttributeInfo))
    return denseAttribute(info->data, name);
  return std::nullopt;
}

Expected<Values> File::read(const Dataset &data) {
  auto bytes = readElements(*source, data, bytesLeft);
  if (!bytes)
    return bytes.takeError();
  // Narrow elements become wider numbers.
  bytesLeft -= std::min(
      bytesLeft,
      std::max<uint64_t>(bytes->size(),
                         saturatingMultiply(data.space.count, sizeof(float))));
  return Values{data.type, data.space, std::move(*bytes)};
}

Expected<std::vector<std::string>> File::texts(const Values &values) {
  uint64_t width = values.type.bytes;
  size_t count = values.bytes.size() / width;
  if (values.type.isVariable && width != heap->elementBytes())
    return inputError("its type is damaged: the size of its texts");
  // Each text takes more memory than a short element; no real list has more
  // texts than the file has bytes.
  if (count > source->size())
    return inputError("holds more texts than the file has bytes");
  std::vector<std::string> texts;
  for (size_t i = 0; i < count; ++i) {
    std::string_view element =
        std::string_view(values.bytes).substr(i * width, width);
    if (values.type.isVariable) {
      auto text = heap->text(element);
      if (!text)
        return located(text.takeError(),
                       "the text of element " + std::to_string(i), "");
      texts.push_back(std::move(*text));
      continue;
    }
    element = element.substr(0, element.find('\0'));
    while (values.type.isSpacePadded && element.ends_with(' '))
      element.remove_suffix(1);
    texts.emplace_back(element);
  }
  return texts;
}

Error located(Error error, const std::string &where,
              const std::string &remedy) {
  return llvm::handleErrors(std::move(error), [&](const Failure &failure) {
    return makeError(failure.kind,
                     failure.where.empty()
                         ? failure.what
                         : failure.where + ": " + failure.what,
                     where, failure.remedy.empty() ? remedy : failure.remedy);
  });
}

} // namespace hillock::hdf5
