//===- backends/int4/Module.cpp - The code of a whole network -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Module.h"
#include "backends/int4/Layers.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::int4 {

namespace {

void writeFunctions(Context &c) {
  Emitter &e = c.emit;
  const auto layerName = [&](size_t i) {
    return c.prefix + "_layer" + llvm::utostr(i);
  };
  const ann::IntNetwork &network = c.network;
  for (size_t i = 0; i < network.layers.size(); ++i)
    e.function(layerName(i), 2, false, [&](mlir::ValueRange arguments) {
      const ann::IntLayer &layer = network.layers[i];
      c.input = arguments[1];
      emitBorder(c, c.buffer(layer.output), arguments[0]);
      if (layer.hasWeights())
        emitSums(c, i, arguments[0]);
      else
        emitOther(c, i, arguments[0]);
    });
  e.function(c.prefix + "_run", 3, true, [&](mlir::ValueRange arguments) {
    Value arena = arguments[2];
    c.input = arguments[0];
    emitInput(c, arguments[0], arena);
    for (size_t i = 0; i < network.layers.size(); ++i)
      e.call(layerName(i), {arena, arguments[0]});
    emitOutput(c, arena, arguments[1]);
  });
}

mlir::LogicalResult lower(mlir::ModuleOp module) {
  mlir::PassManager passes(module.getContext());
  passes.addPass(mlir::createCanonicalizerPass());
  passes.addPass(mlir::createCSEPass());
  passes.addPass(mlir::createSCFToControlFlowPass());
  passes.addPass(mlir::createArithToLLVMConversionPass());
  passes.addPass(mlir::createConvertControlFlowToLLVMPass());
  return passes.run(module);
}

} // namespace

Expected<std::unique_ptr<llvm::Module>>
makeModule(const ann::IntNetwork &network, const Layout &layout,
           const Machine &machine, const std::string &prefix,
           unsigned addressBits, llvm::LLVMContext &context) {
  mlir::MLIRContext mlir;
  mlir.loadDialect<mlir::arith::ArithDialect, mlir::scf::SCFDialect,
                   mlir::cf::ControlFlowDialect, mlir::LLVM::LLVMDialect>();
  mlir::registerBuiltinDialectTranslation(mlir);
  mlir::registerLLVMDialectTranslation(mlir);
  std::string text;
  mlir::ScopedDiagnosticHandler handler(&mlir, [&](mlir::Diagnostic &d) {
    text += d.str() + "\n";
    return mlir::success();
  });
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::UnknownLoc::get(&mlir));
  Emitter emit(*module, addressBits, machine.lanes > 1 ? 64 : 4);
  Context c{network, layout, machine, emit, prefix};
  writeFunctions(c);
  if (mlir::failed(mlir::verify(*module)) || mlir::failed(lower(*module)))
    return makeError(ErrorKind::Internal,
                     "the native code does not verify: " + text);
  std::unique_ptr<llvm::Module> result =
      mlir::translateModuleToLLVMIR(*module, context, prefix);
  if (!result)
    return makeError(ErrorKind::Internal,
                     "the native code has no LLVM form: " + text);
  return result;
}

} // namespace hillock::int4
