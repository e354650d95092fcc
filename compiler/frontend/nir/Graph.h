//===- compiler/frontend/nir/Graph.h - A NIR file in memory -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a NIR file says, as plain structs and without any interpretation: nodes
// by name, edges by name, parameters with the shapes that the file gives them.
// Nothing here depends on HDF5 or MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_GRAPH_H
#define HILLOCK_COMPILER_FRONTEND_NIR_GRAPH_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace hillock::nir {

using Shape = std::vector<int64_t>;

/// The 19 node types that NIR can serialise, in the order of NodeTable.
enum class NodeType : uint8_t {
  Input,
  Output,
  Graph,
  Linear,
  Affine,
  Scale,
  Conv1d,
  Conv2d,
  SumPool2d,
  AvgPool2d,
  Flatten,
  Delay,
  Threshold,
  I,
  LI,
  IF,
  LIF,
  CubaLI,
  CubaLIF,
};

/// A parameter in C order. Values are kept as float32 whenever that loses
/// nothing (4 bytes a synapse), as double otherwise.
struct Tensor {
  Shape shape; ///< Empty for a scalar.
  std::variant<std::vector<float>, std::vector<double>> values;

  static Tensor scalar(double value) {
    return {{}, std::vector<double>{value}};
  }
  size_t size() const {
    return std::visit([](const auto &v) { return v.size(); }, values);
  }
  bool isDouble() const { return values.index() == 1; }
  double at(size_t i) const {
    return isDouble() ? std::get<1>(values)[i] : double(std::get<0>(values)[i]);
  }
  bool operator==(const Tensor &) const = default;
};

/// Metadata is advisory. Nested groups are flattened with '/' between names;
/// integers and booleans become double.
using MetaValue = std::variant<double, std::string, std::vector<double>,
                               std::vector<std::string>>;
using Metadata = std::map<std::string, MetaValue>;

struct Graph;

struct Node {
  std::string name; ///< As in the file; any UTF-8 but '/'.
  std::string path; ///< "outer/inner" inside nested graphs, else the name.
  NodeType type = NodeType::Input;
  std::map<std::string, Tensor> fields; ///< weight, bias, tau, scale, ...
  /// shape, input_shape, input_type, stride, padding, dilation, groups,
  /// kernel_size, start_dim, end_dim; one value or one an axis.
  std::map<std::string, std::vector<int64_t>> integers;
  std::map<std::string, std::string> strings; ///< padding: same or valid.
  std::vector<Graph> subgraph; ///< One element for NodeType::Graph, else none.
  Metadata metadata;

  bool operator==(const Node &) const;
};

struct Edge {
  std::string from, to;
  auto operator<=>(const Edge &) const = default;
};

struct Graph {
  std::string file;    ///< How messages call the file; "model.nir".
  std::string version; ///< The writer's package version; empty if absent.
  Metadata metadata;
  std::vector<Node> nodes; ///< Sorted by name (bytes).
  std::vector<Edge> edges; ///< Sorted, without duplicates.
  /// What the reader tolerated, one sentence each. Only on the outermost.
  std::vector<std::string> remarks;

  /// Compares content, not file and remarks.
  bool operator==(const Graph &other) const {
    return version == other.version && metadata == other.metadata &&
           nodes == other.nodes && edges == other.edges;
  }
};

inline bool Node::operator==(const Node &other) const {
  return name == other.name && path == other.path && type == other.type &&
         fields == other.fields && integers == other.integers &&
         strings == other.strings && subgraph == other.subgraph &&
         metadata == other.metadata;
}

/// The node of that name or null. \p graph.nodes must be sorted.
const Node *findNode(const Graph &graph, const std::string &name);

/// Printable and quoted: 'name', with control characters as \xNN.
std::string quoteName(const std::string &name);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_GRAPH_H
