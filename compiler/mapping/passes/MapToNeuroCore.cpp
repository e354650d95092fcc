//===- compiler/mapping/passes/MapToNeuroCore.cpp - The pass --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/passes/Extract.h"
#include "compiler/mapping/passes/Passes.h"

using namespace mlir;

namespace hillock::mapping {

#define GEN_PASS_DEF_MAPTONEUROCORE
#include "compiler/mapping/passes/Passes.h.inc"

Expected<neurocore::SystemOp>
mapToNeurocore(snn::NetworkOp op, const target::TargetModel &model,
               const MapOptions &mapOptions, const SystemOptions &systemOptions,
               Network *problem, Mapping *solution) {
  Expected<Network> network = extractNetwork(op);
  if (!network)
    return network.takeError();
  Expected<Mapping> mapping = map(*network, model, mapOptions);
  if (!mapping)
    return mapping.takeError();
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  auto system = toNeurocore(*network, *mapping, model, systemOptions, builder,
                            op.getLoc());
  if (!system)
    return system.takeError();
  if (problem)
    *problem = std::move(*network);
  if (solution)
    *solution = std::move(*mapping);
  return *system;
}

namespace {

struct MapToNeuroCorePass
    : public impl::MapToNeuroCoreBase<MapToNeuroCorePass> {
  using MapToNeuroCoreBase::MapToNeuroCoreBase;

  void runOnOperation() override {
    Expected<target::TargetModel> model = target::findTarget(target);
    if (!model) {
      getOperation().emitError() << takeText(model.takeError());
      return signalPassFailure();
    }
    MapOptions mapOptions;
    mapOptions.seed = seed;
    mapOptions.shareCores = shareCores;
    mapOptions.neuronsPerCore = neuronsPerCore;
    SystemOptions systemOptions;
    systemOptions.target = target;
    systemOptions.routes = routes;
    for (auto network :
         llvm::make_early_inc_range(getOperation().getOps<snn::NetworkOp>())) {
      if (!network.getBody().front().getOps<snn::NeuronsOp>().empty())
        continue;
      auto system = mapToNeurocore(network, *model, mapOptions, systemOptions);
      if (!system) {
        network.emitError() << takeText(system.takeError());
        return signalPassFailure();
      }
      network.erase();
    }
  }
};

} // namespace
} // namespace hillock::mapping
