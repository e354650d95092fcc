//===- rate_if.mlir - A value as a number of spikes -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neuron of a network of integers in rate code: integrate and fire, reset
// by subtraction. A step adds gain * sum + bias, where gain is the value that a
// spike of the source stands for in every step; a spike stands for the largest
// code, so that the threshold is what makes it. The threshold stands in mult,
// half of it in v at the start. Steps before first do not count.
//
// Rueckauer et al., Frontiers in Neuroscience 11:682, 2017.
//
//===----------------------------------------------------------------------===//
neuron.model @rate_if ports 1
    doc "integrate and fire, reset by subtraction, of integer networks" {
  %t = neuron.state "t" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %first = neuron.param "first" range 0 to 65535
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %gain = neuron.param "gain" range 0 to 65535
  %bias = neuron.param "bias" range -2147483648 to 2147483647
  %threshold = neuron.param "mult" range 1 to 2147483647
  %a = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %least = arith.constant -1073741824 : i32
  %most = arith.constant 1073741823 : i32
  %align = arith.subi %zero, %weight_exp : i32
  %products = arith.shrsi %a, %align : i32
  %drive = arith.muli %products, %gain : i32
  %sum = arith.addi %drive, %bias : i32
  %counts = arith.cmpi sge, %t, %first : i32
  %added = arith.select %counts, %sum, %zero : i32
  %next = arith.addi %t, %one : i32
  neuron.write "t", %next

  %raised = arith.addi %v, %added : i32
  %membrane = neuron.saturate %raised, %least, %most
  %spike = arith.cmpi sge, %membrane, %threshold : i32
  %less = arith.subi %membrane, %threshold : i32
  %new_v = neuron.reset %membrane if %spike to %less
  neuron.write "v", %new_v
  neuron.fire %spike
}
