//===- compiler/frontend/nir/ShapeEvidence.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/ShapeInference.h"

namespace hillock::nir {

namespace {

bool equalFrom(const Shape &shape, size_t skip, const Shape &wanted) {
  return std::equal(shape.begin() + static_cast<ptrdiff_t>(skip), shape.end(),
                    wanted.begin(), wanted.end());
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

} // namespace

Fit fitDeclared(const Shape &shape, const Shape &wanted) {
  if (shape == wanted)
    return Fit::Yes;
  if (shape.size() > wanted.size()) {
    size_t skip = shape.size() - wanted.size();
    if (!equalFrom(shape, skip, wanted))
      return Fit::No;
    bool ones =
        std::all_of(shape.begin(), shape.begin() + static_cast<ptrdiff_t>(skip),
                    [](int64_t extent) { return extent == 1; });
    return ones ? Fit::WithoutOnes : Fit::WithoutAxes;
  }
  // (28, 28) for (1, 28, 28).
  size_t skip = wanted.size() - shape.size();
  bool ones =
      std::all_of(wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(skip),
                  [](int64_t extent) { return extent == 1; });
  return ones && equalFrom(wanted, skip, shape) ? Fit::WithoutOnes : Fit::No;
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
    return inputError(
        "the shape " + describeShape(weight) + " is not (outputs, inputs)",
        placeOf(flat, node, "weight"), "write one Linear for each matrix");
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

} // namespace hillock::nir
