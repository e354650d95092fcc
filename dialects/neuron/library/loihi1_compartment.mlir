//===- loihi1_compartment.mlir - The neuron of Loihi 1 --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A single compartment of Loihi 1, bit for bit as nengo-loihi's emulator runs
// it (nengo-loihi emulator/interface.py and builder/discretize.py; Davies et
// al., IEEE Micro 38(1), 2018). For step t, with tz(x, f) = sgn(x) * ((|x| * f)
// >> 12):
//
//   q = wrap21(sum of effective weights, weight mantissa << (6 + exponent))
//   u = wrap23(tz(u, 4096 - ds_offset - decay_u) + q)
//   b = wrap23(u + (bias_mant << bias_exp))
//   v = clamp(tz(v, 4096 - dm_offset - decay_v) + b, vmin, vmax)
//   v = 0 while refractory
//   spike = v > vth << 6; then v = 0 and the counter is set to refract_delay
//
// u is never reset and goes on during refractoriness. After a spike in step t
// the next is possible in step t + refract_delay; 1 is no pause. With
// pos_vm_limit = p and neg_vm_limit = n, vmax = 2^(9+2p) - 1, vmin = 1 - 2^n.
// Noise is left out. The silicon's read-out of 128 * refract_delay in place of
// v during the pause is not modelled: v reads 0, as in the emulators.
//
//===----------------------------------------------------------------------===//
neuron.model @loihi1_compartment ports 1
    doc "compartment of Loihi 1: current, voltage, refractory counter" {
  %u = neuron.state "u" bits 23 : i32
  %v = neuron.state "v" bits 23 : i32
  %ref = neuron.state "ref" bits 6 : i32
  %decay_u = neuron.param "decay_u" range 0 to 4095
  %decay_v = neuron.param "decay_v" range 0 to 4095
  %refract_delay = neuron.param "refract_delay" range 1 to 63
  %vth = neuron.param "vth" range 0 to 131071
  %bias_mant = neuron.param "bias_mant" range -4096 to 4095
  %bias_exp = neuron.param "bias_exp" range 0 to 7
  %pos_vm_limit = neuron.param "pos_vm_limit" range 0 to 7
  %neg_vm_limit = neuron.param "neg_vm_limit" range 0 to 23
  %ds_offset = neuron.param "ds_offset" range 0 to 1
  %dm_offset = neuron.param "dm_offset" range 0 to 1
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %two = arith.constant 2 : i32
  %six = arith.constant 6 : i32
  %nine = arith.constant 9 : i32
  %unity = arith.constant 4096 : i32

  // The current.
  %q = neuron.wrap %input bits 21
  %lost_u = arith.addi %ds_offset, %decay_u : i32
  %factor_u = arith.subi %unity, %lost_u : i32
  %kept_u = neuron.decay %u by %factor_u shift 12
  %sum_u = arith.addi %kept_u, %q : i32
  %new_u = neuron.wrap %sum_u bits 23
  neuron.write "u", %new_u

  // The voltage before the threshold.
  %bias = arith.shli %bias_mant, %bias_exp : i32
  %driven = arith.addi %new_u, %bias : i32
  %drive = neuron.wrap %driven bits 23
  %lost_v = arith.addi %dm_offset, %decay_v : i32
  %factor_v = arith.subi %unity, %lost_v : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %drive : i32
  %twice = arith.muli %pos_vm_limit, %two : i32
  %vmax_bits = arith.addi %twice, %nine : i32
  %vmax_end = arith.shli %one, %vmax_bits : i32
  %vmax = arith.subi %vmax_end, %one : i32
  %vmin_end = arith.shli %one, %neg_vm_limit : i32
  %vmin = arith.subi %one, %vmin_end : i32
  %limited = neuron.saturate %sum_v, %vmin, %vmax
  %pausing = arith.cmpi sgt, %ref, %zero : i32
  %membrane = neuron.reset %limited if %pausing to %zero

  // Spike, reset, refractory counter.
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
