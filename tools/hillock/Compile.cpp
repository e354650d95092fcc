//===- tools/hillock/Compile.cpp - hillock compile ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Progress.h"
#include "base/Random.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/CrossbarModel.h"
#include "tools/hillock/OdinFiles.h"
#include "tools/hillock/SpinnakerFiles.h"
#include "tools/hillock/Summary.h"
#include "tools/hillock/Verbs.h"
#include "tools/hillock/Verify.h"
#include "llvm/Support/Path.h"

namespace hillock::tool {

namespace {

struct Options {
  std::string model, output, from, to, emit, code;
  bool verify = false;
  std::vector<std::string> inputs;
  DataOptions data;
  CompileOptions compile;
  AnnOptions ann;
};

/// Rows are made of the integer level, into a folder.
Error checkRows(const Options &options) {
  const std::string format = "--emit " + options.emit;
  if (llvm::sys::path::extension(options.model) == ".hlk")
    return makeError(ErrorKind::Usage,
                     "is made of a network, and an image is for another chip",
                     format, "give the model");
  if (!options.to.empty())
    return makeError(ErrorKind::Usage, "ends with the integer level", "--to",
                     "leave it out with " + format);
  if (options.verify)
    return makeError(ErrorKind::Usage,
                     "is of no use with " + format +
                         ", which always reads every synapse back",
                     "--verify", "leave it out");
  const llvm::StringRef extension = llvm::sys::path::extension(options.output);
  if (options.output.empty() || extension == ".hlk" || extension == ".bin" ||
      extension == ".json")
    return makeError(ErrorKind::Usage, "writes a folder of files",
                     options.output.empty() ? format : "-o " + options.output,
                     "add -o FOLDER");
  return Error::success();
}

Error checkOutput(const Options &options, pipeline::Phase to) {
  if (isRowFormat(options.emit))
    return checkRows(options);
  if (!options.emit.empty()) {
    if (to != pipeline::Phase::Image)
      return makeError(ErrorKind::Usage, "needs the image", "--emit",
                       "leave --to out");
    return checkBoardFormat(options.emit, options.output);
  }
  if (options.output.empty()) {
    if (options.verify || !options.compile->saveTemps.empty())
      return Error::success();
    return makeError(ErrorKind::Usage, "no output is named", "",
                     "add -o FILE.hlk");
  }
  const llvm::StringRef extension = llvm::sys::path::extension(options.output);
  const bool image = to == pipeline::Phase::Image;
  const bool fits = image ? extension == ".hlk"
                          : extension == ".mlir" || extension == ".mlirbc";
  if (!fits && options.output != "/dev/stdout" && options.output != "/dev/null")
    return makeError(ErrorKind::Usage,
                     "the extension '" + extension.str() +
                         "' is not that of the phase's file",
                     "-o " + options.output,
                     image ? "end it in .hlk"
                           : "end it in .mlir (text) or .mlirbc (bytecode)");
  // Better now than after a long compilation; nothing is left behind.
  Expected<AtomicFile> file = AtomicFile::create(options.output);
  return file ? Error::success() : file.takeError();
}

/// Layers of the integer level, before cores are known.
std::vector<runtime::LayerRow> layersOfNetwork(snn::NetworkOp network) {
  std::vector<runtime::LayerRow> rows;
  for (auto op : network.getBody().getOps<snn::PopulationOp>()) {
    runtime::LayerRow row;
    const auto text = [&](const char *name) {
      const auto attr = op->getAttrOfType<mlir::StringAttr>(name);
      return attr ? attr.getValue().str() : std::string();
    };
    const auto real = [&](const char *name) {
      const auto attr = op->getAttrOfType<mlir::FloatAttr>(name);
      return attr ? attr.getValueAsDouble() : 0.0;
    };
    const auto integer = [&](const char *name) {
      const auto attr = op->getAttrOfType<mlir::IntegerAttr>(name);
      return attr ? static_cast<uint32_t>(attr.getInt()) : 0u;
    };
    row.name = text("name");
    row.kind = text("kind");
    row.shape = snn::shapeOf(op.getResult().getType()).vec();
    row.neurons =
        static_cast<uint64_t>(snn::elementsOf(op.getResult().getType()));
    row.weightBits = integer("weight_bits");
    row.lag = integer("lag");
    row.scale = real("scale");
    row.weightError = real("weight_error");
    rows.push_back(std::move(row));
  }
  return rows;
}

void describeImage(const image::LoadedImage &image, Output &out) {
  const std::vector<runtime::LayerRow> layers = runtime::layersOf(image);
  const runtime::ChipPlan plan = runtime::planOf(image);
  uint64_t neurons = 0, synapses = 0;
  for (const runtime::LayerRow &row : layers) {
    neurons += row.neurons;
    synapses += row.synapses;
  }
  out.item("network", describeCount(neurons, "neuron") + ", " +
                          describeCount(synapses, "synapse"));
  out.item("chip", describeCount(plan.cores.size(), "core") + " on " +
                       describeCount(plan.chips().size(), "chip") +
                       " of target " + image.target.name());
  out.line();
  out.text += layerTable(layers, false);
  out.line();
  out.text += memoryTable(plan);
  out.document["neurons"] = neurons;
  out.document["synapses"] = synapses;
  out.document["cores"] = plan.cores.size();
  out.document["chips"] = plan.chips().size();
  out.document["layers"] = toJson(layers);
  out.document["memories"] = memoryJson(plan);
}

Expected<Verification>
verifyGiven(const Options &options, const Model &model,
            const std::shared_ptr<pipeline::Compilation> &compilation) {
  Expected<Stimuli> stimuli =
      options.data.loadSample(options.inputs, model.inputs);
  if (!stimuli)
    return stimuli.takeError();
  return verifyCompilation(compilation, options.model, *stimuli,
                           options.data.steps);
}

/// Values of all codes, in every step, for inputs of graded spikes.
Stimuli randomCodes(const std::vector<Port> &ports, int64_t steps,
                    const proto::InputCodes &codes, uint64_t seed) {
  Stimuli stimuli = randomStimuli(ports, steps, seed, 1);
  CounterRandom random(seed);
  const auto count = static_cast<uint64_t>(codes.high() - codes.low() + 1);
  for (auto &[name, stimulus] : stimuli)
    for (runtime::Event &event : stimulus.events)
      event.value = static_cast<float>(
          codes.scale() * (static_cast<double>(random.below(count)) +
                           codes.low() - codes.zero()));
  return stimuli;
}

/// Runs without a spike show nothing: the input becomes denser until there is
/// one.
Expected<Verification>
verifyRandom(const Options &options, const Model &model,
             const std::shared_ptr<pipeline::Compilation> &compilation) {
  if (const auto codes = pipeline::codesOf(compilation->integer())) {
    // Graded neurons are due once, rates need some steps to show.
    const int64_t steps = options.code == "rate" ? 16 : 1;
    return verifyCompilation(
        compilation, options.model,
        randomCodes(model.inputs, steps, *codes, options.data.seed), steps);
  }
  const int64_t steps = options.data.steps ? options.data.steps : 64;
  for (const double probability : {0.05, 0.2, 0.5}) {
    Expected<Verification> result = verifyCompilation(
        compilation, options.model,
        randomStimuli(model.inputs, steps, options.data.seed, probability),
        steps);
    if (!result || result->spikes)
      return result;
  }
  return verifyCompilation(
      compilation, options.model,
      randomStimuli(model.inputs, steps, options.data.seed, 1), steps);
}

Error verify(const Options &options,
             const std::shared_ptr<pipeline::Compilation> &compilation,
             Output &out) {
  std::unique_ptr<Model> model =
      levelModel(compilation, Level::Integer, options.model);
  if (!model)
    return makeError(ErrorKind::Usage, "the integer level was not made",
                     "--verify", "compile as far as the image");
  Expected<Verification> result =
      options.inputs.empty() ? verifyRandom(options, *model, compilation)
                             : verifyGiven(options, *model, compilation);
  if (!result)
    return result.takeError();
  if (!result->spikes)
    out.warning("no neuron spikes in this run, so that equal spikes say "
                "little; give --verify an --input that makes them spike");
  out.line();
  out.item("verified", "every synapse; " +
                           describeCount(result->spikes, "spike") +
                           (result->graded ? " and voltages of " : " of ") +
                           describeCount(result->populations, "population") +
                           " in " + std::to_string(result->steps) +
                           " steps are the same at the levels " +
                           describeList(result->levels, 5));
  out.document["verified"] = {{"levels", result->levels},
                              {"steps", result->steps},
                              {"populations", result->populations},
                              {"input_spikes", result->inputSpikes},
                              {"spikes", result->spikes}};
  return Error::success();
}

Expected<std::shared_ptr<pipeline::Compilation>>
compile(const Options &options, pipeline::Options &run) {
  Progress progress("compiling", pipeline::phases().size());
  bool started = false;
  run.progress = [&](const char *) {
    if (started)
      progress.advance();
    started = true;
  };
  run.keepLevels = options.verify;
  auto compiled = pipeline::Compilation::run(options.model, run);
  run.progress = nullptr;
  if (!compiled)
    return compiled.takeError();
  return std::shared_ptr<pipeline::Compilation>(std::move(*compiled));
}

Error describe(const Options &options, const pipeline::Options &run,
               const pipeline::Compilation &compilation, Output &out) {
  out.line(options.model + " -> " +
           (options.output.empty() ? "(nothing written)" : options.output));
  out.document["model"] = options.model;
  out.document["output"] =
      options.output.empty() ? Json() : Json(options.output);
  out.document["phase"] = pipeline::phases()[static_cast<size_t>(run.to)].name;
  out.document["target"] = compilation.target().name();
  if (run.to == pipeline::Phase::Image) {
    Expected<image::LoadedImage> image =
        image::load(compilation.image(), options.model);
    if (!image)
      return makeError(ErrorKind::Internal, "the image does not load: " +
                                                takeText(image.takeError()));
    if (isCrossbar(*image))
      describeCrossbar(*image, out);
    else
      describeImage(*image, out);
  } else if (run.to == pipeline::Phase::Quantized && compilation.integer()) {
    const std::vector<runtime::LayerRow> layers =
        layersOfNetwork(compilation.integer());
    out.text += layerTable(layers, false);
    out.document["layers"] = toJson(layers);
  }
  addConventions(compilation.conventions(), compilation.remarks(), out);
  return Error::success();
}

/// Another file of an image that is there already.
Expected<int> convert(const Options &options, Output &out) {
  if (Error error = checkOutput(options, pipeline::Phase::Image))
    return std::move(error);
  Expected<proto::Image> image = image::readImage(options.model);
  if (!image)
    return image.takeError();
  out.line(options.model + " -> " + options.output);
  out.document["model"] = options.model;
  out.document["output"] = options.output;
  out.document["target"] = image->target().name();
  if (Error error =
          emitBoard(*image, options.model, options.emit, options.output, out))
    return std::move(error);
  return 0;
}

Error write(const Options &options, pipeline::Phase to,
            pipeline::Compilation &compilation, Output &out) {
  if (isRowFormat(options.emit))
    return emitRows(compilation.integer(), options.compile->neuronsPerCore,
                    options.output, out);
  if (!options.emit.empty())
    return emitBoard(compilation.image(), options.model, options.emit,
                     options.output, out);
  if (to == pipeline::Phase::Image)
    return image::writeImage(compilation.image(), options.output);
  return compilation.writeLevel(to, options.output);
}

/// A network without neurons goes to a chip where the target is one; there is
/// a default target, which means nothing by itself.
bool goesToChip(const Options &options) {
  if (!options.code.empty())
    return true;
  Expected<ann::WeightFormat> format =
      ann::parseWeightFormat(options.compile->target);
  if (!format) {
    llvm::consumeError(format.takeError());
    return options.compile->target != pipeline::Options().target;
  }
  return false;
}

/// The integers of a network that is to become spikes.
Expected<AnnModel> integersOf(const Options &options, Output &out) {
  Expected<target::TargetModel> target =
      target::findTarget(options.compile->target);
  if (!target)
    return target.takeError();
  const auto &programs = target->proto().neuron_program();
  if (!programs.empty() && std::find(programs.begin(), programs.end(),
                                     "graded_quantize") == programs.end())
    return makeError(ErrorKind::Usage,
                     "neurons of '" + target->name() +
                         "' do not send values, and this network has layers of "
                         "values",
                     "--target",
                     "choose graded, or a format of weights for processors: " +
                         describeList(ann::weightFormatNames(), 8));
  Expected<AnnModel> model = openAnn(options.model);
  if (!model)
    return model.takeError();
  const std::string &weights = options.compile->weights;
  if (!model->integers) {
    if (Error error = quantizeAnn(*model, weights.empty() ? "int4" : weights,
                                  *options.ann, options.compile->seed, 0))
      return std::move(error);
  } else if (!weights.empty()) {
    return makeError(ErrorKind::Usage,
                     "is of no use for weights that are integers already",
                     "--weights", "leave it out");
  }
  for (const std::string &remark : model->remarks)
    out.item("remark", remark);
  return model;
}

Expected<int> run(const Options &options, Output &out) {
  pipeline::Options run = *options.compile;
  AnnModel ann;
  if (isAnnModel(options.model, options.compile->target,
                 isNativeOutput(options.output) || options.to == "real" ||
                     options.to == "integer" || !options.code.empty())) {
    if (isRowFormat(options.emit))
      return makeError(ErrorKind::Usage, "has rows for spikes, not for values",
                       "--emit " + options.emit, "give a network with neurons");
    if (!goesToChip(options))
      return compileAnn({options.model, options.output, options.compile->target,
                         options.to, options.compile->seed},
                        *options.ann, out);
    Expected<AnnModel> integers = integersOf(options, out);
    if (!integers)
      return integers.takeError();
    ann = std::move(*integers);
    run.integers = &*ann.integers;
    run.rateCode = options.code == "rate";
  } else if (!options.code.empty()) {
    return makeError(ErrorKind::Usage,
                     "is of use for networks without neurons only", "--code",
                     "leave it out: this one spikes already");
  }
  if (!options.emit.empty() &&
      llvm::sys::path::extension(options.model) == ".hlk")
    return convert(options, out);
  for (const auto &[name, phase] :
       {std::pair(&options.to, &run.to), std::pair(&options.from, &run.from)}) {
    if (name->empty())
      continue;
    Expected<pipeline::Phase> parsed = pipeline::parsePhase(*name);
    if (!parsed)
      return parsed.takeError();
    *phase = *parsed;
  }
  if (options.verify && run.to != pipeline::Phase::Image)
    return makeError(ErrorKind::Usage, "needs the image", "--verify",
                     "leave --to out");
  if (!options.verify && !options.inputs.empty())
    return makeError(ErrorKind::Usage, "is of no use without --verify",
                     "--input");
  if (Error error = checkOutput(options, run.to))
    return std::move(error);
  if (isRowFormat(options.emit))
    run.to = pipeline::Phase::Quantized;
  auto compilation = compile(options, run);
  if (!compilation)
    return compilation.takeError();
  if (Error error = describe(options, run, **compilation, out))
    return std::move(error);
  // A wrong image must not be left behind.
  if (options.verify)
    if (Error error = verify(options, *compilation, out))
      return std::move(error);
  if (!options.output.empty())
    if (Error error = write(options, run.to, **compilation, out))
      return std::move(error);
  Json times = Json::object();
  std::string words;
  for (const pipeline::PhaseTime &time : (*compilation)->times()) {
    words += (words.empty() ? "" : ", ") + time.name + " " +
             fixed(time.seconds, 2) + " s";
    times[time.name] = time.seconds;
  }
  out.line();
  out.item("time", words);
  out.document["seconds"] = std::move(times);
  return 0;
}

} // namespace

void addCompile(Program &program) {
  CLI::App *verb =
      program.verb("compile", "From a trained network to a chip's image");
  auto options = std::make_shared<Options>();
  verb->add_option("model", options->model,
                   "A .nir, .onnx, .mlir or .mlirbc file")
      ->required()
      ->type_name("MODEL");
  verb->add_option("-o,--output", options->output,
                   "The image (.hlk), or with --to the phase's .mlir")
      ->type_name("FILE");
  std::string names;
  for (const pipeline::PhaseInfo &info : pipeline::phases())
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  verb->add_option("--to", options->to, "Last phase: " + names)
      ->type_name("PHASE");
  verb->add_option("--from", options->from,
                   "First phase; MODEL is what the phase before it left")
      ->type_name("PHASE");
  verb->add_option("--emit", options->emit,
                   "For ODIN and tinyODIN, also from a .hlk: spi (frames; "
                   ".spi binary or .txt), hex (memories for $readmemh). "
                   "spinnaker: synaptic rows of sPyNNaker, into a folder")
      ->type_name("FORMAT");
  verb->add_option(
          "--code", options->code,
          "How a network without neurons becomes spikes: graded (one spike "
          "carries a value: the same integers), rate (many plain ones)")
      ->check(CLI::IsMember({"graded", "rate"}))
      ->type_name("");
  options->compile = declareCompileOptions(verb, true);
  options->ann = declareAnnOptions(verb, AnnUse::Compile);
  verb->add_option("--save-temps", options->compile->saveTemps,
                   "Folder for the result of each phase")
      ->type_name("DIR");
  verb->add_flag("--verify", options->verify,
                 "Recover every synapse from the image, and run all levels on "
                 "the same input: spikes must be identical");
  verb->add_option("--input", options->inputs,
                   "For --verify: FILE or NAME=FILE (default: random spikes)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  options->data.declare(verb, false);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
