//===- tools/hillock/Inspect.cpp - hillock inspect ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/CrossbarModel.h"
#include "tools/hillock/InspectCore.h"
#include "tools/hillock/InspectModel.h"
#include "tools/hillock/Model.h"
#include "tools/hillock/OdinFiles.h"
#include "tools/hillock/Summary.h"
#include "tools/hillock/Verbs.h"

namespace hillock::tool {

namespace {

struct Options {
  std::string file, verify;
  bool cores = false, words = false, program = false;
  bool lint = false, readback = false;
  std::optional<uint32_t> core;
  CompileOptions compile;
  AnnOptions ann;
};

Json portJson(const proto::Port &port) {
  Json shape = Json::array();
  for (uint32_t size : port.shape())
    shape.push_back(size);
  Json result = {{"name", port.name()}, {"shape", shape}, {"lag", port.lag()}};
  if (!port.state().empty()) {
    result["state"] = port.state();
    result["scale"] = port.scale();
  }
  return result;
}

std::string portText(const proto::Port &port) {
  return port.name() + " " +
         describeShape({port.shape().begin(), port.shape().end()}) +
         (port.state().empty()
              ? ""
              : ", the state '" + port.state() + "', " +
                    fixed(port.scale(), 2) + " of it a unit of the network") +
         (port.lag()
              ? ", " + describeCount(port.lag(), "step") + " behind the network"
              : "");
}

void describePorts(const proto::Io &io, Output &out) {
  Json inputs = Json::array(), outputs = Json::array();
  for (const proto::Port &port : io.input()) {
    out.item("input", portText(port));
    inputs.push_back(portJson(port));
  }
  for (const proto::Port &port : io.output()) {
    out.item("output", portText(port));
    outputs.push_back(portJson(port));
  }
  out.document["inputs"] = std::move(inputs);
  out.document["outputs"] = std::move(outputs);
}

void describePrograms(const image::LoadedImage &image, Output &out) {
  Json list = Json::array();
  for (const image::Program &program : image.programs) {
    const std::string text = image::print(program);
    list.push_back({{"name", program.name}, {"text", text}});
    out.line();
    out.text += text;
  }
  out.document["programs"] = std::move(list);
}

/// Chips in letters; a board of many chips would be pages long.
void describeMap(const runtime::ChipPlan &plan,
                 const std::vector<runtime::LayerRow> &layers, Output &out) {
  constexpr size_t most = 4;
  constexpr uint32_t mostTiles = 400;
  if (plan.tilesX * plan.tilesY > mostTiles)
    return;
  const std::vector<uint32_t> chips = plan.chips();
  for (size_t i = 0; i < chips.size() && i < most; ++i) {
    out.line();
    out.line("  chip " + std::to_string(chips[i]) +
             " (a tile is [..]; letters are layers, * several, . free):");
    out.text += runtime::letterPlan(plan, layers, chips[i]);
  }
  if (chips.size() > most)
    out.line("  ... and " + describeCount(chips.size() - most, "more chip"));
}

void describeImage(const Options &options, Model &model, Output &out) {
  const image::LoadedImage &image = *model.image();
  const std::vector<runtime::LayerRow> layers = runtime::layersOf(image);
  const runtime::ChipPlan plan = runtime::planOf(image);
  out.line(options.file + ": network '" + model.network + "' on target " +
           image.target.name());
  out.document["file"] = options.file;
  out.document["network"] = model.network;
  out.document["target"] = image.target.name();
  out.document["producer"] = image.proto.producer();
  out.document["format"] = image.proto.format();
  out.document["dt_seconds"] = image.proto.io().dt_seconds();
  out.document["cores"] = plan.cores.size();
  out.document["chips"] = plan.chips().size();
  out.item("made by", image.proto.producer());
  out.item("cores", describeCount(plan.cores.size(), "core") + " on " +
                        describeCount(plan.chips().size(), "chip"));
  if (image.proto.io().dt_seconds() > 0)
    out.item("time step",
             fixed(1e3 * image.proto.io().dt_seconds(), 3) + " ms");
  describePorts(image.proto.io(), out);
  out.line();
  out.text += layerTable(layers, true);
  out.line();
  out.text += memoryTable(plan);
  out.document["layers"] = toJson(layers);
  out.document["memories"] = memoryJson(plan);
  describeMap(plan, layers, out);
  if (options.cores)
    describeCores(plan, out);
  if (options.program)
    describePrograms(image, out);
  addConventions(model.conventions, model.remarks, out);
}

Error inspectImage(const Options &options, Output &out) {
  Expected<std::unique_ptr<Model>> model = openImage(options.file);
  if (!model)
    return model.takeError();
  const bool crossbar = (*model)->crossbarImage() != nullptr;
  const image::LoadedImage &image =
      crossbar ? *(*model)->crossbarImage() : *(*model)->image();
  if (crossbar && (options.core || options.cores || options.program))
    return makeError(ErrorKind::Usage, "has a crossbar and no cores",
                     options.file,
                     "leave --core, --cores and --program out; hillock compile "
                     "--emit hex writes its words");
  if (crossbar) {
    out.line(options.file + ": network '" + (*model)->network + "' on target " +
             image.target.name());
    out.document["file"] = options.file;
    out.document["network"] = (*model)->network;
    out.document["target"] = image.target.name();
    describeCrossbar(image, out);
    addConventions((*model)->conventions, (*model)->remarks, out);
  } else if (options.core) {
    const runtime::ChipPlan plan = runtime::planOf(image);
    if (*options.core >= plan.cores.size())
      return makeError(ErrorKind::Usage,
                       "the image has " +
                           describeCount(plan.cores.size(), "core") +
                           ", counted from 0",
                       "--core " + std::to_string(*options.core),
                       "see hillock inspect IMAGE --cores");
    describeCore(image, plan.cores[*options.core], options.words, out);
    if (options.program)
      describePrograms(image, out);
  } else {
    describeImage(options, **model, out);
  }
  if (options.verify.empty())
    return Error::success();
  if (Error error =
          verifyImage(image, options.file, options.verify, options.compile))
    return error;
  out.line();
  out.item("verified", "every word is that of " + options.verify +
                           ", and every synapse of its network is there");
  out.document["verified"] = true;
  return Error::success();
}

Expected<int> run(const Options &options, Output &out) {
  if (isBoardFile(options.file))
    return inspectBoard(
        options.file, {options.lint, options.readback, options.compile->target},
        out);
  if (options.lint || options.readback)
    return makeError(ErrorKind::Usage, "is for SPI frames (.spi, .txt)",
                     options.lint ? "--lint" : "--readback",
                     "see hillock compile --emit spi");
  if (options.words && !options.core)
    return makeError(ErrorKind::Usage, "the words of which core?", "--words",
                     "add --core K");
  const bool model = isModelFile(options.file);
  if (model && (options.core || options.cores || options.program ||
                !options.verify.empty()))
    return makeError(ErrorKind::Usage,
                     "--core, --cores, --program and --verify are for images",
                     options.file, "compile it to a .hlk file first");
  if (model && isAnnModel(options.file, "", true))
    return inspectAnn(
        {options.file, options.compile->target, "", options.compile->seed, 0},
        *options.ann, out);
  Error error = model ? inspectModel(options.file, options.compile, out)
                      : inspectImage(options, out);
  if (error)
    return std::move(error);
  return 0;
}

} // namespace

void addInspect(Program &program) {
  CLI::App *verb =
      program.verb("inspect", "What is where in an image, and how full");
  auto options = std::make_shared<Options>();
  verb->add_option("file", options->file,
                   "A .hlk image; a .nir, .onnx or .mlir file; SPI frames "
                   "(.spi, .txt) or memories (.hex) of ODIN")
      ->required()
      ->type_name("FILE");
  verb->add_flag("--cores", options->cores, "All cores, a line each");
  verb->add_option("--core", options->core, "One core, from 0")->type_name("K");
  verb->add_flag("--words", options->words,
                 "With --core: its memory words in hexadecimal");
  verb->add_flag("--program", options->program, "The neuron programs");
  verb->add_option("--verify", options->verify,
                   "Compile MODEL again and compare word by word")
      ->type_name("MODEL");
  verb->add_flag("--lint", options->lint,
                 "Of SPI frames: mistakes, and what the chip makes of them");
  verb->add_flag("--readback", options->readback,
                 "Of SPI frames: the network that the chip answered");
  options->compile = declareCompileOptions(verb, false);
  options->ann = declareAnnOptions(verb, AnnUse::Open);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
