//===- odin_lif.mlir - The LIF neuron of ODIN -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One event of ODIN's LIF neuron (ChFrenkel/ODIN, documentation; Frenkel et
// al., IEEE TBioCAS 2019), not one time step: port 0 is the weight of a
// synaptic event, negative from an inhibitory source; port 1 is 1 at a time
// reference. Names are those of the fields of the neuron's word.
//
//   synaptic event:  v = clamp(core + w, 0, 255)
//   time reference:  v = max(core - leak_str, 0) with leak_en, else core
//   spike = v >= thr, compared in every update; then core = 0
//
// Calcium counts spikes (0 to 7) and goes down by one at every ca_leak-th time
// reference. It steers spike-driven plasticity (SDSP): up and down are what the
// neuron tells the synapses on it. Both are kept as states, for the chip has
// registers for them.
//
//===----------------------------------------------------------------------===//
neuron.model @odin_lif ports 2
    doc "ODIN: LIF of 8 bits with calcium, one event at a time" {
  %core = neuron.state "core" bits 8 : i32
  %calcium = neuron.state "calcium" bits 3 : i32
  %count = neuron.state "caleak_cnt" bits 5 : i32
  %old_up = neuron.state "up" bits 1 : i32
  %old_down = neuron.state "down" bits 1 : i32
  %leak = neuron.param "leak_str" range 0 to 127
  %leak_en = neuron.param "leak_en" range 0 to 1
  %thr = neuron.param "thr" range 0 to 255
  %ca_en = neuron.param "ca_en" range 0 to 1
  %thetamem = neuron.param "thetamem" range 0 to 255
  %theta1 = neuron.param "theta1" range 0 to 7
  %theta2 = neuron.param "theta2" range 0 to 7
  %theta3 = neuron.param "theta3" range 0 to 7
  %ca_leak = neuron.param "ca_leak" range 0 to 31
  %weight = neuron.input 0
  %reference = neuron.input 1
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %seven = arith.constant 7 : i32
  %full = arith.constant 31 : i32
  %most = arith.constant 255 : i32
  %is_reference = arith.cmpi ne, %reference, %zero : i32

  // The potential.
  %sum = arith.addi %core, %weight : i32
  %integrated = neuron.saturate %sum, %zero, %most
  %amount = arith.muli %leak, %leak_en : i32
  %less = arith.subi %core, %amount : i32
  %leaked = arith.maxsi %less, %zero : i32
  %v = arith.select %is_reference, %leaked, %integrated : i32
  %spike = arith.cmpi sge, %v, %thr : i32
  %new = neuron.reset %v if %spike to %zero
  neuron.write "core", %new
  neuron.fire %spike

  // Its calcium: + 1 with a spike, - 1 with a pulse, unchanged with both.
  %has_calcium = arith.cmpi ne, %ca_en, %zero : i32
  %has_period = arith.cmpi ne, %ca_leak, %zero : i32
  %counts_some = arith.andi %is_reference, %has_period : i1
  %counts = arith.andi %counts_some, %has_calcium : i1
  %last = arith.subi %ca_leak, %one : i32
  %ended = arith.cmpi eq, %count, %last : i32
  %pulse = arith.andi %counts, %ended : i1
  %next = arith.addi %count, %one : i32
  %next_count = arith.andi %next, %full : i32
  %counted = arith.select %counts, %next_count, %count : i32
  %new_count = neuron.reset %counted if %pulse to %zero
  neuron.write "caleak_cnt", %new_count
  %gain = arith.extui %spike : i1 to i32
  %loss = arith.extui %pulse : i1 to i32
  %change = arith.subi %gain, %loss : i32
  %moved = arith.addi %calcium, %change : i32
  %within = neuron.saturate %moved, %zero, %seven
  %new_calcium = arith.select %has_calcium, %within, %calcium : i32
  neuron.write "calcium", %new_calcium

  // What the synapses are told, from the new values.
  %high = arith.cmpi sge, %new, %thetamem : i32
  %low = arith.cmpi slt, %new, %thetamem : i32
  %enough = arith.cmpi sge, %new_calcium, %theta1 : i32
  %below_up = arith.cmpi slt, %new_calcium, %theta3 : i32
  %below_down = arith.cmpi slt, %new_calcium, %theta2 : i32
  %learns = arith.andi %has_calcium, %enough : i1
  %up_high = arith.andi %high, %below_up : i1
  %up = arith.andi %up_high, %learns : i1
  %down_low = arith.andi %low, %below_down : i1
  %down = arith.andi %down_low, %learns : i1
  %new_up = arith.extui %up : i1 to i32
  %new_down = arith.extui %down : i1 to i32
  neuron.write "up", %new_up
  neuron.write "down", %new_down
}
