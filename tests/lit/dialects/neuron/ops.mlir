// RUN: hillock-opt %s | FileCheck %s
// RUN: hillock-opt %s | hillock-opt | FileCheck %s
// RUN: hillock-opt %s --mlir-print-op-generic | hillock-opt | FileCheck %s
// RUN: hillock-opt %s --emit-bytecode | hillock-opt | FileCheck %s

// CHECK-LABEL: neuron.model @everything ports 2 doc "all ops"
// CHECK-SAME: attributes {origin = "test"}
neuron.model @everything ports 2 doc "all ops" attributes {origin = "test"} {
  // CHECK-NEXT: %[[U:.*]] = neuron.state "u" bits 23 : i32
  %u = neuron.state "u" bits 23 : i32
  // CHECK-NEXT: %[[D:.*]] = neuron.param "decay_u" range -1 to 4095
  %d = neuron.param "decay_u" range -1 to 4095
  // CHECK-NEXT: %[[Q:.*]] = neuron.input 0
  %q = neuron.input 0
  // CHECK-NEXT: %[[G:.*]] = neuron.input 1
  %g = neuron.input 1
  // CHECK-NEXT: %[[R:.*]] = neuron.random
  %r = neuron.random
  // CHECK-NEXT: %[[KEPT:.*]] = neuron.decay %[[U]] by %[[D]] shift 12
  %kept = neuron.decay %u by %d shift 12
  // CHECK-NEXT: %[[M:.*]] = neuron.mulshr %[[KEPT]], %[[G]] shift 6
  %m = neuron.mulshr %kept, %g shift 6
  // CHECK-NEXT: %[[S:.*]] = arith.addi %[[M]], %[[Q]] : i32
  %s = arith.addi %m, %q : i32
  // CHECK-NEXT: %[[W:.*]] = neuron.wrap %[[S]] bits 21
  %w = neuron.wrap %s bits 21
  // CHECK-NEXT: %[[SAT:.*]] = neuron.saturate %[[W]], %[[D]], %[[R]]
  %sat = neuron.saturate %w, %d, %r
  // CHECK-NEXT: %[[C:.*]] = arith.cmpi sgt, %[[SAT]], %[[D]] : i32
  %c = arith.cmpi sgt, %sat, %d : i32
  // CHECK-NEXT: %[[N:.*]] = neuron.reset %[[SAT]] if %[[C]] to %[[D]]
  %n = neuron.reset %sat if %c to %d
  // CHECK-NEXT: neuron.write "u", %[[N]]
  neuron.write "u", %n
  // CHECK-NEXT: neuron.fire %[[C]] payload %[[N]]
  neuron.fire %c payload %n
}

// CHECK-LABEL: neuron.model @binary ports 1 {
neuron.model @binary ports 1 {
  %t = arith.constant true
  // CHECK: neuron.fire %{{.*}}
  // CHECK-NOT: payload
  neuron.fire %t
}

// A model may be empty: it never fires.
// CHECK-LABEL: neuron.model @nothing ports 1 {
// CHECK-NEXT: }
neuron.model @nothing ports 1 {
}

// All of arith that a model may use.
// CHECK-LABEL: neuron.model @arithmetic ports 1
neuron.model @arithmetic ports 1 {
  %a = neuron.input 0
  %b = arith.constant 3 : i32
  %0 = arith.addi %a, %b : i32
  %1 = arith.subi %0, %b : i32
  %2 = arith.muli %1, %b : i32
  %3 = arith.shli %2, %b : i32
  %4 = arith.shrsi %3, %b : i32
  %5 = arith.andi %4, %b : i32
  %6 = arith.ori %5, %b : i32
  %7 = arith.xori %6, %a : i32
  %8 = arith.minsi %7, %b : i32
  %9 = arith.maxsi %8, %b : i32
  %eq = arith.cmpi eq, %9, %b : i32
  %ne = arith.cmpi ne, %9, %b : i32
  %slt = arith.cmpi slt, %9, %b : i32
  %sle = arith.cmpi sle, %9, %b : i32
  %sgt = arith.cmpi sgt, %9, %b : i32
  %sge = arith.cmpi sge, %9, %b : i32
  %c0 = arith.andi %eq, %ne : i1
  %c1 = arith.ori %c0, %slt : i1
  %c2 = arith.xori %c1, %sle : i1
  %c3 = arith.select %c2, %sgt, %sge : i1
  %n = arith.extui %c3 : i1 to i32
  %f = arith.constant false
  %m = arith.select %f, %n, %a : i32
  neuron.fire %c3 payload %m
}
