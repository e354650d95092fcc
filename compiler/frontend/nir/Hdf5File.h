//===- compiler/frontend/nir/Hdf5File.h - HDF5 as NIR uses it ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Groups, texts and numbers of a file, with errors that name file, node and
// field. Reading itself is base/hdf5, which trusts no file.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H

#include "base/hdf5/File.h"
#include "compiler/frontend/nir/Graph.h"

namespace hillock::nir {

enum class LinkKind : uint8_t { Group, Dataset, Other };

struct Link {
  std::string name;
  LinkKind kind = LinkKind::Other;
  uint64_t address = 0; ///< Equal for two names of one object.
};

enum class DataKind : uint8_t { Numbers, Text, Other };

class Hdf5File {
public:
  /// \p name is how messages call the file. Every \p where below is a place
  /// for messages that already starts with the file's name.
  static Expected<Hdf5File> openPath(const std::string &path,
                                     const std::string &name);
  /// \p bytes must outlive the result.
  static Expected<Hdf5File> openMemory(std::string_view bytes,
                                       const std::string &name);

  Link root() const { return {"", LinkKind::Group, file.root()}; }
  const std::string &name() const { return fileName; }

  /// Sorted by name (bytes). A soft or external link is an error, and so is one
  /// to an object that cannot be opened.
  Expected<std::vector<Link>> list(const Link &group,
                                   const std::string &where) const;

  Expected<DataKind> kindOf(const Link &data, const std::string &where) const;
  /// Integers, floats and booleans of any width.
  Expected<Tensor> numbers(const Link &data, const std::string &where);
  /// Integers of any width, or floats with integer values; C order.
  Expected<std::vector<int64_t>> integers(const Link &data,
                                          const std::string &where);
  /// Strings of fixed or variable length; \p shape receives the extent.
  Expected<std::vector<std::string>>
  strings(const Link &data, const std::string &where, Shape *shape = nullptr);

private:
  Hdf5File(hdf5::File file, std::string name)
      : file(std::move(file)), fileName(std::move(name)) {}
  Expected<hdf5::Dataset> openDataset(const Link &data,
                                      const std::string &where) const;

  hdf5::File file;
  std::string fileName;
};

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H
