//===- tests/unit/compiler/frontend/nir/Helpers.h ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small graphs made by hand, files edited behind the writer's back, and the
// data folder.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_NIR_HELPERS_H
#define HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_NIR_HELPERS_H

#include "compiler/frontend/nir/Conventions.h"
#include "compiler/frontend/nir/Normalize.h"
#include "compiler/frontend/nir/Reader.h"
#include "compiler/frontend/nir/Writer.h"
#include <cstdlib>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

namespace hillock::nir::test {

inline std::string dataFolder() {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/nir/" : "";
}

#define HILLOCK_NEED_DATA()                                                    \
  if (dataFolder().empty())                                                    \
  GTEST_SKIP() << "HILLOCK_DATA is not set"

inline Tensor filled(Shape shape, double value) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return {std::move(shape), std::vector<double>(size_t(count), value)};
}

inline Node makeNode(NodeType type, const std::string &name) {
  Node node;
  node.type = type;
  node.name = node.path = name;
  return node;
}

inline Node input(const std::string &name, Shape shape) {
  Node node = makeNode(NodeType::Input, name);
  node.integers["shape"] = std::move(shape);
  return node;
}

inline Node output(const std::string &name, Shape shape) {
  Node node = makeNode(NodeType::Output, name);
  node.integers["shape"] = std::move(shape);
  return node;
}

inline Node linear(const std::string &name, int64_t out, int64_t in) {
  Node node = makeNode(NodeType::Linear, name);
  node.fields["weight"] = filled({out, in}, 0.5);
  return node;
}

inline Node lif(const std::string &name, Shape shape, double tau = 0.01,
                double r = 1) {
  Node node = makeNode(NodeType::LIF, name);
  node.fields["tau"] = filled(shape, tau);
  node.fields["r"] = filled(shape, r);
  node.fields["v_leak"] = filled(shape, 0);
  node.fields["v_threshold"] = filled(shape, 1);
  return node;
}

inline Node conv(const std::string &name, NodeType type, Shape weight,
                 int64_t stride, int64_t padding, int64_t groups = 1) {
  Node node = makeNode(type, name);
  node.fields["bias"] = filled({weight[0]}, 0);
  node.fields["weight"] = filled(std::move(weight), 0.25);
  node.integers["stride"] = {stride};
  node.integers["padding"] = {padding};
  node.integers["dilation"] = {1};
  node.integers["groups"] = {groups};
  return node;
}

inline Graph makeGraph(std::vector<Node> nodes, std::vector<Edge> edges) {
  Graph graph;
  graph.file = "test.nir";
  graph.version = "1.0.7";
  graph.nodes = std::move(nodes);
  graph.edges = std::move(edges);
  std::sort(graph.nodes.begin(), graph.nodes.end(),
            [](const Node &a, const Node &b) { return a.name < b.name; });
  std::sort(graph.edges.begin(), graph.edges.end());
  return graph;
}

/// input -> fc -> lif -> output.
inline Graph smallGraph() {
  return makeGraph({input("input", {6}), linear("fc", 4, 6), lif("lif", {4}),
                    output("output", {4})},
                   {{"input", "fc"}, {"fc", "lif"}, {"lif", "output"}});
}

inline Node subgraph(const std::string &name, Graph inner) {
  Node node = makeNode(NodeType::Graph, name);
  for (Node &child : inner.nodes)
    child.path = name + "/" + child.name;
  inner.version.clear();
  node.subgraph = {std::move(inner)};
  return node;
}

/// The error's text, or the empty string for success.
template <typename T> std::string textOf(Expected<T> result) {
  return result ? "" : takeText(result.takeError());
}

/// The bytes of \p graph after \p edit had the HDF5 file.
inline std::string editedFile(const Graph &graph,
                              const std::function<void(hid_t)> &edit) {
  auto bytes = writeMemory(graph, {false});
  if (!bytes)
    return takeText(bytes.takeError());
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 16, false);
  H5Pset_file_image(access, bytes->data(), bytes->size());
  hid_t file = H5Fopen("edited.nir", H5F_ACC_RDWR, access);
  H5Pclose(access);
  edit(file);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  std::string result(size_t(H5Fget_file_image(file, nullptr, 0)), '\0');
  H5Fget_file_image(file, result.data(), result.size());
  H5Fclose(file);
  return result;
}

/// Replaces a data set. \p create may set a layout and filters.
inline hid_t replaceData(hid_t file, const char *path, hid_t type,
                         std::vector<hsize_t> dims, const void *values,
                         hid_t create = H5P_DEFAULT) {
  if (H5Lexists(file, path, H5P_DEFAULT) > 0)
    H5Ldelete(file, path, H5P_DEFAULT);
  hid_t space = dims.empty()
                    ? H5Screate(H5S_SCALAR)
                    : H5Screate_simple(int(dims.size()), dims.data(), nullptr);
  hid_t data =
      H5Dcreate2(file, path, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
  if (values)
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Sclose(space);
  return data;
}

inline void setData(hid_t file, const char *path, hid_t type,
                    std::vector<hsize_t> dims, const void *values) {
  H5Dclose(replaceData(file, path, type, std::move(dims), values));
}

inline void setText(hid_t file, const char *path, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  setData(file, path, type, {}, &text);
  H5Tclose(type);
}

inline Expected<Graph> readEdited(const Graph &graph,
                                  const std::function<void(hid_t)> &edit) {
  return readMemory(editedFile(graph, edit), "test.nir");
}

inline const FlatNode *findFlat(const FlatGraph &flat,
                                const std::string &name) {
  for (const FlatNode &node : flat.nodes)
    if (node.node.name == name)
      return &node;
  return nullptr;
}

/// "a b~": the sources of a node by name, those of the last step with a tilde.
inline std::string sourcesOf(const FlatGraph &flat, const std::string &name) {
  const FlatNode *node = findFlat(flat, name);
  if (!node)
    return "no such node";
  std::vector<std::string> names;
  for (const Wire &wire : node->inputs)
    names.push_back(flat.nodes[wire.from].node.name +
                    (wire.delayed ? "~" : ""));
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string &one : names)
    text += (text.empty() ? "" : " ") + one;
  return text;
}

} // namespace hillock::nir::test

#endif // HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_NIR_HELPERS_H
