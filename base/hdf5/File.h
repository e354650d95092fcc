//===- base/hdf5/File.h - Reading HDF5 files --------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Our own reader of HDF5, for files that need not be trusted: no byte outside
// of the file is looked at, and no file makes it take more memory or time than
// its size justifies. Links out of the file (soft, external, virtual data sets,
// external storage) are never followed. docs/formats.md says what is read.
//
// Errors say what is wrong; located() adds the place.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_FILE_H
#define HILLOCK_BASE_HDF5_FILE_H

#include "base/hdf5/Dataset.h"
#include "base/hdf5/GlobalHeap.h"
#include "base/hdf5/Links.h"
#include <memory>
#include <optional>

namespace hillock::hdf5 {

enum class ObjectKind : uint8_t {
  Group,
  Dataset,
  Other, ///< A named type.
};

struct Object {
  ObjectKind kind = ObjectKind::Other;
  std::optional<Dataset> data; ///< Of a data set.
};

class File {
public:
  /// The whole content of a file; what later happens to it on disk does not
  /// matter.
  static Expected<File> openBytes(std::string bytes);
  /// \p bytes must outlive the result.
  static Expected<File> openMemory(std::string_view bytes);

  uint64_t size() const { return source->size(); }
  /// The address of the root group.
  uint64_t root() const { return source->root(); }

  Expected<Object> object(uint64_t address) const;
  /// Sorted by name (bytes). In damaged files names may occur twice.
  Expected<std::vector<Link>> links(uint64_t group) const;
  /// The value of an attribute; none when there is none of that name.
  Expected<std::optional<Values>> attribute(uint64_t object,
                                            std::string_view name);

  /// All elements. What all calls together may take is limited.
  Expected<Values> read(const Dataset &data);
  /// \p values must be text.
  Expected<std::vector<std::string>> texts(const Values &values);

private:
  File() = default;
  Expected<std::optional<Values>> denseAttribute(std::string_view info,
                                                 std::string_view name);
  Expected<std::optional<Values>> parseAttribute(std::string_view message,
                                                 std::string_view name);

  std::unique_ptr<std::string> owned; ///< The bytes of a file on disk.
  std::unique_ptr<Source> source;
  std::unique_ptr<GlobalHeap> heap;
  uint64_t bytesLeft = 0; ///< For elements, after decompression.
};

/// \p error with a place, and a remedy when it has none.
Error located(Error error, const std::string &where,
              const std::string &remedy = "the file is damaged; export it "
                                          "again");

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_FILE_H
