//===- tools/hillock/AnnCompile.cpp - compile without neurons -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "compiler/ann/ir/Convert.h"
#include "compiler/ann/ir/Passes.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "tools/hillock/AnnVerbs.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace hillock::tool {

namespace {

Error checkRequest(const AnnCompileRequest &request) {
  if (request.to != "" && request.to != "real" && request.to != "quantized" &&
      request.to != "integer")
    return makeError(ErrorKind::Usage,
                     "a network without neurons has no phase '" + request.to +
                         "'",
                     "--to", "choose one of real, quantized and integer");
  if (request.output.empty())
    return makeError(ErrorKind::Usage, "no output is named", "",
                     "add -o FILE.mlirbc");
  const llvm::StringRef extension = llvm::sys::path::extension(request.output);
  if (isNativeOutput(request.output) && request.to != "" &&
      request.to != "integer")
    return makeError(ErrorKind::Usage, "native code is made of integers",
                     "--to " + request.to, "leave --to out");
  if (extension != ".mlir" && extension != ".mlirbc" &&
      !isNativeOutput(request.output) && request.output != "/dev/stdout" &&
      request.output != "/dev/null")
    return makeError(ErrorKind::Usage,
                     "the extension '" + extension.str() +
                         "' is not that of a network without neurons",
                     "-o " + request.output,
                     "end it in .mlir (text), .mlirbc (bytecode), .o or .a "
                     "(native code); for the image of a chip say --target "
                     "graded");
  // Better now than after a long calibration; nothing is left behind.
  Expected<AtomicFile> file = AtomicFile::create(request.output);
  return file ? Error::success() : file.takeError();
}

Error writeModule(mlir::ModuleOp module, const std::string &path) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (llvm::sys::path::extension(path) == ".mlirbc") {
    if (mlir::failed(mlir::writeBytecodeToFile(module, os)))
      return makeError(ErrorKind::Internal, "bytecode cannot be written", path);
  } else {
    module->print(os, mlir::OpPrintingFlags().enableDebugInfo());
    os << "\n";
  }
  return writeFile(path, bytes);
}

Error emit(const AnnCompileRequest &request, const AnnModel &model) {
  mlir::DialectRegistry registry;
  registry.insert<ann::AnnDialect>();
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  if (request.to == "real") {
    ann::emitReal(*model.real, *module, request.model);
  } else {
    ann::emitQuantized(*model.real, *model.plan, *module, request.model);
    if (request.to != "quantized") {
      mlir::PassManager passes(&context);
      passes.addPass(ann::createLowerToIntegers());
      if (mlir::failed(passes.run(*module)))
        return makeError(ErrorKind::Internal,
                         "the network cannot be lowered to integers",
                         request.model);
    }
  }
  if (mlir::failed(mlir::verify(*module)))
    return makeError(ErrorKind::Internal, "the written network is not valid",
                     request.model);
  return writeModule(*module, request.output);
}

} // namespace

Expected<int> compileAnn(const AnnCompileRequest &request,
                         const AnnSettings &settings, Output &out) {
  if (Error error = checkRequest(request))
    return std::move(error);
  Expected<AnnModel> model = openAnn(request.model);
  if (!model)
    return model.takeError();
  const bool native = isNativeOutput(request.output);
  if (!model->real && !native)
    return makeError(ErrorKind::Usage, "is quantized already", request.model,
                     "give the network in real numbers");
  const bool quantizes = request.to != "real" && !model->integers;
  if (Error error = quantizes ? quantizeAnn(*model, request.target, settings,
                                            request.seed, 0)
                              : pruneAnn(*model, settings))
    return std::move(error);
  out.line(request.model + " -> " + request.output);
  out.document["model"] = request.model;
  out.document["output"] = request.output;
  out.document["target"] = request.target;
  if (model->real) {
    const uint64_t macs = ann::macs(*model->real);
    out.item("network", describeCount(model->real->layers.size(), "layer") +
                            ", " + withSeparators(macs) +
                            " products an inference");
    out.document["macs"] = macs;
  }
  describeAnn(*model, out);
  Error error = native ? writeNative(*model, request.output, settings, out)
                       : emit(request, *model);
  if (error)
    return std::move(error);
  return 0;
}

} // namespace hillock::tool
