//===- graded_vec.mlir - Passes large values ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GradedVec of Lava (lava-nc, proc/graded/models.py): sends what arrived in
// this step when its magnitude is above vth; keeps nothing.
//
//===----------------------------------------------------------------------===//
neuron.model @graded_vec ports 1
    doc "passes values whose magnitude is above a threshold" {
  %vth = neuron.param "vth" range 0 to 2147483647
  %v = neuron.input 0
  %zero = arith.constant 0 : i32
  %minus = arith.subi %zero, %v : i32
  %size = arith.maxsi %v, %minus : i32
  %above = arith.cmpi sgt, %size, %vth : i32
  neuron.fire %above payload %v
}
