//===- tools/hillock/InspectModel.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/InspectModel.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/All.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Parser/Parser.h"
#include "tools/hillock/Summary.h"
#include "llvm/Support/Path.h"
#include <map>

namespace hillock::tool {

namespace {

struct Counts {
  std::map<std::string, uint64_t> ops;
  uint64_t weights = 0;
  Json populations = Json::array();
  std::vector<std::vector<std::string>> rows = {
      {"population", "kind", "shape"}};
};

void countPopulation(mlir::Operation *op, Counts &counts) {
  if (!mlir::isa<snn::NeuronsOp, snn::PopulationOp>(op))
    return;
  const auto name = op->getAttrOfType<mlir::StringAttr>("name");
  std::string kind;
  if (auto neurons = mlir::dyn_cast<snn::NeuronsOp>(op))
    kind = snn::stringifyKind(neurons.getKind()).str();
  else
    kind = mlir::cast<snn::PopulationOp>(op).getProgram().str();
  const std::vector<int64_t> shape =
      snn::shapeOf(op->getResult(0).getType()).vec();
  const std::string title = name ? name.getValue().str() : "";
  counts.populations.push_back(
      {{"name", title}, {"kind", kind}, {"shape", shape}});
  counts.rows.push_back({title, kind, describeShape(shape)});
}

Counts countOps(mlir::Operation *root) {
  Counts counts;
  root->walk([&](mlir::Operation *op) {
    if (op == root)
      return;
    ++counts.ops[op->getName().getStringRef().str()];
    for (const char *key : {"weights", "mantissas"})
      if (auto elements = op->getAttrOfType<mlir::ElementsAttr>(key))
        counts.weights += static_cast<uint64_t>(elements.getNumElements());
    countPopulation(op, counts);
  });
  return counts;
}

void print(const std::string &path, const Counts &counts, Output &out) {
  uint64_t all = 0;
  std::vector<std::vector<std::string>> rows = {{"op", "count"}};
  Json ops = Json::object();
  for (const auto &[name, count] : counts.ops) {
    rows.push_back({name, withSeparators(count)});
    ops[name] = count;
    all += count;
  }
  out.line(path + ": " + describeCount(all, "op") + ", " +
           describeCount(counts.weights, "weight"));
  out.text += table(rows);
  if (counts.rows.size() > 1) {
    out.line();
    out.text += table(counts.rows);
  }
  out.document["file"] = path;
  out.document["ops"] = std::move(ops);
  out.document["weights"] = counts.weights;
  out.document["populations"] = counts.populations;
}

Error inspectMlir(const std::string &path, Output &out) {
  if (Expected<std::string> bytes = readFile(path); !bytes)
    return bytes.takeError();
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  std::string diagnostics;
  mlir::ScopedDiagnosticHandler handler(
      &context, [&](mlir::Diagnostic &diagnostic) {
        llvm::raw_string_ostream os(diagnostics);
        os << (diagnostics.empty() ? "" : "\n") << diagnostic.getLocation()
           << ": " << diagnostic.str();
        return mlir::success();
      });
  const mlir::ParserConfig config(&context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::parseSourceFile<mlir::ModuleOp>(path, config);
  if (!module)
    return inputError("is not valid MLIR: " + diagnostics, path,
                      "check it with hillock-opt");
  print(path, countOps(*module), out);
  return Error::success();
}

/// The first word in which two cores differ, as a phrase; empty: equal.
std::string wordDifference(const proto::Core &a, const proto::Core &b) {
  if (a.chip() != b.chip() || a.core() != b.core())
    return "lies at chip " + std::to_string(a.chip()) + " core " +
           std::to_string(a.core()) + ", expected at chip " +
           std::to_string(b.chip()) + " core " + std::to_string(b.core());
  if (a.memory_size() != b.memory_size())
    return "has " +
           describeCount(static_cast<uint64_t>(a.memory_size()), "memory",
                         "memories") +
           ", expected " + std::to_string(b.memory_size());
  for (int m = 0; m < a.memory_size(); ++m) {
    const proto::MemoryWords &x = a.memory(m), &y = b.memory(m);
    const std::string name = proto::Role_Name(x.role());
    if (x.role() != y.role() || x.words() != y.words())
      return "memory " + name + " has " + describeCount(x.words(), "word") +
             ", expected " + std::to_string(y.words());
    const std::string &p = x.data(), &q = y.data();
    if (p == q)
      continue;
    size_t at = 0;
    while (at < p.size() && at < q.size() && p[at] == q[at])
      ++at;
    const size_t bytes = x.words() ? p.size() / x.words() : 1;
    return "memory " + name + " differs in word " +
           std::to_string(at / std::max<size_t>(bytes, 1));
  }
  return "";
}

} // namespace

Error inspectModel(const std::string &path, const CompileOptions &options,
                   Output &out) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".mlir" || extension == ".mlirbc")
    return inspectMlir(path, out);
  pipeline::Options run = *options;
  run.to = pipeline::Phase::Snn;
  auto compilation = pipeline::Compilation::run(path, run);
  if (!compilation)
    return compilation.takeError();
  print(path, countOps((*compilation)->module()), out);
  addConventions((*compilation)->conventions(), (*compilation)->remarks(), out);
  return Error::success();
}

Error verifyImage(const image::LoadedImage &image, const std::string &path,
                  const std::string &model, const CompileOptions &options) {
  pipeline::Options run = *options;
  run.keepLevels = true;
  auto compilation = pipeline::Compilation::run(model, run);
  if (!compilation)
    return compilation.takeError();
  const proto::Image &expected = (*compilation)->image();
  const std::string remedy =
      "give the options with which the image was compiled";
  if (image.target.hash() != (*compilation)->target().hash())
    return makeError(ErrorKind::Mismatch,
                     "the image's target '" + image.target.name() +
                         "' is not '" + (*compilation)->target().name() + "'",
                     path, remedy);
  if (image.proto.has_crossbar() &&
      image.proto.crossbar().SerializeAsString() !=
          expected.crossbar().SerializeAsString())
    return makeError(ErrorKind::Mismatch,
                     "its words, registers or ports are not those that " +
                         model + " compiles to",
                     path, remedy);
  if (image.proto.core_size() != expected.core_size())
    return makeError(ErrorKind::Mismatch,
                     "has " + std::to_string(image.proto.core_size()) +
                         " cores, " + model + " compiles to " +
                         std::to_string(expected.core_size()),
                     path, remedy);
  for (int k = 0; k < expected.core_size(); ++k) {
    const std::string words =
        wordDifference(image.proto.core(k), expected.core(k));
    if (!words.empty())
      return makeError(ErrorKind::Mismatch, words,
                       path + ": core " + std::to_string(k), remedy);
  }
  return (*compilation)->checkImage();
}

} // namespace hillock::tool
