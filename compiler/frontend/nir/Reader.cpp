//===- compiler/frontend/nir/Reader.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Reader.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/Hdf5File.h"
#include "compiler/frontend/nir/NodeTable.h"
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>
#include <set>

namespace hillock::nir {

namespace {

constexpr int deepestNesting = 16;
constexpr size_t mostNodes = size_t{1} << 20;
constexpr int64_t largestInteger = int64_t{1} << 40;

const char *const exportAgain =
    "the export may have failed half way; export the network again";

class GraphReader {
public:
  explicit GraphReader(Hdf5File &file) : file(file) {}
  Expected<Graph> read();

private:
  Expected<Node> readNode(const Link &link, const std::string &path, int depth);
  Expected<NodeType> readType(const std::vector<Link> &links,
                              const std::string &where);
  Error readFields(const std::vector<Link> &links, Node &node,
                   const std::string &where);
  Error readField(const Link &link, const FieldSpec &field, Node &node,
                  const std::string &where);
  Error readIntegerField(const Link &link, const FieldSpec &field, Node &node,
                         const std::string &where);
  Expected<Graph> readGraph(const std::vector<Link> &links,
                            const std::string &path, int depth);
  Error readEdges(const Link &edges, Graph &graph, const std::string &where);
  Error checkEdge(const Graph &graph, const Edge &edge,
                  const std::string &where);
  Error readMetadata(const Link &group, const std::string &prefix,
                     Metadata &out, const std::string &where, int depth);
  Error readMetadatum(const Link &link, const std::string &key, Metadata &out,
                      const std::string &where);
  Error noNode(const std::vector<Link> &links);

  std::string place(const std::string &path) const {
    return path.empty() ? file.name()
                        : file.name() + ": node " + quoteName(path);
  }

  Hdf5File &file;
  std::vector<std::string> remarks;
  std::vector<uint64_t> ancestors; ///< To notice groups that hold themselves.
  size_t nodeCount = 0;
};

const Link *findLink(const std::vector<Link> &links, std::string_view name) {
  auto it = std::lower_bound(
      links.begin(), links.end(), name,
      [](const Link &link, std::string_view n) { return link.name < n; });
  return it != links.end() && it->name == name ? &*it : nullptr;
}

std::string describeIndex(const Shape &shape, size_t flat) {
  Shape index(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    index[axis] = static_cast<int64_t>(flat) % shape[axis];
    flat /= static_cast<size_t>(shape[axis]);
  }
  std::string text;
  for (int64_t i : index)
    text += (text.empty() ? "" : ", ") + std::to_string(i);
  return "[" + text + "]";
}

Error checkFinite(const Tensor &tensor, const std::string &where) {
  for (size_t i = 0, n = tensor.size(); i < n; ++i) {
    double value = tensor.at(i);
    if (std::isfinite(value))
      continue;
    std::string what = std::isnan(value) ? "not a number (NaN)" : "infinite";
    return inputError(
        (tensor.shape.empty()
             ? "the value"
             : "the value at index " + describeIndex(tensor.shape, i)) +
            " is " + what,
        where, "look for a training run that diverged");
  }
  return Error::success();
}

Expected<NodeType> GraphReader::readType(const std::vector<Link> &links,
                                         const std::string &where) {
  const Link *type = findLink(links, "type");
  if (type && type->kind == LinkKind::Dataset) {
    auto texts = file.strings(*type, where + ", field 'type'");
    if (!texts)
      return texts.takeError();
    if (texts->size() != 1)
      return inputError("holds " + describeCount(texts->size(), "string") +
                            " where one is needed",
                        where + ", field 'type'");
    if (auto found = parseNodeType(texts->front()))
      return *found;
    return inputError("unknown node type " + quoteName(texts->front()), where,
                      "supported are " + supportedTypes());
  }
  for (const Link &link : links) {
    if (type || link.kind != LinkKind::Group || link.name == "nodes" ||
        link.name == "metadata")
      continue;
    return inputError(
        "has no 'type' but holds a group " + quoteName(link.name) +
            ": a node's name that contains '/' splits into nested groups",
        where, "rename the node so that its name has no '/'");
  }
  return inputError("has no 'type'", where, exportAgain);
}

Error GraphReader::readIntegerField(const Link &link, const FieldSpec &field,
                                    Node &node, const std::string &where) {
  auto values = file.integers(link, where);
  if (!values)
    return values.takeError();
  size_t most = field.kind == FieldKind::ShapeField ? 16
                : field.kind == FieldKind::Integer  ? 1
                                                    : 3;
  if (values->size() > most ||
      (values->empty() && field.kind != FieldKind::ShapeField))
    return inputError("holds " + describeCount(values->size(), "value") +
                          ", at most " + std::to_string(most) +
                          " make sense here",
                      where);
  int64_t product = 1;
  for (int64_t value : *values) {
    if (value < field.least || value > largestInteger)
      return inputError("value " + std::to_string(value) +
                            " is out of range, the least is " +
                            std::to_string(field.least),
                        where);
    if (field.kind == FieldKind::ShapeField &&
        (__builtin_mul_overflow(product, std::max<int64_t>(value, 1),
                                &product) ||
         product > largestInteger))
      return inputError("the shape " + describeShape(*values) + " is too large",
                        where);
  }
  node.integers[field.name] = std::move(*values);
  return Error::success();
}

Error GraphReader::readField(const Link &link, const FieldSpec &field,
                             Node &node, const std::string &where) {
  switch (field.kind) {
  case FieldKind::Weights:
  case FieldKind::PerNeuron: {
    auto tensor = file.numbers(link, where);
    if (!tensor)
      return tensor.takeError();
    if (tensor->size() == 0)
      return inputError("the shape " + describeShape(tensor->shape) +
                            " holds no values",
                        where);
    if (Error error = checkFinite(*tensor, where))
      return error;
    node.fields[field.name] = std::move(*tensor);
    return Error::success();
  }
  case FieldKind::Padding: {
    auto kind = file.kindOf(link, where);
    if (!kind)
      return kind.takeError();
    if (*kind != DataKind::Text)
      break;
    auto texts = file.strings(link, where);
    if (!texts)
      return texts.takeError();
    if (texts->size() != 1 ||
        (texts->front() != "same" && texts->front() != "valid"))
      return inputError("unknown padding " +
                            quoteName(texts->empty() ? "" : texts->front()),
                        where, "use numbers, 'same' or 'valid'");
    node.strings[field.name] = texts->front();
    return Error::success();
  }
  default:
    break;
  }
  return readIntegerField(link, field, node, where);
}

Error GraphReader::readFields(const std::vector<Link> &links, Node &node,
                              const std::string &where) {
  const NodeSpec &spec = specOf(node.type);
  for (const FieldSpec &field : spec.fields) {
    std::string fieldPlace = where + ", field " + quoteName(field.name);
    const Link *link = findLink(links, field.name);
    if (link && link->kind == LinkKind::Dataset) {
      if (Error error = readField(*link, field, node, fieldPlace))
        return error;
    } else if (link && link->kind == LinkKind::Group) {
      return inputError("is a group where data are needed", fieldPlace);
    } else if (link) {
      return inputError("is neither a group nor a data set", fieldPlace,
                        exportAgain);
    } else if (field.required) {
      return inputError(std::string("missing in a ") + spec.name, fieldPlace,
                        exportAgain);
    }
  }
  for (const Link &link : links) {
    auto known = [&](const FieldSpec &f) { return link.name == f.name; };
    bool graph = node.type == NodeType::Graph;
    if (link.name == "type" || link.name == "metadata" ||
        (graph && (link.name == "nodes" || link.name == "edges")) ||
        std::any_of(spec.fields.begin(), spec.fields.end(), known))
      continue;
    if (link.kind == LinkKind::Group) {
      auto inner = file.list(link, where + ", " + quoteName(link.name));
      if (!inner)
        return inner.takeError();
      if (findLink(*inner, "type"))
        return inputError(
            "holds another node, " + quoteName(link.name) +
                ": a name that contains '/' splits into nested groups",
            where, "rename that node so that its name has no '/'");
    }
    remarks.push_back(where + ": unknown field " + quoteName(link.name) +
                      " of a " + spec.name + " is ignored");
  }
  return Error::success();
}

Error GraphReader::readMetadatum(const Link &link, const std::string &key,
                                 Metadata &out, const std::string &where) {
  auto kind = file.kindOf(link, where);
  if (!kind)
    return kind.takeError();
  if (*kind == DataKind::Text) {
    Shape shape;
    auto texts = file.strings(link, where, &shape);
    if (!texts)
      return texts.takeError();
    if (shape.empty() && texts->size() == 1)
      out[key] = texts->front();
    else
      out[key] = std::move(*texts);
    return Error::success();
  }
  if (*kind == DataKind::Other) {
    remarks.push_back(where + ": data of an unknown kind are ignored");
    return Error::success();
  }
  auto tensor = file.numbers(link, where);
  if (!tensor)
    return tensor.takeError();
  std::vector<double> values(tensor->size());
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = tensor->at(i);
  if (tensor->shape.empty())
    out[key] = values.front();
  else
    out[key] = std::move(values);
  return Error::success();
}

Error GraphReader::readMetadata(const Link &group, const std::string &prefix,
                                Metadata &out, const std::string &where,
                                int depth) {
  if (depth > deepestNesting)
    return inputError("is nested too deeply", where);
  auto links = file.list(group, where);
  if (!links)
    return links.takeError();
  for (const Link &link : *links) {
    std::string key = prefix + link.name;
    std::string inner = where + " " + quoteName(key);
    if (++nodeCount > mostNodes)
      return inputError("the file holds too many objects", where);
    Error error = Error::success();
    if (link.kind == LinkKind::Group)
      error = readMetadata(link, key + "/", out, where, depth + 1);
    else if (link.kind == LinkKind::Dataset)
      error = readMetadatum(link, key, out, inner);
    if (error)
      return error;
  }
  return Error::success();
}

Expected<Node> GraphReader::readNode(const Link &link, const std::string &path,
                                     int depth) {
  std::string where = place(path);
  if (depth > deepestNesting)
    return inputError("graphs are nested more than " +
                          std::to_string(deepestNesting) + " deep",
                      where);
  if (std::find(ancestors.begin(), ancestors.end(), link.address) !=
      ancestors.end())
    return inputError("the group holds itself", where, "the file is damaged");
  if (++nodeCount > mostNodes)
    return inputError("more than " + withSeparators(uint64_t{mostNodes}) +
                          " nodes",
                      file.name());
  if (link.kind != LinkKind::Group)
    return inputError("is not a group, so not a node", where, exportAgain);
  ancestors.push_back(link.address);
  auto links = file.list(link, where);
  if (!links)
    return links.takeError();
  Node node;
  node.path = path;
  node.name = path.empty() ? "" : link.name;
  auto type = readType(*links, where);
  if (!type)
    return type.takeError();
  node.type = *type;
  if (const Link *metadata = findLink(*links, "metadata"))
    if (metadata->kind == LinkKind::Group)
      if (Error error = readMetadata(*metadata, "", node.metadata,
                                     where + ", metadata", 0))
        return error;
  if (Error error = readFields(*links, node, where))
    return error;
  if (node.type == NodeType::Graph) {
    auto graph = readGraph(*links, path, depth);
    if (!graph)
      return graph.takeError();
    graph->metadata = node.metadata;
    node.subgraph.push_back(std::move(*graph));
  }
  ancestors.pop_back();
  return node;
}

Expected<Graph> GraphReader::readGraph(const std::vector<Link> &links,
                                       const std::string &path, int depth) {
  std::string where = place(path);
  Graph graph;
  graph.file = file.name();
  const Link *nodes = findLink(links, "nodes");
  if (!nodes || nodes->kind != LinkKind::Group)
    return inputError("the graph has no group 'nodes'", where, exportAgain);
  auto children = file.list(*nodes, where);
  if (!children)
    return children.takeError();
  for (const Link &child : *children) {
    auto node = readNode(
        child, path.empty() ? child.name : path + "/" + child.name, depth + 1);
    if (!node)
      return node.takeError();
    graph.nodes.push_back(std::move(*node));
  }
  const Link *edges = findLink(links, "edges");
  if (!edges || edges->kind != LinkKind::Dataset)
    return inputError("the graph has no data set 'edges'", where, exportAgain);
  if (Error error = readEdges(*edges, graph, where))
    return error;
  return graph;
}

/// "G.port" names the Input or Output 'port' of subgraph 'G'.
bool namesPort(const Graph &graph, const std::string &name) {
  for (size_t dot = name.find('.'); dot != std::string::npos;
       dot = name.find('.', dot + 1)) {
    const Node *outer = findNode(graph, name.substr(0, dot));
    if (!outer || outer->type != NodeType::Graph)
      continue;
    const Node *port = findNode(outer->subgraph[0], name.substr(dot + 1));
    if (port &&
        (port->type == NodeType::Input || port->type == NodeType::Output))
      return true;
  }
  return false;
}

Error GraphReader::checkEdge(const Graph &graph, const Edge &edge,
                             const std::string &where) {
  for (const std::string *end : {&edge.from, &edge.to}) {
    if (findNode(graph, *end) || namesPort(graph, *end))
      continue;
    std::vector<std::string> names;
    for (const Node &node : graph.nodes)
      names.push_back(node.name);
    return inputError("names the node " + quoteName(*end) +
                          ", which this graph does not have",
                      where + ", edge " + quoteName(edge.from) + " -> " +
                          quoteName(edge.to),
                      didYouMean(*end, names));
  }
  return Error::success();
}

Error GraphReader::readEdges(const Link &edges, Graph &graph,
                             const std::string &where) {
  Shape shape;
  std::string place = where + ", data set 'edges'";
  auto ends = file.strings(edges, place, &shape);
  if (!ends)
    return ends.takeError();
  if (!ends->empty() && (shape.size() != 2 || shape[1] != 2))
    return inputError("has shape " + describeShape(shape) +
                          " instead of (edges, 2)",
                      place, exportAgain);
  std::set<Edge> seen;
  for (size_t i = 0; i + 1 < ends->size(); i += 2) {
    Edge edge{(*ends)[i], (*ends)[i + 1]};
    if (Error error = checkEdge(graph, edge, where))
      return error;
    if (!seen.insert(edge).second)
      remarks.push_back(where + ": the edge " + quoteName(edge.from) + " -> " +
                        quoteName(edge.to) +
                        " is listed more than once; it counts once");
  }
  graph.edges.assign(seen.begin(), seen.end());
  return Error::success();
}

Error GraphReader::noNode(const std::vector<Link> &links) {
  if (findLink(links, "nodes"))
    return inputError("holds recorded data (NIRData), not a network",
                      file.name(), "give the .nir file of the network");
  if (findLink(links, "layer"))
    return inputError("looks like a network of lava-dl (.net), not NIR",
                      file.name(), "rename it to .net");
  return inputError("an HDF5 file, but without the group 'node' of NIR",
                    file.name(), exportAgain);
}

Expected<Graph> GraphReader::read() {
  auto links = file.list(file.root(), file.name());
  if (!links)
    return links.takeError();
  const Link *top = findLink(*links, "node");
  if (!top)
    return noNode(*links);
  std::string version;
  if (const Link *link = findLink(*links, "version")) {
    auto texts = file.strings(*link, file.name() + ": data set 'version'");
    if (!texts)
      return texts.takeError();
    version = texts->empty() ? "" : texts->front();
  } else {
    remarks.push_back(file.name() + ": no version, read as the newest layout");
  }
  auto node = readNode(*top, "", 0);
  if (!node)
    return node.takeError();
  Graph graph;
  if (node->type == NodeType::Graph) {
    graph = std::move(node->subgraph[0]);
  } else {
    remarks.push_back(file.name() + ": the file holds a single " +
                      specOf(node->type).name +
                      ", not a graph; it becomes a graph of one node");
    node->name = node->path = "node";
    graph.nodes.push_back(std::move(*node));
  }
  graph.file = file.name();
  graph.version = version;
  graph.remarks = std::move(remarks);
  return graph;
}

Expected<Graph> readOpened(Expected<Hdf5File> file) {
  if (!file)
    return file.takeError();
  // Shapes are checked against the file's size, yet a valid file may still be
  // too large for this machine.
  try {
    return GraphReader(*file).read();
  } catch (const std::bad_alloc &) {
    return inputError("there is not enough memory to read it", file->name());
  }
}

} // namespace

Expected<Graph> readFile(const std::string &path) {
  std::string name = std::filesystem::path(path).filename().string();
  return readOpened(Hdf5File::openPath(path, name));
}

Expected<Graph> readMemory(std::string_view bytes, const std::string &name) {
  return readOpened(Hdf5File::openMemory(bytes, name));
}

} // namespace hillock::nir
