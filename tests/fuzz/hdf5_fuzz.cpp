//===- tests/fuzz/hdf5_fuzz.cpp - HDF5 files of any content ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever the bytes are, all objects, values and attributes can be asked for.
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/File.h"
#include <cstdlib>

using namespace hillock;

namespace {

/// The value, if any.
template <typename T> std::optional<T> take(Expected<T> result) {
  if (result)
    return std::move(*result);
  llvm::consumeError(result.takeError());
  return std::nullopt;
}

class Visitor {
public:
  explicit Visitor(hdf5::File file) : file(std::move(file)) {}

  void visit(uint64_t address, int depth) {
    // Groups may hold each other.
    if (++visited > 1000)
      return;
    if (auto name = take(file.attribute(address, "__type__")); name && *name)
      convert(**name);
    auto object = take(file.object(address));
    if (!object)
      return;
    if (object->data)
      if (auto values = take(file.read(*object->data)))
        convert(*values);
    if (object->kind != hdf5::ObjectKind::Group || depth > 8)
      return;
    for (const auto &link :
         take(file.links(address)).value_or(std::vector<hdf5::Link>()))
      if (link.address != hdf5::noAddress)
        visit(link.address, depth + 1);
  }

private:
  void convert(const hdf5::Values &values) {
    if (values.bytes.size() != values.space.count * values.type.bytes)
      std::abort();
    if (values.type.kind == hdf5::TypeClass::Text)
      take(file.texts(values));
    if (!values.type.isNumeric())
      return;
    hdf5::toFloats(values);
    if (values.type.kind != hdf5::TypeClass::Float)
      hdf5::toIntegers(values);
  }

  hdf5::File file;
  int visited = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char *>(data), size);
  if (auto file = take(hdf5::File::openMemory(bytes))) {
    uint64_t root = file->root();
    Visitor(std::move(*file)).visit(root, 0);
  }
  return 0;
}
