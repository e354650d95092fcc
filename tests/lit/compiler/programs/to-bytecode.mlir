// RUN: hillock-translate --neuron-to-bytecode %s | FileCheck %s

// Reads come where they are first used; what reaches nothing is left out; a
// comparison "greater" is "less" with its operands changed.
// CHECK-LABEL: program lif: 10 registers, 1 port
// CHECK-NEXT:    state v: 23 bits and a sign
// CHECK-NEXT:    param factor_v
// CHECK-NEXT:    param unused
// CHECK-NEXT:    param vth
// CHECK-NEXT:    r0 = load v
// CHECK-NEXT:    r1 = param factor_v
// CHECK-NEXT:    r2 = decay r0, r1 >> 12
// CHECK-NEXT:    r3 = input 0
// CHECK-NEXT:    r4 = add r2, r3
// CHECK-NEXT:    r5 = wrap r4, 23 bits
// CHECK-NEXT:    r6 = param vth
// CHECK-NEXT:    r7 = cmplt r6, r5
// CHECK-NEXT:    r8 = const 1
// CHECK-NEXT:    r9 = select r7 ? r8 : r5
// CHECK-NEXT:    write v, r9
// CHECK-NEXT:    fire r7, payload r8
// CHECK-NOT:     {{.}}
neuron.model @lif ports 1 {
  %v = neuron.state "v" bits 23 : i32
  %factor = neuron.param "factor_v" range 0 to 4096
  %unused = neuron.param "unused" range 0 to 4096
  %vth = neuron.param "vth" range 0 to 8388607
  %x = neuron.input 0
  %dead = arith.muli %x, %unused : i32
  %kept = neuron.decay %v by %factor shift 12
  %sum = arith.addi %kept, %x : i32
  %new = neuron.wrap %sum bits 23
  %spike = arith.cmpi sgt, %new, %vth : i32
  %one = arith.constant 1 : i32
  %after = neuron.reset %new if %spike to %one
  neuron.write "v", %after
  neuron.fire %spike
}
