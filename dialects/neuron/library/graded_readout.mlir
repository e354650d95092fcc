//===- graded_readout.mlir - A sum becomes a wide code --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// graded_quantize for the last layer of a network: 32-bit codes without a
// clamp, which a host reads from v in the one step in which they are due. It
// sends nothing.
//
//===----------------------------------------------------------------------===//
neuron.model @graded_readout ports 1
    doc "requantizes a sum for the host to read" {
  %t = neuron.state "t" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %step = neuron.param "step" range 0 to 65535
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %bias = neuron.param "bias" range -2147483648 to 2147483647
  %mult = neuron.param "mult" range 0 to 2147483647
  %left = neuron.param "left" range 0 to 31
  %right = neuron.param "right" range 1 to 31
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
  %due = arith.cmpi eq, %t, %step : i32
  %next = arith.addi %t, %one : i32
  neuron.write "t", %next
  %new_v = arith.select %due, %code, %zero : i32
  neuron.write "v", %new_v
}
