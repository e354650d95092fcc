//===- compiler/frontend/onnx/Tensors.cpp - Decoding tensors --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/onnx/Tensors.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include <bit>
#include <cmath>
#include <limits>

namespace hillock::onnx {

std::string typeName(DataType type) {
  switch (type) {
  case DataType::Undefined:
    return "no type";
  case DataType::Float:
    return "float32";
  case DataType::UInt8:
    return "uint8";
  case DataType::Int8:
    return "int8";
  case DataType::UInt16:
    return "uint16";
  case DataType::Int16:
    return "int16";
  case DataType::Int32:
    return "int32";
  case DataType::Int64:
    return "int64";
  case DataType::Bool:
    return "bool";
  case DataType::Float16:
    return "float16";
  case DataType::Double:
    return "float64";
  case DataType::UInt32:
    return "uint32";
  case DataType::UInt64:
    return "uint64";
  case DataType::BFloat16:
    return "bfloat16";
  case DataType::UInt4:
    return "uint4";
  case DataType::Int4:
    return "int4";
  }
  return "type " + std::to_string(static_cast<int32_t>(type));
}

namespace {

/// Bits of an element in raw data; 0 for types that cannot be read.
unsigned rawBits(DataType type) {
  switch (type) {
  case DataType::UInt4:
  case DataType::Int4:
    return 4;
  case DataType::UInt8:
  case DataType::Int8:
  case DataType::Bool:
    return 8;
  case DataType::UInt16:
  case DataType::Int16:
  case DataType::Float16:
  case DataType::BFloat16:
    return 16;
  case DataType::Float:
  case DataType::Int32:
  case DataType::UInt32:
    return 32;
  case DataType::Int64:
  case DataType::UInt64:
  case DataType::Double:
    return 64;
  case DataType::Undefined:
    break;
  }
  return 0;
}

double halfToDouble(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int mantissa = bits & 1023;
  double value = 0;
  if (exponent == 31)
    value = mantissa ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  else
    value = exponent ? std::ldexp(1024 + mantissa, exponent - 25)
                     : std::ldexp(mantissa, -24);
  return bits >> 15 ? -value : value;
}

/// The low bits of a word as the type means them.
double wordToDouble(uint64_t word, DataType type) {
  switch (type) {
  case DataType::Float:
    return std::bit_cast<float>(static_cast<uint32_t>(word));
  case DataType::Double:
    return std::bit_cast<double>(word);
  case DataType::Float16:
    return halfToDouble(static_cast<uint16_t>(word));
  case DataType::BFloat16:
    return std::bit_cast<float>(static_cast<uint32_t>(word & 0xffff) << 16);
  case DataType::Int8:
    return static_cast<int8_t>(word);
  case DataType::Int16:
    return static_cast<int16_t>(word);
  case DataType::Int32:
    return static_cast<int32_t>(word);
  case DataType::Int64:
    return static_cast<double>(static_cast<int64_t>(word));
  case DataType::Int4:
    return static_cast<double>(static_cast<int64_t>((word & 15) ^ 8) - 8);
  case DataType::UInt4:
    return static_cast<double>(word & 15);
  case DataType::Bool:
    return (word & 255) != 0;
  case DataType::UInt8:
    return static_cast<uint8_t>(word);
  case DataType::UInt16:
    return static_cast<uint16_t>(word);
  case DataType::UInt32:
    return static_cast<uint32_t>(word);
  default:
    return static_cast<double>(word);
  }
}

/// Little-endian elements, nibbles low first.
std::vector<double> decodeRaw(std::string_view bytes, DataType type,
                              int64_t count) {
  const unsigned bits = rawBits(type);
  std::vector<double> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t word = 0;
    if (bits == 4) {
      word = static_cast<uint8_t>(bytes[i / 2]) >> (i % 2 * 4);
    } else {
      for (size_t b = 0; b < bits / 8; ++b)
        word |= uint64_t{static_cast<uint8_t>(bytes[i * bits / 8 + b])}
                << (8 * b);
    }
    values[i] = wordToDouble(word, type);
  }
  return values;
}

/// The typed fields of the schema.
std::vector<double> decodeFields(const ::onnx::TensorProto &proto,
                                 DataType type) {
  std::vector<double> values;
  switch (type) {
  case DataType::Float:
    values.assign(proto.float_data().begin(), proto.float_data().end());
    break;
  case DataType::Double:
    values.assign(proto.double_data().begin(), proto.double_data().end());
    break;
  case DataType::Int64:
    for (const int64_t value : proto.int64_data())
      values.push_back(static_cast<double>(value));
    break;
  case DataType::UInt32:
  case DataType::UInt64:
    for (const uint64_t value : proto.uint64_data())
      values.push_back(static_cast<double>(value));
    break;
  case DataType::Int4:
  case DataType::UInt4:
    for (const int32_t value : proto.int32_data())
      for (const unsigned shift : {0u, 4u})
        values.push_back(
            wordToDouble(static_cast<uint64_t>(value) >> shift, type));
    break;
  default: // the narrow types, bit patterns of 16-bit floats among them
    for (const int32_t value : proto.int32_data())
      values.push_back(wordToDouble(static_cast<uint64_t>(value), type));
  }
  return values;
}

/// A part of a file beside the model. The name must stay inside its folder.
Expected<std::string> externalBytes(const ::onnx::TensorProto &proto,
                                    const std::string &folder,
                                    const std::string &where) {
  std::string location;
  uint64_t offset = 0, length = 0;
  bool hasLength = false;
  for (const auto &entry : proto.external_data()) {
    bool bad = false;
    if (entry.key() == "location")
      location = entry.value();
    else if (entry.key() == "offset")
      bad = !llvm::to_integer(llvm::StringRef(entry.value()), offset, 10);
    else if (entry.key() == "length")
      bad = !(hasLength =
                  llvm::to_integer(llvm::StringRef(entry.value()), length, 10));
    if (bad)
      return inputError("the " + entry.key() + " '" + entry.value() +
                            "' of its external data is no number",
                        where);
  }
  bool outside = location.empty() || llvm::sys::path::is_absolute(location);
  for (auto it = llvm::sys::path::begin(location),
            end = llvm::sys::path::end(location);
       it != end; ++it)
    outside |= *it == "..";
  if (outside || folder.empty())
    return inputError("its data lie in '" + location +
                          "', which is no file beside the model",
                      where, "external data must lie in the model's folder");
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, location);
  Expected<std::string> bytes = readFile(path.str().str());
  if (!bytes)
    return bytes.takeError();
  if (offset > bytes->size() || (hasLength && length > bytes->size() - offset))
    return inputError("its data end behind the " +
                          describeBytes(bytes->size()) + " of '" + location +
                          "'",
                      where, "the file is cut off");
  return bytes->substr(offset, hasLength ? length : std::string::npos);
}

Error checkValues(const Tensor &tensor, const std::string &where) {
  if (tensor.type != DataType::Int64 && tensor.type != DataType::UInt64)
    return Error::success();
  // ONNX itself writes INT64_MAX and INT64_MIN for "to the end".
  for (const double value : tensor.values)
    if (std::abs(value) > 0x1p53 && std::abs(value) != 0x1p63)
      return inputError("holds an integer beyond 2^53", where);
  return Error::success();
}

} // namespace

Expected<Tensor> decodeTensor(const ::onnx::TensorProto &proto,
                              const std::string &folder,
                              const std::string &where) {
  Tensor tensor;
  tensor.name = proto.name();
  tensor.type = static_cast<DataType>(proto.data_type());
  const std::string place = where + ": tensor '" + tensor.name + "'";
  const unsigned bits = rawBits(tensor.type);
  if (!bits)
    return inputError("holds " + typeName(tensor.type), place,
                      "supported are float16 to float64, bfloat16, bool and "
                      "integers of 4 to 64 bits");
  int64_t count = 1;
  for (const int64_t size : proto.dims()) {
    if (size < 0 || (size && count > (int64_t{1} << 40) / size))
      return inputError(
          "has the impossible shape " +
              describeShape({proto.dims().begin(), proto.dims().end()}),
          place, "sizes are 0 or more, 2^40 elements at most");
    count *= size;
    tensor.shape.push_back(size);
  }
  std::string held;
  std::string_view raw;
  const bool external = proto.data_location() == ::onnx::TensorProto::EXTERNAL;
  if (external) {
    Expected<std::string> bytes = externalBytes(proto, folder, place);
    if (!bytes)
      return bytes.takeError();
    held = std::move(*bytes);
    raw = held;
  } else if (proto.has_raw_data()) {
    raw = proto.raw_data();
  }
  uint64_t found = 0;
  if (external || proto.has_raw_data()) {
    const uint64_t wanted = (static_cast<uint64_t>(count) * bits + 7) / 8;
    found = raw.size() * 8 / bits;
    if (raw.size() == wanted) {
      tensor.values = decodeRaw(raw, tensor.type, count);
      found = static_cast<uint64_t>(count);
    }
  } else {
    tensor.values = decodeFields(proto, tensor.type);
    found = tensor.values.size();
    if (bits == 4 && found == static_cast<uint64_t>(count) + 1)
      found = static_cast<uint64_t>(count);
    tensor.values.resize(static_cast<size_t>(found));
  }
  if (found != static_cast<uint64_t>(count) || tensor.values.size() != found)
    return inputError("has " + describeCount(found, "element") +
                          " of data for the shape " +
                          describeShape(tensor.shape),
                      place, "the file is cut off or damaged");
  if (Error error = checkValues(tensor, place))
    return std::move(error);
  return std::move(tensor);
}

} // namespace hillock::onnx
