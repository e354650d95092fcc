//===- backends/int4/Native.cpp - Integer networks as objects -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "backends/int4/Amx.h"
#include "backends/int4/Header.h"
#include "backends/int4/Module.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/DataExtractor.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <mutex>

namespace hillock::int4 {

namespace {

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
}

Expected<std::unique_ptr<llvm::TargetMachine>>
targetMachine(const NativeOptions &options) {
  initialize();
  const bool host = options.triple.empty();
  const llvm::Triple triple(llvm::Triple::normalize(
      host ? llvm::sys::getDefaultTargetTriple() : options.triple));
  std::string text;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, text);
  if (!target)
    return makeError(
        ErrorKind::Usage,
        "no code generator for the triple '" + options.triple + "'", "",
        "give one as clang does, such as "
        "thumbv7em-none-eabi or aarch64-linux-gnu");
  std::string cpu = options.cpu, features = options.features;
  if (host && cpu.empty())
    cpu = llvm::sys::getHostCPUName().str();
  // Asked first: a machine for an unknown processor prints a warning.
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!cpu.empty() && known && !known->isCPUStringValid(cpu))
    return makeError(
        ErrorKind::Usage,
        "the processor '" + cpu + "' is not known for " + triple.str(), "",
        "llc -mtriple=" + triple.str() + " -mcpu=help lists those that are");
  llvm::TargetOptions settings;
  settings.FunctionSections = false;
  settings.EmitStackSizeSection = true;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, settings, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return makeError(ErrorKind::Usage,
                     "no machine for the triple '" + triple.str() + "'");
  return machine;
}

Machine kernelsOf(const llvm::TargetMachine &machine) {
  const llvm::Triple &triple = machine.getTargetTriple();
  const llvm::MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  // Thumb-1 (ARMv6-M) has no instruction for a product of 64 bits.
  const bool thumb1 = triple.isThumb() && !subtarget.checkFeatures("+thumb2");
  return machineFor(
      triple.isX86(), triple.isAArch64(),
      (triple.isARM() || triple.isThumb()) && triple.isLittleEndian(), thumb1,
      [&](const char *feature) { return subtarget.checkFeatures(feature); });
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  // Nothing may become a call into a C library.
  llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
  library.disableAllFunctions();
  functions.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

/// The only function that the code may call.
Error checkCalls(const llvm::object::ObjectFile &object) {
  for (const llvm::object::SymbolRef &symbol : object.symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) {
      llvm::consumeError(flags.takeError());
      llvm::consumeError(name.takeError());
      continue;
    }
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !name->empty() &&
        *name != "memcpy" && *name != "_GLOBAL_OFFSET_TABLE_")
      return makeError(ErrorKind::Internal,
                       "the native code calls '" + name->str() + "'");
  }
  return Error::success();
}

/// The two largest frames so far: the function that is exported calls one a
/// layer, and these call nothing but memcpy.
struct Frames {
  uint64_t largest = 0, second = 0;
};

/// An entry of the section is an address and a LEB128 number.
void addFrames(llvm::StringRef section, unsigned addressBytes, Frames &frames) {
  llvm::DataExtractor data(section, /*IsLittleEndian=*/true,
                           static_cast<uint8_t>(addressBytes));
  for (uint64_t at = addressBytes; at < section.size(); at += addressBytes) {
    const uint64_t size = data.getULEB128(&at);
    frames.second = std::max(frames.second, std::min(frames.largest, size));
    frames.largest = std::max(frames.largest, size);
  }
}

void addSizes(const llvm::object::ObjectFile &object, NativeCode &code) {
  Frames frames;
  for (const llvm::object::SectionRef &section : object.sections()) {
    if (section.isText())
      code.codeBytes += section.getSize();
    auto name = section.getName();
    auto contents = section.getContents();
    if (!name || !contents) {
      llvm::consumeError(name.takeError());
      llvm::consumeError(contents.takeError());
      continue;
    }
    if (*name == ".stack_sizes")
      addFrames(*contents, object.getBytesInAddress(), frames);
    for (const char *start : {".rodata", ".data.rel.ro", ".ARM.exidx"})
      if (name->starts_with(start))
        code.rodataBytes += section.getSize();
  }
  code.stackBytes = frames.largest + frames.second;
  // A call pushes its return address, which no frame counts; nor do they count
  // what is lost when the stack is aligned to a vector.
  if (code.stackBytes != 0 && object.getArch() == llvm::Triple::x86_64)
    code.stackBytes += 2 * (8 + 63);
}

Expected<std::string> archiveOf(const std::string &object,
                                const std::string &prefix) {
  auto buffer = llvm::MemoryBuffer::getMemBuffer(object, prefix + ".o", false);
  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(buffer->getMemBufferRef());
  auto archive = llvm::writeArchiveToBuffer(
      members, llvm::SymtabWritingMode::NormalSymtab,
      llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return (*archive)->getBuffer().str();
}

Error checkNetwork(const ann::IntNetwork &network, const std::string &where) {
  for (const ann::IntLayer &layer : network.layers) {
    if (!layer.hasWeights())
      continue;
    for (size_t i = 0; i < layer.weights.size(); ++i) {
      const size_t filter =
          layer.weights.size() / (layer.zeros.empty() ? 1 : layer.zeros.size());
      const int32_t zero = layer.zeros.empty() ? 0 : layer.zeros[i / filter];
      const int32_t w = layer.weights[i] - zero;
      if (w < -128 || w > 127)
        return inputError("a weight less its zero point is " +
                              std::to_string(w) + ", which is no signed byte",
                          where + ": layer '" + layer.name + "'",
                          "use symmetric weights of 8 bits, or affine ones of "
                          "4");
    }
    const ann::Quantization &q = network.in(layer).q;
    if (q.low < -128 || q.high > 127)
      return inputError("its input has codes of more than 8 bits",
                        where + ": layer '" + layer.name + "'",
                        "quantize it to 8 or 4 bits");
  }
  const ann::Quantization &q =
      network.values[static_cast<size_t>(network.input)].q;
  if (q.low < -128 || q.high > 127)
    return inputError("the input has codes of more than 8 bits", where,
                      "quantize it to 8 or 4 bits");
  return Error::success();
}

} // namespace

Expected<NativeCode> emitNative(const ann::IntNetwork &network,
                                const NativeOptions &options,
                                const std::string &where) {
  if (Error error = checkNetwork(network, where))
    return error;
  auto machine = targetMachine(options);
  if (!machine)
    return machine.takeError();
  Machine kernels = kernelsOf(**machine);
  kernels.zeros = options.zeros;
  const Layout layout = layOut(network, kernels);
  llvm::LLVMContext context;
  const llvm::DataLayout data = (*machine)->createDataLayout();
  auto module = makeModule(network, layout, kernels, options.prefix,
                           data.getPointerSizeInBits(), context);
  if (!module)
    return module.takeError();
  (*module)->setDataLayout(data);
  (*module)->setTargetTriple((*machine)->getTargetTriple());
  for (llvm::Function &function : **module) {
    function.addFnAttr("target-cpu", (*machine)->getTargetCPU());
    function.addFnAttr("target-features", (*machine)->getTargetFeatureString());
    function.addFnAttr(llvm::Attribute::NoUnwind);
    function.addFnAttr("no-builtins");
    // What is below the stack pointer would be in no frame's size.
    function.addFnAttr(llvm::Attribute::NoRedZone);
    if (function.hasLocalLinkage())
      function.addFnAttr(llvm::Attribute::NoInline);
    if ((*machine)->getTargetTriple().isX86())
      function.addFnAttr("prefer-vector-width", "512");
    // Scheduling after register allocation, as other processors ask for
    // (znver4), renames tiles without regard to their shapes (LLVM 22).
    if (kernels.tiles)
      function.addFnAttr("tune-cpu", "sapphirerapids");
  }

  NativeCode code;
  code.kernel = kernels.name;
  code.arenaBytes = static_cast<uint64_t>(layout.arenaBytes);
  const auto elements = [&](int value) {
    return static_cast<uint64_t>(
        layout.values[static_cast<size_t>(value)].elements());
  };
  code.inputBytes = elements(network.input);
  code.outputBytes = 4 * elements(network.output);
  llvm::raw_string_ostream ir(code.ir);
  (*module)->print(ir, nullptr);
  optimize(**module, **machine);

  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return makeError(ErrorKind::Internal,
                     "no object files for " + options.triple);
  passes.run(**module);
  code.object.assign(bytes.begin(), bytes.end());

  auto object = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(code.object, options.prefix));
  if (!object)
    return object.takeError();
  if (Error error = checkCalls(**object))
    return error;
  addSizes(**object, code);
  auto archive = archiveOf(code.object, options.prefix);
  if (!archive)
    return archive.takeError();
  code.archive = std::move(*archive);
  code.header = headerOf(network, code, options.prefix,
                         (*machine)->getTargetTriple().str());
  return code;
}

namespace {

class JitRunner : public NativeRunner {
public:
  JitRunner(std::unique_ptr<llvm::orc::LLJIT> jit, NativeCode made)
      : jit(std::move(jit)), made(std::move(made)) {}

  Error look(const std::string &prefix) {
    auto symbol = jit->lookup(prefix + "_run");
    if (!symbol)
      return symbol.takeError();
    function = symbol->toPtr<void (*)(const int8_t *, int32_t *, void *)>();
    return Error::success();
  }
  void run(const int8_t *input, int32_t *output, void *arena) const override {
    function(input, output, arena);
  }
  const NativeCode &code() const override { return made; }

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  NativeCode made;
  void (*function)(const int8_t *, int32_t *, void *) = nullptr;
};

} // namespace

Expected<std::unique_ptr<NativeRunner>>
NativeRunner::create(const ann::IntNetwork &network,
                     const NativeOptions &options, const std::string &where) {
  NativeOptions allowed = options;
  const llvm::Triple triple(options.triple.empty()
                                ? llvm::sys::getDefaultTargetTriple()
                                : options.triple);
  if (triple.isX86() && !mayUseTiles())
    allowed.features +=
        (allowed.features.empty() ? "" : ",") + std::string("-amx-int8");
  auto code = emitNative(network, allowed, where);
  if (!code)
    return code.takeError();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(code->object, options.prefix)))
    return error;
  auto runner = std::make_unique<JitRunner>(std::move(*jit), std::move(*code));
  if (Error error = runner->look(options.prefix))
    return error;
  return runner;
}

} // namespace hillock::int4
