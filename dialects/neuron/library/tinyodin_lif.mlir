//===- tinyodin_lif.mlir - The neuron of tinyODIN -------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One event of tinyODIN's LIF neuron (ChFrenkel/tinyODIN, documentation), not
// one time step: port 0 is the weight of a synaptic event, port 1 is 1 at a
// time reference. Names are those of the fields of the neuron's word.
//
//   synaptic event:  v = clamp(core + w, -2048, 2047)
//   time reference:  v goes toward 0 by leak_str and stops there
//   spike = v >= 0 and v >= thr, compared in every update; then core = 0
//
//===----------------------------------------------------------------------===//
neuron.model @tinyodin_lif ports 2
    doc "tinyODIN: LIF of 12 bits that saturates, one event at a time" {
  %core = neuron.state "core" bits 11 : i32
  %leak = neuron.param "leak_str" range 0 to 127
  %thr = neuron.param "thr" range 0 to 4095
  %weight = neuron.input 0
  %reference = neuron.input 1
  %zero = arith.constant 0 : i32
  %most = arith.constant 2047 : i32
  %least = arith.constant -2048 : i32

  %sum = arith.addi %core, %weight : i32
  %integrated = neuron.saturate %sum, %least, %most
  %less = arith.subi %core, %leak : i32
  %from_above = arith.maxsi %less, %zero : i32
  %more = arith.addi %core, %leak : i32
  %from_below = arith.minsi %more, %zero : i32
  %positive = arith.cmpi sge, %core, %zero : i32
  %leaked = arith.select %positive, %from_above, %from_below : i32
  %is_reference = arith.cmpi ne, %reference, %zero : i32
  %v = arith.select %is_reference, %leaked, %integrated : i32

  // The comparison is one of unsigned numbers; below 0 nothing fires.
  %not_below = arith.cmpi sge, %v, %zero : i32
  %reached = arith.cmpi sge, %v, %thr : i32
  %spike = arith.andi %not_below, %reached : i1
  %new = neuron.reset %v if %spike to %zero
  neuron.write "core", %new
  neuron.fire %spike
}
