//===- graded_max.mlir - The largest of what comes one by one -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pool of maxima for graded spikes: the cells of a window arrive one a step
// (delays of their synapses see to that), from step first to step last of a
// run; then the largest is sent. What does not arrive counts as 0. Weights are
// one, of mantissa 2^-weight_exp.
//
//===----------------------------------------------------------------------===//
neuron.model @graded_max ports 1
    doc "largest of the graded spikes of some steps" {
  %t = neuron.state "t" bits 31 : i32
  %v = neuron.state "v" bits 31 : i32
  %first = neuron.param "first" range 0 to 65535
  %step = neuron.param "step" range 0 to 65535
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %a = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %align = arith.subi %zero, %weight_exp : i32
  %x = arith.shrsi %a, %align : i32
  %larger = arith.maxsi %v, %x : i32
  %begins = arith.cmpi sle, %t, %first : i32
  %new_v = arith.select %begins, %x, %larger : i32
  %next = arith.addi %t, %one : i32
  neuron.write "t", %next
  neuron.write "v", %new_v
  %due = arith.cmpi eq, %t, %step : i32
  %nonzero = arith.cmpi ne, %new_v, %zero : i32
  %some = arith.andi %due, %nonzero : i1
  neuron.fire %some payload %new_v
}
