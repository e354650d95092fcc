//===- compiler/frontend/nir/Transposed.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/ShapeInference.h"

namespace hillock::nir {

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

static void transpose(Tensor &weight) {
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
    bool asIs =
        fitsAs(in(i), i, weight[1]) >= 0 && fitsAs(out(i), i, weight[0]) >= 0;
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
        "the shape " + describeShape(weight) +
            " fits only transposed: the "
            "layer has " +
            describeCount(uint64_t(weight[0]), "input") + " and " +
            describeCount(uint64_t(weight[1]), "output"),
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

} // namespace hillock::nir
