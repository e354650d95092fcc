//===- emulator/jit/Jit.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/jit/Jit.h"
#include "emulator/core/kernels/Kernels.h"
#include <cstdlib>
#include <string_view>
#if HILLOCK_JIT
#include "emulator/jit/LaneEmitter.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include <map>
#include <mutex>
#endif

namespace hillock::emu {

#if HILLOCK_JIT

namespace {

/// Cores with parameters of their own have code of their own; past this many
/// the rest is interpreted.
constexpr size_t maxPrograms = 32;

/// Everything that the code depends on, to find programs that are the same.
std::vector<int64_t> keyOf(const LaneProgram &program, uint32_t shift) {
  std::vector<int64_t> key = {shift, program.scratchSlots(),
                              program.stateCount(),
                              int64_t(program.paramCount())};
  auto add = [&](const LaneProgram::Operand &operand) {
    key.push_back(operand.scalar ? -1 : operand.slot);
    key.push_back(operand.value);
  };
  for (const LaneProgram::Operation &op : program.code()) {
    key.insert(key.end(), {int64_t(op.op), op.d, op.imm});
    for (const LaneProgram::Operand &operand : {op.a, op.b, op.c})
      add(operand);
  }
  key.push_back(-2);
  for (const LaneProgram::StateWrite &w : program.stateWrites()) {
    key.push_back(w.state);
    add(w.value);
  }
  key.push_back(program.canFire());
  add(program.fireOperand());
  add(program.payloadOperand());
  return key;
}

void simplify(llvm::Module &module) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::InstCombinePass());
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      passes.run(function, functions);
}

class Jit final : public LaneCodegen {
public:
  explicit Jit(Simd simd) : simd(simd) {}

  LaneFunction generate(const LaneProgram &program, uint32_t shift) override {
    std::lock_guard<std::mutex> lock(mutex);
    auto [found, isNew] = functions.try_emplace(keyOf(program, shift), nullptr);
    if (!isNew || functions.size() > maxPrograms)
      return found->second;
    Expected<LaneFunction> function =
        compile(program, shift, "lanes" + std::to_string(functions.size()));
    if (function)
      found->second = *function;
    else // the interpreter goes on
      llvm::consumeError(function.takeError());
    return found->second;
  }

private:
  /// LLVM wakes up when it is needed: most runs are too short for it.
  Error start() {
    if (jit)
      return Error::success();
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto machine = llvm::orc::JITTargetMachineBuilder::detectHost();
    if (!machine)
      return machine.takeError();
#if defined(__x86_64__)
    if (simd == Simd::Scalar || simd == Simd::Avx2) {
      machine->getFeatures() = llvm::SubtargetFeatures();
      machine->setCPU(simd == Simd::Avx2 ? "x86-64-v3" : "x86-64");
    }
#endif
    auto made = llvm::orc::LLJITBuilder()
                    .setJITTargetMachineBuilder(std::move(*machine))
                    .create();
    if (!made)
      return made.takeError();
    jit = std::move(*made);
    return Error::success();
  }

  Expected<LaneFunction> compile(const LaneProgram &program, uint32_t shift,
                                 const std::string &name) {
    if (Error error = start())
      return std::move(error);
    auto context = std::make_unique<llvm::LLVMContext>();
    auto module = std::make_unique<llvm::Module>(name, *context);
    module->setDataLayout(jit->getDataLayout());
    module->setTargetTriple(jit->getTargetTriple());
    emitLanes(*module, name, program, shift);
    simplify(*module);
    if (Error error = jit->addIRModule(
            llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
      return std::move(error);
    auto symbol = jit->lookup(name);
    if (!symbol)
      return symbol.takeError();
    return symbol->toPtr<LaneFunction>();
  }

  const Simd simd;
  std::mutex mutex;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::map<std::vector<int64_t>, LaneFunction> functions;
};

} // namespace

std::shared_ptr<LaneCodegen> createJit(Simd simd) {
  const char *asked = std::getenv("HILLOCK_JIT");
  if (asked && std::string_view(asked) == "0")
    return nullptr;
  Expected<const Kernels *> kernels = findKernels(simd);
  if (!kernels) { // the emulator says what is wrong
    llvm::consumeError(kernels.takeError());
    return nullptr;
  }
  return std::make_shared<Jit>((*kernels)->simd);
}

#else

std::shared_ptr<LaneCodegen> createJit(Simd) { return nullptr; }

#endif

Options hostOptions(unsigned threads) {
  Options options;
  options.threads = threads;
  options.codegen = createJit();
  return options;
}

} // namespace hillock::emu
