//===- compiler/frontend/nir/Hdf5File.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Hdf5File.h"
#include "base/AtomicFile.h"
#include <algorithm>
#include <cmath>
#include <filesystem>

namespace hillock::nir {

using hdf5::TypeClass;

static Error cannotOpen(Error error, std::string_view bytes,
                        const std::string &name) {
  if (bytes.find("\x89HDF") == std::string_view::npos) {
    llvm::consumeError(std::move(error));
    return inputError("not an HDF5 file, and NIR files are HDF5", name,
                      "check that this is the file that nir.write made");
  }
  return hdf5::located(std::move(error), name, "copy or export it again");
}

Expected<Hdf5File> Hdf5File::openPath(const std::string &path,
                                      const std::string &name) {
  std::error_code code;
  auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status))
    return inputError("no such file", name);
  if (!std::filesystem::is_regular_file(status))
    return inputError("not a regular file", name);
  auto bytes = hillock::readFile(path);
  if (!bytes)
    return bytes.takeError();
  if (bytes->empty())
    return inputError("the file is empty", name, "export it again");
  std::string start = bytes->substr(0, 8);
  auto file = hdf5::File::openBytes(std::move(*bytes));
  if (!file)
    return cannotOpen(file.takeError(), start, name);
  return Hdf5File(std::move(*file), name);
}

Expected<Hdf5File> Hdf5File::openMemory(std::string_view bytes,
                                        const std::string &name) {
  if (bytes.empty())
    return inputError("the file is empty", name, "export it again");
  auto file = hdf5::File::openMemory(bytes);
  if (!file)
    return cannotOpen(file.takeError(), bytes.substr(0, 8), name);
  return Hdf5File(std::move(*file), name);
}

Expected<std::vector<Link>> Hdf5File::list(const Link &group,
                                           const std::string &where) const {
  auto found = file.links(group.address);
  if (!found)
    return hdf5::located(found.takeError(),
                         where + ": the group cannot be listed");
  std::vector<Link> links;
  for (const hdf5::Link &link : *found) {
    bool isTwice = !links.empty() && link.name == links.back().name;
    // As a path, such a name leads to another object than the link does.
    if (isTwice || link.name == "." || link.name.find('/') != std::string::npos)
      return inputError("the group holds the name " + quoteName(link.name) +
                            (isTwice ? " twice" : ", which names nothing"),
                        where, "the file is damaged; export it again");
    if (link.address == hdf5::noAddress)
      return inputError("the soft or external link " + quoteName(link.name) +
                            " is not followed",
                        where, "store the data itself in the file");
    auto object = file.object(link.address);
    if (!object)
      return hdf5::located(object.takeError(), where + ": " +
                                                   quoteName(link.name) +
                                                   " cannot be opened");
    LinkKind kind = object->kind == hdf5::ObjectKind::Group ? LinkKind::Group
                    : object->kind == hdf5::ObjectKind::Dataset
                        ? LinkKind::Dataset
                        : LinkKind::Other;
    links.push_back({link.name, kind, link.address});
  }
  return links;
}

Expected<hdf5::Dataset> Hdf5File::openDataset(const Link &link,
                                              const std::string &where) const {
  auto object = file.object(link.address);
  if (!object)
    return hdf5::located(object.takeError(), where);
  if (!object->data)
    return inputError("is not a data set", where,
                      "the file is damaged; export it again");
  if (object->data->space.isNull)
    return inputError("the data set is empty (a null data space)", where,
                      "give the parameter a value before export");
  return std::move(*object->data);
}

Expected<DataKind> Hdf5File::kindOf(const Link &link,
                                    const std::string &where) const {
  auto data = openDataset(link, where);
  if (!data)
    return data.takeError();
  if (data->type.isNumeric())
    return DataKind::Numbers;
  return data->type.kind == TypeClass::Text ? DataKind::Text : DataKind::Other;
}

static Shape shapeOf(const hdf5::Dataspace &space) {
  Shape shape;
  for (uint64_t dim : space.dims)
    shape.push_back(static_cast<int64_t>(std::min<uint64_t>(dim, INT64_MAX)));
  return shape;
}

static bool holdsWholeFloats(const std::vector<double> &values) {
  return std::all_of(values.begin(), values.end(), [](double v) {
    return double(float(v)) == v && !(v == 0 && std::signbit(v));
  });
}

Expected<Tensor> Hdf5File::numbers(const Link &link, const std::string &where) {
  auto data = openDataset(link, where);
  if (!data)
    return data.takeError();
  const hdf5::Datatype &type = data->type;
  if (!type.isNumeric())
    return inputError(std::string("holds ") + hdf5::describe(type.kind) +
                          " where numbers are needed",
                      where, "store integers or floats");
  auto values = file.read(*data);
  if (!values)
    return hdf5::located(values.takeError(), where);
  Tensor tensor;
  tensor.shape = shapeOf(data->space);
  if ((type.kind == TypeClass::Float && type.bytes <= 4) ||
      (type.kind == TypeClass::Integer && type.bytes <= 2)) {
    tensor.values = toFloats(*values);
    return tensor;
  }
  std::vector<double> doubles = toDoubles(*values);
  if (holdsWholeFloats(doubles))
    tensor.values = std::vector<float>(doubles.begin(), doubles.end());
  else
    tensor.values = std::move(doubles);
  return tensor;
}

Expected<std::vector<int64_t>> Hdf5File::integers(const Link &link,
                                                  const std::string &where) {
  auto data = openDataset(link, where);
  if (!data)
    return data.takeError();
  TypeClass kind = data->type.kind;
  if (kind != TypeClass::Integer && kind != TypeClass::Float)
    return inputError(std::string("holds ") + hdf5::describe(kind) +
                          " where integers are needed",
                      where, "store integers");
  auto read = file.read(*data);
  if (!read)
    return hdf5::located(read.takeError(), where);
  if (kind == TypeClass::Integer)
    return toIntegers(*read);
  std::vector<int64_t> result;
  for (double value : toDoubles(*read)) {
    if (!(std::abs(value) < 9e15) || value != std::floor(value))
      return inputError("value " + std::to_string(value) + " is not an integer",
                        where);
    result.push_back(static_cast<int64_t>(value));
  }
  return result;
}

Expected<std::vector<std::string>>
Hdf5File::strings(const Link &link, const std::string &where, Shape *shape) {
  auto data = openDataset(link, where);
  if (!data)
    return data.takeError();
  if (shape)
    *shape = shapeOf(data->space);
  if (data->space.count == 0)
    return std::vector<std::string>();
  if (data->type.kind != TypeClass::Text)
    return inputError("holds numbers or other data where text is needed",
                      where);
  auto values = file.read(*data);
  if (!values)
    return hdf5::located(values.takeError(), where);
  auto texts = file.texts(*values);
  if (!texts)
    return hdf5::located(texts.takeError(), where);
  return texts;
}

} // namespace hillock::nir
