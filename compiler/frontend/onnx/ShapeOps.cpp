//===- compiler/frontend/onnx/ShapeOps.cpp - Shapes and constants ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ops that move no data. Those of constants are computed here and now; a value
// of the network only gets another shape in our books.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/onnx/Importer.h"
#include <algorithm>

namespace hillock::onnx {

static const Shape &shapeOf(const Operand &operand) {
  if (const ConstantPtr *constant = std::get_if<ConstantPtr>(&operand))
    return (*constant)->shape;
  return std::get<Ref>(operand).shape;
}

/// Input 0 under another shape of the same elements.
Error Importer::setShape(const Node &node, Shape shape) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  if (ConstantPtr *constant = std::get_if<ConstantPtr>(&*input)) {
    auto copy = std::make_shared<Constant>(**constant);
    copy->shape = std::move(shape);
    copy->codes.reset();
    int64_t count = 1;
    for (const int64_t size : copy->shape) {
      if (size < 0 || (size && count > (int64_t{1} << 40) / size))
        return fail(node, "asks for the shape " + describeShape(copy->shape));
      count *= size;
    }
    if (count != copy->size())
      return fail(node, "gives " + describeShape((*constant)->shape) +
                            " the shape " + describeShape(copy->shape) +
                            " of another size");
    define(node, ConstantPtr(std::move(copy)));
    return Error::success();
  }
  Ref ref = std::get<Ref>(*input);
  const std::optional<int64_t> count = ann::countElements(shape);
  if (!count || count != ann::countElements(ref.shape))
    return fail(node, "gives " + describeShape(ref.shape) + " the shape " +
                          describeShape(shape) + " of another size");
  ref.shape = std::move(shape);
  define(node, std::move(ref));
  return Error::success();
}

Error Importer::reshape(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  Expected<std::vector<int64_t>> wanted = integers(node, 1);
  if (!wanted)
    return wanted.takeError();
  const Shape &old = shapeOf(*input);
  int64_t known = 1, total = 1;
  size_t open = wanted->size();
  Shape shape = *wanted;
  for (const int64_t size : old)
    total *= size; // bounded by countElements or by the data of a constant
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && !integer(node, "allowzero", 0) && i < old.size())
      shape[i] = old[i];
    if (shape[i] == -1 && open == wanted->size()) {
      open = i;
      continue;
    }
    if (shape[i] < 1 || shape[i] > (int64_t{1} << 40) / known)
      return fail(node, "asks for the shape " + describeShape(*wanted));
    known *= shape[i];
  }
  if (open < shape.size()) {
    if (total % known)
      return fail(node, "cannot give " + describeShape(old) + " the shape " +
                            describeShape(*wanted));
    shape[open] = total / known;
  }
  return setShape(node, std::move(shape));
}

Error Importer::flatten(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  const Shape &old = shapeOf(*input);
  const int64_t asked = integer(node, "axis", 1);
  const auto rank = static_cast<int64_t>(old.size());
  if (asked < -rank || asked > rank)
    return fail(node, "axis " + std::to_string(asked) + " is none of " +
                          describeShape(old));
  const int64_t axis = asked < 0 ? asked + rank : asked;
  Shape shape = {1, 1};
  for (int64_t a = 0; a < rank; ++a)
    shape[a < axis ? 0 : 1] *= old[static_cast<size_t>(a)];
  return setShape(node, std::move(shape));
}

/// Axes are an attribute up to opset 12, an input from 13 on.
Expected<std::vector<int64_t>> Importer::axesOf(const Node &node) {
  if (has(node, 1))
    return integers(node, 1);
  return list(node, "axes");
}

Error Importer::squeeze(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  Expected<std::vector<int64_t>> axes = axesOf(node);
  if (!axes)
    return axes.takeError();
  const Shape &old = shapeOf(*input);
  std::vector<char> drop(old.size(), 0);
  for (size_t a = 0; axes->empty() && a < old.size(); ++a)
    drop[a] = old[a] == 1;
  for (const int64_t axis : *axes) {
    Expected<int64_t> a = axisOf(node, axis, old.size());
    if (!a)
      return a.takeError();
    if (old[static_cast<size_t>(*a)] != 1)
      return fail(node, "axis " + std::to_string(axis) + " of " +
                            describeShape(old) + " is not 1");
    drop[static_cast<size_t>(*a)] = 1;
  }
  Shape shape;
  for (size_t a = 0; a < old.size(); ++a)
    if (!drop[a])
      shape.push_back(old[a]);
  return setShape(node, std::move(shape));
}

Error Importer::unsqueeze(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  Expected<std::vector<int64_t>> axes = axesOf(node);
  if (!axes)
    return axes.takeError();
  const Shape &old = shapeOf(*input);
  if (axes->size() > 16)
    return fail(node, "adds " + describeCount(axes->size(), "axis", "axes"));
  Shape shape(old.size() + axes->size(), 0);
  for (const int64_t axis : *axes) {
    Expected<int64_t> a = axisOf(node, axis, shape.size());
    if (!a)
      return a.takeError();
    shape[static_cast<size_t>(*a)] = 1;
  }
  if (std::count(shape.begin(), shape.end(), 1) !=
      static_cast<int64_t>(axes->size()))
    return fail(node, "names an axis twice");
  size_t next = 0;
  for (int64_t &size : shape)
    if (size == 0)
      size = old[next++];
  return setShape(node, std::move(shape));
}

Error Importer::transpose(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  const Shape old = shapeOf(*input);
  std::vector<int64_t> order = list(node, "perm");
  for (size_t a = old.size(); order.size() < old.size() && a-- > 0;)
    order.push_back(static_cast<int64_t>(a));
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (size_t a = 0; a < sorted.size(); ++a)
    if (sorted[a] != static_cast<int64_t>(a) || sorted.size() != old.size())
      return fail(node, "perm " + describeShape(order) +
                            " is no order of the axes of " +
                            describeShape(old));
  Shape shape;
  for (const int64_t a : order)
    shape.push_back(old[static_cast<size_t>(a)]);
  if (const ConstantPtr *constant = std::get_if<ConstantPtr>(&*input)) {
    auto copy = std::make_shared<Constant>(**constant);
    copy->shape = std::move(shape);
    copy->codes.reset();
    if (copy->size())
      copy->values = transposed((*constant)->values, old, order);
    define(node, ConstantPtr(std::move(copy)));
    return Error::success();
  }
  // Axes of size 1 may move without moving data.
  ann::Layer layer;
  Shape squeezed;
  std::vector<int64_t> rank(old.size(), -1);
  for (size_t a = 0; a < old.size(); ++a)
    if (old[a] != 1) {
      rank[a] = static_cast<int64_t>(squeezed.size());
      squeezed.push_back(old[a]);
    }
  for (const int64_t a : order)
    if (rank[static_cast<size_t>(a)] >= 0)
      layer.permutation.push_back(rank[static_cast<size_t>(a)]);
  if (std::is_sorted(layer.permutation.begin(), layer.permutation.end()))
    return setShape(node, std::move(shape));
  Expected<Ref> ref = value(node, 0);
  if (!ref)
    return ref.takeError();
  layer.kind = ann::Kind::Transpose;
  layer.inputs = {reshaped(*ref, squeezed)};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, std::move(shape), {}});
  return Error::success();
}

Error Importer::identity(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  define(node, std::move(*input));
  return Error::success();
}

Error Importer::constantOp(const Node &node) {
  const auto found = node.attributes.find("value");
  auto constant = std::make_shared<Constant>();
  if (found != node.attributes.end() && found->second.tensor) {
    const Tensor &tensor = *found->second.tensor;
    *constant = {tensor.type, tensor.shape, tensor.values, std::nullopt};
  } else if (node.attributes.count("value_float")) {
    constant->values = {real(node, "value_float", 0)};
  } else if (node.attributes.count("value_int")) {
    constant->type = DataType::Int64;
    constant->values = {static_cast<double>(integer(node, "value_int", 0))};
  } else if (node.attributes.count("value_ints")) {
    constant->type = DataType::Int64;
    for (const int64_t value : list(node, "value_ints"))
      constant->values.push_back(static_cast<double>(value));
    constant->shape = {constant->size()};
  } else if (const auto reals = node.attributes.find("value_floats");
             reals != node.attributes.end()) {
    constant->values = reals->second.reals;
    constant->shape = {constant->size()};
  } else {
    return fail(node, "holds no tensor of numbers");
  }
  define(node, ConstantPtr(std::move(constant)));
  return Error::success();
}

Error Importer::shapeOp(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  if (node.attributes.count("start") || node.attributes.count("end"))
    return fail(node, "with start or end is not supported");
  auto constant = std::make_shared<Constant>();
  constant->type = DataType::Int64;
  for (const int64_t size : shapeOf(*input))
    constant->values.push_back(static_cast<double>(size));
  constant->shape = {constant->size()};
  define(node, ConstantPtr(std::move(constant)));
  return Error::success();
}

/// Elements of a constant vector: how exporters compute shapes.
Error Importer::gather(const Node &node) {
  Expected<ConstantPtr> data = constant(node, 0);
  if (!data)
    return data.takeError();
  Expected<ConstantPtr> indices = constant(node, 1);
  if (!indices)
    return indices.takeError();
  if ((*data)->shape.size() != 1 || (*indices)->shape.size() > 1)
    return fail(node, "is supported for constant vectors only");
  auto result = std::make_shared<Constant>();
  result->type = (*data)->type;
  result->shape = (*indices)->shape;
  for (const double index : (*indices)->values) {
    const double at =
        index < 0 ? index + static_cast<double>((*data)->size()) : index;
    if (!(at >= 0 && at < static_cast<double>((*data)->size())))
      return fail(node,
                  "index " + std::to_string(index) + " is outside of its data");
    result->values.push_back((*data)->values[static_cast<size_t>(at)]);
  }
  define(node, ConstantPtr(std::move(result)));
  return Error::success();
}

Error Importer::cast(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  const auto to = static_cast<DataType>(integer(node, "to", 1));
  const bool toReal = to == DataType::Float || to == DataType::Double ||
                      to == DataType::Float16;
  if (std::holds_alternative<Ref>(*input) && !toReal)
    return fail(node, "turns a value of the network into integers");
  if (ConstantPtr *constant = std::get_if<ConstantPtr>(&*input)) {
    auto copy = std::make_shared<Constant>(**constant);
    copy->type = to;
    for (double &value : copy->values)
      value = toReal ? value : std::trunc(value);
    *constant = std::move(copy);
  }
  define(node, std::move(*input));
  return Error::success();
}

} // namespace hillock::onnx
