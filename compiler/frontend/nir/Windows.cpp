//===- compiler/frontend/nir/Windows.cpp - Strides, padding, kernels ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Convolutions and pools follow PyTorch: floor mode, every axis by itself,
// 'same' adds the odd element at the end.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"

namespace hillock::nir {

bool isConv(NodeType type) {
  return type == NodeType::Conv1d || type == NodeType::Conv2d;
}
bool isPool(NodeType type) {
  return type == NodeType::SumPool2d || type == NodeType::AvgPool2d;
}

int64_t Window::out() const {
  int64_t room = in + padBefore + padAfter - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

Window windowOf(const Node &node, size_t axis, int64_t in) {
  auto value = [&](const char *name) { return node.integers.at(name)[axis]; };
  Window window;
  window.in = in;
  window.stride = value("stride");
  window.padBefore = value("padding");
  window.padAfter = value("padding_end");
  if (isConv(node.type)) {
    window.kernel = node.fields.at("weight").shape[axis + 2];
    window.dilation = value("dilation");
  } else {
    window.kernel = value("kernel_size");
  }
  return window;
}

namespace {

// Products of two such numbers do not overflow.
constexpr int64_t largestExtent = int64_t{1} << 30;

Error spread(const FlatGraph &flat, FlatNode &node, const std::string &field,
             size_t axes) {
  auto it = node.node.integers.find(field);
  if (it == node.node.integers.end())
    return Error::success();
  std::vector<int64_t> &values = it->second;
  if (values.size() == 1)
    values.assign(axes, values[0]);
  if (values.size() != axes)
    return inputError("holds " + describeCount(values.size(), "value") +
                          " for " + describeCount(axes, "axis", "axes"),
                      placeOf(flat, node, field));
  for (int64_t value : values)
    if (value > largestExtent)
      return inputError("value " + std::to_string(value) + " is too large",
                        placeOf(flat, node, field));
  return Error::success();
}

Error resolvePadding(const FlatGraph &flat, FlatNode &node, size_t axes) {
  auto &integers = node.node.integers;
  auto text = node.node.strings.find("padding");
  if (text == node.node.strings.end()) {
    integers["padding_end"] = integers.at("padding");
    return Error::success();
  }
  integers["padding"].assign(axes, 0);
  integers["padding_end"].assign(axes, 0);
  for (size_t axis = 0; text->second == "same" && axis < axes; ++axis) {
    Window window = windowOf(node.node, axis, 0);
    if (window.stride != 1)
      return inputError("padding 'same' needs stride 1, it is " +
                            std::to_string(window.stride),
                        placeOf(flat, node, "padding"),
                        "give the padding in numbers");
    int64_t total = window.dilation * (window.kernel - 1);
    integers["padding"][axis] = total / 2;
    integers["padding_end"][axis] = total - total / 2;
  }
  node.node.strings.erase(text);
  return Error::success();
}

Error checkConv(const FlatGraph &flat, FlatNode &node, size_t axes) {
  const Shape &weight = node.node.fields.at("weight").shape;
  std::string where = placeOf(flat, node, "weight");
  if (weight.size() != axes + 2)
    return inputError("has shape " + describeShape(weight) + ", a " +
                          specOf(node.node.type).name + " needs " +
                          std::to_string(axes + 2) + " axes",
                      where, "export the network again");
  for (int64_t extent : weight)
    if (extent > largestExtent)
      return inputError("the shape " + describeShape(weight) + " is too large",
                        where);
  int64_t groups = node.node.integers.at("groups")[0];
  if (groups > weight[0] || weight[0] % groups != 0)
    return inputError(std::to_string(groups) + " groups do not divide the " +
                          std::to_string(weight[0]) + " output channels",
                      placeOf(flat, node, "groups"));
  auto shape = node.node.integers.find("input_shape");
  if (shape == node.node.integers.end())
    return Error::success();
  // (C, H, W) instead of (H, W).
  if (shape->second.size() == axes + 1 &&
      shape->second[0] == weight[1] * groups)
    shape->second.erase(shape->second.begin());
  // What a failed export leaves: treated as if it were absent.
  for (int64_t extent : shape->second)
    if (extent == 0) {
      node.node.integers.erase(shape);
      break;
    }
  return spread(flat, node, "input_shape", axes);
}

} // namespace

Error canonicalizeWindows(FlatGraph &flat) {
  for (FlatNode &node : flat.nodes) {
    bool conv = isConv(node.node.type);
    if (!conv && !isPool(node.node.type))
      continue;
    size_t axes = node.node.type == NodeType::Conv1d ? 1 : 2;
    for (const char *field : {"stride", "padding", "dilation", "kernel_size"})
      if (Error error = spread(flat, node, field, axes))
        return error;
    if (conv)
      if (Error error = checkConv(flat, node, axes))
        return error;
    if (node.node.strings.count("padding"))
      node.node.integers["padding"] = node.node.integers["padding_end"] =
          std::vector<int64_t>(axes, 0);
    if (Error error = resolvePadding(flat, node, axes))
      return error;
  }
  return Error::success();
}

} // namespace hillock::nir
