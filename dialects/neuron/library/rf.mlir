//===- rf.mlir - Resonate and fire ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RF of Lava (lava-nc, proc/rf/models.py, fixed point; Orchard et al. 2021): an
// oscillator that decays and fires when its phase passes zero upward while the
// real part is at least vth.
//
//   re' = tz(re, cos_decay) - tz(im, sin_decay) + (input 0 << state_exp)
//   im' = tz(re, sin_decay) + tz(im, cos_decay) + (input 1 << state_exp)
//
// saturated at +-(2^23 - 1), with tz(x, f) = sgn(x f) * ((|x| * |f|) >> 12);
// sin_decay and cos_decay are (1 - alpha) sin(2 pi / period) and its cosine in
// 1/4096. Spike if re' >= vth << state_exp, im' >= 0 and im < 0; no reset.
//
//===----------------------------------------------------------------------===//
neuron.model @rf ports 2
    doc "resonator that fires at a zero crossing of its phase" {
  %re = neuron.state "re" bits 23 : i32
  %im = neuron.state "im" bits 23 : i32
  %sin_decay = neuron.param "sin_decay" range -4096 to 4096
  %cos_decay = neuron.param "cos_decay" range -4096 to 4096
  %vth = neuron.param "vth" range 0 to 131071
  %state_exp = neuron.param "state_exp" range 0 to 7
  %a_re = neuron.input 0
  %a_im = neuron.input 1
  %zero = arith.constant 0 : i32
  %most = arith.constant 8388607 : i32
  %least = arith.constant -8388607 : i32

  // Rotation and decay; each product is rounded by itself.
  %cos_re = neuron.decay %re by %cos_decay shift 12
  %sin_im = neuron.decay %im by %sin_decay shift 12
  %sin_re = neuron.decay %re by %sin_decay shift 12
  %cos_im = neuron.decay %im by %cos_decay shift 12
  %drive_re = arith.shli %a_re, %state_exp : i32
  %drive_im = arith.shli %a_im, %state_exp : i32
  %turned_re = arith.subi %cos_re, %sin_im : i32
  %turned_im = arith.addi %sin_re, %cos_im : i32
  %sum_re = arith.addi %turned_re, %drive_re : i32
  %sum_im = arith.addi %turned_im, %drive_im : i32
  %new_re = neuron.saturate %sum_re, %least, %most
  %new_im = neuron.saturate %sum_im, %least, %most
  %threshold = arith.shli %vth, %state_exp : i32

  %large = arith.cmpi sge, %new_re, %threshold : i32
  %arrived = arith.cmpi sge, %new_im, %zero : i32
  %was_below = arith.cmpi slt, %im, %zero : i32
  %crossing = arith.andi %arrived, %was_below : i1
  %spike = arith.andi %large, %crossing : i1
  neuron.write "re", %new_re
  neuron.write "im", %new_im
  neuron.fire %spike
}
