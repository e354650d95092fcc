//===- compiler/reference/Programs.cpp - Neuron programs by name ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/reference/Programs.h"
#include "dialects/neuron/Library.h"
#include "dialects/neuron/ModelRun.h"
#include "llvm/ADT/StringExtras.h"

namespace hillock::reference {

class Programs::Runner final : public ProgramRunner {
public:
  Runner(neuron::ModelOp model, const RandomSource &source) : run(model) {
    run.setRandom([this, &source](size_t index) {
      draw.index = index;
      return source ? source(draw) : 0;
    });
  }

  const std::vector<std::string> &states() const override {
    return run.stateNames();
  }
  const std::vector<std::string> &parameters() const override {
    return run.paramNames();
  }
  void select(mlir::Operation *population, int64_t neuron,
              int64_t step) override {
    draw = {population, neuron, step, 0};
  }
  void step(int32_t input, llvm::ArrayRef<int32_t> values,
            llvm::MutableArrayRef<int32_t> state, bool &fired,
            int32_t &payload) override {
    run.step(input, values, state, fired, payload);
  }

private:
  neuron::ModelRun run;
  Draw draw = {};
};

Programs::Programs() = default;
Programs::~Programs() = default;

Expected<ProgramRunner *> Programs::find(mlir::Operation *op,
                                         llvm::StringRef name) {
  std::unique_ptr<Runner> &slot = runners[name.str()];
  if (slot)
    return slot.get();
  auto symbol = mlir::StringAttr::get(op->getContext(), name);
  // A network is a symbol, not a table: its models stand beside it.
  neuron::ModelOp model;
  for (mlir::Operation *table = op->getParentOp(); table && !model;
       table = table->getParentOp())
    if (table->hasTrait<mlir::OpTrait::SymbolTable>())
      model = llvm::dyn_cast_or_null<neuron::ModelOp>(
          mlir::SymbolTable::lookupSymbolIn(table, symbol));
  mlir::OwningOpRef<neuron::ModelOp> owned;
  if (!model && !neuron::library::text(name).empty()) {
    owned = neuron::library::parse(op->getContext(), name);
    model = *owned;
  }
  if (!model)
    return inputError("there is no neuron program '" + name.str() + "'",
                      "the module and the library",
                      "define a neuron.model of that name, or take one of " +
                          llvm::join(neuron::library::names(), ", "));
  slot = std::make_unique<Runner>(model, random);
  return slot.get();
}

} // namespace hillock::reference
