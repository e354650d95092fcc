// RUN: hillock-translate --neuron-to-bytecode %s | FileCheck %s

// "true" is 1, an extension of a condition costs nothing, a saturation is a
// maximum and a minimum, a draw that nobody uses is still drawn.
// CHECK-LABEL: program conditions: 11 registers, 2 ports
// CHECK-NEXT:    r0 = random
// CHECK-NEXT:    r1 = input 0
// CHECK-NEXT:    r2 = input 1
// CHECK-NEXT:    r3 = cmple r1, r2
// CHECK-NEXT:    r4 = const 1
// CHECK-NEXT:    r5 = xor r3, r4
// CHECK-NEXT:    r6 = sub r5, r1
// CHECK-NEXT:    r7 = const 0
// CHECK-NEXT:    r8 = max r6, r7
// CHECK-NEXT:    r9 = min r8, r2
// CHECK-NEXT:    r10 = mulshr r9, r9 >> 3
// CHECK-NEXT:    fire r5, payload r10
neuron.model @conditions ports 2 {
  %draw = neuron.random
  %a = neuron.input 0
  %b = neuron.input 1
  %true = arith.constant true
  %zero = arith.constant 0 : i32
  %c = arith.cmpi sge, %b, %a : i32
  %d = arith.xori %c, %true : i1
  %n = arith.extui %d : i1 to i32
  %m = arith.subi %n, %a : i32
  %s = neuron.saturate %m, %zero, %b
  %p = neuron.mulshr %s, %s shift 3
  neuron.fire %d payload %p
}
