//===- ternary_lif.mlir - Spikes of either sign ---------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TernaryLIF of Lava (lava-nc, proc/lif/models.py, tag fixed_pt): a LIF that
// fires +1 above the upper and -1 below the lower threshold and resets to 0
// both times. The input is in state scale (weight mantissa << (6 + exponent)).
// u wraps to -2^23 + 1 .. 2^23 by one turn only, v saturates at +-(2^23 - 1),
// as in loihi1_compartment_lava.
//
//   u = tz(u, 4095 - decay_u) + input     tz(x, f) = sgn(x) * ((|x| * f) >> 12)
//   v = tz(v, 4096 - decay_v) + u + bias
//   spike +1 if v > vth_hi << 6, -1 if v < vth_lo << 6
//
//===----------------------------------------------------------------------===//
neuron.model @ternary_lif ports 1
    doc "LIF of Lava with positive and negative spikes" {
  %u = neuron.state "u" bits 24 : i32
  %v = neuron.state "v" bits 23 : i32
  %decay_u = neuron.param "decay_u" range -1 to 4096
  %decay_v = neuron.param "decay_v" range 0 to 4096
  %vth_hi = neuron.param "vth_hi" range -131072 to 131071
  %vth_lo = neuron.param "vth_lo" range -131072 to 131071
  %bias_mant = neuron.param "bias_mant" range -4096 to 4095
  %bias_exp = neuron.param "bias_exp" range -8 to 7
  %a = neuron.input 0
  %minus_one = arith.constant -1 : i32
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %six = arith.constant 6 : i32
  %unity_u = arith.constant 4095 : i32
  %unity_v = arith.constant 4096 : i32
  %turn = arith.constant 16777216 : i32
  %half_turn = arith.constant 8388608 : i32
  %minus_half_turn = arith.constant -8388608 : i32
  %vmax = arith.constant 8388607 : i32
  %vmin = arith.constant -8388607 : i32

  %factor_u = arith.subi %unity_u, %decay_u : i32
  %kept_u = neuron.decay %u by %factor_u shift 12
  %sum_u = arith.addi %kept_u, %a : i32
  %lowered = arith.subi %sum_u, %turn : i32
  %raised = arith.addi %sum_u, %turn : i32
  %over = arith.cmpi sgt, %sum_u, %half_turn : i32
  %under = arith.cmpi sle, %sum_u, %minus_half_turn : i32
  %from_above = neuron.reset %sum_u if %over to %lowered
  %new_u = neuron.reset %from_above if %under to %raised
  neuron.write "u", %new_u

  %no_exp = arith.subi %zero, %bias_exp : i32
  %bias_left = arith.maxsi %bias_exp, %zero : i32
  %bias_right = arith.maxsi %no_exp, %zero : i32
  %bias_up = arith.shli %bias_mant, %bias_left : i32
  %bias = arith.shrsi %bias_up, %bias_right : i32
  %drive = arith.addi %new_u, %bias : i32
  %factor_v = arith.subi %unity_v, %decay_v : i32
  %kept_v = neuron.decay %v by %factor_v shift 12
  %sum_v = arith.addi %kept_v, %drive : i32
  %membrane = neuron.saturate %sum_v, %vmin, %vmax

  %upper = arith.shli %vth_hi, %six : i32
  %lower = arith.shli %vth_lo, %six : i32
  %positive = arith.cmpi sgt, %membrane, %upper : i32
  %negative = arith.cmpi slt, %membrane, %lower : i32
  %spike = arith.ori %positive, %negative : i1
  %sign = arith.select %negative, %minus_one, %one : i32
  %new_v = neuron.reset %membrane if %spike to %zero
  neuron.write "v", %new_v
  neuron.fire %spike payload %sign
}
