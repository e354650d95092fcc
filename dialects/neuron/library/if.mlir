//===- if.mlir - Integrate and fire ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The node IF of the Neuromorphic Intermediate Representation (Pedersen et al.,
// 2024), in integers: v = v + input + bias.
//
// Convention of the integer forms (if, lif, cuba_lif; i, li, cuba_li without
// the spike): one unit is one unit of weight. A factor is the part that a step
// keeps, in 1/4096; what it takes away is rounded toward zero. u and v saturate
// at +-(2^23 - 1); an input must be smaller than 2^30.
//
// The spike is v > vth, strictly. Then v becomes v_reset (reset_mode 0) or v -
// vth (reset_mode 1). After a spike in step t the next is possible in step t +
// refract_delay (0 and 1: no pause); during the pause v stands still at what
// the reset left, without leak and input.
//
//===----------------------------------------------------------------------===//
neuron.model @if ports 1
    doc "integrate-and-fire, reset to a value or by subtraction" {
  %v = neuron.state "v" bits 23 : i32
  %ref = neuron.state "ref" bits 15 : i32
  %bias = neuron.param "bias" range -8388607 to 8388607
  %vth = neuron.param "vth" range -8388607 to 8388607
  %v_reset = neuron.param "v_reset" range -8388607 to 8388607
  %reset_mode = neuron.param "reset_mode" range 0 to 1
  %refract_delay = neuron.param "refract_delay" range 0 to 32767
  %input = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %most = arith.constant 8388607 : i32
  %least = arith.constant -8388607 : i32

  %drive = arith.addi %input, %bias : i32
  %sum_v = arith.addi %v, %drive : i32
  %limited = neuron.saturate %sum_v, %least, %most
  %pausing = arith.cmpi sgt, %ref, %zero : i32
  %membrane = neuron.reset %limited if %pausing to %v

  // A subtraction may leave v above the threshold; it waits for the end of
  // the pause.
  %above = arith.cmpi sgt, %membrane, %vth : i32
  %ready = arith.cmpi sle, %ref, %zero : i32
  %spike = arith.andi %above, %ready : i1
  %by_subtraction = arith.cmpi ne, %reset_mode, %zero : i32
  %rest = arith.subi %membrane, %vth : i32
  %limited_rest = neuron.saturate %rest, %least, %most
  %target = arith.select %by_subtraction, %limited_rest, %v_reset : i32
  %new_v = neuron.reset %membrane if %spike to %target
  neuron.write "v", %new_v
  %counter = neuron.reset %ref if %spike to %refract_delay
  %less = arith.subi %counter, %one : i32
  %new_ref = arith.maxsi %less, %zero : i32
  neuron.write "ref", %new_ref
  neuron.fire %spike
}
