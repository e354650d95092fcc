//===- compiler/frontend/nir/Normalize.h - A flat graph ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns what a NIR file says into one flat graph that can be imported node by
// node: no subgraphs, every shape known and equal on both ends of every wire,
// every parameter present, and every cycle cut at a neuron.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZE_H

#include "base/Error.h"
#include "compiler/frontend/nir/Graph.h"

namespace hillock::nir {

/// One summand of a node's input.
struct Wire {
  size_t from = 0; ///< Index into FlatGraph::nodes.
  /// The value of the previous time step (zero at the first) is taken.
  bool delayed = false;
  auto operator<=>(const Wire &) const = default;
};

/// In the `node` of a flat node:
/// * name is unique ("outer.inner"), path is the one of the file;
/// * tensors of one value a neuron (tau, scale, ...) are scalars (shape {})
///   when uniform, else have the shape of the population; v_reset and w_in are
///   always present;
/// * Linear, Affine: weight (out, in), bias (out);
/// * Conv1d, Conv2d: weight (Cout, Cin/groups, k...), bias (Cout); stride,
///   dilation, padding, padding_end and input_shape hold one integer an axis,
///   'same' and 'valid' are resolved into padding (before) and padding_end;
/// * pools: kernel_size, stride, padding, padding_end likewise; floor mode;
/// * Flatten: input_type is the input shape, start_dim and end_dim count from
///   0 without a batch axis;
/// * Input, Output: shape is the resolved shape.
struct FlatNode {
  Node node;
  std::vector<Wire> inputs; ///< Their values are summed.
  Shape shapeIn, shapeOut;  ///< No batch and no time axis; channels first.
};

struct FlatGraph {
  std::string file, version;
  Metadata metadata;
  /// Sources before users, but for delayed wires and for wires into a Delay of
  /// more than zero; otherwise in the order of names.
  std::vector<FlatNode> nodes;
  /// What was tolerated or assumed, the reader's remarks first.
  std::vector<std::string> remarks;
};

struct NormalizeOptions {
  /// Transpose weights whose shape fits only transposed (old exports of Spyx),
  /// and then the square ones of the file as well.
  bool fixTransposed = false;
};

/// Cycles: on every cycle the last wire that leaves a spiking node (or, lacking
/// one, another node with state), in a depth-first walk from the inputs, is
/// delayed. So a recurrent weight sees the spikes of the step before, and
/// feed-forward weights those of this step. A Delay of more than zero breaks a
/// cycle by itself. A cycle without state is an error.
Expected<FlatGraph> normalize(Graph graph,
                              const NormalizeOptions &options = {});

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_NORMALIZE_H
