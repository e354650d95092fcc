//===- compiler/pipeline/Pipeline.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/pipeline/Pipeline.h"
#include "backends/image/Emit.h"
#include "backends/image/EmitCrossbar.h"
#include "backends/odin/OdinImage.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "compiler/convert/Convert.h"
#include "compiler/mapping/check/Compare.h"
#include "compiler/mapping/passes/Extract.h"
#include "compiler/mapping/passes/Passes.h"
#include "compiler/programs/Programs.h"
#include "compiler/transform/odin/Lower.h"
#include "dialects/All.h"
#include "image/ImageFile.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"
#include <chrono>
#include <nlohmann/json.hpp>

using namespace mlir;

namespace hillock::pipeline {

const std::vector<PhaseInfo> &phases() {
  static const std::vector<PhaseInfo> list = {
      {Phase::Snn, "snn", "the network in real numbers"},
      {Phase::Quantized, "quantized", "the network in the target's integers"},
      {Phase::Mapped, "mapped", "cores and their tables"},
      {Phase::Image, "image", "memory words"}};
  return list;
}

static const char *nameOf(Phase phase) {
  return phases()[static_cast<size_t>(phase)].name;
}

Expected<Phase> parsePhase(const std::string &name) {
  std::vector<std::string> names;
  for (const PhaseInfo &info : phases()) {
    if (name == info.name)
      return info.phase;
    names.push_back(info.name);
  }
  return makeError(ErrorKind::Usage, "'" + name + "' is no phase",
                   "--to/--from", "choose one of " + describeList(names));
}

namespace {

/// Keeps what MLIR has to say for the error of the phase.
class Diagnostics {
public:
  explicit Diagnostics(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
            if (!text.empty())
              text += "\n";
            text += diagnostic.str();
          }
          return success();
        }) {}
  std::string text;

private:
  ScopedDiagnosticHandler handler;
};

double seconds() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

constexpr const char *inputCodes = "codes";

/// Nobody else verifies what a hand may have written into a level.
Error checkCodes(Operation *level, const std::string &where) {
  const Attribute given = level->getAttr(inputCodes);
  if (!given)
    return Error::success();
  const auto fields = dyn_cast<DictionaryAttr>(given);
  std::string wrong;
  if (!fields)
    wrong = "is no dictionary";
  for (const char *name : {"zero", "low", "high"})
    if (auto field = fields ? fields.getAs<IntegerAttr>(name) : IntegerAttr();
        fields && !(field && field.getType().isSignlessInteger() &&
                    field.getValue().isSignedIntN(32)))
      wrong =
          "has no '" + std::string(name) + "' that is an integer of 32 bits";
  if (wrong.empty() && !fields.getAs<FloatAttr>("scale"))
    wrong = "has no 'scale' that is a real number";
  if (wrong.empty())
    return Error::success();
  const auto name =
      level->getAttrOfType<StringAttr>(SymbolTable::getSymbolAttrName());
  return inputError("its attribute '" + std::string(inputCodes) + "' " + wrong,
                    where + ": " + level->getName().getStringRef().str() +
                        (name ? " @" + name.getValue().str() : ""),
                    "write it as compile --save-temps does: {high = 7 : i64, "
                    "low = -8 : i64, scale = 1.0 : f64, zero = 0 : i64}");
}

} // namespace

std::optional<proto::InputCodes> codesOf(Operation *level) {
  if (!level) // the integer level of a chip with a crossbar is another op
    return std::nullopt;
  auto attr = level->getAttrOfType<DictionaryAttr>(inputCodes);
  if (!attr)
    return std::nullopt;
  proto::InputCodes codes;
  auto integer = [&](const char *name) {
    return static_cast<int32_t>(attr.getAs<IntegerAttr>(name).getInt());
  };
  codes.set_scale(attr.getAs<FloatAttr>("scale").getValueAsDouble());
  codes.set_zero(integer("zero"));
  codes.set_low(integer("low"));
  codes.set_high(integer("high"));
  return codes;
}

Compilation::Compilation()
    : context(std::make_unique<MLIRContext>(MLIRContext::Threading::DISABLED)) {
  DialectRegistry registry;
  registerAllDialects(registry);
  context->appendDialectRegistry(registry);
  context->loadAllAvailableDialects();
  context->printOpOnDiagnostic(false);
  owned = ModuleOp::create(UnknownLoc::get(context.get()));
}

Expected<std::unique_ptr<Compilation>>
Compilation::run(const std::string &input, const Options &options) {
  std::unique_ptr<Compilation> result(new Compilation());
  Diagnostics diagnostics(result->context.get());
  if (Error error = result->runPhases(input, options)) {
    if (diagnostics.text.empty())
      return std::move(error);
    ErrorKind kind = ErrorKind::Internal;
    std::string text = takeText(std::move(error), &kind);
    return makeError(kind, text + "\n" + diagnostics.text);
  }
  return result;
}

Error Compilation::runPhases(const std::string &input, const Options &options) {
  if (options.to < options.from)
    return makeError(ErrorKind::Usage,
                     "--to " + std::string(nameOf(options.to)) +
                         " comes before --from " + nameOf(options.from),
                     "compile", "the phases are snn, quantized, mapped, image");
  auto found = target::findTarget(options.target);
  if (!found)
    return found.takeError();
  model = std::move(*found);
  if (!options.saveTemps.empty())
    if (std::error_code code =
            llvm::sys::fs::create_directories(options.saveTemps))
      return inputError("cannot be created: " + code.message(),
                        options.saveTemps, "give a folder that can be written");
  if (options.from != Phase::Snn)
    if (Error error = readPhase(input, options))
      return error;
  for (const PhaseInfo &info : phases()) {
    if (info.phase < options.from || info.phase > options.to)
      continue;
    if (options.progress)
      options.progress(info.name);
    double start = seconds();
    if (Error error = runPhase(info.phase, input, options))
      return error;
    phaseTimes.push_back({info.name, seconds() - start});
    // A network of integers has no real level.
    const bool made = info.phase != Phase::Snn || !options.integers;
    if (made && !options.saveTemps.empty())
      if (Error error = save(info.phase, options))
        return error;
  }
  return Error::success();
}

Error Compilation::readPhase(const std::string &input, const Options &options) {
  ParserConfig config(context.get());
  owned = parseSourceFile<ModuleOp>(input, config);
  if (!owned)
    return inputError("is not a module that Hillock can read", input,
                      "give a .mlir or .mlirbc file of --save-temps");
  for (snn::NetworkOp network : owned->getOps<snn::NetworkOp>()) {
    bool integer = !network.getBody().getOps<snn::PopulationOp>().empty();
    (integer ? integerNetwork : realNetwork) = network;
  }
  for (neurocore::SystemOp system : owned->getOps<neurocore::SystemOp>())
    systemOp = system;
  for (crossbar::ChipOp chip : owned->getOps<crossbar::ChipOp>())
    crossbarChip = chip;
  for (Operation &level : owned->getOps())
    if (Error error = checkCodes(&level, input))
      return error;
  bool there = options.from == Phase::Quantized ? bool(realNetwork)
               : crossbarChip                   ? true
               : options.from == Phase::Mapped  ? bool(integerNetwork)
                                                : bool(systemOp);
  if (there)
    return Error::success();
  return inputError(
      "does not hold what the phase '" + std::string(nameOf(options.from)) +
          "' starts from",
      input, "give the file that --save-temps left for the phase before");
}

Error Compilation::runPhase(Phase phase, const std::string &input,
                            const Options &options) {
  switch (phase) {
  case Phase::Snn: {
    if (options.integers)
      return Error::success();
    auto imported = frontend::importFile(input, options.frontend, *owned);
    if (!imported)
      return imported.takeError();
    realNetwork = imported->network;
    conventionRows = imported->conventions;
    remarkList = imported->remarks;
    // Folds that the dialect knows; canonicalization keeps every value.
    PassManager manager(context.get());
    manager.addPass(createCanonicalizerPass());
    if (failed(manager.run(*owned)))
      return makeError(ErrorKind::Internal, "canonicalization failed", input);
    return Error::success();
  }
  case Phase::Quantized: {
    if (options.integers)
      return convertIntegers(input, options);
    if (model.proto().quantizer() == "odin")
      return lowerToCrossbar(options);
    if (model.proto().quantizer() != "loihi")
      return inputError("has no quantizer that Hillock knows",
                        "target '" + model.name() + "'",
                        "compile for a target with quantizer: \"loihi\"");
    auto quantize = quantizeOptions(options);
    if (!quantize)
      return quantize.takeError();
    auto quantized =
        transform::quantizeToLoihi(realNetwork, *quantize, remarkList);
    if (!quantized)
      return quantized.takeError();
    integerNetwork = *quantized;
    if (failed(verify(integerNetwork)))
      return makeError(ErrorKind::Internal,
                       "the quantized network does not verify", input);
    if (!options.keepLevels) {
      realNetwork.erase();
      realNetwork = {};
    }
    return Error::success();
  }
  case Phase::Mapped: {
    if (crossbarChip) // its places are part of its numbers
      return Error::success();
    mapping::MapOptions mapOptions;
    mapOptions.seed = options.seed;
    mapOptions.neuronsPerCore = options.neuronsPerCore;
    mapping::SystemOptions systemOptions;
    systemOptions.target = options.target;
    systemOptions.notes = notes();
    auto system = mapping::mapToNeurocore(integerNetwork, model, mapOptions,
                                          systemOptions);
    if (!system)
      return system.takeError();
    systemOp = *system;
    if (Attribute codes = integerNetwork->getAttr(inputCodes))
      systemOp->setAttr(inputCodes, codes);
    if (!options.keepLevels) {
      integerNetwork.erase();
      integerNetwork = {};
    }
    return Error::success();
  }
  case Phase::Image: {
    if (crossbarChip) {
      auto image = backends::emitCrossbarImage(crossbarChip, notes());
      if (!image)
        return image.takeError();
      imageProto = std::move(*image);
      return Error::success();
    }
    auto image = backends::emitImage(systemOp, [](llvm::StringRef name) {
      return programs::libraryProgram(name);
    });
    if (!image)
      return image.takeError();
    imageProto = std::move(*image);
    if (auto codes = codesOf(systemOp))
      for (proto::Port &port : *imageProto.mutable_io()->mutable_input())
        *port.mutable_codes() = *codes;
    return Error::success();
  }
  }
  llvm_unreachable("unknown phase");
}

Error Compilation::convertIntegers(const std::string &input,
                                   const Options &options) {
  auto network =
      options.rateCode
          ? convert::toRate(*options.integers, *owned, input, remarkList)
          : convert::toGraded(*options.integers, *owned, input);
  if (!network)
    return network.takeError();
  integerNetwork = *network;
  if (failed(verify(integerNetwork)))
    return makeError(ErrorKind::Internal,
                     "the converted network does not verify", input);
  return Error::success();
}

/// The two names of a weight's width as one.
Expected<transform::QuantizeOptions>
Compilation::quantizeOptions(const Options &options) {
  transform::QuantizeOptions result = options.quantize;
  if (options.weights.empty())
    return result;
  unsigned bits = 0;
  llvm::StringRef text = options.weights;
  if (!text.consume_front("int") || text.getAsInteger(10, bits) || bits == 0)
    return makeError(ErrorKind::Usage,
                     "'" + options.weights +
                         "' is no format that synapses of target '" +
                         model.name() + "' have",
                     "--weights", "write int and a number of bits: int8, int4");
  if (result.weightBits != 0 && result.weightBits != bits)
    return makeError(ErrorKind::Usage,
                     "is " + options.weights + ", but --weight-bits is " +
                         std::to_string(result.weightBits),
                     "--weights", "give one of the two");
  result.weightBits = bits;
  return result;
}

Error Compilation::lowerToCrossbar(const Options &options) {
  auto quantize = quantizeOptions(options);
  if (!quantize)
    return quantize.takeError();
  if (quantize->weightBits != 0 && quantize->weightBits != 4)
    return makeError(ErrorKind::Usage,
                     "synapses of target '" + model.name() +
                         "' have 4 bits, not " +
                         std::to_string(quantize->weightBits),
                     "--weights", "leave it out, or say int4");
  if (quantize->relaxTiming)
    return makeError(ErrorKind::Usage,
                     "is of no use for target '" + model.name() +
                         "', whose recurrent spikes always come back in the "
                         "same step",
                     "--relax-timing", "leave it out");
  auto chip = transform::lowerToCrossbar(realNetwork, model, remarkList);
  if (!chip)
    return chip.takeError();
  crossbarChip = *chip;
  if (failed(verify(crossbarChip)))
    return makeError(ErrorKind::Internal, "the chip does not verify",
                     "network '" + crossbarChip.getSymName().str() + "'");
  if (!options.keepLevels) {
    realNetwork.erase();
    realNetwork = {};
  }
  return Error::success();
}

/// What reports show of the compilation; nothing that changes between runs.
std::string Compilation::notes() const {
  nlohmann::ordered_json json;
  json["conventions"] = conventionRows;
  json["remarks"] = remarkList;
  return json.dump();
}

Error Compilation::save(Phase phase, const Options &options) {
  std::string stem = options.saveTemps + "/" +
                     std::to_string(static_cast<int>(phase) + 1) + "-" +
                     nameOf(phase);
  if (phase == Phase::Image)
    return image::writeImage(imageProto, stem + ".hlk");
  return writeLevel(phase, stem + ".mlirbc");
}

Error Compilation::writeLevel(Phase phase, const std::string &path) {
  Operation *level = phase == Phase::Snn         ? realNetwork.getOperation()
                     : crossbarChip              ? crossbarChip.getOperation()
                     : phase == Phase::Quantized ? integerNetwork.getOperation()
                                                 : systemOp.getOperation();
  if (!level)
    return makeError(
        ErrorKind::Internal,
        std::string("the level '") + nameOf(phase) + "' was not kept", path);
  // A module with nothing but this level; the op itself stays where it is.
  OwningOpRef<ModuleOp> alone = ModuleOp::create(owned->getLoc());
  alone->getBody()->push_back(level->clone());
  std::string text;
  llvm::raw_string_ostream os(text);
  if (llvm::StringRef(path).ends_with(".mlirbc")) {
    if (failed(writeBytecodeToFile(*alone, os)))
      return makeError(ErrorKind::Internal, "bytecode could not be written",
                       path);
  } else {
    OpPrintingFlags flags;
    flags.enableDebugInfo(true, false);
    alone->print(os, flags);
  }
  return writeFile(path, text);
}

Error Compilation::checkImage() {
  if (crossbarChip && imageProto.has_crossbar()) {
    auto config = odin::fromImage(imageProto, "the image");
    if (!config)
      return config.takeError();
    return backends::compareCrossbar(crossbarChip, *config);
  }
  if (!integerNetwork || imageProto.core_size() == 0)
    return makeError(ErrorKind::Internal,
                     "checkImage needs the integer level and the image");
  auto network = mapping::extractNetwork(integerNetwork);
  if (!network)
    return network.takeError();
  return mapping::compare(*network, imageProto);
}

} // namespace hillock::pipeline
