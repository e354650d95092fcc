//===- compiler/frontend/onnx/Reader.cpp - Reading .onnx files ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/onnx/Reader.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "compiler/frontend/onnx/Tensors.h"
#include "llvm/Support/Path.h"
#include <limits>
#include <set>

namespace hillock::onnx {

std::string Node::label() const {
  if (!name.empty())
    return name;
  return outputs.empty() ? "" : outputs.front();
}

std::string Node::place() const {
  return "node '" + label() + "' (" + op + ")";
}

namespace {

Expected<Attribute> decodeAttribute(const ::onnx::AttributeProto &proto,
                                    const std::string &folder,
                                    const std::string &where) {
  Attribute result;
  result.name = proto.name();
  switch (proto.type()) {
  case ::onnx::AttributeProto::FLOAT:
    result.real = proto.f();
    break;
  case ::onnx::AttributeProto::INT:
    result.integer = proto.i();
    break;
  case ::onnx::AttributeProto::STRING:
    result.text = proto.s();
    break;
  case ::onnx::AttributeProto::FLOATS:
    result.reals.assign(proto.floats().begin(), proto.floats().end());
    break;
  case ::onnx::AttributeProto::INTS:
    result.integers.assign(proto.ints().begin(), proto.ints().end());
    break;
  case ::onnx::AttributeProto::TENSOR: {
    Expected<Tensor> tensor = decodeTensor(proto.t(), folder, where);
    if (!tensor)
      return tensor.takeError();
    result.tensor = std::move(*tensor);
    break;
  }
  default: // graphs and lists of texts belong to ops that we do not know
    break;
  }
  return std::move(result);
}

Expected<Node> decodeNode(const ::onnx::NodeProto &proto,
                          const std::string &folder, const std::string &where) {
  Node node;
  node.op = proto.op_type();
  node.domain = proto.domain();
  node.name = proto.name();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto &attribute : proto.attribute()) {
    Expected<Attribute> decoded =
        decodeAttribute(attribute, folder, where + ": " + node.place());
    if (!decoded)
      return decoded.takeError();
    node.attributes[decoded->name] = std::move(*decoded);
  }
  return std::move(node);
}

Port decodePort(const ::onnx::ValueInfoProto &proto) {
  Port port;
  port.name = proto.name();
  if (!proto.type().has_tensor_type())
    return port;
  const auto &type = proto.type().tensor_type();
  port.type = static_cast<DataType>(type.elem_type());
  if (!type.has_shape())
    return port;
  port.shape.emplace();
  for (const auto &dim : type.shape().dim())
    port.shape->push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  return port;
}

Error decodeGraph(const ::onnx::GraphProto &graph, const std::string &folder,
                  const std::string &where, Model &model) {
  model.graphName = graph.name();
  std::set<std::string> filled;
  for (const auto &proto : graph.initializer()) {
    Expected<Tensor> tensor = decodeTensor(proto, folder, where);
    if (!tensor)
      return tensor.takeError();
    filled.insert(tensor->name);
    model.initializers.push_back(std::move(*tensor));
  }
  if (graph.sparse_initializer_size())
    return inputError("sparse initializers are not supported", where,
                      "store the weights densely");
  for (const auto &proto : graph.node()) {
    Expected<Node> node = decodeNode(proto, folder, where);
    if (!node)
      return node.takeError();
    model.nodes.push_back(std::move(*node));
  }
  // Files of IR version 3 list initializers as inputs, too.
  for (const auto &input : graph.input())
    if (!filled.count(input.name()))
      model.inputs.push_back(decodePort(input));
  for (const auto &output : graph.output())
    model.outputs.push_back(decodePort(output));
  return Error::success();
}

} // namespace

Expected<Model> parseModel(std::string_view bytes, const std::string &name,
                           const std::string &folder) {
  ::onnx::ModelProto proto;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !proto.has_graph())
    return inputError("is no ONNX model", name,
                      "it must be a serialized ModelProto of at most 2 GiB");
  Model model;
  model.producer = proto.producer_name();
  for (const auto &opset : proto.opset_import())
    if (opset.domain().empty() || opset.domain() == "ai.onnx")
      model.opset = std::max<int64_t>(model.opset, opset.version());
  if (Error error = decodeGraph(proto.graph(), folder, name, model))
    return std::move(error);
  return std::move(model);
}

Expected<Model> readModel(const std::string &path) {
  Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  std::string folder = llvm::sys::path::parent_path(path).str();
  return parseModel(*bytes, path, folder.empty() ? "." : folder);
}

} // namespace hillock::onnx
