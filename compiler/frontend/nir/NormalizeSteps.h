//===- compiler/frontend/nir/NormalizeSteps.h - Its parts -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The steps of normalize(), in the order of their use. Private to this folder.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZESTEPS_H
#define HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZESTEPS_H

#include "compiler/frontend/nir/NodeTable.h"
#include "compiler/frontend/nir/Normalize.h"

namespace hillock::nir {

/// An Input or Output of a subgraph that became a plain wire. Its shape is
/// only a hint: old exporters wrote wrong ones.
struct DissolvedPort {
  std::string path;
  Shape shape;
  size_t source; ///< The node whose output passes here.
};

/// Adds missing terminals after splicing the subgraphs in.
Error flattenGraph(Graph &&graph, FlatGraph &flat,
                   std::vector<DissolvedPort> &ports);

/// Time constants and delays that no integrator can use.
Error checkValues(const FlatGraph &flat);

/// One integer an axis, defaults, 'same' and 'valid'.
Error canonicalizeWindows(FlatGraph &flat);

Error inferShapes(FlatGraph &flat, const std::vector<DissolvedPort> &ports,
                  const NormalizeOptions &options);

/// Brings all tensors of one value a neuron to a scalar or the full shape.
Error broadcastParameters(FlatGraph &flat);

/// Marks the delayed wires, then sorts the nodes.
Error cutCycles(FlatGraph &flat);

/// "model.nir: node 'a'" and "model.nir: node 'a', field 'b'".
std::string placeOf(const FlatGraph &flat, const FlatNode &node);
std::string placeOf(const FlatGraph &flat, const FlatNode &node,
                    const std::string &field);

/// More neurons than any machine has; products of shapes below it do not
/// overflow.
constexpr int64_t largestPopulation = int64_t{1} << 40;
/// The number of elements; -1 when it exceeds largestPopulation.
int64_t elementCount(const Shape &shape);

/// What a convolution or pool makes of its input.
struct Window {
  int64_t in = 0, kernel = 1, stride = 1, dilation = 1;
  int64_t padBefore = 0, padAfter = 0;
  /// floor((in + pads - dilation (kernel - 1) - 1) / stride) + 1, or 0 when the
  /// window does not fit.
  int64_t out() const;
};
bool isConv(NodeType type);
bool isPool(NodeType type);
/// The window of \p axis (0 is the first spatial one) for an input of \p in.
Window windowOf(const Node &node, size_t axis, int64_t in);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZESTEPS_H
