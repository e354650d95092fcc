//===- image/ImageFile.cpp - The file around the image --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ImageFile.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "target/Hash.h"
#include <climits>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace hillock::image {

namespace {

constexpr std::string_view magic = imageMagic;
constexpr size_t headerBytes = imageHeaderBytes;
constexpr const char *recompile = "recompile the model";

void appendLe(std::string &out, uint64_t value) {
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t readLe(std::string_view bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i)
    value |= uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string hex(uint64_t value) {
  static const char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; value >>= 4)
    text[i] = digits[value & 15];
  return text;
}

/// The payload of the file, or what is wrong with the frame around it.
Expected<std::string_view> payloadOf(std::string_view bytes,
                                     const std::string &name) {
  if (bytes.size() < headerBytes || bytes.substr(0, magic.size()) != magic)
    return inputError("not a Hillock image (it does not begin with \"" +
                          std::string(magic) + "\")",
                      name, "give a .hlk file made by `hillock compile`");
  const uint64_t length = readLe(bytes, 8), found = bytes.size() - headerBytes;
  if (length != found)
    return inputError(
        "the image should have " + withSeparators(length) +
            " bytes behind its header but has " + withSeparators(found),
        name,
        found < length ? "the file is cut short: copy it again or "
                         "recompile the model"
                       : recompile);
  if (length > INT_MAX)
    return inputError(
        "the image has " + describeBytes(length) + ", more than 2 GiB", name,
        "only `hillock run` reads so large an image, core by core (--stream "
        "always); or split the network over several");
  const std::string_view payload = bytes.substr(headerBytes);
  const uint64_t stored = readLe(bytes, 16);
  const uint64_t actual = target::hashBytes(payload);
  if (stored != actual)
    return inputError("the content is damaged: its hash is " + hex(actual) +
                          ", the header says " + hex(stored),
                      name, "copy the file again or recompile the model");
  return payload;
}

} // namespace

std::string serialize(const proto::Image &image) {
  std::string payload;
  {
    google::protobuf::io::StringOutputStream stream(&payload);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    if (image.ByteSizeLong() > INT_MAX || !image.SerializeToCodedStream(&coded))
      return {};
  }
  std::string bytes(magic);
  bytes.reserve(headerBytes + payload.size());
  appendLe(bytes, payload.size());
  appendLe(bytes, target::hashBytes(payload));
  return bytes += payload;
}

Expected<proto::Image> parseImage(std::string_view bytes, std::string name) {
  Expected<std::string_view> payload = payloadOf(bytes, name);
  if (!payload)
    return payload.takeError();
  proto::Image image;
  if (!image.ParseFromArray(payload->data(), static_cast<int>(payload->size())))
    return inputError("the content is not an image message", name, recompile);
  if (Error error = validate(image, name))
    return std::move(error);
  return std::move(image);
}

Expected<proto::Image> readImage(const std::string &path) {
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  return parseImage(*bytes, path);
}

Error writeImage(const proto::Image &image, const std::string &path) {
  const std::string bytes = serialize(image);
  if (bytes.empty())
    return makeError(ErrorKind::Capacity, "the image is larger than 2 GiB",
                     path, "split the network over several images");
  return writeFile(path, bytes);
}

proto::Program toProto(const Program &program) {
  proto::Program out;
  out.set_name(program.name);
  out.set_registers(program.registers);
  out.set_ports(program.ports);
  for (const Program::State &state : program.states) {
    proto::ProgramState &added = *out.add_state();
    added.set_name(state.name);
    added.set_bits(state.bits);
  }
  for (const std::string &param : program.params)
    out.add_param()->set_name(param);
  for (const Instruction &instruction : program.code)
    out.add_code(instruction.encode());
  return out;
}

Expected<Program> fromProto(const proto::Program &program) {
  Program out;
  out.name = program.name();
  out.registers = program.registers();
  out.ports = program.ports();
  for (const proto::ProgramState &state : program.state())
    out.states.push_back({state.name(), state.bits()});
  for (const proto::ProgramParam &param : program.param())
    out.params.push_back(param.name());
  for (uint64_t word : program.code())
    out.code.push_back(Instruction::decode(word));
  if (Error error = check(out))
    return std::move(error);
  return out;
}

} // namespace hillock::image
