//===- compiler/mapping/passes/Passes.td ----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def MapToNeuroCore : Pass<"snn-map-to-neurocore", "::mlir::ModuleOp"> {
  let summary = "Put a network of the integer level on the cores of a chip";
  let description = [{
    Replaces each `snn.network` of the integer level by a `neurocore.system`:
    its populations are cut into pieces that fit a core, the tables of each core
    are filled, cores are placed on the mesh, and output slots are led to input
    axons. Networks of the real level stay as they are.

    The same network, target and seed give the same system on any machine.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"loihi\"",
           "Name of a built-in target or path of a description">,
    Option<"seed", "seed", "uint64_t", "1", "Seed of the placement">,
    Option<"shareCores", "share-cores", "bool", "true",
           "Small populations may share a core">,
    Option<"neuronsPerCore", "neurons-per-core", "uint32_t", "0",
           "Neurons on a core, fewer than the target has; 0: as many as fit">,
    Option<"routes", "routes", "bool", "true",
           "Write a neurocore.route for each pair of cores that talk">,
  ];
  let dependentDialects = ["::hillock::neurocore::NeuroCoreDialect"];
}
