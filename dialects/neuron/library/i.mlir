//===- i.mlir - Integrator ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The node I of the Neuromorphic Intermediate Representation (Pedersen et al.,
// 2024), in integers: v = v + input + bias. With bias 0 it is also Lava's
// Sigma as long as nothing saturates.
//
// Convention of the integer forms (if, lif, cuba_lif; i, li, cuba_li without
// the spike): one unit is one unit of weight. A factor is the part that a step
// keeps, in 1/4096; what it takes away is rounded toward zero. u and v saturate
// at +-(2^23 - 1); an input must be smaller than 2^30.
//
// The output is a graded spike with v as its payload, in every step in which v
// is not 0.
//
//===----------------------------------------------------------------------===//
neuron.model @i ports 1
    doc "integrator, sends its voltage" {
  %v = neuron.state "v" bits 23 : i32
  %bias = neuron.param "bias" range -8388607 to 8388607
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %most = arith.constant 8388607 : i32
  %least = arith.constant -8388607 : i32

  %drive = arith.addi %input, %bias : i32
  %sum_v = arith.addi %v, %drive : i32
  %new_v = neuron.saturate %sum_v, %least, %most
  neuron.write "v", %new_v

  // The output is the voltage itself; nothing is sent for a zero.
  %changed = arith.cmpi ne, %new_v, %zero : i32
  neuron.fire %changed payload %new_v
}
