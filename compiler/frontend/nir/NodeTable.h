//===- compiler/frontend/nir/NodeTable.h - What each node holds -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One row a node type: its name in the file and its fields. The reader, the
// writer and the normaliser are driven by these rows.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_NODETABLE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_NODETABLE_H

#include "compiler/frontend/nir/Graph.h"
#include <optional>
#include <string_view>

namespace hillock::nir {

enum class FieldKind : uint8_t {
  Weights,    ///< Tensor whose shape has its own rules (weight, bias).
  PerNeuron,  ///< Tensor of the population's shape, or broadcast to it.
  Integers,   ///< One integer an axis, or one for all axes.
  Integer,    ///< One integer, stored 0-d.
  ShapeField, ///< A shape.
  Padding,    ///< Integers, or the string 'same' or 'valid'.
};

struct FieldSpec {
  const char *name;
  FieldKind kind;
  bool required = true;
  double fallback = 0; ///< Value of an absent PerNeuron field.
  int64_t least = 0;   ///< Smallest legal integer.
};

struct NodeSpec {
  NodeType type;
  const char *name; ///< The `type` string of the file.
  std::vector<FieldSpec> fields;
  bool stateful; ///< Its output depends on its past.
  bool spiking;  ///< Its output is 0 or 1.
  /// Input and output have one shape, that of the parameters.
  bool elementwise;
};

const std::vector<NodeSpec> &nodeTable();
const NodeSpec &specOf(NodeType type);
std::optional<NodeType> parseNodeType(std::string_view name);
/// "Input, Output, NIRGraph, ...".
std::string supportedTypes();

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_NODETABLE_H
