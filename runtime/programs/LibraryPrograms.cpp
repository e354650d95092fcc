//===- runtime/programs/LibraryPrograms.cpp - Embedded bytecode -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/programs/LibraryPrograms.h"
#include "base/Describe.h"
#include "image/ImageFile.h"

namespace hillock::runtime {

namespace library {
struct Entry {
  const char *name;
  const unsigned char *bytes;
  std::size_t size;
};
// In the generated Embedded.cpp; sorted by name, ends with a null name.
extern const Entry entries[];
} // namespace library

std::vector<std::string> libraryProgramNames() {
  std::vector<std::string> names;
  for (const library::Entry *entry = library::entries; entry->name; ++entry)
    names.emplace_back(entry->name);
  return names;
}

Expected<image::Program> libraryProgram(std::string_view name) {
  for (const library::Entry *entry = library::entries; entry->name; ++entry) {
    if (name != entry->name)
      continue;
    proto::Program program;
    if (!program.ParseFromArray(entry->bytes, static_cast<int>(entry->size)))
      return makeError(ErrorKind::Internal, "the embedded bytes do not parse",
                       "neuron model '" + std::string(name) + "'");
    return image::fromProto(program);
  }
  return inputError("there is no neuron model '" + std::string(name) +
                        "' in the library",
                    {}, didYouMean(std::string(name), libraryProgramNames()));
}

} // namespace hillock::runtime
