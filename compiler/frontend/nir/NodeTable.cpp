//===- compiler/frontend/nir/NodeTable.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/NodeTable.h"
#include <algorithm>
#include <limits>

namespace hillock::nir {

namespace {

constexpr int64_t anyInteger = std::numeric_limits<int64_t>::min();

FieldSpec weights(const char *name) { return {name, FieldKind::Weights}; }
FieldSpec neuron(const char *name) { return {name, FieldKind::PerNeuron}; }
FieldSpec optionally(const char *name, double fallback) {
  return {name, FieldKind::PerNeuron, false, fallback};
}
FieldSpec shape(const char *name, bool required = true) {
  return {name, FieldKind::ShapeField, required};
}
FieldSpec positive(const char *name) {
  return {name, FieldKind::Integers, true, 0, 1};
}
FieldSpec padding() { return {"padding", FieldKind::Padding}; }

std::vector<FieldSpec> convFields() {
  // Files of NIR before 1.0 have no input_shape.
  return {
      weights("weight"),          weights("bias"),
      positive("stride"),         padding(),
      positive("dilation"),       {"groups", FieldKind::Integer, true, 0, 1},
      shape("input_shape", false)};
}
std::vector<FieldSpec> poolFields() {
  return {positive("kernel_size"), positive("stride"), padding()};
}

std::vector<NodeSpec> makeTable() {
  using T = NodeType;
  // type, name, fields, stateful, spiking, elementwise
  return {
      {T::Input, "Input", {shape("shape")}, false, false, true},
      {T::Output, "Output", {shape("shape")}, false, false, true},
      {T::Graph, "NIRGraph", {}, false, false, false},
      {T::Linear, "Linear", {weights("weight")}, false, false, false},
      {T::Affine,
       "Affine",
       {weights("weight"), weights("bias")},
       false,
       false,
       false},
      {T::Scale, "Scale", {neuron("scale")}, false, false, true},
      {T::Conv1d, "Conv1d", convFields(), false, false, false},
      {T::Conv2d, "Conv2d", convFields(), false, false, false},
      {T::SumPool2d, "SumPool2d", poolFields(), false, false, false},
      {T::AvgPool2d, "AvgPool2d", poolFields(), false, false, false},
      {T::Flatten,
       "Flatten",
       {{"start_dim", FieldKind::Integer, true, 0, anyInteger},
        {"end_dim", FieldKind::Integer, true, 0, anyInteger},
        shape("input_type", false)},
       false,
       false,
       false},
      {T::Delay, "Delay", {neuron("delay")}, true, false, true},
      {T::Threshold, "Threshold", {neuron("threshold")}, false, true, true},
      {T::I, "I", {neuron("r")}, true, false, true},
      {T::LI,
       "LI",
       {neuron("tau"), neuron("r"), neuron("v_leak")},
       true,
       false,
       true},
      {T::IF,
       "IF",
       {neuron("r"), neuron("v_threshold"), optionally("v_reset", 0)},
       true,
       true,
       true},
      {T::LIF,
       "LIF",
       {neuron("tau"), neuron("r"), neuron("v_leak"), neuron("v_threshold"),
        optionally("v_reset", 0)},
       true,
       true,
       true},
      {T::CubaLI,
       "CubaLI",
       {neuron("tau_syn"), neuron("tau_mem"), neuron("r"), neuron("v_leak"),
        optionally("w_in", 1)},
       true,
       false,
       true},
      {T::CubaLIF,
       "CubaLIF",
       {neuron("tau_syn"), neuron("tau_mem"), neuron("r"), neuron("v_leak"),
        neuron("v_threshold"), optionally("v_reset", 0), optionally("w_in", 1)},
       true,
       true,
       true},
  };
}

} // namespace

const std::vector<NodeSpec> &nodeTable() {
  static const std::vector<NodeSpec> table = makeTable();
  return table;
}

const NodeSpec &specOf(NodeType type) {
  return nodeTable()[static_cast<size_t>(type)];
}

std::optional<NodeType> parseNodeType(std::string_view name) {
  for (const NodeSpec &spec : nodeTable())
    if (name == spec.name)
      return spec.type;
  return std::nullopt;
}

std::string supportedTypes() {
  std::string text;
  for (const NodeSpec &spec : nodeTable())
    text += (text.empty() ? "" : ", ") + std::string(spec.name);
  return text;
}

const Node *findNode(const Graph &graph, const std::string &name) {
  auto it = std::lower_bound(
      graph.nodes.begin(), graph.nodes.end(), name,
      [](const Node &node, const std::string &n) { return node.name < n; });
  return it != graph.nodes.end() && it->name == name ? &*it : nullptr;
}

std::string quoteName(const std::string &name) {
  static const char digits[] = "0123456789abcdef";
  std::string text = "'";
  for (char c : name.substr(0, 200)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    else
      text += c;
  }
  return text + (name.size() > 200 ? "...'" : "'");
}

} // namespace hillock::nir
