//===- compiler/ann/ir/LowerToIntegers.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/ir/Convert.h"
#include "compiler/ann/ir/Passes.h"

using namespace mlir;

namespace hillock::ann {

#define GEN_PASS_DEF_LOWERTOINTEGERS
#include "compiler/ann/ir/Passes.h.inc"

namespace {

/// The file that an op's location names.
StringRef fileOf(Operation *op) {
  auto named = dyn_cast<NameLoc>(op->getLoc());
  auto place =
      named ? dyn_cast<FileLineColLoc>(named.getChildLoc()) : FileLineColLoc();
  return place ? place.getFilename().getValue() : StringRef();
}

class LowerToIntegers : public impl::LowerToIntegersBase<LowerToIntegers> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (NetworkOp op :
         llvm::make_early_inc_range(module.getBody()->getOps<NetworkOp>())) {
      if (op.getLevel() != Level::Quantized)
        continue;
      Expected<QuantizedNetwork> quantized = readQuantized(op);
      if (!quantized)
        return fail(op, quantized.takeError());
      Expected<IntNetwork> integers =
          lower(quantized->network, quantized->plan, op.getSymName().str());
      if (!integers)
        return fail(op, integers.takeError());
      emitInteger(*integers, module, fileOf(op))->moveBefore(op.getOperation());
      op.erase();
    }
  }

  void fail(NetworkOp op, Error error) {
    op.emitError() << takeText(std::move(error));
    signalPassFailure();
  }
};

} // namespace
} // namespace hillock::ann
