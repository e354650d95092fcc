//===- compiler/frontend/nir/Feedforward.cpp - NIR without neurons --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Feedforward.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/Hdf5File.h"
#include "compiler/frontend/nir/NodeTable.h"
#include "compiler/frontend/nir/Reader.h"
#include <algorithm>
#include <filesystem>

namespace hillock::nir {

namespace {

class Importer {
public:
  explicit Importer(const FlatGraph &graph) : graph(graph) {}
  Expected<ann::Network> run();

private:
  std::string where(const FlatNode &flat) const {
    return graph.file + ": node " + quoteName(flat.node.path);
  }
  int addValue(const std::string &name, const Shape &shape) {
    net.values.push_back({name, shape, std::nullopt});
    return static_cast<int>(net.values.size()) - 1;
  }
  /// \p layer without name and output; its result.
  Expected<int> addLayer(const FlatNode &flat, const std::string &name,
                         ann::Layer layer);
  /// The value under another shape of the same elements.
  Expected<int> reshaped(const FlatNode &flat, int value, const Shape &shape,
                         const char *suffix);
  Expected<int> inputOf(const FlatNode &flat);
  Expected<int> dense(const FlatNode &flat, int input);
  Expected<int> window(const FlatNode &flat, int input);
  Expected<int> scale(const FlatNode &flat, int input);
  Expected<int> visit(const FlatNode &flat);
  void addRemarks();

  const FlatGraph &graph;
  ann::Network net;
  std::vector<int> values; ///< by node
};

std::vector<float> floats(const Tensor &tensor) {
  std::vector<float> result(tensor.size());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] = static_cast<float>(tensor.at(i));
  return result;
}

std::vector<double> biasOf(const FlatNode &flat) {
  std::vector<double> result;
  const auto found = flat.node.fields.find("bias");
  if (found == flat.node.fields.end())
    return result;
  for (size_t i = 0; i < found->second.size(); ++i)
    result.push_back(found->second.at(i));
  return result;
}

Expected<int> Importer::addLayer(const FlatNode &flat, const std::string &name,
                                 ann::Layer layer) {
  layer.name = name;
  Expected<Shape> shape = ann::inferShape(net, layer);
  if (!shape)
    return inputError(takeText(shape.takeError()), where(flat));
  layer.output = addValue(name, *shape);
  net.layers.push_back(std::move(layer));
  return net.layers.back().output;
}

Expected<int> Importer::reshaped(const FlatNode &flat, int value,
                                 const Shape &shape, const char *suffix) {
  if (net.values[static_cast<size_t>(value)].shape == shape)
    return value;
  ann::Layer layer;
  layer.kind = ann::Kind::Reshape;
  layer.name = flat.node.path + suffix;
  layer.inputs = {value};
  layer.output = addValue(layer.name, shape);
  net.layers.push_back(std::move(layer));
  return net.layers.back().output;
}

/// Several edges into one node are a sum.
Expected<int> Importer::inputOf(const FlatNode &flat) {
  if (flat.inputs.empty())
    return inputError("has no input", where(flat));
  int sum = values[flat.inputs.front().from];
  for (size_t i = 1; i < flat.inputs.size(); ++i) {
    ann::Layer layer;
    layer.kind = ann::Kind::Add;
    layer.inputs = {sum, values[flat.inputs[i].from]};
    const std::string number = i == 1 ? "" : std::to_string(i);
    Expected<int> next =
        addLayer(flat, flat.node.path + ".sum" + number, std::move(layer));
    if (!next)
      return next;
    sum = *next;
  }
  return sum;
}

Expected<int> Importer::dense(const FlatNode &flat, int input) {
  const Tensor &weight = flat.node.fields.at("weight");
  const std::optional<int64_t> count = ann::countElements(flat.shapeIn);
  if (weight.shape.size() != 2 || !count || *count != weight.shape[1])
    return inputError("a matrix " + describeShape(weight.shape) +
                          " over an input " + describeShape(flat.shapeIn) +
                          " is not supported",
                      where(flat), "put a Flatten before it");
  Expected<int> vector = reshaped(flat, input, {*count}, ".flat");
  if (!vector)
    return vector;
  ann::Layer layer;
  layer.kind = ann::Kind::Linear;
  layer.inputs = {*vector};
  layer.weights = floats(weight);
  layer.bias = biasOf(flat);
  Expected<int> made = addLayer(flat, flat.node.path, std::move(layer));
  if (!made)
    return made;
  return reshaped(flat, *made, flat.shapeOut, ".shape");
}

/// Convolutions and pools. A sum over a window is a convolution of each channel
/// with ones.
Expected<int> Importer::window(const FlatNode &flat, int input) {
  const Node &node = flat.node;
  const bool line = node.type == NodeType::Conv1d;
  const Shape &in = flat.shapeIn;
  Expected<int> planes =
      line ? reshaped(flat, input, {in[0], 1, in[1]}, ".rows") : input;
  if (!planes)
    return planes;
  ann::Layer layer;
  layer.inputs = {*planes};
  const bool pool =
      node.type == NodeType::SumPool2d || node.type == NodeType::AvgPool2d;
  for (size_t i = 0; i < (line ? 1 : 2); ++i) {
    const size_t axis = line ? 1 : i;
    layer.window.kernel[axis] = pool ? node.integers.at("kernel_size")[i]
                                     : node.fields.at("weight").shape[i + 2];
    layer.window.stride[axis] = node.integers.at("stride")[i];
    layer.window.begin[axis] = node.integers.at("padding")[i];
    layer.window.end[axis] = node.integers.at("padding_end")[i];
    if (!pool)
      layer.window.dilation[axis] = node.integers.at("dilation")[i];
  }
  if (node.type == NodeType::AvgPool2d) {
    layer.kind = ann::Kind::AveragePool;
    layer.includePad = true; // as PyTorch counts
  } else if (pool) {
    layer.kind = ann::Kind::Conv;
    layer.groups = in[0];
    const auto weights = ann::countElements(
        {in[0], layer.window.kernel[0], layer.window.kernel[1]});
    if (!weights)
      return inputError("its window is too large", where(flat));
    layer.weights.assign(static_cast<size_t>(*weights), 1.0f);
  } else {
    layer.kind = ann::Kind::Conv;
    layer.groups = node.integers.at("groups").front();
    layer.weights = floats(node.fields.at("weight"));
    layer.bias = biasOf(flat);
  }
  Expected<int> made = addLayer(flat, node.path, std::move(layer));
  if (!made)
    return made;
  return reshaped(flat, *made, flat.shapeOut, ".line");
}

/// A factor for each element is a convolution of planes of one element.
Expected<int> Importer::scale(const FlatNode &flat, int input) {
  const Tensor &factors = flat.node.fields.at("scale");
  const std::optional<int64_t> count = ann::countElements(flat.shapeIn);
  if (!count)
    return inputError("its input is too large", where(flat));
  Expected<int> planes = reshaped(flat, input, {*count, 1, 1}, ".elements");
  if (!planes)
    return planes;
  ann::Layer layer;
  layer.kind = ann::Kind::Conv;
  layer.inputs = {*planes};
  layer.groups = *count;
  for (int64_t i = 0; i < *count; ++i)
    layer.weights.push_back(static_cast<float>(
        factors.at(factors.size() == 1 ? 0 : static_cast<size_t>(i))));
  Expected<int> made = addLayer(flat, flat.node.path, std::move(layer));
  if (!made)
    return made;
  return reshaped(flat, *made, flat.shapeOut, ".shape");
}

Expected<int> Importer::visit(const FlatNode &flat) {
  const NodeSpec &spec = specOf(flat.node.type);
  if (spec.stateful || spec.spiking)
    return inputError("a " + std::string(spec.name) +
                          " has a state or spikes, in a network without "
                          "neurons",
                      where(flat),
                      "supported are Input, Output, Linear, Affine, Scale, "
                      "Conv1d, Conv2d, SumPool2d, AvgPool2d and Flatten");
  if (flat.node.type == NodeType::Input) {
    if (net.input >= 0)
      return inputError("is a second input", where(flat),
                        "networks without neurons have one");
    if (!ann::countElements(flat.shapeOut))
      return inputError("has the shape " + describeShape(flat.shapeOut),
                        where(flat), "a value has at most 2^28 elements");
    net.input = addValue(flat.node.path, flat.shapeOut);
    return net.input;
  }
  Expected<int> input = inputOf(flat);
  if (!input)
    return input;
  switch (flat.node.type) {
  case NodeType::Output:
    if (net.output >= 0)
      return inputError("is a second output", where(flat),
                        "networks without neurons have one");
    net.output = *input;
    return *input;
  case NodeType::Linear:
  case NodeType::Affine:
    return dense(flat, *input);
  case NodeType::Scale:
    return scale(flat, *input);
  case NodeType::Flatten:
    return reshaped(flat, *input, flat.shapeOut, "");
  default:
    return window(flat, *input);
  }
}

void Importer::addRemarks() {
  net.remarks = graph.remarks;
  const auto layers =
      std::count_if(net.layers.begin(), net.layers.end(),
                    [](const ann::Layer &layer) { return layer.hasWeights(); });
  if (layers > 1)
    net.remarks.push_back(
        "NIR has no rectifier: the " + std::to_string(layers) +
        " layers with weights follow one another as a linear map; a network "
        "that was trained with ReLU lost it on export (take ONNX)");
}

Expected<ann::Network> Importer::run() {
  // NIR has no name for a network but that of its file.
  net.name = std::filesystem::path(graph.file).stem().string();
  values.resize(graph.nodes.size(), -1);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Expected<int> value = visit(graph.nodes[i]);
    if (!value)
      return value.takeError();
    values[i] = *value;
  }
  if (net.input < 0 || net.output < 0)
    return inputError(net.input < 0 ? "has no input" : "has no output",
                      graph.file);
  ann::dropDead(net);
  if (net.layers.empty())
    return inputError("has no layer between input and output", graph.file);
  addRemarks();
  if (Error error = ann::check(net, graph.file))
    return std::move(error);
  return std::move(net);
}

/// Nodes of a group and of the groups in it; false as soon as one has a state.
/// \p computes becomes true for nodes that do something to a value.
bool plainNodes(Hdf5File &file, const Link &node, unsigned depth,
                bool &computes) {
  constexpr unsigned deepest = 32;
  const auto child = [&](const Link &group,
                         const char *name) -> std::optional<Link> {
    auto links = file.list(group, file.name());
    if (!links) {
      llvm::consumeError(links.takeError());
      return std::nullopt;
    }
    for (const Link &link : *links)
      if (link.name == name)
        return link;
    return std::nullopt;
  };
  const std::optional<Link> data = child(node, "type");
  if (!data || depth > deepest)
    return false;
  auto text = file.strings(*data, file.name());
  if (!text) {
    llvm::consumeError(text.takeError());
    return false;
  }
  const auto type =
      text->size() == 1 ? parseNodeType(text->front()) : std::nullopt;
  if (!type)
    return false;
  computes |= *type != NodeType::Graph && *type != NodeType::Input &&
              *type != NodeType::Output;
  if (*type != NodeType::Graph)
    return !specOf(*type).stateful && !specOf(*type).spiking;
  const std::optional<Link> nodes = child(node, "nodes");
  if (!nodes)
    return false;
  auto links = file.list(*nodes, file.name());
  if (!links) {
    llvm::consumeError(links.takeError());
    return false;
  }
  return std::all_of(links->begin(), links->end(), [&](const Link &link) {
    return plainNodes(file, link, depth + 1, computes);
  });
}

} // namespace

bool isFeedforward(const std::string &path) {
  auto file =
      Hdf5File::openPath(path, std::filesystem::path(path).filename().string());
  if (!file) {
    llvm::consumeError(file.takeError()); // the reader will say so
    return false;
  }
  auto links = file->list(file->root(), file->name());
  if (!links) {
    llvm::consumeError(links.takeError());
    return false;
  }
  bool computes = false;
  for (const Link &link : *links)
    if (link.name == "node")
      return plainNodes(*file, link, 0, computes) && computes;
  return false;
}

Expected<ann::Network> importFeedforward(const FlatGraph &graph) {
  return Importer(graph).run();
}

Expected<ann::Network> readFeedforward(const std::string &path,
                                       const NormalizeOptions &options) {
  auto graph = readFile(path);
  if (!graph)
    return graph.takeError();
  auto flat = normalize(std::move(*graph), options);
  if (!flat)
    return flat.takeError();
  return importFeedforward(*flat);
}

} // namespace hillock::nir
