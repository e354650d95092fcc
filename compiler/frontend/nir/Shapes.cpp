//===- compiler/frontend/nir/Shapes.cpp - What shape each wire has --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both ends of a wire, and both sides of a node that works element by element,
// have one shape: they form a class. Each class collects evidence (weights,
// parameters, declared shapes); the strongest decides, the rest must agree.
// Convolutions, pools and Flatten compute evidence for the class behind them
// once the class before them is decided; cycles need nothing special.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include <algorithm>
#include <optional>
#include <utility>

namespace hillock::nir {

namespace {

enum class Strength : uint8_t {
  Hint,       ///< A port of a subgraph; may be wrong.
  Declared,   ///< Input, Output, Flatten; may have batch and time axes.
  Parameters, ///< Neuron parameters; may have leading ones, or be one value.
  Exact,      ///< Weights, and what follows from them.
};

struct Evidence {
  Shape shape; ///< -1 for an axis that is not known.
  Strength strength;
  size_t node;
  std::string field;

  bool complete() const {
    return std::find(shape.begin(), shape.end(), -1) == shape.end();
  }
  bool single() const { return elementCount(shape) == 1; }
};

enum class Fit : uint8_t { No, Yes, WithoutOnes, WithoutAxes };

bool equalFrom(const Shape &shape, size_t skip, const Shape &wanted) {
  return std::equal(shape.begin() + static_cast<ptrdiff_t>(skip), shape.end(),
                    wanted.begin(), wanted.end());
}

Fit fitDeclared(const Shape &shape, const Shape &wanted) {
  if (shape == wanted)
    return Fit::Yes;
  if (shape.size() > wanted.size()) {
    size_t skip = shape.size() - wanted.size();
    if (!equalFrom(shape, skip, wanted))
      return Fit::No;
    bool ones = std::all_of(shape.begin(),
                            shape.begin() + static_cast<ptrdiff_t>(skip),
                            [](int64_t extent) { return extent == 1; });
    return ones ? Fit::WithoutOnes : Fit::WithoutAxes;
  }
  // (28, 28) for (1, 28, 28).
  size_t skip = wanted.size() - shape.size();
  bool ones = std::all_of(wanted.begin(),
                          wanted.begin() + static_cast<ptrdiff_t>(skip),
                          [](int64_t extent) { return extent == 1; });
  return ones && equalFrom(wanted, skip, shape) ? Fit::WithoutOnes : Fit::No;
}

bool broadcasts(const Shape &shape, const Shape &wanted) {
  if (shape.size() > wanted.size())
    return false;
  size_t skip = wanted.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1 && shape[i] != wanted[skip + i])
      return false;
  return true;
}

Fit fit(const Evidence &evidence, const Shape &wanted) {
  const Shape &shape = evidence.shape;
  if (evidence.strength == Strength::Exact) {
    bool equal = shape.size() == wanted.size();
    for (size_t i = 0; equal && i < shape.size(); ++i)
      equal = shape[i] < 0 || shape[i] == wanted[i];
    return equal ? Fit::Yes : Fit::No;
  }
  Fit result = fitDeclared(shape, wanted);
  if (evidence.strength != Strength::Parameters)
    return result;
  if (evidence.single() || broadcasts(shape, wanted))
    return Fit::Yes; // What is really repeated gets a remark there.
  return result == Fit::WithoutAxes ? Fit::No : result;
}

class ShapeInference {
public:
  ShapeInference(FlatGraph &flat, const std::vector<DissolvedPort> &ports)
      : flat(flat), ports(ports) {}
  Error fixTransposed(const NormalizeOptions &options);
  Error run();

private:
  static size_t in(size_t node) { return 2 * node; }
  static size_t out(size_t node) { return 2 * node + 1; }
  size_t find(size_t slot);
  void join(size_t a, size_t b) {
    a = find(a), b = find(b);
    parents[std::max(a, b)] = std::min(a, b);
  }
  void joinAll();
  Error collect();
  Error collectDense(size_t index);
  void collectConv(size_t index);
  void add(size_t slot, size_t node, Strength strength, const Shape &shape,
           const std::string &field) {
    evidence[find(slot)].push_back({shape, strength, node, field});
  }
  std::optional<Shape> decide(size_t slot, Strength least,
                              bool onlyWithInput) const;
  bool settle(Strength least, bool onlyWithInput, bool onlyOne);
  Error transferAll(bool &progress);
  Expected<Shape> transfer(size_t index, const Shape &shape);
  Expected<Shape> transferWindow(size_t index, const Shape &shape);
  Shape transferFlatten(size_t index, const Shape &shape);
  Error verify();
  Error mismatch(const Evidence &found, size_t slot);
  Error unknown();
  int fitsAs(size_t slot, size_t self, int64_t extent);
  void store();

  FlatGraph &flat;
  const std::vector<DissolvedPort> &ports;
  std::vector<size_t> parents;
  std::vector<std::vector<Evidence>> evidence; ///< By representative slot.
  std::vector<std::optional<Shape>> shapes;    ///< By representative slot.
  std::vector<bool> transferred;
};

size_t ShapeInference::find(size_t slot) {
  while (parents[slot] != slot)
    slot = parents[slot] = parents[parents[slot]];
  return slot;
}

void ShapeInference::joinAll() {
  size_t count = flat.nodes.size();
  parents.resize(2 * count);
  for (size_t i = 0; i < parents.size(); ++i)
    parents[i] = i;
  for (size_t i = 0; i < count; ++i) {
    if (specOf(flat.nodes[i].node.type).elementwise)
      join(in(i), out(i));
    for (const Wire &wire : flat.nodes[i].inputs)
      join(out(wire.from), in(i));
  }
  evidence.assign(parents.size(), {});
  shapes.assign(parents.size(), std::nullopt);
  transferred.assign(count, false);
}

Error ShapeInference::collectDense(size_t index) {
  FlatNode &node = flat.nodes[index];
  Shape &weight = node.node.fields.at("weight").shape;
  while (weight.size() > 2 && weight.front() == 1)
    weight.erase(weight.begin());
  if (weight.size() != 2)
    return inputError("the shape " + describeShape(weight) +
                          " is not (outputs, inputs)",
                      placeOf(flat, node, "weight"),
                      "write one Linear for each matrix");
  add(in(index), index, Strength::Exact, {weight[1]}, "weight");
  add(out(index), index, Strength::Exact, {weight[0]}, "weight");
  return Error::success();
}

void ShapeInference::collectConv(size_t index) {
  const Node &node = flat.nodes[index].node;
  const Shape &weight = node.fields.at("weight").shape;
  Shape input = {weight[1] * node.integers.at("groups")[0]};
  Shape output = {weight[0]};
  input.resize(weight.size() - 1, -1);
  output.resize(weight.size() - 1, -1);
  add(in(index), index, Strength::Exact, input, "weight");
  add(out(index), index, Strength::Exact, output, "weight");
  auto declared = node.integers.find("input_shape");
  if (declared == node.integers.end())
    return;
  std::copy(declared->second.begin(), declared->second.end(),
            input.begin() + 1);
  add(in(index), index, Strength::Exact, input, "input_shape");
}

Error ShapeInference::collect() {
  joinAll();
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    const FlatNode &node = flat.nodes[i];
    NodeType type = node.node.type;
    if (type == NodeType::Linear || type == NodeType::Affine) {
      if (Error error = collectDense(i))
        return error;
    } else if (isConv(type)) {
      collectConv(i);
    } else if (isPool(type)) {
      add(in(i), i, Strength::Exact, {-1, -1, -1}, "kernel_size");
      add(out(i), i, Strength::Exact, {-1, -1, -1}, "kernel_size");
    }
    for (const char *field : {"shape", "input_type"}) {
      auto it = node.node.integers.find(field);
      if (it == node.node.integers.end() || it->second.empty() ||
          std::find(it->second.begin(), it->second.end(), 0) !=
              it->second.end())
        continue;
      add(in(i), i, Strength::Declared, it->second, field);
    }
    for (const FieldSpec &field : specOf(type).fields) {
      auto it = node.node.fields.find(field.name);
      if (field.kind == FieldKind::PerNeuron && it != node.node.fields.end())
        add(in(i), i, Strength::Parameters, it->second.shape, field.name);
    }
  }
  for (const DissolvedPort &port : ports)
    if (!port.shape.empty() && elementCount(port.shape) > 0)
      add(out(port.source), port.source, Strength::Hint, port.shape, "shape");
  return Error::success();
}

/// The shape of a class from evidence that is at least that strong.
std::optional<Shape> ShapeInference::decide(size_t slot, Strength least,
                                            bool onlyWithInput) const {
  const Evidence *best = nullptr;
  const Shape *pattern = nullptr;
  bool hasInput = false, single = false;
  auto better = [](const Evidence &a, const Evidence &b) {
    // Parameters with an axis of one may be meant to be repeated.
    auto rank = [](const Evidence &e) {
      bool one = e.strength == Strength::Parameters &&
                 std::find(e.shape.begin(), e.shape.end(), 1) != e.shape.end();
      return 2 * int(e.strength) - (one ? 3 : 0);
    };
    return rank(a) != rank(b) ? rank(a) > rank(b)
                              : a.shape.size() < b.shape.size();
  };
  for (const Evidence &one : evidence[slot]) {
    hasInput |= flat.nodes[one.node].node.type == NodeType::Input &&
                one.strength == Strength::Declared;
    if (!one.complete())
      pattern = &one.shape;
    else if (one.strength == Strength::Parameters && one.single())
      single = true;
    else if (one.strength >= least && (!best || better(one, *best)))
      best = &one;
  }
  if (onlyWithInput && !hasInput)
    return std::nullopt;
  if (!best && single && least <= Strength::Hint)
    return Shape{1};
  if (!best)
    return std::nullopt;
  Shape shape = best->shape;
  if (best->strength == Strength::Exact)
    return shape;
  // Batch axes: the rank is known from a convolution or pool, or from other
  // evidence that is the same but for leading ones, or exceeds (C, H, W).
  size_t rank = pattern ? pattern->size() : std::min<size_t>(shape.size(), 3);
  for (const Evidence &one : evidence[slot])
    if (!pattern && one.complete() && !one.single() &&
        fitDeclared(shape, one.shape) == Fit::WithoutOnes)
      rank = std::min(rank, one.shape.size());
  while (shape.size() > rank && shape.front() == 1)
    shape.erase(shape.begin());
  return shape;
}

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
                            " does not fit an input of " +
                            describeShape(shape),
                        placeOf(flat, node), "use more padding");
    result.push_back(window.out());
  }
  return result;
}

Shape flattenAxes(const Shape &shape, int64_t first, int64_t last) {
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
    flat.remarks.push_back(placeOf(flat, node) + ": start_dim " +
                           std::to_string(first) + " and end_dim " +
                           std::to_string(last) +
                           " are taken to count a batch axis; " +
                           describeShape(shape) + " becomes " +
                           describeShape(result));
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
      return inputError("the shape " + describeShape(*input) +
                            " is too large",
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

std::string describeEvidence(const FlatGraph &flat, const Evidence &evidence) {
  const FlatNode &node = flat.nodes[evidence.node];
  std::string text = describeShape(evidence.shape) + " by node " +
                     quoteName(node.node.path);
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
  for (auto [from, to] : {std::pair(found.node, other->node),
                          std::pair(other->node, found.node)})
    for (const Wire &wire : flat.nodes[to].inputs)
      if (wire.from == from)
        where = flat.file + ": edge " + quoteName(flat.nodes[from].node.path) +
                " -> " + quoteName(flat.nodes[to].node.path);
  bool flattened = found.complete() && other->complete() &&
                   elementCount(found.shape) == elementCount(other->shape);
  return inputError("the shape is " + describeEvidence(flat, found) +
                        ", but " + describeEvidence(flat, *other),
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
void remarkBareInputs(FlatGraph &flat) {
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

/// Whether a dense weight's side of \p extent agrees with what others say about
/// the class: 1 yes, -1 no, 0 nothing is said.
int ShapeInference::fitsAs(size_t slot, size_t self, int64_t extent) {
  int result = 0;
  for (const Evidence &one : evidence[find(slot)]) {
    NodeType type = flat.nodes[one.node].node.type;
    if (one.node == self || type == NodeType::Linear ||
        type == NodeType::Affine || one.strength == Strength::Hint ||
        !one.complete() || one.shape.empty() ||
        (one.strength == Strength::Parameters && one.single()))
      continue;
    if (one.shape.back() != extent && elementCount(one.shape) != extent)
      return -1;
    result = 1;
  }
  return result;
}

void transpose(Tensor &weight) {
  int64_t rows = weight.shape[0], columns = weight.shape[1];
  std::visit(
      [&](auto &values) {
        auto old = values;
        for (int64_t i = 0; i < rows; ++i)
          for (int64_t j = 0; j < columns; ++j)
            values[static_cast<size_t>(j * rows + i)] =
                old[static_cast<size_t>(i * columns + j)];
      },
      weight.values);
  weight.shape = {columns, rows};
}

Error ShapeInference::fixTransposed(const NormalizeOptions &options) {
  if (Error error = collect())
    return error;
  std::vector<size_t> proven, square;
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    NodeType type = flat.nodes[i].node.type;
    if (type != NodeType::Linear && type != NodeType::Affine)
      continue;
    const Shape &weight = flat.nodes[i].node.fields.at("weight").shape;
    if (weight[0] == weight[1]) {
      square.push_back(i);
      continue;
    }
    bool asIs = fitsAs(in(i), i, weight[1]) >= 0 &&
                fitsAs(out(i), i, weight[0]) >= 0;
    int before = fitsAs(in(i), i, weight[0]);
    int after = fitsAs(out(i), i, weight[1]);
    if (!asIs && before >= 0 && after >= 0 && before + after > 0)
      proven.push_back(i);
  }
  if (proven.empty())
    return Error::success();
  if (!options.fixTransposed) {
    const FlatNode &node = flat.nodes[proven[0]];
    const Shape &weight = node.node.fields.at("weight").shape;
    return inputError(
        "the shape " + describeShape(weight) + " fits only transposed: the "
            "layer has " + describeCount(uint64_t(weight[0]), "input") +
            " and " + describeCount(uint64_t(weight[1]), "output"),
        placeOf(flat, node, "weight"),
        "the file comes from an exporter that wrote (inputs, outputs); "
        "compile with --fix-transposed");
  }
  std::vector<size_t> all = proven;
  all.insert(all.end(), square.begin(), square.end());
  for (size_t i : all) {
    FlatNode &node = flat.nodes[i];
    Tensor &weight = node.node.fields.at("weight");
    bool isSquare = weight.shape[0] == weight.shape[1];
    transpose(weight);
    flat.remarks.push_back(
        placeOf(flat, node, "weight") + ": transposed to " +
        describeShape(weight.shape) +
        (isSquare ? ", being square, since other weights of the file need it"
                  : ""));
  }
  return Error::success();
}

} // namespace

Error inferShapes(FlatGraph &flat, const std::vector<DissolvedPort> &ports,
                  const NormalizeOptions &options) {
  if (Error error = ShapeInference(flat, ports).fixTransposed(options))
    return error;
  return ShapeInference(flat, ports).run();
}

} // namespace hillock::nir
