//===- base/hdf5/Layout.cpp - Messages of a data set ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Dataset.h"

namespace hillock::hdf5 {

namespace {

// IV.A.2.i, "Layout Class".
enum FileLayout : uint64_t {
  CompactData = 0,
  ContiguousData = 1,
  ChunkedData = 2,
  VirtualData = 3
};

Error damagedChunks() {
  return inputError("the layout of its chunks is damaged");
}

/// The extents of a chunk; the last one is the size of an element.
Error parseChunk(Cursor &cursor, uint64_t count, size_t width, Layout &layout) {
  if (count < 1 || width < 1 || width > 8)
    return damagedChunks();
  layout.chunkBytes = 1;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t extent = cursor.number(width);
    if (extent == 0)
      return damagedChunks();
    layout.chunkBytes = saturatingMultiply(layout.chunkBytes, extent);
    if (i + 1 < count)
      layout.chunk.push_back(extent);
  }
  return Error::success();
}

Error parseVersion1(Cursor &cursor, Layout &layout) {
  uint64_t axes = cursor.number(1), kind = cursor.number(1);
  cursor.skip(5);
  if (kind != CompactData)
    layout.address = cursor.address();
  if (kind == ChunkedData) {
    layout.kind = LayoutKind::Chunked;
    return parseChunk(cursor, axes, 4, layout);
  }
  cursor.skip(4 * axes);
  if (kind == CompactData) {
    layout.kind = LayoutKind::Compact;
    uint64_t size = cursor.number(4);
    layout.compact = cursor.take(size);
  } else if (kind != ContiguousData) {
    return inputError("the layout of its data is of the unknown kind " +
                      std::to_string(kind));
  }
  return Error::success();
}

/// What finds the chunks, from version 4 on.
Error parseIndex(Cursor &cursor, uint64_t flags, const Source &source,
                 uint64_t version, Layout &layout) {
  constexpr uint64_t singleIsFiltered = 2;
  uint64_t index = cursor.number(1);
  switch (index) {
  case 1:
    layout.index = ChunkIndex::Single;
    if (flags & singleIsFiltered) {
      layout.singleBytes = cursor.number(source.lengthBytes());
      layout.singleSkipped = static_cast<uint32_t>(cursor.number(4));
    }
    break;
  case 2:
    layout.index = ChunkIndex::Implicit;
    break;
  case 3:
    layout.index = ChunkIndex::FixedArray;
    cursor.skip(1);
    break;
  case 4:
    layout.index = ChunkIndex::ExtensibleArray;
    cursor.skip(5);
    break;
  case 5:
    layout.index = ChunkIndex::BTree2;
    cursor.skip(6);
    break;
  default:
    return inputError("the index of its chunks is of the unknown kind " +
                      std::to_string(index) + " (version " +
                      std::to_string(version) + ")");
  }
  layout.address = cursor.address();
  return Error::success();
}

Error parseVersion3(Cursor &cursor, uint64_t version, const Source &source,
                    Layout &layout) {
  constexpr uint64_t noFiltersAtEdge = 1;
  uint64_t kind = cursor.number(1);
  if (kind == CompactData) {
    layout.kind = LayoutKind::Compact;
    uint64_t size = cursor.number(2);
    layout.compact = cursor.take(size);
    return Error::success();
  }
  if (kind == ContiguousData) {
    layout.address = cursor.address();
    cursor.length(); // Follows from type and shape.
    return Error::success();
  }
  if (kind == VirtualData && version >= 4) {
    layout.kind = LayoutKind::Virtual;
    return Error::success();
  }
  if (kind != ChunkedData)
    return inputError("the layout of its data is of the unknown kind " +
                      std::to_string(kind));
  layout.kind = LayoutKind::Chunked;
  if (version == 3) {
    uint64_t axes = cursor.number(1);
    layout.address = cursor.address();
    return parseChunk(cursor, axes, 4, layout);
  }
  uint64_t flags = cursor.number(1), axes = cursor.number(1);
  uint64_t width = cursor.number(1);
  layout.skipsFiltersAtEdge = flags & noFiltersAtEdge;
  if (Error error = parseChunk(cursor, axes, width, layout))
    return error;
  return parseIndex(cursor, flags, source, version, layout);
}

Expected<Layout> parseLayout(const Source &source, std::string_view message) {
  Cursor cursor = source.cursor(message);
  uint64_t version = cursor.number(1);
  Layout layout;
  if (version < 1 || version > 5)
    return inputError("the layout of its data has the unknown version " +
                      std::to_string(version));
  if (Error error = version < 3
                        ? parseVersion1(cursor, layout)
                        : parseVersion3(cursor, version, source, layout))
    return error;
  if (cursor.failed())
    return cutShort("the layout of its data");
  return layout;
}

/// Empty when the message gives no value.
std::string_view parseFill(Cursor cursor, MessageType type) {
  constexpr uint64_t hasValue = 0x20;
  if (type == MessageType::Fill) {
    uint64_t version = cursor.number(1);
    if (version < 1 || version > 3)
      return {};
    if (version == 3) {
      if (!(cursor.number(1) & hasValue))
        return {};
    } else {
      cursor.skip(2);
      if (cursor.number(1) == 0 && version == 2)
        return {};
    }
  }
  uint64_t size = cursor.number(4);
  return cursor.take(size);
}

/// The data of a message that must be there.
Expected<std::string_view> need(const Source &source, const Header &header,
                                MessageType type, const char *what) {
  if (const Message *message = header.find(type))
    return resolve(source, *message);
  return inputError(std::string("has no ") + what);
}

Error readLayout(const Source &source, const Header &header, Dataset &data) {
  auto message = need(source, header, MessageType::Layout, "layout");
  if (!message)
    return message.takeError();
  auto layout = parseLayout(source, *message);
  if (!layout)
    return layout.takeError();
  data.layout = std::move(*layout);
  if (data.layout.kind != LayoutKind::Chunked)
    return Error::success();
  if (data.layout.chunk.size() != data.space.dims.size())
    return inputError("its chunks have another number of axes than its data");
  uint64_t bytes = data.type.bytes;
  for (uint64_t extent : data.layout.chunk)
    bytes = saturatingMultiply(bytes, extent);
  if (bytes != data.layout.chunkBytes)
    return inputError("its chunks have elements of another size than its "
                      "data");
  return Error::success();
}

} // namespace

Expected<Dataset> parseDataset(const Source &source, const Header &header) {
  Dataset data;
  auto type = need(source, header, MessageType::Datatype, "type");
  if (!type)
    return type.takeError();
  auto parsedType = parseDatatype(source.cursor(*type));
  if (!parsedType)
    return parsedType.takeError();
  data.type = *parsedType;
  auto space = need(source, header, MessageType::Dataspace, "shape");
  if (!space)
    return space.takeError();
  auto parsedSpace = parseDataspace(source.cursor(*space));
  if (!parsedSpace)
    return parsedSpace.takeError();
  data.space = std::move(*parsedSpace);
  if (Error error = readLayout(source, header, data))
    return error;
  if (const Message *message = header.find(MessageType::Filters)) {
    auto bytes = resolve(source, *message);
    if (!bytes)
      return bytes.takeError();
    auto filters = parseFilters(source.cursor(*bytes));
    if (!filters)
      return filters.takeError();
    data.filters = std::move(*filters);
  }
  for (MessageType fill : {MessageType::OldFill, MessageType::Fill})
    if (const Message *message = header.find(fill)) {
      auto bytes = resolve(source, *message);
      if (!bytes)
        return bytes.takeError();
      data.fill = parseFill(source.cursor(*bytes), fill);
    }
  data.isElsewhere = data.layout.kind == LayoutKind::Virtual ||
                     header.find(MessageType::ExternalFiles);
  return data;
}

} // namespace hillock::hdf5
