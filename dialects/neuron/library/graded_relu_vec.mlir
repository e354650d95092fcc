//===- graded_relu_vec.mlir - Passes large positive values ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GradedReluVec of Lava (lava-nc, proc/graded/models.py): sends what arrived in
// this step when it is above vth; keeps nothing.
//
//===----------------------------------------------------------------------===//
neuron.model @graded_relu_vec ports 1
    doc "passes values above a threshold" {
  %vth = neuron.param "vth" range 0 to 2147483647
  %v = neuron.input 0
  %above = arith.cmpi sgt, %v, %vth : i32
  neuron.fire %above payload %v
}
