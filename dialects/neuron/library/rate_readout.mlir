//===- rate_readout.mlir - A sum over time for the host to read -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last layer of a network in rate code: gain * sum + bias of all steps
// since first, times mult / 2^(31 + right), rounded to nearest. It sends
// nothing.
//
//===----------------------------------------------------------------------===//
neuron.model @rate_readout ports 1
    doc "sums over time, scaled, for the host to read" {
  %t = neuron.state "t" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %value = neuron.state "value" bits 31 : i32
  %first = neuron.param "first" range 0 to 65535
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %gain = neuron.param "gain" range 0 to 65535
  %bias = neuron.param "bias" range -2147483648 to 2147483647
  %mult = neuron.param "mult" range 0 to 2147483647
  %right = neuron.param "right" range 1 to 31
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
  %total = neuron.saturate %raised, %least, %most
  neuron.write "v", %total
  %scaled = neuron.mulshr %total, %mult shift 31
  %below = arith.subi %right, %one : i32
  %half = arith.shli %one, %below : i32
  %rounded = arith.addi %scaled, %half : i32
  %code = arith.shrsi %rounded, %right : i32
  neuron.write "value", %code
}
