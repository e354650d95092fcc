//===- compiler/frontend/nir/Shapes.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/ShapeInference.h"
#include <utility>

namespace hillock::nir {

/// Decides classes; returns whether any was.
bool ShapeInference::settle(Strength least, bool onlyWithInput, bool onlyOne) {
  bool any = false;
  for (size_t slot = 0; slot < parents.size(); ++slot) {
    if (parents[slot] != slot || shapes[slot])
      continue;
    shapes[slot] = decide(slot, least, onlyWithInput);
    any |= shapes[slot].has_value();
    if (any && onlyOne)
      return true;
  }
  return any;
}

Expected<Shape> ShapeInference::transferWindow(size_t index,
                                               const Shape &shape) {
  FlatNode &node = flat.nodes[index];
  bool conv = isConv(node.node.type);
  size_t axes = node.node.type == NodeType::Conv1d ? 1 : 2;
  if (shape.size() != axes + 1)
    return inputError("needs an input of " + std::to_string(axes + 1) +
                          " axes, channels first, and gets " +
                          describeShape(shape),
                      placeOf(flat, node));
  Shape result = {conv ? node.node.fields.at("weight").shape[0] : shape[0]};
  for (size_t axis = 0; axis < axes; ++axis) {
    Window window = windowOf(node.node, axis, shape[axis + 1]);
    if (window.out() == 0)
      return inputError("a kernel of " + std::to_string(window.kernel) +
                            " does not fit an input of " + describeShape(shape),
                        placeOf(flat, node), "use more padding");
    result.push_back(window.out());
  }
  return result;
}

static Shape flattenAxes(const Shape &shape, int64_t first, int64_t last) {
  int64_t rank = static_cast<int64_t>(shape.size());
  first = std::clamp<int64_t>(first < 0 ? first + rank : first, 0, rank - 1);
  last = std::clamp<int64_t>(last < 0 ? last + rank : last, 0, rank - 1);
  Shape result;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (axis > first && axis <= last)
      result.back() *= shape[static_cast<size_t>(axis)];
    else
      result.push_back(shape[static_cast<size_t>(axis)]);
  }
  return result;
}

/// Exporters disagree whether the axes count from the batch axis: of the three
/// readings the first is taken that the user of the result agrees with.
Shape ShapeInference::transferFlatten(size_t index, const Shape &shape) {
  FlatNode &node = flat.nodes[index];
  auto &integers = node.node.integers;
  if (shape.empty())
    return {1};
  int64_t rank = static_cast<int64_t>(shape.size());
  int64_t first = integers.at("start_dim")[0], last = integers.at("end_dim")[0];
  auto withoutBatch = [](int64_t axis) { return axis > 0 ? axis - 1 : axis; };
  std::vector<std::pair<int64_t, int64_t>> readings = {
      {first, last}, {withoutBatch(first), withoutBatch(last)}, {0, -1}};
  auto declared = integers.find("input_type");
  if (declared != integers.end() && declared->second.size() > shape.size())
    std::rotate(readings.begin(), readings.begin() + 1, readings.begin() + 2);
  size_t chosen = 0;
  std::optional<Shape> wanted;
  if (shapes[find(out(index))])
    wanted = shapes[find(out(index))];
  else
    wanted = decide(find(out(index)), Strength::Declared, false);
  for (size_t i = 0; wanted && i < readings.size(); ++i)
    if (flattenAxes(shape, readings[i].first, readings[i].second) == *wanted) {
      chosen = i;
      break;
    }
  auto [from, to] = readings[chosen];
  Shape result = flattenAxes(shape, from, to);
  if (result != flattenAxes(shape, first, last))
    flat.remarks.push_back(
        placeOf(flat, node) + ": start_dim " + std::to_string(first) +
        " and end_dim " + std::to_string(last) +
        " are taken to count a batch axis; " + describeShape(shape) +
        " becomes " + describeShape(result));
  auto wrap = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
  };
  integers["start_dim"] = {wrap(from)};
  integers["end_dim"] = {wrap(to)};
  return result;
}

Expected<Shape> ShapeInference::transfer(size_t index, const Shape &shape) {
  if (flat.nodes[index].node.type == NodeType::Flatten)
    return transferFlatten(index, shape);
  return transferWindow(index, shape);
}

Error ShapeInference::transferAll(bool &progress) {
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    NodeType type = flat.nodes[i].node.type;
    const auto &input = shapes[find(in(i))];
    if (transferred[i] || !input ||
        !(isConv(type) || isPool(type) || type == NodeType::Flatten))
      continue;
    if (elementCount(*input) < 0)
      return inputError("the shape " + describeShape(*input) + " is too large",
                        placeOf(flat, flat.nodes[i]));
    Shape shape = *input;
    // A class whose evidence disagrees is reported with both its shapes
    // rather than by what follows from the wrong one.
    for (const Evidence &one : evidence[find(in(i))])
      if (fit(one, shape) == Fit::No && one.strength != Strength::Hint)
        return mismatch(one, find(in(i)));
    auto result = transfer(i, shape);
    if (!result)
      return result.takeError();
    add(out(i), i, Strength::Exact, *result, "");
    transferred[i] = progress = true;
  }
  return Error::success();
}

static std::string describeEvidence(const FlatGraph &flat,
                                    const Evidence &evidence) {
  const FlatNode &node = flat.nodes[evidence.node];
  std::string text =
      describeShape(evidence.shape) + " by node " + quoteName(node.node.path);
  for (size_t at; (at = text.find("-1")) != std::string::npos;)
    text.replace(at, 2, "?");
  return evidence.field.empty() ? text : text + " (" + evidence.field + ")";
}

/// \p found disagrees with the shape of its class: name both, and the edge
/// when the two nodes are neighbours.
Error ShapeInference::mismatch(const Evidence &found, size_t slot) {
  const Shape &wanted = *shapes[slot];
  const Evidence *other = nullptr;
  for (const Evidence &one : evidence[slot])
    if (&one != &found && fit(one, wanted) != Fit::No &&
        (!other || one.strength > other->strength))
      other = &one;
  std::string where = placeOf(flat, flat.nodes[found.node]);
  if (!other)
    return inputError("the shape is " + describeEvidence(flat, found) +
                          ", where " + describeShape(wanted) + " is needed",
                      where);
  for (auto [from, to] :
       {std::pair(found.node, other->node), std::pair(other->node, found.node)})
    for (const Wire &wire : flat.nodes[to].inputs)
      if (wire.from == from)
        where = flat.file + ": edge " + quoteName(flat.nodes[from].node.path) +
                " -> " + quoteName(flat.nodes[to].node.path);
  bool flattened = found.complete() && other->complete() &&
                   elementCount(found.shape) == elementCount(other->shape);
  return inputError("the shape is " + describeEvidence(flat, found) + ", but " +
                        describeEvidence(flat, *other),
                    where,
                    flattened ? "add a Flatten between the two"
                              : "export the network again, or correct the "
                                "parameter");
}

Error ShapeInference::verify() {
  for (size_t slot = 0; slot < parents.size(); ++slot) {
    if (parents[slot] != slot || !shapes[slot])
      continue;
    const Shape &wanted = *shapes[slot];
    if (elementCount(wanted) <= 0)
      return inputError("the shape " + describeShape(wanted) +
                            " is empty or too large",
                        placeOf(flat, flat.nodes[slot / 2]));
    size_t remarked = SIZE_MAX; // One remark a node, not one a parameter.
    for (const Evidence &one : evidence[slot]) {
      Fit result = fit(one, wanted);
      std::string where = placeOf(flat, flat.nodes[one.node]);
      if (one.strength == Strength::Hint)
        continue;
      if (result == Fit::No)
        return mismatch(one, slot);
      if (result != Fit::Yes && std::exchange(remarked, one.node) != one.node)
        flat.remarks.push_back(
            where + ": " + quoteName(one.field) + " " +
            describeShape(one.shape) + " is read as " + describeShape(wanted) +
            (result == Fit::WithoutOnes
                 ? " without axes of one element"
                 : ", the leading axes being batch or time"));
    }
  }
  for (const DissolvedPort &port : ports) {
    const auto &shape = shapes[find(out(port.source))];
    if (shape && fitDeclared(port.shape, *shape) == Fit::No)
      flat.remarks.push_back(flat.file + ": node " + quoteName(port.path) +
                             ": its shape " + describeShape(port.shape) +
                             " is not the " + describeShape(*shape) +
                             " that it gets, and is ignored");
  }
  return Error::success();
}

Error ShapeInference::unknown() {
  for (size_t slot = 0; slot < parents.size(); ++slot)
    if (!shapes[find(slot)])
      return inputError(
          std::string("the shape of its ") + (slot % 2 ? "output" : "input") +
              " follows from nothing in the file",
          placeOf(flat, flat.nodes[slot / 2]),
          "add an Input with a shape, or export with NIR 1.0 or later");
  return Error::success();
}

/// Says where a population's size comes from when it rests on one number.
static void remarkBareInputs(FlatGraph &flat) {
  for (const FlatNode &node : flat.nodes) {
    if (node.node.type != NodeType::Input || node.shapeOut.size() != 1 ||
        node.shapeOut[0] < 2)
      continue;
    size_t index = static_cast<size_t>(&node - flat.nodes.data());
    for (const FlatNode &user : flat.nodes) {
      bool reads = std::any_of(user.inputs.begin(), user.inputs.end(),
                               [&](Wire wire) { return wire.from == index; });
      const auto &fields = user.node.fields;
      if (reads && specOf(user.node.type).elementwise && !fields.empty() &&
          std::all_of(fields.begin(), fields.end(),
                      [](auto &f) { return f.second.size() == 1; }))
        flat.remarks.push_back(
            placeOf(flat, user) + ": its parameters are scalars, so that its " +
            describeCount(uint64_t(node.shapeOut[0]), "neuron") +
            " follow from " + quoteName(node.node.path) +
            " alone; if that is a number of time steps, export again");
    }
  }
}

void ShapeInference::store() {
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    FlatNode &node = flat.nodes[i];
    node.shapeIn = *shapes[find(in(i))];
    node.shapeOut = *shapes[find(out(i))];
    NodeType type = node.node.type;
    if (type == NodeType::Input || type == NodeType::Output)
      node.node.integers["shape"] = node.shapeOut;
    if (type == NodeType::Flatten)
      node.node.integers["input_type"] = node.shapeIn;
    if (isConv(type))
      node.node.integers["input_shape"].assign(node.shapeIn.begin() + 1,
                                               node.shapeIn.end());
  }
}

Error ShapeInference::run() {
  if (Error error = collect())
    return error;
  for (bool progress = true; progress;) {
    progress = settle(Strength::Exact, false, false);
    if (Error error = transferAll(progress))
      return error;
    progress = progress || settle(Strength::Declared, true, true) ||
               settle(Strength::Parameters, false, true) ||
               settle(Strength::Declared, false, true) ||
               settle(Strength::Hint, false, true);
  }
  if (Error error = verify())
    return error;
  if (Error error = unknown())
    return error;
  store();
  remarkBareInputs(flat);
  return Error::success();
}

Error inferShapes(FlatGraph &flat, const std::vector<DissolvedPort> &ports,
                  const NormalizeOptions &options) {
  if (Error error = ShapeInference(flat, ports).fixTransposed(options))
    return error;
  return ShapeInference(flat, ports).run();
}

} // namespace hillock::nir
