//===- li.mlir - Leaky integrator -----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The node LI of the Neuromorphic Intermediate Representation (Pedersen et al.,
// 2024), in integers:
//
//   v = tz(v, factor_v) + input + bias    tz(x, f) = sgn(x) * ((|x| * f) >> 12)
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
neuron.model @li ports 1
    doc "leaky integrator, sends its voltage" {
  %v = neuron.state "v" bits 23 : i32
  %factor_v = neuron.param "factor_v" range 0 to 4096
  %bias = neuron.param "bias" range -8388607 to 8388607
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %most = arith.constant 8388607 : i32
  %least = arith.constant -8388607 : i32

  %drive = arith.addi %input, %bias : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %drive : i32
  %new_v = neuron.saturate %sum_v, %least, %most
  neuron.write "v", %new_v

  // The output is the voltage itself; nothing is sent for a zero.
  %changed = arith.cmpi ne, %new_v, %zero : i32
  neuron.fire %changed payload %new_v
}
