//===- loihi1_compartment_brian2.mlir - As brian2_loihi has it ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compartment of Loihi 1 as brian2_loihi simulates it (Michaelis et al.,
// Frontiers in Neuroinformatics 16, 2022): that of loihi1_compartment without
// the limits of the registers, and without a bias. brian2_loihi counts the
// offset of the current's decay into its parameter decay_I.
//
//   u = tz(u, 4096 - ds_offset - decay_u) + sum of effective weights
//   v = tz(v, 4096 - dm_offset - decay_v) + u;  v = 0 while refractory
//   spike = v > vth << 6; then v = 0 and the counter is set to refract_delay
//
// with tz(x, f) = sgn(x) * ((|x| * f) >> 12). What leaves 32 bits wraps.
//
//===----------------------------------------------------------------------===//
neuron.model @loihi1_compartment_brian2 ports 1
    doc "compartment of Loihi 1 without limits of its registers" {
  %u = neuron.state "u" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %ref = neuron.state "ref" bits 6 : i32
  %decay_u = neuron.param "decay_u" range 0 to 4095
  %decay_v = neuron.param "decay_v" range 0 to 4095
  %refract_delay = neuron.param "refract_delay" range 1 to 63
  %vth = neuron.param "vth" range 0 to 131071
  %ds_offset = neuron.param "ds_offset" range 0 to 1
  %dm_offset = neuron.param "dm_offset" range 0 to 1
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %six = arith.constant 6 : i32
  %unity = arith.constant 4096 : i32

  %lost_u = arith.addi %ds_offset, %decay_u : i32
  %factor_u = arith.subi %unity, %lost_u : i32
  %kept_u = neuron.decay %u by %factor_u shift 12
  %new_u = arith.addi %kept_u, %input : i32
  neuron.write "u", %new_u
  %lost_v = arith.addi %dm_offset, %decay_v : i32
  %factor_v = arith.subi %unity, %lost_v : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %new_u : i32
  %pausing = arith.cmpi sgt, %ref, %zero : i32
  %membrane = neuron.reset %sum_v if %pausing to %zero

  %threshold = arith.shli %vth, %six : i32
  %spike = arith.cmpi sgt, %membrane, %threshold : i32
  %new_v = neuron.reset %membrane if %spike to %zero
  neuron.write "v", %new_v
  %counter = neuron.reset %ref if %spike to %refract_delay
  %less = arith.subi %counter, %one : i32
  %new_ref = arith.maxsi %less, %zero : i32
  neuron.write "ref", %new_ref
  neuron.fire %spike
}
