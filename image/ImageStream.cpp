//===- image/ImageStream.cpp - Images core by core ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ImageStream.h"
#include "base/Describe.h"
#include "base/InOrder.h"
#include "image/Pack.h"
#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hillock::image {

namespace {

using google::protobuf::io::CodedInputStream;

constexpr const char *recompile = "recompile the model";
constexpr uint64_t chunkBytes = uint64_t{1} << 20;
/// Tag and length of a field, or the first three fields of a core.
constexpr uint64_t prefixBytes = 48;
constexpr uint32_t coreTag =
    proto::Image::kCoreFieldNumber << 3 | 2; // length-delimited

void appendLe(std::string &out, uint64_t value) {
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

uint64_t readLe(std::string_view bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i)
    value |= uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string bytesOf(const google::protobuf::Message &message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  (void)message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

CodedInputStream streamOf(std::string_view bytes) {
  return CodedInputStream(reinterpret_cast<const uint8_t *>(bytes.data()),
                          static_cast<int>(bytes.size()));
}

} // namespace

std::string coreBytes(const proto::Core &core) { return bytesOf(core); }

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

Expected<ImageWriter> ImageWriter::create(const std::string &path,
                                          const proto::Image &head) {
  Expected<AtomicFile> file = AtomicFile::create(path);
  if (!file)
    return file.takeError();
  ImageWriter writer(std::move(*file), path);
  // Length and hash are known at the end.
  std::string header(imageMagic);
  header.resize(imageHeaderBytes);
  if (Error error = writer.file.write(header))
    return std::move(error);
  proto::Image first;
  first.set_format(head.format());
  first.set_producer(head.producer());
  *first.mutable_target() = head.target();
  *first.mutable_program() = head.program();
  if (Error error = writer.append(bytesOf(first)))
    return std::move(error);
  return std::move(writer);
}

Error ImageWriter::append(std::string_view bytes) {
  length += bytes.size();
  hasher.add(bytes);
  return file.write(bytes);
}

Error ImageWriter::add(std::string_view core) {
  std::string prefix;
  appendVarint(prefix, coreTag);
  appendVarint(prefix, core.size());
  if (Error error = append(prefix))
    return error;
  return append(core);
}

Error ImageWriter::finish(const proto::Image &tail) {
  proto::Image last;
  if (tail.has_io())
    *last.mutable_io() = tail.io();
  if (tail.has_debug())
    *last.mutable_debug() = tail.debug();
  if (Error error = append(bytesOf(last)))
    return error;
  std::string header;
  appendLe(header, length);
  appendLe(header, hasher.value());
  if (Error error = file.overwrite(imageMagic.size(), header))
    return error;
  return file.commit();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

void ImageReader::Closer::operator()(int *descriptor) const {
  ::close(*descriptor);
  delete descriptor;
}

Error ImageReader::readAt(uint64_t at, uint64_t bytes,
                          std::string &into) const {
  into.resize(bytes);
  for (uint64_t done = 0; done < bytes;) {
    const ssize_t count = ::pread(*file, into.data() + done, bytes - done,
                                  static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return inputError("cannot be read: " +
                            std::string(count < 0 ? std::strerror(errno)
                                                  : "it ends too early"),
                        path);
    done += static_cast<uint64_t>(count);
  }
  return Error::success();
}

Expected<ImageReader> ImageReader::open(const std::string &path) {
  ImageReader reader;
  reader.path = path;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return inputError("cannot be opened: " + std::string(std::strerror(errno)),
                      path, "check the path");
  reader.file.reset(new int(descriptor));
  if (Error error = reader.checkPayload())
    return std::move(error);
  if (Error error = reader.scan())
    return std::move(error);
  return std::move(reader);
}

Error ImageReader::checkPayload() {
  struct stat status = {};
  if (::fstat(*file, &status) != 0 || !S_ISREG(status.st_mode))
    return inputError("is not a file", path, "give a .hlk file");
  const auto size = static_cast<uint64_t>(status.st_size);
  std::string header;
  if (size >= imageHeaderBytes)
    if (Error error = readAt(0, imageHeaderBytes, header))
      return error;
  if (!header.starts_with(imageMagic))
    return inputError("not a Hillock image (it does not begin with \"" +
                          std::string(imageMagic) + "\")",
                      path, "give a .hlk file made by `hillock compile`");
  payloadBytes = readLe(header, 8);
  if (payloadBytes != size - imageHeaderBytes)
    return inputError("the image should have " + withSeparators(payloadBytes) +
                          " bytes behind its header but has " +
                          withSeparators(size - imageHeaderBytes),
                      path, "copy the file again or recompile the model");
  target::Hasher hasher;
  std::string chunk;
  for (uint64_t at = 0; at < payloadBytes; at += chunkBytes) {
    if (Error error = readAt(imageHeaderBytes + at,
                             std::min(chunkBytes, payloadBytes - at), chunk))
      return error;
    hasher.add(chunk);
  }
  payloadHash = hasher.value();
  if (payloadHash != readLe(header, 16))
    return inputError("the content is damaged: its hash is not the one in the "
                      "header",
                      path, "copy the file again or recompile the model");
  return Error::success();
}

/// Walks over the fields of the message; the cores stay where they are.
Error ImageReader::scan() {
  const auto damaged = [&] {
    return inputError("the content is not an image message", path, recompile);
  };
  const uint64_t end = imageHeaderBytes + payloadBytes;
  std::string prefix, rest, field;
  proto::Image frame;
  std::vector<Piece> found;
  for (uint64_t at = imageHeaderBytes; at < end;) {
    if (Error error = readAt(at, std::min(prefixBytes, end - at), prefix))
      return error;
    CodedInputStream in = streamOf(prefix);
    const uint32_t tag = in.ReadTag();
    uint64_t bytes = 0, ignored = 0;
    bool good = tag >> 3 != 0;
    if ((tag & 7) == 2)
      good = good && in.ReadVarint64(&bytes);
    else if ((tag & 7) == 0)
      good = good && in.ReadVarint64(&ignored);
    else if ((tag & 7) == 1 || (tag & 7) == 5)
      bytes = (tag & 7) == 1 ? 8 : 4;
    else
      good = false;
    const auto before = static_cast<uint64_t>(in.CurrentPosition());
    // A core, and all that is not one, are messages of less than 2 GiB.
    if (!good || bytes > end - at - before || bytes + rest.size() > INT_MAX)
      return damaged();
    if (tag == coreTag) {
      found.push_back({at + before, bytes});
    } else {
      if (Error error = readAt(at, before + bytes, field))
        return error;
      rest += field;
    }
    at += before + bytes;
  }
  if (!frame.ParseFromString(rest))
    return damaged();
  for (Piece piece : found)
    if (Error error = addCore(piece, frame))
      return error;
  Expected<LoadedImage> loaded = loadFrame(std::move(frame), path);
  if (!loaded)
    return loaded.takeError();
  image = std::move(*loaded);
  return Error::success();
}

/// Chip, core and program stand first in a core that we wrote.
Error ImageReader::addCore(Piece piece, proto::Image &frame) {
  std::string prefix;
  if (Error error =
          readAt(piece.at, std::min(prefixBytes, piece.bytes), prefix))
    return error;
  CodedInputStream in = streamOf(prefix);
  uint32_t chip = 0, core = 0, program = 0;
  constexpr uint32_t chipTag = proto::Core::kChipFieldNumber << 3;
  constexpr uint32_t placeTag = proto::Core::kCoreFieldNumber << 3;
  constexpr uint32_t programTag = proto::Core::kProgramFieldNumber << 3;
  if (in.ReadTag() != chipTag || !in.ReadVarint32(&chip) ||
      in.ReadTag() != placeTag || !in.ReadVarint32(&core) ||
      in.ReadTag() != programTag || !in.ReadVarint32(&program))
    return inputError("core " + std::to_string(pieces.size()) +
                          " does not begin with its place and program",
                      path, recompile);
  proto::Core &added = *frame.add_core();
  added.set_chip(chip);
  added.set_core(core);
  added.set_program(program);
  pieces.push_back(piece);
  return Error::success();
}

Expected<proto::Core> ImageReader::parse(size_t index) const {
  std::string bytes;
  if (Error error = readAt(pieces[index].at, pieces[index].bytes, bytes))
    return std::move(error);
  proto::Core core;
  const proto::Core &place = image.proto.core(static_cast<int>(index));
  if (!core.ParseFromString(bytes) || core.chip() != place.chip() ||
      core.core() != place.core() || core.program() != place.program())
    return inputError("core " + std::to_string(index) + " is damaged", path,
                      recompile);
  return std::move(core);
}

Expected<CoreTables> ImageReader::core(size_t index) const {
  Expected<proto::Core> core = parse(index);
  if (!core)
    return core.takeError();
  return loadCore(*core, image, path);
}

Expected<CoreTables> ImageReader::inputs(size_t index) const {
  Expected<proto::Core> core = parse(index);
  if (!core)
    return core.takeError();
  return loadCore(*core, image, path, /*withOutputs=*/false);
}

Expected<LoadedImage> ImageReader::outline() const {
  LoadedImage result;
  result.proto = image.proto;
  result.target = image.target;
  result.programs = image.programs;
  const auto read = [&](size_t index) -> Expected<CoreTables> {
    Expected<proto::Core> core = parse(index);
    if (!core)
      return core.takeError();
    return unpackPlace(*core, image.target);
  };
  const auto take = [&](size_t, CoreTables core) {
    result.cores.push_back(std::move(core));
    return Error::success();
  };
  if (Error error = InOrder<CoreTables>::run(pieces.size(), 0, read, take))
    return std::move(error);
  return std::move(result);
}

Expected<CoreTables> ImageReader::outputs(size_t index) const {
  Expected<proto::Core> core = parse(index);
  if (!core)
    return core.takeError();
  return unpackOutputs(*core, image.target);
}

} // namespace hillock::image
