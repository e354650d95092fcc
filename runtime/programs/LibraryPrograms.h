//===- runtime/programs/LibraryPrograms.h - Library -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The models of dialects/neuron/library as the compiler translates them, for
// what is built without the compiler. The bytes were made at build time; a new
// model needs nothing here.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_PROGRAMS_LIBRARYPROGRAMS_H
#define HILLOCK_RUNTIME_PROGRAMS_LIBRARYPROGRAMS_H

#include "image/Program.h"
#include <string_view>

namespace hillock::runtime {

/// All models, sorted by name ("cuba_lif", "lif", "loihi1_compartment", ...).
std::vector<std::string> libraryProgramNames();

/// The program that the compiler puts into an image for this model. An Input
/// error with a proposal when there is no such model.
Expected<image::Program> libraryProgram(std::string_view name);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_PROGRAMS_LIBRARYPROGRAMS_H
