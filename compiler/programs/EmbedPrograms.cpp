//===- compiler/programs/EmbedPrograms.cpp - A program of the build -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// hillock-embed-programs OUT.cpp: writes the bytecode of every model of the
// library as a C++ source, for what is built without MLIR and must not have a
// second definition of a neuron (runtime/programs). Runs during the build and
// is not installed.
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "compiler/programs/Programs.h"
#include "dialects/neuron/Library.h"
#include "image/ImageFile.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace hillock;

namespace {

/// The message as the image holds it; it has no maps, so its bytes are fixed.
void writeBytes(const image::Program &program, const std::string &variable,
                llvm::raw_ostream &os) {
  const std::string bytes = image::toProto(program).SerializeAsString();
  os << "const unsigned char " << variable << "[] = {";
  for (size_t i = 0; i < bytes.size(); ++i)
    os << (i % 12 == 0 ? "\n    " : " ")
       << llvm::format("0x%02x,", static_cast<unsigned char>(bytes[i]));
  os << "\n};\n";
}

Expected<std::string> source() {
  std::string text, table;
  llvm::raw_string_ostream os(text);
  os << "// Generated from dialects/neuron/library.\n"
        "#include <cstddef>\n"
        "namespace hillock::runtime::library {\n"
        "struct Entry {\n"
        "  const char *name;\n"
        "  const unsigned char *bytes;\n"
        "  std::size_t size;\n"
        "};\n"
        "extern const Entry entries[];\n"
        "namespace {\n";
  for (const std::string &name : neuron::library::names()) {
    Expected<image::Program> program = programs::libraryProgram(name);
    if (!program)
      return program.takeError();
    // There is a model "if".
    const std::string variable = "model_" + name;
    writeBytes(*program, variable, os);
    table +=
        "    {\"" + name + "\", " + variable + ", sizeof(" + variable + ")},\n";
  }
  os << "} // namespace\n"
        "const Entry entries[] = {\n"
     << table
     << "    {nullptr, nullptr, 0},\n};\n"
        "} // namespace hillock::runtime::library\n";
  return text;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: hillock-embed-programs OUT.cpp\n";
    return 2;
  }
  Expected<std::string> text = source();
  if (!text) {
    llvm::errs() << "hillock-embed-programs: " << takeText(text.takeError())
                 << "\n";
    return 1;
  }
  if (Error error = writeFile(argv[1], *text)) {
    llvm::errs() << "hillock-embed-programs: " << takeText(std::move(error))
                 << "\n";
    return 1;
  }
  return 0;
}
