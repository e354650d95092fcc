//===- compiler/frontend/onnx/Importer.cpp - From nodes to layers ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/onnx/Importer.h"
#include "base/Describe.h"
#include "compiler/ann/Kernels.h"
#include <algorithm>

namespace hillock::onnx {

const std::vector<Importer::Row> &Importer::table() {
  static const std::vector<Row> rows = {
      {"Add", &Importer::arithmetic},
      {"ArgMax", &Importer::argMax},
      {"AveragePool", &Importer::averagePool},
      {"BatchNormalization", &Importer::batchNormalization},
      {"Cast", &Importer::cast},
      {"Clip", &Importer::clipOp},
      {"Concat", &Importer::concat},
      {"Constant", &Importer::constantOp},
      {"Conv", &Importer::conv},
      {"DequantizeLinear", &Importer::dequantizeLinear},
      {"Div", &Importer::arithmetic},
      {"Dropout", &Importer::identity},
      {"Flatten", &Importer::flatten},
      {"Gather", &Importer::gather},
      {"Gemm", &Importer::gemm},
      {"GlobalAveragePool", &Importer::globalAveragePool},
      {"Identity", &Importer::identity},
      {"MatMul", &Importer::matMul},
      {"MaxPool", &Importer::maxPool},
      {"Mul", &Importer::arithmetic},
      {"QuantizeLinear", &Importer::quantizeLinear},
      {"Relu", &Importer::relu},
      {"Reshape", &Importer::reshape},
      {"Shape", &Importer::shapeOp},
      {"Softmax", &Importer::softmax},
      {"Squeeze", &Importer::squeeze},
      {"Sub", &Importer::arithmetic},
      {"Transpose", &Importer::transpose},
      {"Unsqueeze", &Importer::unsqueeze},
  };
  return rows;
}

std::vector<std::string> supportedOps() {
  std::vector<std::string> names;
  for (const Importer::Row &row : Importer::table())
    names.push_back(row.op);
  return names;
}

Expected<ann::Network> importNetwork(const Model &model,
                                     const std::string &where) {
  return Importer(model, where).run();
}

Error Importer::fail(const Node &node, const std::string &what,
                     const std::string &remedy) const {
  return inputError(what, where + ": " + node.place(), remedy);
}

void Importer::countReaders() {
  for (const Node &node : model.nodes)
    for (const std::string &name : node.inputs)
      ++readers[name];
  for (const Port &port : model.outputs)
    ++readers[port.name];
}

Error Importer::declareInput() {
  if (model.inputs.size() != 1 || model.outputs.size() != 1)
    return inputError(
        "has " + describeCount(model.inputs.size(), "input") + " and " +
            describeCount(model.outputs.size(), "output"),
        where, "networks of one input and one output are supported");
  const Port &port = model.inputs.front();
  const std::string place = where + ": input '" + port.name + "'";
  if (port.type != DataType::Float && port.type != DataType::Float16 &&
      port.type != DataType::Double)
    return inputError("is not of a floating-point type", place,
                      "export the network before its conversion to integers");
  if (!port.shape || port.shape->size() < 2)
    return inputError("has no shape of at least two axes (batch first)", place,
                      "export it with a static shape");
  Shape shape = *port.shape;
  if (shape[0] != 1 && shape[0] != -1)
    return inputError("has a batch of " + std::to_string(shape[0]), place,
                      "export it with a batch of 1 or an open one");
  shape[0] = 1;
  if (!ann::countElements(shape))
    return inputError("has the shape " + describeShape(shape), place,
                      "axes but the batch must be known and positive, their "
                      "product at most 2^28");
  net.input = addValue(port.name, Shape(shape.begin() + 1, shape.end()));
  operands[port.name] = Ref{net.input, shape, std::nullopt};
  return Error::success();
}

Error Importer::finish() {
  const Port &port = model.outputs.front();
  const auto found = operands.find(port.name);
  const Ref *ref =
      found == operands.end() ? nullptr : std::get_if<Ref>(&found->second);
  if (!ref || ref->codes)
    return inputError("is made by no node, or does not depend on the input",
                      where + ": output '" + port.name + "'");
  net.output = ref->value;
  ann::dropDead(net);
  if (net.layers.empty())
    return inputError("has no layer between input and output", where);
  return ann::check(net, where);
}

Error Importer::visit(const Node &node) {
  if (!node.domain.empty() && node.domain != "ai.onnx")
    return fail(node, "is of the domain '" + node.domain + "'",
                "only ops of the ONNX standard are supported");
  const auto &rows = table();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Row &r) { return node.op == r.op; });
  if (row == rows.end())
    return fail(node, "the op '" + node.op + "' is not supported",
                "supported are " + describeList(supportedOps(), 100));
  if (node.outputs.empty() || node.outputs.front().empty())
    return fail(node, "has no output");
  for (const std::string &output : node.outputs)
    if (!output.empty() && operands.count(output))
      return fail(node, "makes '" + output + "', which is there already");
  for (size_t i = 1; i < node.outputs.size(); ++i)
    if (!node.outputs[i].empty() && readers[node.outputs[i]])
      return fail(node, "its output '" + node.outputs[i] +
                            "' is read, but only the "
                            "first is supported");
  return (this->*row->method)(node);
}

Expected<ann::Network> Importer::run() {
  net.name = model.graphName;
  if (model.opset < oldestOpset)
    return inputError("is of opset " + std::to_string(model.opset), where,
                      "supported are " + std::to_string(oldestOpset) +
                          " and newer; convert it");
  if (model.opset > newestOpset)
    net.remarks.push_back("opset " + std::to_string(model.opset) +
                          " is newer than the newest known, " +
                          std::to_string(newestOpset));
  countReaders();
  for (const Tensor &tensor : model.initializers) {
    Constant constant{tensor.type, tensor.shape, tensor.values, std::nullopt};
    operands[tensor.name] = std::make_shared<Constant>(std::move(constant));
  }
  if (Error error = declareInput())
    return std::move(error);
  for (const Node &node : model.nodes)
    if (Error error = visit(node))
      return std::move(error);
  if (Error error = finish())
    return std::move(error);
  return std::move(net);
}

//===----------------------------------------------------------------------===//
// Operands and attributes
//===----------------------------------------------------------------------===//

bool Importer::has(const Node &node, size_t index) const {
  return index < node.inputs.size() && !node.inputs[index].empty();
}

Expected<Operand> Importer::operand(const Node &node, size_t index) {
  if (!has(node, index))
    return fail(node, "input " + std::to_string(index) + " is missing");
  const auto found = operands.find(node.inputs[index]);
  if (found == operands.end())
    return fail(node, "reads '" + node.inputs[index] +
                          "', which nothing before it makes");
  return found->second;
}

Expected<Ref> Importer::value(const Node &node, size_t index) {
  Expected<Operand> found = operand(node, index);
  if (!found)
    return found.takeError();
  const Ref *ref = std::get_if<Ref>(&*found);
  if (!ref)
    return fail(node, "input '" + node.inputs[index] +
                          "' is a constant where a value of the network is "
                          "expected");
  if (ref->codes)
    return fail(node, "reads the integers of '" + node.inputs[index] + "'",
                "put a DequantizeLinear before it");
  return *ref;
}

Expected<ConstantPtr> Importer::constant(const Node &node, size_t index) {
  Expected<Operand> found = operand(node, index);
  if (!found)
    return found.takeError();
  if (const ConstantPtr *known = std::get_if<ConstantPtr>(&*found))
    return *known;
  return fail(node, "input '" + node.inputs[index] +
                        "' depends on the network's input where a constant is "
                        "expected");
}

Expected<std::vector<int64_t>> Importer::integers(const Node &node,
                                                  size_t index) {
  Expected<ConstantPtr> found = constant(node, index);
  if (!found)
    return found.takeError();
  std::vector<int64_t> result;
  for (const double value : (*found)->values) {
    if (!(std::abs(value) <= 0x1p53) || value != std::floor(value))
      return fail(node, "input '" + node.inputs[index] +
                            "' holds what is no integer below 2^53");
    result.push_back(static_cast<int64_t>(value));
  }
  return std::move(result);
}

void Importer::define(const Node &node, Operand operand) {
  operands[node.outputs.front()] = std::move(operand);
}

int64_t Importer::integer(const Node &node, const char *name,
                          int64_t fallback) const {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() || !found->second.integer
             ? fallback
             : *found->second.integer;
}

double Importer::real(const Node &node, const char *name,
                      double fallback) const {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() || !found->second.real
             ? fallback
             : *found->second.real;
}

std::string Importer::text(const Node &node, const char *name,
                           const char *fallback) const {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() || !found->second.text
             ? fallback
             : *found->second.text;
}

std::vector<int64_t> Importer::list(const Node &node, const char *name) const {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? std::vector<int64_t>()
                                        : found->second.integers;
}

Expected<int64_t> Importer::axisOf(const Node &node, int64_t axis,
                                   size_t rank) const {
  const auto size = static_cast<int64_t>(rank);
  if (axis < -size || axis >= size)
    return fail(node, "axis " + std::to_string(axis) +
                          " is none of an array of rank " +
                          std::to_string(rank));
  return axis < 0 ? axis + size : axis;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

int Importer::addValue(const std::string &name, Shape shape) {
  net.values.push_back({name, std::move(shape), std::nullopt});
  producerOf.push_back(-1);
  return static_cast<int>(net.values.size()) - 1;
}

int Importer::reshaped(const Ref &ref, Shape shape) {
  int from = ref.value;
  // A reshape of a reshape is one.
  for (int producer = producerOf[static_cast<size_t>(from)];
       producer >= 0 &&
       net.layers[static_cast<size_t>(producer)].kind == ann::Kind::Reshape;
       producer = producerOf[static_cast<size_t>(from)])
    from = net.layers[static_cast<size_t>(producer)].inputs[0];
  if (net.values[static_cast<size_t>(ref.value)].shape == shape)
    return ref.value;
  const ann::Value source = net.values[static_cast<size_t>(from)];
  if (source.shape == shape)
    return from;
  ann::Layer layer;
  layer.kind = ann::Kind::Reshape;
  layer.name = source.name + ".reshape";
  layer.inputs = {from};
  layer.output = addValue(layer.name, std::move(shape));
  producerOf.back() = static_cast<int>(net.layers.size());
  net.layers.push_back(std::move(layer));
  return static_cast<int>(net.values.size()) - 1;
}

Expected<int> Importer::addLayer(const Node &node, ann::Layer layer) {
  layer.name = node.label();
  Expected<Shape> shape = ann::inferShape(net, layer);
  if (!shape)
    return inputError(takeText(shape.takeError()), where, "");
  layer.output = addValue(node.outputs.front(), std::move(*shape));
  producerOf.back() = static_cast<int>(net.layers.size());
  net.layers.push_back(std::move(layer));
  return net.layers.back().output;
}

bool Importer::readOnceMore(int value, int layersBehind) const {
  int layers = 0;
  for (const ann::Layer &layer : net.layers)
    layers += static_cast<int>(
        std::count(layer.inputs.begin(), layer.inputs.end(), value));
  if (layers != layersBehind)
    return false;
  // Renamings and reshapes without a layer share the value; a branch shows as a
  // name with several readers.
  for (const auto &[name, operand] : operands)
    if (const Ref *ref = std::get_if<Ref>(&operand))
      if (const auto count = readers.find(name);
          ref->value == value && count != readers.end() && count->second > 1)
        return false;
  return true;
}

ann::Layer *Importer::fusable(int value) {
  const int producer = producerOf[static_cast<size_t>(value)];
  if (producer < 0 || net.values[static_cast<size_t>(value)].given ||
      !readOnceMore(value, 0))
    return nullptr;
  return &net.layers[static_cast<size_t>(producer)];
}

std::vector<double> transposed(const std::vector<double> &values,
                               const Shape &shape,
                               const std::vector<int64_t> &permutation) {
  std::vector<double> result(values.size());
  ann::visitTransposed(shape, permutation, [&](int64_t from, int64_t to) {
    result[static_cast<size_t>(to)] = values[static_cast<size_t>(from)];
  });
  return result;
}

} // namespace hillock::onnx
