//===- compiler/frontend/nir/Hdf5File.h - Guarded HDF5 reading --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of HDF5 that NIR needs, with every claim of the file checked against
// the size of the file before memory is taken for it. Links out of the file
// (soft, external, virtual, external storage) are never followed.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H
#define HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H

#include "base/Error.h"
#include "compiler/frontend/nir/Graph.h"
#include <hdf5.h>
#include <optional>
#include <string_view>
#include <utility>

namespace hillock::nir {

struct RawFile;

/// Owns one HDF5 identifier.
class Handle {
public:
  using Closer = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Closer closer) : id(id), closer(closer) {}
  Handle(Handle &&other) noexcept
      : id(std::exchange(other.id, -1)), closer(other.closer) {}
  Handle &operator=(Handle &&other) noexcept {
    std::swap(id, other.id);
    std::swap(closer, other.closer);
    return *this;
  }
  ~Handle() {
    if (id >= 0)
      closer(id);
  }
  explicit operator bool() const { return id >= 0; }
  hid_t get() const { return id; }

private:
  hid_t id = -1;
  Closer closer = nullptr;
};

/// Silences HDF5's own printing on this thread while it lives.
class QuietHdf5 {
public:
  QuietHdf5();
  ~QuietHdf5();
  QuietHdf5(const QuietHdf5 &) = delete;
  QuietHdf5 &operator=(const QuietHdf5 &) = delete;

private:
  H5E_auto2_t function = nullptr;
  void *data = nullptr;
};

enum class LinkKind : uint8_t { Group, Dataset, Other };

struct Link {
  std::string name;
  LinkKind kind;
  haddr_t address; ///< Equal for two names of one object.
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

  hid_t root() const { return file.get(); }
  const std::string &name() const { return fileName; }

  /// Sorted by name (bytes). A soft or external link is an error.
  Expected<std::vector<Link>> list(hid_t group, const std::string &where) const;
  Expected<Handle> openGroup(hid_t parent, const std::string &child,
                             const std::string &where) const;

  Expected<DataKind> kindOf(hid_t parent, const std::string &child,
                            const std::string &where) const;
  /// Integers, floats and booleans of any width.
  Expected<Tensor> numbers(hid_t parent, const std::string &child,
                           const std::string &where);
  /// Integers of any width, or floats with integer values; C order.
  Expected<std::vector<int64_t>>
  integers(hid_t parent, const std::string &child, const std::string &where);
  /// Strings of fixed or variable length; \p shape receives the extent.
  Expected<std::vector<std::string>> strings(hid_t parent,
                                             const std::string &child,
                                             const std::string &where,
                                             Shape *shape = nullptr);

private:
  struct Dataset {
    Handle id, type, space;
    Shape shape;
    uint64_t count = 0;
  };
  Expected<Dataset> openDataset(hid_t parent, const std::string &child,
                                const std::string &where) const;
  Error checkStorage(const Dataset &data, const std::string &where);
  Error checkFilters(hid_t properties, uint64_t chunkBytes,
                     const std::string &where) const;
  Error readValues(const Dataset &data, hid_t target, size_t targetBytes,
                   void *out, const std::string &where) const;
  Expected<std::vector<std::string>> variableStrings(const Dataset &data,
                                                     const std::string &where);
  Expected<std::optional<std::vector<std::string>>>
  heapStrings(const Dataset &data, const std::string &where) const;
  std::optional<uint64_t> rawOffset(const Dataset &data) const;
  Expected<std::vector<Link>> allLinks(hid_t group,
                                       const std::string &where) const;
  Expected<std::vector<Link>> compactLinks(hid_t group,
                                           const std::string &where) const;
  /// Refers to this object.
  std::optional<RawFile> raw() const;
  /// At most as many as the file has.
  std::string rawBytes(uint64_t offset, uint64_t size) const;

  Handle file;
  std::string fileName;
  std::string path;        ///< Empty for a file in memory.
  std::string_view memory; ///< Else its bytes.
  uint64_t fileBytes = 0;
  uint64_t bytesRead = 0; ///< After decompression, over all data sets.
};

/// The innermost message of HDF5's error stack, or "".
std::string hdf5Reason();
/// \p text followed by that in brackets.
std::string withReason(std::string text);

} // namespace hillock::nir

#endif // HILLOCK_COMPILER_FRONTEND_NIR_HDF5FILE_H
