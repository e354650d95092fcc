//===- compiler/frontend/nir/Writer.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Writer.h"
#include "base/AtomicFile.h"
#include "compiler/frontend/nir/Hdf5Handle.h"
#include "compiler/frontend/nir/NodeTable.h"

namespace hillock::nir {

namespace {

class GraphWriter {
public:
  explicit GraphWriter(const WriteOptions &options) : options(options) {}
  Expected<std::string> write(const Graph &graph);

private:
  Handle makeGroup(hid_t parent, const std::string &name);
  void writeData(hid_t parent, const std::string &name, hid_t type,
                 const Shape &shape, const void *values);
  void writeStrings(hid_t parent, const std::string &name, const Shape &shape,
                    const std::vector<std::string> &texts);
  void writeString(hid_t parent, const std::string &name,
                   const std::string &text) {
    writeStrings(parent, name, {}, {text});
  }
  void writeTensor(hid_t parent, const std::string &name, const Tensor &tensor);
  void writeMetadata(hid_t node, const Metadata &metadata);
  void writeValue(hid_t group, const std::string &name, const MetaValue &value);
  void writeNode(hid_t parent, const Node &node);
  void writeGraph(hid_t group, const Graph &graph);

  const WriteOptions &options;
  Handle creation; ///< Data sets without time stamps.
  Handle linking;  ///< Creates the groups on the way; UTF-8 names.
  bool failed = false;
  std::string firstFailure, reason;

  void check(bool good, const std::string &what) {
    if (good || failed)
      return;
    failed = true;
    firstFailure = what;
    reason = hdf5Reason();
  }
};

Handle GraphWriter::makeGroup(hid_t parent, const std::string &name) {
  Handle group(
      H5Gcreate2(parent, name.c_str(), linking.get(), H5P_DEFAULT, H5P_DEFAULT),
      H5Gclose);
  check(bool(group), "group " + quoteName(name));
  return group;
}

void GraphWriter::writeData(hid_t parent, const std::string &name, hid_t type,
                            const Shape &shape, const void *values) {
  std::vector<hsize_t> dims(shape.begin(), shape.end());
  Handle space(dims.empty()
                   ? H5Screate(H5S_SCALAR)
                   : H5Screate_simple(int(dims.size()), dims.data(), nullptr),
               H5Sclose);
  Handle data(H5Dcreate2(parent, name.c_str(), type, space.get(), linking.get(),
                         creation.get(), H5P_DEFAULT),
              H5Dclose);
  check(data && H5Dwrite(data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                         values) >= 0,
        "data set " + quoteName(name));
}

void GraphWriter::writeStrings(hid_t parent, const std::string &name,
                               const Shape &shape,
                               const std::vector<std::string> &texts) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  std::vector<const char *> pointers;
  for (const std::string &text : texts)
    pointers.push_back(text.c_str());
  writeData(parent, name, type.get(), shape, pointers.data());
}

void GraphWriter::writeTensor(hid_t parent, const std::string &name,
                              const Tensor &tensor) {
  if (tensor.isDouble())
    writeData(parent, name, H5T_IEEE_F64LE, tensor.shape,
              std::get<1>(tensor.values).data());
  else
    writeData(parent, name, H5T_IEEE_F32LE, tensor.shape,
              std::get<0>(tensor.values).data());
}

void GraphWriter::writeValue(hid_t group, const std::string &name,
                             const MetaValue &value) {
  if (const auto *number = std::get_if<double>(&value))
    writeData(group, name, H5T_IEEE_F64LE, {}, number);
  else if (const auto *text = std::get_if<std::string>(&value))
    writeString(group, name, *text);
  else if (const auto *list = std::get_if<std::vector<double>>(&value))
    writeData(group, name, H5T_IEEE_F64LE, {int64_t(list->size())},
              list->data());
  else if (const auto *texts = std::get_if<std::vector<std::string>>(&value))
    writeStrings(group, name, {int64_t(texts->size())}, *texts);
}

void GraphWriter::writeMetadata(hid_t node, const Metadata &metadata) {
  if (metadata.empty())
    return;
  Handle group = makeGroup(node, "metadata");
  for (const auto &[key, value] : metadata)
    writeValue(group.get(), key, value);
}

bool isScalarInteger(NodeType type, const std::string &name) {
  for (const FieldSpec &field : specOf(type).fields)
    if (name == field.name)
      return field.kind == FieldKind::Integer;
  return false;
}

void GraphWriter::writeNode(hid_t parent, const Node &node) {
  Handle group = makeGroup(parent, node.name);
  const NodeSpec &spec = specOf(node.type);
  if (node.type == NodeType::Graph) {
    for (const Graph &inner : node.subgraph)
      writeGraph(group.get(), inner);
    return;
  }
  writeString(group.get(), "type", spec.name);
  for (const auto &[name, tensor] : node.fields)
    writeTensor(group.get(), name, tensor);
  for (const auto &[name, values] : node.integers) {
    bool scalar = isScalarInteger(node.type, name) && values.size() == 1;
    Shape shape;
    if (!scalar)
      shape = {int64_t(values.size())};
    writeData(group.get(), name, H5T_STD_I64LE, shape, values.data());
  }
  for (const auto &[name, text] : node.strings)
    writeString(group.get(), name, text);
  for (const FieldSpec &field : spec.fields) {
    auto model = node.fields.find("r");
    if (!options.fillOptional || field.kind != FieldKind::PerNeuron ||
        field.required || node.fields.count(field.name) ||
        model == node.fields.end())
      continue;
    Tensor tensor{
        model->second.shape,
        std::vector<float>(model->second.size(), float(field.fallback))};
    writeTensor(group.get(), field.name, tensor);
  }
  writeMetadata(group.get(), node.metadata);
}

void GraphWriter::writeGraph(hid_t group, const Graph &graph) {
  writeString(group, "type", "NIRGraph");
  Handle nodes = makeGroup(group, "nodes");
  for (const Node &node : graph.nodes)
    writeNode(nodes.get(), node);
  std::vector<std::string> ends;
  for (const Edge &edge : graph.edges) {
    ends.push_back(edge.from);
    ends.push_back(edge.to);
  }
  writeStrings(group, "edges", {int64_t(graph.edges.size()), 2}, ends);
  writeMetadata(group, graph.metadata);
}

Expected<std::string> GraphWriter::write(const Graph &graph) {
  creation = Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  linking = Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.get(), false);
  H5Pset_create_intermediate_group(linking.get(), 1);
  H5Pset_char_encoding(linking.get(), H5T_CSET_UTF8);
  Handle file = createInMemory("image.nir");
  check(bool(file), "file");
  if (file) {
    writeString(file.get(), "version",
                graph.version.empty() ? "1.0.7" : graph.version);
    Handle node = makeGroup(file.get(), "node");
    writeGraph(node.get(), graph);
  }
  std::string bytes = failed ? std::string() : bytesOf(file);
  if (bytes.empty())
    return makeError(ErrorKind::Internal,
                     "HDF5 cannot write the " +
                         (firstFailure.empty() ? "file" : firstFailure) +
                         (reason.empty() ? "" : " (" + reason + ")"),
                     graph.file);
  return bytes;
}

} // namespace

Expected<std::string> writeMemory(const Graph &graph,
                                  const WriteOptions &options) {
  QuietHdf5 quiet;
  return GraphWriter(options).write(graph);
}

Error writeFile(const std::string &path, const Graph &graph,
                const WriteOptions &options) {
  auto bytes = writeMemory(graph, options);
  if (!bytes)
    return bytes.takeError();
  return hillock::writeFile(path, *bytes);
}

} // namespace hillock::nir
