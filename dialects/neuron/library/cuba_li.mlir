//===- cuba_li.mlir - Leaky integrator with a current ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The node CubaLI of the Neuromorphic Intermediate Representation (Pedersen et
// al., 2024), in integers; v takes the new u of the same step:
//
//   u = tz(u, factor_u) + input           tz(x, f) = sgn(x) * ((|x| * f) >> 12)
//   v = tz(v, factor_v) + u + bias
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
neuron.model @cuba_li ports 1
    doc "leaky integrator with a current that decays, sends its voltage" {
  %u = neuron.state "u" bits 23 : i32
  %v = neuron.state "v" bits 23 : i32
  %factor_u = neuron.param "factor_u" range 0 to 4096
  %factor_v = neuron.param "factor_v" range 0 to 4096
  %bias = neuron.param "bias" range -8388607 to 8388607
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %most = arith.constant 8388607 : i32
  %least = arith.constant -8388607 : i32

  %kept_u = neuron.decay %u by %factor_u shift 12
  %sum_u = arith.addi %kept_u, %input : i32
  %new_u = neuron.saturate %sum_u, %least, %most
  neuron.write "u", %new_u

  %drive = arith.addi %new_u, %bias : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %drive : i32
  %new_v = neuron.saturate %sum_v, %least, %most
  neuron.write "v", %new_v

  // The output is the voltage itself; nothing is sent for a zero.
  %changed = arith.cmpi ne, %new_v, %zero : i32
  neuron.fire %changed payload %new_v
}
