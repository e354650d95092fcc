//===- dialects/neuron/Library.cpp - Ready-made neuron models -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neuron/Library.h"

#include "base/Describe.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

using namespace hillock::neuron;

namespace hillock::neuron::library {
struct File {
  const char *name;
  const char *text;
};
// In the generated Embedded.cpp; sorted by name, ends with a null name.
extern const File files[];
} // namespace hillock::neuron::library

std::vector<std::string> library::names() {
  std::vector<std::string> result;
  for (const File *file = files; file->name; ++file)
    result.emplace_back(file->name);
  return result;
}

llvm::StringRef library::text(llvm::StringRef name) {
  for (const File *file = files; file->name; ++file)
    if (name == file->name)
      return file->text;
  return {};
}

mlir::OwningOpRef<ModelOp> library::parse(mlir::MLIRContext *context,
                                          llvm::StringRef name) {
  const llvm::StringRef source = text(name);
  if (source.empty()) {
    mlir::emitError(mlir::UnknownLoc::get(context))
        << "the library has no neuron model '" << name << "'; "
        << didYouMean(name.str(), names());
    return nullptr;
  }
  context->loadDialect<NeuronDialect>();
  auto file = mlir::parseSourceString<mlir::ModuleOp>(
      source, mlir::ParserConfig(context),
      ("neuron/library/" + name + ".mlir").str());
  if (!file)
    return nullptr;
  ModelOp model = *file->getOps<ModelOp>().begin();
  model->remove();
  return model;
}
