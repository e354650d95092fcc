//===- dialects/neuron/NeuronOps.td - Ops of the neuron dialect -----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_NEURONOPS
#define HILLOCK_DIALECTS_NEURON_NEURONOPS

include "dialects/interfaces/Evaluatable.td"
include "dialects/neuron/Neuron.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Neuron_Op<string mnemonic, list<Trait> traits = []>
    : Op<Neuron_Dialect, mnemonic,
         traits # [DeclareOpInterfaceMethods<EvaluatableOpInterface>]>;

// An op inside of a model.
class Neuron_BodyOp<string mnemonic, list<Trait> traits = []>
    : Neuron_Op<mnemonic, traits # [HasParent<"ModelOp">]>;

// An op that names what it reads, for readable IR.
defvar namesItsResult =
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>;

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

def Neuron_ModelOp : Neuron_Op<"model", [
    IsolatedFromAbove, NoRegionArguments, NoTerminator, SingleBlock, Symbol]> {
  let summary = "a neuron model: the integer program of one compartment";
  let description = [{
    The body is run once a time step for each compartment. It is restricted to
    the ops of this dialect and to the few of `arith` that the dialect's page
    lists. `ports` is the number of accumulators that a compartment has (1 to
    16): most models have one, a resonator with a real and an imaginary current
    has two. `doc` is one line for people.

    Example:

    ```mlir
    neuron.model @counter ports 1 doc "counts what arrives" {
      %n = neuron.state "n" bits 31 : i32
      %x = neuron.input 0
      %sum = arith.addi %n, %x : i32
      neuron.write "n", %sum
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    I64Attr:$ports,
    OptionalAttr<StrAttr>:$doc);
  let regions = (region SizedRegion<1>:$bodyRegion);
  let assemblyFormat = [{
    $sym_name `ports` $ports (`doc` $doc^)? attr-dict-with-keyword $bodyRegion
  }];
  let hasRegionVerifier = 1;
}

//===----------------------------------------------------------------------===//
// What a model reads
//===----------------------------------------------------------------------===//

def Neuron_StateOp : Neuron_BodyOp<"state", [namesItsResult]> {
  let summary = "declares a state variable and reads it";
  let description = [{
    The result is the variable's value at the start of the step; a `write` in
    the same step does not change it. A variable is 0 before the first step.
    `bits` (1 to 31) is the width that it takes on a chip, in value bits, the
    sign not counted. The width is a promise, not an action: the program itself
    must `wrap` or `saturate` what it writes.

    Example:

    ```mlir
    %u = neuron.state "u" bits 23 : i32
    ```
  }];
  let arguments = (ins StrAttr:$id, I64Attr:$bits);
  let results = (outs I32:$result);
  let assemblyFormat = "$id `bits` $bits attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Neuron_ParamOp : Neuron_BodyOp<"param", [namesItsResult]> {
  let summary = "declares a parameter of the compartment and reads it";
  let description = [{
    A parameter is given when the network is loaded and does not change. The
    range, both ends included, is what the chip's register (or the model's
    meaning) allows; who sets a parameter checks it, the program does not.

    Example:

    ```mlir
    %decay = neuron.param "decay_u" range 0 to 4095
    ```
  }];
  let arguments = (ins StrAttr:$id, I64Attr:$low, I64Attr:$high);
  let results = (outs I32:$result);
  let assemblyFormat = "$id `range` $low `to` $high attr-dict";
  let hasVerifier = 1;
}

def Neuron_InputOp : Neuron_BodyOp<"input", [Pure, namesItsResult]> {
  let summary = "what arrived at a port in this step";
  let description = [{
    The sum of the weights (with graded spikes: of the weights times payloads)
    of all synapses on this port whose spikes are delivered in this step; 0
    when none is. A port is read by one `input` only.

    Example:

    ```mlir
    %q = neuron.input 0
    ```
  }];
  let arguments = (ins I64Attr:$port);
  let results = (outs I32:$result);
  let assemblyFormat = "$port attr-dict";
}

def Neuron_RandomOp : Neuron_BodyOp<"random"> {
  let summary = "the next number of the compartment's random stream";
  let description = [{
    32 uniform bits. Each compartment has its own stream, so that a run does
    not depend on the order in which compartments are advanced. Every `random`
    in a body draws one number a step, used or not.

    Example:

    ```mlir
    %noise = neuron.random
    ```
  }];
  let results = (outs I32:$result);
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Arithmetic of chips
//===----------------------------------------------------------------------===//

def Neuron_DecayOp : Neuron_BodyOp<"decay", [Pure]> {
  let summary = "multiplication by a fraction, rounding toward zero";
  let description = [{
    `sgn(x * f) * ((|x| * |f|) >> shift)` with a 64-bit product: exponential
    decay by the factor `f / 2^shift` that lets positive and negative charge
    fade alike. It is the decay of Loihi's current and voltage (there with
    shift 12 and `f = 4096 - decay`). `shift` is 0 to 62.

    Example:

    ```mlir
    %kept = neuron.decay %u by %factor shift 12
    ```
  }];
  let arguments = (ins I32:$value, I32:$factor, I64Attr:$shift);
  let results = (outs I32:$result);
  let assemblyFormat = "$value `by` $factor `shift` $shift attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Neuron_MulShrOp : Neuron_BodyOp<"mulshr", [Pure]> {
  let summary = "product of two numbers, shifted right, rounding down";
  let description = [{
    `(a * b) >> shift` with a 64-bit product and an arithmetic shift, that is,
    rounding toward minus infinity. `shift` is 0 to 62.

    Example:

    ```mlir
    %scaled = neuron.mulshr %x, %gain shift 16
    ```
  }];
  let arguments = (ins I32:$lhs, I32:$rhs, I64Attr:$shift);
  let results = (outs I32:$result);
  let assemblyFormat = "$lhs `,` $rhs `shift` $shift attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Neuron_WrapOp : Neuron_BodyOp<"wrap", [Pure]> {
  let summary = "two's complement wrap to a narrower register";
  let description = [{
    Keeps the low `bits` value bits and the sign above them:
    `((x + 2^bits) mod 2^(bits+1)) - 2^bits`. `bits` is 0 to 31; 31 changes
    nothing.

    Example:

    ```mlir
    %u = neuron.wrap %sum bits 23
    ```
  }];
  let arguments = (ins I32:$value, I64Attr:$bits);
  let results = (outs I32:$result);
  let assemblyFormat = "$value `bits` $bits attr-dict";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Neuron_SaturateOp : Neuron_BodyOp<"saturate", [Pure]> {
  let summary = "clamps to a range";
  let description = [{
    `min(max(x, low), high)`, signed; both ends are allowed values. When
    `low > high` the result is `high`.

    Example:

    ```mlir
    %v = neuron.saturate %sum, %vmin, %vmax
    ```
  }];
  let arguments = (ins I32:$value, I32:$low, I32:$high);
  let results = (outs I32:$result);
  let assemblyFormat = "$value `,` $low `,` $high attr-dict";
  let hasFolder = 1;
}

def Neuron_ResetOp : Neuron_BodyOp<"reset", [Pure]> {
  let summary = "another value when a condition holds";
  let description = [{
    `to` when the condition is true, otherwise the value unchanged. The same as
    a select, under the name that tells a reader why.

    Example:

    ```mlir
    %after = neuron.reset %v if %spike to %zero
    ```
  }];
  let arguments = (ins I32:$value, I1:$condition, I32:$to);
  let results = (outs I32:$result);
  let assemblyFormat = "$value `if` $condition `to` $to attr-dict";
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// What a model does
//===----------------------------------------------------------------------===//

def Neuron_WriteOp : Neuron_BodyOp<"write"> {
  let summary = "names the value of a state variable in the next step";
  let description = [{
    The variable must be declared by a `state` of the same model and may be
    written once. A variable that is not written keeps its value.

    Example:

    ```mlir
    neuron.write "u", %new
    ```
  }];
  let arguments = (ins StrAttr:$id, I32:$value);
  let assemblyFormat = "$id `,` $value attr-dict";
}

def Neuron_FireOp : Neuron_BodyOp<"fire"> {
  let summary = "sends a spike when a condition holds";
  let description = [{
    At most one `fire` a model; a model without one never spikes. Without a
    payload the spike is binary and counts as 1. With a payload it is a graded
    spike, which multiplies the weights of the synapses that it meets.

    Example:

    ```mlir
    neuron.fire %spike
    neuron.fire %changed payload %delta
    ```
  }];
  let arguments = (ins I1:$condition, Optional<I32>:$payload);
  let assemblyFormat = "$condition (`payload` $payload^)? attr-dict";
}

#endif // HILLOCK_DIALECTS_NEURON_NEURONOPS
