//===- tests/unit/tools/hillock/MakeBadNir.cpp - Hostile models -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// hillock_make_bad_nir FOLDER writes small .nir files: good.nir and odd.nir,
// which compile, and others that must be refused, each for the reason that its
// name says. tests/integration/errors.sh reads them.
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Writer.h"
#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>

using namespace hillock;
using namespace hillock::nir;

namespace {

Tensor tensor(Shape shape, float value) {
  size_t size = 1;
  for (int64_t extent : shape)
    size *= static_cast<size_t>(extent);
  return {std::move(shape), std::vector<float>(size, value)};
}

Node port(const std::string &name, NodeType type, std::vector<int64_t> shape) {
  Node node;
  node.name = node.path = name;
  node.type = type;
  node.integers["shape"] = std::move(shape);
  return node;
}

Node linear(const std::string &name, int64_t out, int64_t in) {
  Node node;
  node.name = node.path = name;
  node.type = NodeType::Linear;
  node.fields["weight"] = tensor({out, in}, 0.5f);
  return node;
}

Node lif(const std::string &name, int64_t size, NodeType type = NodeType::LIF) {
  Node node;
  node.name = node.path = name;
  node.type = type;
  node.fields["tau"] = tensor({size}, 0.01f);
  node.fields["r"] = tensor({size}, 10.0f);
  node.fields["v_leak"] = tensor({size}, 0.0f);
  if (type == NodeType::LIF) {
    node.fields["v_threshold"] = tensor({size}, 1.0f);
    node.fields["v_reset"] = tensor({size}, 0.0f);
  }
  return node;
}

Graph chain(int64_t in, int64_t out) {
  Graph graph;
  graph.version = "1.0.6";
  graph.metadata["dt"] = 1e-3;
  graph.nodes = {port("input", NodeType::Input, {in}), linear("fc", out, in),
                 lif("lif", out), port("output", NodeType::Output, {out})};
  graph.edges = {{"input", "fc"}, {"fc", "lif"}, {"lif", "output"}};
  return graph;
}

Node &node(Graph &graph, const std::string &name) {
  return *std::find_if(graph.nodes.begin(), graph.nodes.end(),
                       [&](const Node &one) { return one.name == name; });
}

void rename(Graph &graph, const std::string &from, const std::string &to) {
  node(graph, from).path = to;
  node(graph, from).name = to;
  for (Edge &edge : graph.edges) {
    edge.from = edge.from == from ? to : edge.from;
    edge.to = edge.to == from ? to : edge.to;
  }
}

/// A file and what distinguishes it from good.nir.
struct Case {
  const char *name;
  std::function<void(Graph &)> change;
};

void setFirst(Graph &graph, const char *name, const char *field, float value) {
  std::get<0>(node(graph, name).fields.at(field).values)[0] = value;
}

std::vector<Case> weights() {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  return {
      {"nan_weight", [](Graph &g) { setFirst(g, "fc", "weight", nan); }},
      {"inf_weight", [](Graph &g) { setFirst(g, "fc", "weight", infinity); }},
      {"nan_tau", [](Graph &g) { setFirst(g, "lif", "tau", nan); }},
      {"negative_tau", [](Graph &g) { setFirst(g, "lif", "tau", -0.01f); }},
      {"zero_tau", [](Graph &g) { setFirst(g, "lif", "tau", 0); }},
      {"nan_threshold",
       [](Graph &g) { setFirst(g, "lif", "v_threshold", nan); }},
      {"negative_threshold",
       [](Graph &g) { setFirst(g, "lif", "v_threshold", -1); }},
      {"weight_shape",
       [](Graph &g) { node(g, "fc").fields["weight"] = tensor({3, 5}, 1); }},
      {"weight_rank",
       [](Graph &g) { node(g, "fc").fields["weight"] = tensor({12}, 1); }},
      {"tau_shape",
       [](Graph &g) { node(g, "lif").fields["tau"] = tensor({7}, 0.01f); }},
      {"no_weight", [](Graph &g) { node(g, "fc").fields.clear(); }},
      {"no_tau", [](Graph &g) { node(g, "lif").fields.erase("tau"); }},
  };
}

std::vector<Case> shapesOfGraphs() {
  return {
      {"good", [](Graph &) {}},
      {"odd", [](Graph &g) { rename(g, "lif", "<b onclick='x'>&\"q\""); }},
      {"no_dt",
       [](Graph &g) {
         g.metadata.clear();
         node(g, "lif").fields["r"] = tensor({3}, 1);
       }},
      {"no_edges", [](Graph &g) { g.edges.clear(); }},
      {"dangling_edge", [](Graph &g) { g.edges.push_back({"lif", "ghost"}); }},
      {"no_neurons",
       [](Graph &g) {
         std::erase_if(g.nodes, [](auto &n) { return n.name == "lif"; });
         g.edges = {{"input", "fc"}, {"fc", "output"}};
       }},
      {"empty_graph",
       [](Graph &g) {
         g.nodes.clear();
         g.edges.clear();
       }},
      {"cycle_without_neuron",
       [](Graph &g) {
         g.nodes.push_back(linear("back", 3, 3));
         g.nodes.push_back(linear("loop", 3, 3));
         g.edges.push_back({"fc", "back"});
         g.edges.push_back({"back", "loop"});
         g.edges.push_back({"loop", "back"});
         g.edges.push_back({"loop", "lif"});
       }},
      {"graded_output",
       [](Graph &g) { node(g, "lif") = lif("lif", 3, NodeType::LI); }},
      {"huge_input",
       [](Graph &g) {
         node(g, "input").integers["shape"] = {int64_t{1} << 40,
                                               int64_t{1} << 30};
       }},
      {"negative_input",
       [](Graph &g) { node(g, "input").integers["shape"] = {-4}; }},
      {"input_too_narrow",
       [](Graph &g) { node(g, "input").integers["shape"] = {3}; }},
  };
}

/// Convolutions over (1, 6, 6).
std::vector<Case> convolutions() {
  const auto base = [](Graph &g, const std::function<void(Node &)> &change) {
    Node conv;
    conv.name = conv.path = "fc";
    conv.type = NodeType::Conv2d;
    conv.fields["weight"] = tensor({2, 1, 3, 3}, 0.5f);
    conv.fields["bias"] = tensor({2}, 0);
    conv.integers = {{"stride", {1, 1}},
                     {"padding", {0, 0}},
                     {"dilation", {1, 1}},
                     {"groups", {1}},
                     {"input_shape", {6, 6}}};
    change(conv);
    node(g, "fc") = conv;
    node(g, "input").integers["shape"] = {1, 6, 6};
    node(g, "output").integers["shape"] = {2, 4, 4};
    for (auto &[name, values] : node(g, "lif").fields)
      values = tensor({2, 4, 4}, name == "tau"           ? 0.01f
                                 : name == "v_threshold" ? 1.0f
                                 : name == "r"           ? 10.0f
                                                         : 0.0f);
  };
  return {
      {"conv_good", [=](Graph &g) { base(g, [](Node &) {}); }},
      {"conv_stride_zero",
       [=](Graph &g) {
         base(g, [](Node &n) { n.integers["stride"] = {0, 1}; });
       }},
      {"conv_negative_padding",
       [=](Graph &g) {
         base(g, [](Node &n) { n.integers["padding"] = {-1, 0}; });
       }},
      {"conv_groups",
       [=](Graph &g) { base(g, [](Node &n) { n.integers["groups"] = {3}; }); }},
      {"conv_kernel_too_large",
       [=](Graph &g) {
         base(g, [](Node &n) { n.fields["weight"] = tensor({2, 1, 9, 9}, 1); });
       }},
      {"conv_huge_dilation",
       [=](Graph &g) {
         base(g, [](Node &n) {
           n.integers["dilation"] = {std::numeric_limits<int64_t>::max(), 1};
         });
       }},
  };
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: hillock_make_bad_nir FOLDER\n");
    return 2;
  }
  std::vector<std::pair<std::string, Graph>> files;
  for (const std::vector<Case> &cases :
       {weights(), shapesOfGraphs(), convolutions()})
    for (const Case &one : cases) {
      files.emplace_back(one.name, chain(4, 3));
      one.change(files.back().second);
    }
  for (auto &[name, graph] : files) {
    std::sort(graph.nodes.begin(), graph.nodes.end(),
              [](const Node &a, const Node &b) { return a.name < b.name; });
    std::sort(graph.edges.begin(), graph.edges.end());
    const std::string path = std::string(argv[1]) + "/" + name + ".nir";
    if (Error error = writeFile(path, graph)) {
      std::fprintf(stderr, "%s\n", takeText(std::move(error)).c_str());
      return 1;
    }
  }
  return 0;
}
