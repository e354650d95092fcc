//===- compiler/frontend/onnx/Model.h - An ONNX file as it is ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a file says, decoded but not interpreted; no protobuf in sight.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_ONNX_MODEL_H
#define HILLOCK_COMPILER_FRONTEND_ONNX_MODEL_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hillock::onnx {

/// TensorProto.DataType, as numbered by the ONNX specification. The last two
/// are newer than Debian's schema, where the field is a plain integer.
enum class DataType : int32_t {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  BFloat16 = 16,
  UInt4 = 21,
  Int4 = 22,
};

/// Elements in C order. Doubles hold every type exactly but integers above
/// 2^53, which are refused. Invariant: values fill shape.
struct Tensor {
  std::string name;
  DataType type = DataType::Float;
  std::vector<int64_t> shape;
  std::vector<double> values;
};

struct Attribute {
  std::string name;
  std::optional<double> real;
  std::optional<int64_t> integer;
  std::optional<std::string> text;
  std::optional<Tensor> tensor;
  std::vector<double> reals;
  std::vector<int64_t> integers;
};

struct Node {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs; ///< an empty name: left out
  std::map<std::string, Attribute> attributes;

  /// "node 'conv1' (Conv)"; a node without name goes by its first output.
  std::string place() const;
  std::string label() const;
};

/// An input or output. A dimension of -1 is open (a batch, as a rule).
struct Port {
  std::string name;
  DataType type = DataType::Undefined;
  std::optional<std::vector<int64_t>> shape;
};

struct Model {
  std::string graphName, producer;
  int64_t opset = 0; ///< of the default domain
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<Port> inputs; ///< without those that initializers fill
  std::vector<Port> outputs;
};

} // namespace hillock::onnx

#endif // HILLOCK_COMPILER_FRONTEND_ONNX_MODEL_H
