//===- dialects/neuron/Neuron.td - The neuron dialect ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_NEURON
#define HILLOCK_DIALECTS_NEURON_NEURON

include "mlir/IR/DialectBase.td"

def Neuron_Dialect : Dialect {
  let name = "neuron";
  let cppNamespace = "::hillock::neuron";
  let summary = "Neuron models as small integer programs";
  let description = [{
    A neuron model says what one compartment does in one time step. It is
    straight-line integer code: it reads the state left by the previous step,
    the parameters of the compartment and what arrived at its input ports,
    computes, names the state of the next step and says whether the compartment
    fires. There are no branches and no loops; a choice is a select, so that
    many compartments can be advanced by one vector instruction.

    All numbers are `i32` with wrap-around, conditions are `i1`. What a chip's
    registers do beyond that (a field of 23 bits that wraps, a voltage that
    saturates, a decay that rounds toward zero) is an op of this dialect;
    plain arithmetic is taken from `arith`: `addi`, `subi`, `muli`, `shli`,
    `shrsi`, `andi`, `ori`, `xori`, `minsi`, `maxsi`, `cmpi` (`eq`, `ne`,
    `slt`, `sle`, `sgt`, `sge`), `select`, `constant` and `extui` from `i1` to
    `i32`. A shift takes the low five bits of its distance.

    A whole model, the leaky integrate-and-fire neuron with reset to zero:

    ```mlir
    neuron.model @example_lif ports 1 {
      %v = neuron.state "v" bits 23 : i32
      %factor = neuron.param "factor_v" range 0 to 4096
      %vth = neuron.param "vth" range 0 to 8388607
      %x = neuron.input 0
      %kept = neuron.decay %v by %factor shift 12
      %sum = arith.addi %kept, %x : i32
      %new = neuron.wrap %sum bits 23
      %spike = arith.cmpi sgt, %new, %vth : i32
      %zero = arith.constant 0 : i32
      %after = neuron.reset %new if %spike to %zero
      neuron.write "v", %after
      neuron.fire %spike
    }
    ```

    Ready-made models are in `dialects/neuron/library`, one file each.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let hasConstantMaterializer = 1;
}

#endif // HILLOCK_DIALECTS_NEURON_NEURON
