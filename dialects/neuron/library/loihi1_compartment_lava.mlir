//===- loihi1_compartment_lava.mlir - Loihi 1 as Lava has it --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fixed-point LIF process of Lava (lava-nc, proc/lif/models.py, tag
// fixed_pt) behind a Dense connection, so that networks from Lava and lava-dl
// give the spikes that they gave there. What differs from loihi1_compartment:
//
//   the input is the sum of weight mantissas; the weight exponent is applied
//   to the sum: a = (weight_exp >= 0 ? sum << e : sum >> -e) << 6
//   the input does not wrap; u wraps to -2^23 + 1 .. 2^23, one off two's
//   complement, and by one turn only: what is further off stays outside;
//   u + bias does not wrap
//   v saturates at +-(2^23 - 1); there is no refractory period
//   a negative bias exponent shifts right
//
// decay_u = -1 makes u an integrator (lava-dl's default for a layer without a
// neuron), decay_v = 4096 makes v memoryless.
//
//===----------------------------------------------------------------------===//
neuron.model @loihi1_compartment_lava ports 1
    doc "fixed-point LIF of Lava, weight exponent on the sum" {
  %u = neuron.state "u" bits 24 : i32
  %v = neuron.state "v" bits 23 : i32
  %decay_u = neuron.param "decay_u" range -1 to 4096
  %decay_v = neuron.param "decay_v" range 0 to 4096
  %vth = neuron.param "vth" range 0 to 262143
  %bias_mant = neuron.param "bias_mant" range -4096 to 4095
  %bias_exp = neuron.param "bias_exp" range -8 to 7
  %weight_exp = neuron.param "weight_exp" range -8 to 7
  %ds_offset = neuron.param "ds_offset" range 0 to 1
  %dm_offset = neuron.param "dm_offset" range 0 to 1
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %six = arith.constant 6 : i32
  %unity = arith.constant 4096 : i32
  %turn = arith.constant 16777216 : i32
  %half_turn = arith.constant 8388608 : i32
  %minus_half_turn = arith.constant -8388608 : i32
  %vmax = arith.constant 8388607 : i32
  %vmin = arith.constant -8388607 : i32

  // The exponent on the sum.
  %minus_exp = arith.subi %zero, %weight_exp : i32
  %left = arith.maxsi %weight_exp, %zero : i32
  %right = arith.maxsi %minus_exp, %zero : i32
  %up = arith.shli %input, %left : i32
  %scaled = arith.shrsi %up, %right : i32
  %a = arith.shli %scaled, %six : i32

  // The current, one turn back toward -2^23 + 1 .. 2^23.
  %lost_u = arith.addi %ds_offset, %decay_u : i32
  %factor_u = arith.subi %unity, %lost_u : i32
  %kept_u = neuron.decay %u by %factor_u shift 12
  %sum_u = arith.addi %kept_u, %a : i32
  %lowered = arith.subi %sum_u, %turn : i32
  %raised = arith.addi %sum_u, %turn : i32
  %over = arith.cmpi sgt, %sum_u, %half_turn : i32
  %under = arith.cmpi sle, %sum_u, %minus_half_turn : i32
  %from_above = neuron.reset %sum_u if %over to %lowered
  %new_u = neuron.reset %from_above if %under to %raised
  neuron.write "u", %new_u

  // The voltage.
  %no_exp = arith.subi %zero, %bias_exp : i32
  %bias_left = arith.maxsi %bias_exp, %zero : i32
  %bias_right = arith.maxsi %no_exp, %zero : i32
  %bias_up = arith.shli %bias_mant, %bias_left : i32
  %bias = arith.shrsi %bias_up, %bias_right : i32
  %drive = arith.addi %new_u, %bias : i32
  %lost_v = arith.addi %dm_offset, %decay_v : i32
  %factor_v = arith.subi %unity, %lost_v : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %drive : i32
  %membrane = neuron.saturate %sum_v, %vmin, %vmax
  %threshold = arith.shli %vth, %six : i32
  %spike = arith.cmpi sgt, %membrane, %threshold : i32
  %new_v = neuron.reset %membrane if %spike to %zero
  neuron.write "v", %new_v
  neuron.fire %spike
}
