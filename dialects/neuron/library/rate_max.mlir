//===- rate_max.mlir - The largest of some rates --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pool of maxima for rate code. Of up to seven sources each has a bit of the
// sum of a step; the neuron counts the spikes of each and spikes when the
// largest count grows. So its own count is the largest of the counts, in every
// step. Weights are 2^k, of mantissas 2^(k - weight_exp).
//
//===----------------------------------------------------------------------===//
neuron.model @rate_max ports 1
    doc "spikes as often as the busiest of seven sources" {
  %c0 = neuron.state "c0" bits 31 : i32
  %c1 = neuron.state "c1" bits 31 : i32
  %c2 = neuron.state "c2" bits 31 : i32
  %c3 = neuron.state "c3" bits 31 : i32
  %c4 = neuron.state "c4" bits 31 : i32
  %c5 = neuron.state "c5" bits 31 : i32
  %c6 = neuron.state "c6" bits 31 : i32
  %weight_exp = neuron.param "weight_exp" range -8 to 0
  %a = neuron.input 0
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %align = arith.subi %zero, %weight_exp : i32
  %mask = arith.shrsi %a, %align : i32
  %b0 = arith.andi %mask, %one : i32
  %n0 = arith.addi %c0, %b0 : i32
  neuron.write "c0", %n0
  %s1 = arith.shrsi %mask, %one : i32
  %b1 = arith.andi %s1, %one : i32
  %n1 = arith.addi %c1, %b1 : i32
  neuron.write "c1", %n1
  %k2 = arith.constant 2 : i32
  %s2 = arith.shrsi %mask, %k2 : i32
  %b2 = arith.andi %s2, %one : i32
  %n2 = arith.addi %c2, %b2 : i32
  neuron.write "c2", %n2
  %k3 = arith.constant 3 : i32
  %s3 = arith.shrsi %mask, %k3 : i32
  %b3 = arith.andi %s3, %one : i32
  %n3 = arith.addi %c3, %b3 : i32
  neuron.write "c3", %n3
  %k4 = arith.constant 4 : i32
  %s4 = arith.shrsi %mask, %k4 : i32
  %b4 = arith.andi %s4, %one : i32
  %n4 = arith.addi %c4, %b4 : i32
  neuron.write "c4", %n4
  %k5 = arith.constant 5 : i32
  %s5 = arith.shrsi %mask, %k5 : i32
  %b5 = arith.andi %s5, %one : i32
  %n5 = arith.addi %c5, %b5 : i32
  neuron.write "c5", %n5
  %k6 = arith.constant 6 : i32
  %s6 = arith.shrsi %mask, %k6 : i32
  %b6 = arith.andi %s6, %one : i32
  %n6 = arith.addi %c6, %b6 : i32
  neuron.write "c6", %n6
  %before1 = arith.maxsi %c0, %c1 : i32
  %before2 = arith.maxsi %before1, %c2 : i32
  %before3 = arith.maxsi %before2, %c3 : i32
  %before4 = arith.maxsi %before3, %c4 : i32
  %before5 = arith.maxsi %before4, %c5 : i32
  %before6 = arith.maxsi %before5, %c6 : i32
  %after1 = arith.maxsi %n0, %n1 : i32
  %after2 = arith.maxsi %after1, %n2 : i32
  %after3 = arith.maxsi %after2, %n3 : i32
  %after4 = arith.maxsi %after3, %n4 : i32
  %after5 = arith.maxsi %after4, %n5 : i32
  %after6 = arith.maxsi %after5, %n6 : i32
  %grows = arith.cmpi sgt, %after6, %before6 : i32
  neuron.fire %grows
}
