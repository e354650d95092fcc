//===- graded_quantize.mlir - A sum becomes a code ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neuron of a network of integers that takes one step: it sums weights
// times payloads, scales by a multiplier with one rounding to nearest (ties
// upward), clamps, and sends what came out as a graded spike. With weights of
// mantissas w * 2^-weight_exp,
//
//   code = clamp((sum * mult + 2^(s - 1)) >> s, low, high), sum = sum w x + bias
//
// for s = 31 + right - left, where left is 0 or right is 1: both roundings down
// are one, for 2^(right - 1) is whole. Codes count from the zero point. It is
// due in one step of a run only (the first is 0): before and behind it is
// silent, and 0 needs no spike.
//
//===----------------------------------------------------------------------===//
neuron.model @graded_quantize ports 1
    doc "requantizes a sum and sends it as a graded spike" {
  %t = neuron.state "t" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %step = neuron.param "step" range 0 to 65535
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %bias = neuron.param "bias" range -2147483648 to 2147483647
  %mult = neuron.param "mult" range 0 to 2147483647
  %left = neuron.param "left" range 0 to 31
  %right = neuron.param "right" range 1 to 31
  %low = neuron.param "low" range -32768 to 32767
  %high = neuron.param "high" range -32768 to 32767
  %a = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %align = arith.subi %zero, %weight_exp : i32
  %products = arith.shrsi %a, %align : i32
  %sum = arith.addi %products, %bias : i32
  %lifted = arith.shli %sum, %left : i32
  %scaled = neuron.mulshr %lifted, %mult shift 31
  %below = arith.subi %right, %one : i32
  %half = arith.shli %one, %below : i32
  %raised = arith.addi %scaled, %half : i32
  %code = arith.shrsi %raised, %right : i32
  %p = neuron.saturate %code, %low, %high

  %due = arith.cmpi eq, %t, %step : i32
  %next = arith.addi %t, %one : i32
  neuron.write "t", %next
  %new_v = arith.select %due, %p, %zero : i32
  neuron.write "v", %new_v
  %some = arith.cmpi ne, %new_v, %zero : i32
  neuron.fire %some payload %new_v
}
