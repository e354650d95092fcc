// RUN: hillock-opt %s --canonicalize --split-input-file | FileCheck %s

// 3000 * 4096 needs 24 bits; 8400000 - 2^24 = -8377216; worked out by hand.
// CHECK-LABEL: @constants
neuron.model @constants ports 1 {
  %a = neuron.state "a" bits 31 : i32
  %b = neuron.state "b" bits 31 : i32
  %c = neuron.state "c" bits 31 : i32
  %d = neuron.state "d" bits 31 : i32
  %e = neuron.state "e" bits 31 : i32
  %minus = arith.constant -1001 : i32
  %big = arith.constant 8400000 : i32
  %half = arith.constant 2048 : i32
  %zero = arith.constant 0 : i32
  %ten = arith.constant 10 : i32
  // Toward zero and downward: -500 and -501.
  %0 = neuron.decay %minus by %half shift 12
  %1 = neuron.mulshr %minus, %half shift 12
  %2 = neuron.wrap %big bits 23
  %3 = neuron.saturate %minus, %zero, %ten
  // An empty range gives its upper end.
  %4 = neuron.saturate %ten, %ten, %zero
  // CHECK-DAG: %[[DECAY:.*]] = arith.constant -500 : i32
  // CHECK-DAG: %[[MULSHR:.*]] = arith.constant -501 : i32
  // CHECK-DAG: %[[WRAP:.*]] = arith.constant -8377216 : i32
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i32
  // CHECK: neuron.write "a", %[[DECAY]]
  // CHECK: neuron.write "b", %[[MULSHR]]
  // CHECK: neuron.write "c", %[[WRAP]]
  // CHECK: neuron.write "d", %[[ZERO]]
  // CHECK: neuron.write "e", %[[ZERO]]
  neuron.write "a", %0
  neuron.write "b", %1
  neuron.write "c", %2
  neuron.write "d", %3
  neuron.write "e", %4
}

// -----

// CHECK-LABEL: @identities
neuron.model @identities ports 1 {
  // CHECK: %[[V:.*]] = neuron.state "v"
  %v = neuron.state "v" bits 31 : i32
  %a = neuron.state "a" bits 31 : i32
  %b = neuron.state "b" bits 31 : i32
  %c = neuron.state "c" bits 31 : i32
  %zero = arith.constant 0 : i32
  %one = arith.constant 4096 : i32
  %0 = neuron.decay %v by %one shift 12
  %1 = neuron.mulshr %one, %0 shift 12
  %2 = neuron.wrap %1 bits 31
  %3 = neuron.decay %v by %zero shift 12
  %4 = neuron.mulshr %v, %zero shift 12
  // CHECK-NOT: neuron.decay
  // CHECK-NOT: neuron.mulshr
  // CHECK-NOT: neuron.wrap
  // CHECK: neuron.write "a", %[[V]]
  // CHECK: neuron.write "b", %c0
  // CHECK: neuron.write "c", %c0
  neuron.write "a", %2
  neuron.write "b", %3
  neuron.write "c", %4
}

// -----

// CHECK-LABEL: @wraps
neuron.model @wraps ports 1 {
  // CHECK: %[[X:.*]] = neuron.input 0
  %x = neuron.input 0
  %a = neuron.state "a" bits 31 : i32
  %b = neuron.state "b" bits 31 : i32
  // CHECK-DAG: %[[NARROW:.*]] = neuron.wrap %[[X]] bits 21
  // CHECK-NOT: neuron.wrap
  %wide = neuron.wrap %x bits 23
  %narrow = neuron.wrap %wide bits 21
  %same = neuron.wrap %narrow bits 22
  // CHECK: neuron.write "a", %[[NARROW]]
  // CHECK: neuron.write "b", %[[NARROW]]
  neuron.write "a", %narrow
  neuron.write "b", %same
}

// -----

// CHECK-LABEL: @saturates_and_resets
neuron.model @saturates_and_resets ports 1 {
  // CHECK-DAG: %[[X:.*]] = neuron.input 0
  // CHECK-DAG: %[[LOW:.*]] = neuron.param "low"
  // CHECK-DAG: %[[HIGH:.*]] = neuron.param "high"
  %x = neuron.input 0
  %low = neuron.param "low" range -9 to 0
  %high = neuron.param "high" range 0 to 9
  %a = neuron.state "a" bits 31 : i32
  %b = neuron.state "b" bits 31 : i32
  %c = neuron.state "c" bits 31 : i32
  %d = neuron.state "d" bits 31 : i32
  %true = arith.constant true
  %false = arith.constant false
  %unknown = arith.cmpi sgt, %x, %low : i32
  // CHECK: %[[ONCE:.*]] = neuron.saturate %[[X]], %[[LOW]], %[[HIGH]]
  // CHECK-NOT: neuron.saturate
  // CHECK-NOT: neuron.reset
  %once = neuron.saturate %x, %low, %high
  %twice = neuron.saturate %once, %low, %high
  %taken = neuron.reset %x if %true to %low
  %left = neuron.reset %x if %false to %low
  %same = neuron.reset %x if %unknown to %x
  // CHECK: neuron.write "a", %[[ONCE]]
  // CHECK: neuron.write "b", %[[LOW]]
  // CHECK: neuron.write "c", %[[X]]
  // CHECK: neuron.write "d", %[[X]]
  neuron.write "a", %twice
  neuron.write "b", %taken
  neuron.write "c", %left
  neuron.write "d", %same
}

// -----

// Declarations and random draws stay although nobody uses them; an input goes.
// CHECK-LABEL: @effects
// CHECK-NEXT: neuron.state "v"
// CHECK-NEXT: neuron.param "p"
// CHECK-NEXT: neuron.random
// CHECK-NEXT: neuron.random
// CHECK-NEXT: }
neuron.model @effects ports 1 {
  %v = neuron.state "v" bits 31 : i32
  %p = neuron.param "p" range 0 to 1
  %x = neuron.input 0
  %0 = neuron.random
  %1 = neuron.random
}
