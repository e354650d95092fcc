//===- tools/hillock/AnnOptions.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/AnnOptions.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/Progress.h"
#include "compiler/ann/ir/Convert.h"
#include "compiler/frontend/nir/Feedforward.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <chrono>

namespace hillock::tool {

AnnOptions declareAnnOptions(CLI::App *verb, AnnUse use) {
  auto settings = std::make_shared<AnnSettings>();
  const char *group = "Networks without neurons";
  const auto add = [&](const char *name, auto &value, const char *text) {
    return verb->add_option(name, value, text)->group(group);
  };
  add("--calibration", settings->calibration,
      "Unlabelled samples that ranges and rounding are learned from; never "
      "those that are evaluated")
      ->type_name("PATH");
  add("--calibration-first", settings->calibrationFirst,
      "First calibration sample, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add("--calibration-samples", settings->calibrationSamples, "How many")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  add("--activation-bits", settings->activationBits,
      "Of values between layers: 2 to 8 (default: 8 for int8, else 4)")
      ->check(CLI::Range(2, 8));
  add("--input-bits", settings->inputBits,
      "Of the network's input (default: as --activation-bits, or as many as a "
      "file that has integers says)")
      ->check(CLI::Range(2, 8));
  add("--input-range", settings->inputRange,
      "Real input that the lowest and highest code stand for, 0:1 (default: "
      "as seen)")
      ->type_name("LOW:HIGH");
  add("--range", settings->range,
      "How ranges are chosen: minmax, percentile, "
      "mse")
      ->check(CLI::IsMember(ann::rangeMethodNames()))
      ->capture_default_str();
  add("--rounding", settings->rounding, "Of weights: learned, nearest")
      ->check(CLI::IsMember({"learned", "nearest"}))
      ->capture_default_str();
  verb->add_flag("--no-bias-correction", settings->noBiasCorrection,
                 "Keep biases as they are")
      ->group(group);
  verb->add_flag("--affine-weights", settings->affineWeights,
                 "Weights with a zero point")
      ->group(group);
  verb->add_flag("--per-tensor", settings->perTensor,
                 "One scale for all weights of a layer, not one a channel")
      ->group(group);
  CLI::Option *prune =
      add("--prune", settings->prune,
          use == AnnUse::Evaluate
              ? "Set this part of each layer's weights to zero, the smallest "
                "ones: 0 to 99 percent; several (0,50,90) give a table, all "
                "else is about the first"
              : "Set this part of each layer's weights to zero, the smallest "
                "ones: 0 to 99 percent");
  prune->type_name("PERCENT")->delimiter(',')->check(CLI::Range(0.0, 99.0));
  prune->allow_extra_args(false);
  add("--prune-scope", settings->pruneScope,
      "Where the smallest are looked for: in each layer, or by their share in "
      "their layer in the whole network")
      ->check(CLI::IsMember(ann::pruneScopeNames()))
      ->capture_default_str();
  add("--budget-bytes", settings->budgetBytes,
      "Mixed precision: 8, 4 or 2 bits a layer, weights and biases in so many "
      "bytes")
      ->check(CLI::PositiveNumber);
  if (use == AnnUse::Compile) {
    add("--triple", settings->triple,
        "Of native code (-o FILE.o or FILE.a), as clang takes it (default: "
        "this machine's)");
    add("--cpu", settings->cpu, "Processor of native code, as LLVM names it");
    add("--features", settings->features,
        "Of the processor: +dotprod,-avx512f");
    add("--prefix", settings->prefix, "Of names in native code")
        ->capture_default_str();
    add("--skip-zeros", settings->skipZeros,
        "Store weights without their zeros: where that is smaller and no "
        "slower, wherever it is smaller, or never")
        ->check(CLI::IsMember({"faster", "smaller", "never"}))
        ->capture_default_str();
  }
  if (use == AnnUse::Evaluate) {
    add("--noise", settings->noise,
        "Also with noise on the input: gaussian:SIGMA, in its units; several "
        "(10,20) or a sweep (10:50:10) of sigmas")
        ->type_name("KIND");
    add("--occlude", settings->occlude,
        "Also with a random window of the input set to 0: WxH, several "
        "(4x4,8x8) or a sweep (2x2:14x14:4)")
        ->type_name("WxH");
    add("--saliency", settings->saliency,
        "Explain the decisions of so many samples: which inputs they rest on")
        ->check(CLI::Range(1, 1000));
    add("--saliency-patch", settings->saliencyPatch,
        "Inputs that are changed together")
        ->type_name("WxH")
        ->capture_default_str();
  }
  return settings;
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

namespace {

struct Parsed {
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// Says nothing about a module that cannot be parsed when \p quiet.
Parsed parseModule(const std::string &path, bool quiet) {
  Parsed parsed;
  mlir::DialectRegistry registry;
  registry.insert<ann::AnnDialect>();
  parsed.context = std::make_unique<mlir::MLIRContext>(registry);
  parsed.context->loadAllAvailableDialects();
  parsed.context->allowUnregisteredDialects(quiet);
  if (quiet)
    parsed.context->getDiagEngine().registerHandler(
        [](mlir::Diagnostic &) { return mlir::success(); });
  mlir::ParserConfig config(parsed.context.get(), /*verifyAfterParse=*/!quiet);
  parsed.module = mlir::parseSourceFile<mlir::ModuleOp>(path, config);
  return parsed;
}

Expected<AnnModel> openMlir(const std::string &path) {
  const Parsed parsed = parseModule(path, false);
  if (!parsed.module)
    return inputError("is not valid MLIR (see the diagnostics above)", path,
                      "check it with hillock-opt");
  ann::NetworkOp op = ann::findNetwork(*parsed.module);
  if (!op)
    return inputError("holds no ann.network", path);
  AnnModel model;
  model.path = path;
  if (op.getLevel() == ann::Level::Real) {
    Expected<ann::Network> real = ann::readReal(op);
    if (!real)
      return real.takeError();
    model.real = std::move(*real);
    return std::move(model);
  }
  if (op.getLevel() == ann::Level::Quantized) {
    Expected<ann::QuantizedNetwork> quantized = ann::readQuantized(op);
    if (!quantized)
      return quantized.takeError();
    Expected<ann::IntNetwork> integers =
        ann::lower(quantized->network, quantized->plan, path);
    if (!integers)
      return integers.takeError();
    model.integers = std::move(*integers);
    return std::move(model);
  }
  model.innerScales = false;
  Expected<ann::IntNetwork> integers = ann::readInteger(op);
  if (!integers)
    return integers.takeError();
  model.integers = std::move(*integers);
  return std::move(model);
}

Expected<std::pair<double, double>> parseRange(const std::string &text) {
  const auto [low, high] = llvm::StringRef(text).split(':');
  std::pair<double, double> range;
  if (!llvm::to_float(low, range.first) ||
      !llvm::to_float(high, range.second) || !(range.first < range.second))
    return makeError(ErrorKind::Usage, "'" + text + "' is no range",
                     "--input-range", "write LOW:HIGH, as in 0:1");
  return range;
}

Expected<std::optional<ann::PruneOptions>>
pruneOptions(const AnnSettings &settings) {
  if (settings.prune.empty())
    return std::nullopt;
  if (settings.prune.size() > 1)
    return makeError(ErrorKind::Usage,
                     "takes one percentage, not " +
                         std::to_string(settings.prune.size()),
                     "--prune", "several are for hillock eval");
  const auto names = ann::pruneScopeNames();
  ann::PruneOptions options;
  options.percent = settings.prune[0];
  options.scope = static_cast<ann::PruneScope>(
      std::find(names.begin(), names.end(), settings.pruneScope) -
      names.begin());
  return options;
}

Expected<ann::CalibrationOptions>
calibrationOptions(const AnnSettings &settings, const std::string &target) {
  ann::CalibrationOptions options;
  Expected<ann::WeightFormat> format = ann::parseWeightFormat(target);
  if (!format)
    return makeError(
        ErrorKind::Usage,
        "a network without neurons cannot go to '" + target + "'", "--target",
        "choose one of " + describeList(ann::weightFormatNames(), 8));
  if (format->isLog() && settings.affineWeights)
    return makeError(ErrorKind::Usage, "logarithmic weights have no zero point",
                     "--affine-weights");
  options.weights = *format;
  options.weights.affine = settings.affineWeights;
  options.weights.perChannel = !settings.perTensor;
  options.activationBits = settings.activationBits ? settings.activationBits
                           : format->bits == 8     ? 8
                                                   : 4;
  options.inputBits = settings.inputBits;
  if (!settings.inputRange.empty()) {
    auto range = parseRange(settings.inputRange);
    if (!range)
      return range.takeError();
    options.inputRange = *range;
  }
  const auto names = ann::rangeMethodNames();
  options.range = static_cast<ann::RangeMethod>(
      std::find(names.begin(), names.end(), settings.range) - names.begin());
  options.learnRounding = settings.rounding == "learned";
  options.fitPruned = options.learnRounding;
  options.correctBias = !settings.noBiasCorrection;
  auto prune = pruneOptions(settings);
  if (!prune)
    return prune.takeError();
  options.prune = *prune;
  return options;
}

} // namespace

bool isAnnModel(const std::string &path, const std::string &target,
                bool numbers) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".onnx")
    return true;
  if (extension == ".nir") {
    const auto formats = ann::weightFormatNames();
    return (numbers || std::find(formats.begin(), formats.end(), target) !=
                           formats.end()) &&
           nir::isFeedforward(path);
  }
  if (extension != ".mlir" && extension != ".mlirbc")
    return false;
  Expected<std::string> bytes = readFile(path);
  if (!bytes) {
    llvm::consumeError(bytes.takeError()); // whoever opens it will say so
    return false;
  }
  // Text names the op; bytecode has the names of dialects in its strings.
  if (extension == ".mlir")
    return bytes->find("ann.network") != std::string::npos;
  if (bytes->find(std::string("ann\0", 4)) == std::string::npos)
    return false;
  const Parsed parsed = parseModule(path, true);
  return parsed.module && ann::findNetwork(*parsed.module);
}

const ann::Shape &AnnModel::inputShape() const {
  return integers && !real
             ? integers->values[static_cast<size_t>(integers->input)].shape
             : real->values[static_cast<size_t>(real->input)].shape;
}

std::optional<ann::Quantization> AnnModel::givenInput() const {
  if (real)
    return real->values[static_cast<size_t>(real->input)].given;
  return integers->values[static_cast<size_t>(integers->input)].q;
}

/// The network of a file that is not MLIR.
static Expected<ann::Network> importAnn(const std::string &path) {
  if (llvm::sys::path::extension(path) == ".nir")
    return nir::readFeedforward(path);
  Expected<onnx::Model> file = onnx::readModel(path);
  if (!file)
    return file.takeError();
  return onnx::importNetwork(*file, path);
}

Expected<AnnModel> openAnn(const std::string &path) {
  const llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension != ".onnx" && extension != ".nir")
    return openMlir(path);
  Expected<ann::Network> network = importAnn(path);
  if (!network)
    return network.takeError();
  AnnModel model;
  model.path = path;
  model.remarks = network->remarks;
  network->remarks.clear();
  model.real = std::move(*network);
  return std::move(model);
}

Error quantizeAnn(AnnModel &model, const std::string &target,
                  const AnnSettings &settings, uint64_t seed,
                  unsigned threads) {
  Expected<ann::CalibrationOptions> options =
      calibrationOptions(settings, target);
  if (!options)
    return options.takeError();
  if (!model.real)
    return makeError(ErrorKind::Usage, "is quantized already", model.path,
                     "give the network in real numbers");
  if (settings.calibration.empty())
    return makeError(ErrorKind::Usage, "needs samples to calibrate with", "",
                     "add --calibration PATH");
  options->seed = seed;
  options->threads = threads;
  Expected<AnnData> data =
      loadAnnData(settings.calibration, model.inputShape(), model.givenInput(),
                  settings.calibrationFirst, settings.calibrationSamples);
  if (!data)
    return data.takeError();
  const auto start = std::chrono::steady_clock::now();
  model.real = ann::withoutDecision(std::move(*model.real));
  model.remarks.insert(model.remarks.end(), model.real->remarks.begin(),
                       model.real->remarks.end());
  Progress progress("calibrating", ann::progressSteps(*model.real) *
                                       (settings.budgetBytes ? 4 : 1));
  options->progress = [&] { progress.advance(); };
  if (settings.budgetBytes) {
    Expected<ann::Mixture> mixture = ann::chooseFormats(
        *model.real, data->samples, *options, settings.budgetBytes, model.path);
    if (!mixture)
      return mixture.takeError();
    options->layerWeights = mixture->formats;
    model.mixture = std::move(*mixture);
  }
  Expected<ann::Calibration> result =
      ann::calibrate(*model.real, data->samples, *options, model.path);
  if (!result)
    return result.takeError();
  model.plan = std::move(result->plan);
  model.integers = std::move(result->network);
  model.losses = std::move(result->losses);
  model.calibrationSamples = data->samples.size();
  model.calibrationSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return Error::success();
}

Error pruneAnn(AnnModel &model, const AnnSettings &settings) {
  auto options = pruneOptions(settings);
  if (!options)
    return options.takeError();
  if (!*options)
    return Error::success();
  if (!model.real)
    return makeError(ErrorKind::Usage, "is quantized already", model.path,
                     "prune the network in real numbers");
  Expected<ann::Network> pruned = ann::prune(std::move(*model.real), **options);
  if (!pruned)
    return pruned.takeError();
  model.real = std::move(*pruned);
  return Error::success();
}

void describeAnn(const AnnModel &model, Output &out) {
  Json layers = Json::array();
  bool skips = false;
  if (!model.losses.empty()) {
    std::vector<std::vector<std::string>> rows = {
        {"layer", "weights", "number", "zeros", "bytes", "error"}};
    for (const ann::LayerLoss &loss : model.losses) {
      rows.push_back(
          {loss.name, loss.format, withSeparators(loss.weights),
           percent(static_cast<double>(loss.zeros) /
                   static_cast<double>(loss.weights)),
           withSeparators(loss.bytes) + (loss.skipsZeros ? " *" : ""),
           percent(loss.error)});
      skips |= loss.skipsZeros;
      layers.push_back({{"name", loss.name},
                        {"format", loss.format},
                        {"weights", loss.weights},
                        {"zeros", loss.zeros},
                        {"skips_zeros", loss.skipsZeros},
                        {"bytes", loss.bytes},
                        {"error", loss.error}});
    }
    out.line();
    out.text += table(rows);
    out.line("  (error: power of the error over that of the signal, at the "
             "layer's sums)");
    if (skips)
      out.line("  (*: stored without most of the zeros)");
    out.document["layers"] = std::move(layers);
  }
  if (model.mixture) {
    std::vector<std::vector<std::string>> rows = {
        {"layer", "int8 error", "int4 error", "int2 error", "chosen"}};
    for (const ann::Mixture::Row &row : model.mixture->rows) {
      rows.push_back({row.layer});
      for (const ann::FormatCost &cost : row.costs)
        rows.back().push_back(percent(cost.error));
      rows.back().push_back(row.costs[row.chosen].format);
    }
    out.line();
    out.line("  what each layer loses with rounding to nearest:");
    out.text += table(rows);
  }
  if (model.integers) {
    const uint64_t weights = ann::weightBytes(*model.integers);
    const uint64_t values = ann::activationBytes(*model.integers);
    out.line();
    out.item("weights", describeBytes(weights));
    out.item("values", describeBytes(values) + " at most at a time");
    out.document["weight_bytes"] = weights;
    out.document["value_bytes"] = values;
  }
  if (model.calibrationSamples) {
    out.item("calibration", describeCount(model.calibrationSamples, "sample") +
                                ", " +
                                describeSeconds(model.calibrationSeconds));
    out.document["calibration"] = {{"samples", model.calibrationSamples},
                                   {"seconds", model.calibrationSeconds}};
  }
  for (const std::string &remark : model.remarks)
    out.item("remark", remark);
  out.document["remarks"] = model.remarks;
}

} // namespace hillock::tool
