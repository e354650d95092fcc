//===- tests/unit/runtime/programs/LibraryProgramsTest.cpp ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is embedded without the compiler is what the compiler makes.
//
//===----------------------------------------------------------------------===//
#include "runtime/programs/LibraryPrograms.h"
#include "compiler/programs/Programs.h"
#include "dialects/neuron/Library.h"
#include <gtest/gtest.h>

using namespace hillock;

namespace {

TEST(LibraryPrograms, AreThoseOfTheCompiler) {
  ASSERT_EQ(runtime::libraryProgramNames(), neuron::library::names());
  for (const std::string &name : neuron::library::names()) {
    SCOPED_TRACE(name);
    Expected<image::Program> made = programs::libraryProgram(name);
    Expected<image::Program> embedded = runtime::libraryProgram(name);
    ASSERT_TRUE(bool(made)) << takeText(made.takeError());
    ASSERT_TRUE(bool(embedded)) << takeText(embedded.takeError());
    EXPECT_EQ(*made, *embedded) << image::print(*embedded);
    EXPECT_EQ(embedded->name, name);
  }
}

TEST(LibraryPrograms, RefuseUnknownNames) {
  Expected<image::Program> program = runtime::libraryProgram("cuba_liff");
  ASSERT_FALSE(bool(program));
  EXPECT_NE(takeText(program.takeError()).find("did you mean 'cuba_lif'?"),
            std::string::npos);
}

} // namespace
