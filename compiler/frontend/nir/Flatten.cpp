//===- compiler/frontend/nir/Flatten.cpp - Splicing subgraphs in ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include <algorithm>
#include <set>

namespace hillock::nir {

namespace {

constexpr size_t mostWires = size_t{1} << 22;
constexpr int longestChain = 10000;

/// One graph of the file while it is spliced in.
struct Level {
  std::string path;
  std::map<std::string, size_t> leaves;
  std::map<std::string, Level> graphs;
  std::vector<size_t> inputs, outputs;
  std::set<std::string> fed, feeding; ///< Names that edges lead to or leave.
};

class Flattener {
public:
  Flattener(FlatGraph &flat, std::vector<DissolvedPort> &ports)
      : flat(flat), ports(ports) {}
  Error run(Graph &&graph);

private:
  Expected<Level> addGraph(Graph &&graph, const std::string &path,
                           const std::string &prefix);
  Expected<size_t> endpoint(const Level &level, const std::string &name,
                            bool asSource);
  Expected<size_t> portOf(const Level &level, bool asSource);
  std::string uniqueName(const std::string &wanted);
  Error markLooseSubgraphs(const Level &level);
  bool passes(size_t index) const;
  Error resolveSources(size_t index, std::vector<size_t> &out, int depth);
  Error dissolve();
  Error checkOutputs() const;
  Node makeMarker(NodeType type, size_t at);
  void addTerminals();
  std::string place(const std::string &path) const {
    return path.empty() ? flat.file : flat.file + ": node " + quoteName(path);
  }

  FlatGraph &flat;
  std::vector<DissolvedPort> &ports;
  std::set<std::string> names;
  std::vector<bool> inner;                  ///< Lies in a subgraph.
  std::vector<std::vector<size_t>> sources; ///< By node, one an edge.
  std::vector<size_t> users;                ///< Number of edges that leave.
  std::vector<bool> onPath;
  size_t wireCount = 0;
};

std::string Flattener::uniqueName(const std::string &wanted) {
  std::string name = wanted;
  for (int i = 2; !names.insert(name).second; ++i)
    name = wanted + "_" + std::to_string(i);
  return name;
}

Expected<Level> Flattener::addGraph(Graph &&graph, const std::string &path,
                                    const std::string &prefix) {
  Level level;
  level.path = path;
  for (Node &node : graph.nodes) {
    std::string name = prefix + node.name;
    if (node.type == NodeType::Graph) {
      auto below = addGraph(std::move(node.subgraph[0]), node.path, name + ".");
      if (!below)
        return below.takeError();
      level.graphs.emplace(node.name, std::move(*below));
      continue;
    }
    size_t index = flat.nodes.size();
    level.leaves[node.name] = index;
    if (node.type == NodeType::Input)
      level.inputs.push_back(index);
    if (node.type == NodeType::Output)
      level.outputs.push_back(index);
    node.name = uniqueName(name);
    if (node.name != name)
      flat.remarks.push_back(place(node.path) + ": the name " +
                             quoteName(name) + " is taken, it becomes " +
                             quoteName(node.name));
    flat.nodes.push_back({std::move(node), {}, {}, {}});
    inner.push_back(!prefix.empty());
    sources.emplace_back();
    users.push_back(0);
  }
  for (const Edge &edge : graph.edges) {
    level.feeding.insert(edge.from);
    level.fed.insert(edge.to);
  }
  for (const Edge &edge : graph.edges) {
    auto from = endpoint(level, edge.from, true);
    if (!from)
      return from.takeError();
    auto to = endpoint(level, edge.to, false);
    if (!to)
      return to.takeError();
    sources[*to].push_back(*from);
    ++users[*from];
  }
  return level;
}

Expected<size_t> Flattener::endpoint(const Level &level,
                                     const std::string &name, bool asSource) {
  if (auto leaf = level.leaves.find(name); leaf != level.leaves.end())
    return leaf->second;
  if (auto graph = level.graphs.find(name); graph != level.graphs.end())
    return portOf(graph->second, asSource);
  for (const auto &[graphName, graph] : level.graphs) {
    if (name.compare(0, graphName.size() + 1, graphName + ".") != 0)
      continue;
    auto port = graph.leaves.find(name.substr(graphName.size() + 1));
    if (port != graph.leaves.end())
      return port->second;
  }
  return inputError("an edge names the node " + quoteName(name) +
                        ", which this graph does not have",
                    place(level.path));
}

Expected<size_t> Flattener::portOf(const Level &level, bool asSource) {
  const std::vector<size_t> &marked = asSource ? level.outputs : level.inputs;
  const char *kind = asSource ? "Output" : "Input";
  if (marked.size() == 1)
    return marked[0];
  std::vector<std::string> options;
  if (!marked.empty()) {
    for (size_t index : marked)
      options.push_back(quoteName(flat.nodes[index].node.name));
    return inputError("an edge names this subgraph, which has " +
                          std::to_string(marked.size()) + " nodes of type " +
                          kind + ": " + describeList(options),
                      place(level.path),
                      "name one of them in the edge, as 'graph.port'");
  }
  // Without a marker: the node that nothing feeds (or that feeds nothing), or
  // else the one neuron.
  const std::set<std::string> &busy = asSource ? level.feeding : level.fed;
  std::vector<std::string> free, neurons;
  for (const auto &[name, index] : level.leaves) {
    if (!busy.count(name))
      free.push_back(name);
    if (specOf(flat.nodes[index].node.type).stateful)
      neurons.push_back(name);
  }
  for (const auto &[name, graph] : level.graphs)
    if (!busy.count(name))
      free.push_back(name);
  const std::vector<std::string> &found = free.empty() ? neurons : free;
  if (found.size() != 1)
    return inputError(std::string("the subgraph has no node of type ") + kind +
                          ", and where its edges " +
                          (asSource ? "leave" : "enter") + " is not clear",
                      place(level.path),
                      std::string("add an ") + kind + " to the subgraph");
  flat.remarks.push_back(place(level.path) + ": the subgraph has no " + kind +
                         "; " + quoteName(found[0]) + " is taken");
  if (auto leaf = level.leaves.find(found[0]); leaf != level.leaves.end())
    return leaf->second;
  return portOf(level.graphs.at(found[0]), asSource);
}

/// A subgraph at the top that feeds nothing, or that nothing feeds, and has no
/// marker inside: its nodes may all lie on a cycle, so that none looks loose.
Error Flattener::markLooseSubgraphs(const Level &level) {
  for (const auto &[name, graph] : level.graphs) {
    for (bool asSource : {false, true}) {
      bool busy = (asSource ? level.feeding : level.fed).count(name);
      if (busy || !(asSource ? graph.outputs : graph.inputs).empty())
        continue;
      auto port = portOf(graph, asSource);
      if (!port)
        return port.takeError();
      if (asSource ? users[*port] == 0 : sources[*port].empty())
        continue; // Like any other loose node, later.
      Node node =
          makeMarker(asSource ? NodeType::Output : NodeType::Input, *port);
      size_t index = flat.nodes.size();
      flat.nodes.push_back({std::move(node), {}, {}, {}});
      inner.push_back(false);
      sources.emplace_back();
      users.push_back(0);
      sources[asSource ? index : *port].push_back(asSource ? *port : index);
      ++users[asSource ? *port : index];
    }
  }
  return Error::success();
}

/// Values pass through it to its users as if it were a wire.
bool Flattener::passes(size_t index) const {
  NodeType type = flat.nodes[index].node.type;
  return (type == NodeType::Input && !sources[index].empty()) ||
         (type == NodeType::Output && users[index] > 0);
}

Error Flattener::resolveSources(size_t index, std::vector<size_t> &out,
                                int depth) {
  if (depth > longestChain || onPath[index])
    return inputError("a cycle of subgraphs without any node in it",
                      placeOf(flat, flat.nodes[index]),
                      "put a neuron on the cycle");
  onPath[index] = true;
  for (size_t source : sources[index]) {
    if (passes(source)) {
      if (Error error = resolveSources(source, out, depth + 1))
        return error;
      continue;
    }
    if (++wireCount > mostWires)
      return inputError("more than " + withSeparators(uint64_t{mostWires}) +
                            " edges after the subgraphs are spliced in",
                        flat.file);
    out.push_back(source);
  }
  onPath[index] = false;
  return Error::success();
}

Error Flattener::dissolve() {
  onPath.assign(flat.nodes.size(), false);
  std::vector<std::vector<size_t>> resolved(flat.nodes.size());
  std::vector<size_t> newIndex(flat.nodes.size(), SIZE_MAX);
  std::vector<FlatNode> kept;
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    if (Error error = resolveSources(i, resolved[i], 0))
      return error;
    // An Output at the top that also feeds something remains an Output.
    if (passes(i) && inner[i])
      continue;
    newIndex[i] = kept.size();
    kept.push_back(std::move(flat.nodes[i]));
  }
  for (size_t i = 0; i < newIndex.size(); ++i) {
    if (newIndex[i] == SIZE_MAX) {
      const Node &port = flat.nodes[i].node;
      if (!resolved[i].empty())
        ports.push_back({port.path, port.integers.at("shape"),
                         newIndex[resolved[i].front()]});
      continue;
    }
    std::vector<Wire> &inputs = kept[newIndex[i]].inputs;
    for (size_t source : resolved[i])
      inputs.push_back({newIndex[source], false});
    std::sort(inputs.begin(), inputs.end());
  }
  flat.nodes = std::move(kept);
  return Error::success();
}

Error Flattener::checkOutputs() const {
  for (size_t i = 0; i < flat.nodes.size(); ++i) {
    NodeType type = flat.nodes[i].node.type;
    if (type == NodeType::Output && sources[i].empty())
      return inputError("nothing leads to this Output",
                        placeOf(flat, flat.nodes[i]),
                        "add an edge to it, or remove it");
    if (type == NodeType::Input && !inner[i] && !sources[i].empty())
      return inputError("an edge leads to this Input",
                        placeOf(flat, flat.nodes[i]), "remove the edge");
  }
  return Error::success();
}

/// An Input or Output that the file lacks at node \p at.
Node Flattener::makeMarker(NodeType type, size_t at) {
  Node node;
  node.type = type;
  node.name = node.path =
      uniqueName((type == NodeType::Input ? "input_" : "output_") +
                 flat.nodes[at].node.name);
  node.integers["shape"] = {};
  flat.remarks.push_back(placeOf(flat, flat.nodes[at]) + ": an " +
                         specOf(type).name + " " + quoteName(node.name) +
                         " is added, as the file has none here");
  return node;
}

void Flattener::addTerminals() {
  size_t count = flat.nodes.size();
  std::vector<bool> used(count, false);
  for (const FlatNode &node : flat.nodes)
    for (const Wire &wire : node.inputs)
      used[wire.from] = true;
  auto add = [&](NodeType type, size_t at) {
    flat.nodes.push_back({makeMarker(type, at), {}, {}, {}});
    return flat.nodes.size() - 1;
  };
  for (size_t i = 0; i < count; ++i) {
    NodeType type = flat.nodes[i].node.type;
    if (type != NodeType::Input && flat.nodes[i].inputs.empty()) {
      size_t added = add(NodeType::Input, i);
      flat.nodes[i].inputs.push_back({added, false});
    }
    if (type != NodeType::Output && type != NodeType::Input && !used[i]) {
      size_t added = add(NodeType::Output, i);
      flat.nodes[added].inputs.push_back({i, false});
    }
    if (type == NodeType::Input && !used[i])
      flat.remarks.push_back(placeOf(flat, flat.nodes[i]) +
                             ": nothing uses this Input");
  }
}

Error Flattener::run(Graph &&graph) {
  flat.file = std::move(graph.file);
  flat.version = std::move(graph.version);
  flat.metadata = std::move(graph.metadata);
  flat.remarks = std::move(graph.remarks);
  if (graph.nodes.empty())
    return inputError("the graph has no nodes", flat.file,
                      "export the network again");
  auto level = addGraph(std::move(graph), "", "");
  if (!level)
    return level.takeError();
  if (Error error = markLooseSubgraphs(*level))
    return error;
  if (Error error = checkOutputs())
    return error;
  if (Error error = dissolve())
    return error;
  addTerminals();
  auto has = [&](NodeType type) {
    return std::any_of(flat.nodes.begin(), flat.nodes.end(),
                       [&](const FlatNode &n) { return n.node.type == type; });
  };
  for (NodeType type : {NodeType::Input, NodeType::Output})
    if (!has(type))
      return inputError(std::string("the network has no ") + specOf(type).name +
                            ", and all its nodes lie on cycles",
                        flat.file,
                        std::string("add an ") + specOf(type).name +
                            " and an edge to the graph");
  return Error::success();
}

} // namespace

Error flattenGraph(Graph &&graph, FlatGraph &flat,
                   std::vector<DissolvedPort> &ports) {
  return Flattener(flat, ports).run(std::move(graph));
}

} // namespace hillock::nir
