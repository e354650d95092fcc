//===- dialects/snn/SnnBase.td - Dialect, types, conventions --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_SNN_SNNBASE
#define HILLOCK_DIALECTS_SNN_SNNBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Snn_Dialect : Dialect {
  let name = "snn";
  let cppNamespace = "::hillock::snn";
  let summary = "Spiking networks: populations, projections, delays";
  let description = [{
    The network as its author meant it, before any chip. Values between ops are
    what travels in one time step: spikes (a count a neuron), graded values or
    currents. The dialect has two levels that use the same ops:

    * the *real* level: real-valued weights and the neuron models of NIR, each
      with all of its conventions spelt out (`#snn.conventions`);
    * the *integer* level, after quantization: integer weights with a format
      (`#snn.format`) and populations that run an integer neuron program.

    Both can be executed by the reference interpreter. A network's region is a
    graph region: recurrence is a use before its definition, and each cycle
    passes through an `snn.delay` of at least one step.

    Shapes have neither batch nor time axis and are channels first: `CxHxW`
    for pictures, `CxN` for 1-D convolutions, `N` for dense layers.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

class Snn_Type<string name, string typeMnemonic> : TypeDef<Snn_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Snn_Spikes : Snn_Type<"Spikes", "spikes"> {
  let summary = "Spikes of a population in one time step";
  let description = [{
    One number a neuron: how often it spiked in this step, 0 or 1 for most
    models. Example: `!snn.spikes<2x34x34>`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Snn_Graded : Snn_Type<"Graded", "graded"> {
  let summary = "Graded values of a population in one time step";
  let description = [{
    What a neuron without a threshold puts out (a membrane voltage), a spike
    with a payload, or a real-valued stimulus. Example: `!snn.graded<10xf32>`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$element);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Snn_Current : Snn_Type<"Current", "current"> {
  let summary = "Input currents of a population in one time step";
  let description = [{
    The weighted sum that enters a population. `f32` at the real level, `i32`
    at the integer level. Example: `!snn.current<16x16x16xi32>`.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$element);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Snn_Source : AnyTypeOf<[Snn_Spikes, Snn_Graded, Snn_Current],
                           "what travels in one step">;

//===----------------------------------------------------------------------===//
// Conventions: everything that makes tools disagree, as attributes
//===----------------------------------------------------------------------===//

class Snn_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::hillock::snn";
  let genSpecializedAttr = 0;
}

def Snn_Kind : Snn_Enum<"Kind", "neuron model of the real level", [
  I32EnumAttrCase<"If", 0, "if">,
  I32EnumAttrCase<"Lif", 1, "lif">,
  I32EnumAttrCase<"Li", 2, "li">,
  I32EnumAttrCase<"I", 3, "i">,
  I32EnumAttrCase<"CubaLif", 4, "cuba_lif">,
  I32EnumAttrCase<"CubaLi", 5, "cuba_li">,
  I32EnumAttrCase<"Threshold", 6, "threshold">]>;
def Snn_KindAttr : EnumAttr<Snn_Dialect, Snn_Kind, "kind">;

def Snn_Integrator : Snn_Enum<"Integrator",
  "how continuous time becomes steps", [
  // v = (1 - dt/tau) v + dt/tau (...)
  I32EnumAttrCase<"Euler", 0, "euler">,
  // v = e^(-dt/tau) v + (1 - e^(-dt/tau)) (...): zero-order hold of the input
  I32EnumAttrCase<"Exact", 1, "exact">,
  // v = e^(-dt/tau) v + dt/tau (...): Sinabs, Rockpool
  I32EnumAttrCase<"DecayExpGainEuler", 2, "decay_exp_gain_euler">]>;

def Snn_Order : Snn_Enum<"Order", "order of updates within a step", [
  // current, then voltage with the new current, then compare, then reset
  I32EnumAttrCase<"IntegrateFire", 0, "integrate_fire">,
  // compare the voltage of the step's start, then integrate (Spyx)
  I32EnumAttrCase<"FireIntegrate", 1, "fire_integrate">]>;

def Snn_Reset : Snn_Enum<"Reset", "what a spike does to the voltage", [
  I32EnumAttrCase<"Value", 0, "value">,       // v = v_reset
  I32EnumAttrCase<"Zero", 1, "zero">,         // v = 0, whatever v_reset says
  I32EnumAttrCase<"Subtract", 2, "subtract">, // v = v - v_threshold
  // the subtraction is decided on the previous membrane, then corrected:
  // v = beta v + i - th [v_old > th]; s = [v > th]; v -= th (s - [v_old > th])
  I32EnumAttrCase<"SnnTorch", 3, "snntorch">]>;

def Snn_Compare : Snn_Enum<"Compare", "when a voltage spikes", [
  I32EnumAttrCase<"Strict", 0, "strict">,          // v > v_threshold
  I32EnumAttrCase<"NotStrict", 1, "not_strict">]>; // v >= v_threshold

def Snn_Conventions : AttrDef<Snn_Dialect, "Conventions"> {
  let mnemonic = "conventions";
  let summary = "Everything about a neuron that a NIR file leaves open";
  let description = [{
    | field | meaning |
    |---|---|
    | `integrator` | `euler`: `v = (1 - dt/tau) v + dt/tau (..)`; `exact`: `v = e^(-dt/tau) v + (1 - e^(-dt/tau)) (..)`; `decay_exp_gain_euler`: exponential decay, gain `dt/tau` |
    | `order` | `integrate_fire`: current, voltage with the new current, compare, reset; `fire_integrate`: the voltage of the step's start is compared first |
    | `reset` | `value` (to `v_reset`), `zero`, `subtract` (by `v_threshold`), `snntorch` (subtraction decided on the previous membrane, then corrected; with `fire_integrate` Spyx's LIF: `v = beta v + x - th [v_old > th]`) |
    | `compare` | `strict`: `v > v_threshold`; `not_strict`: `v >= v_threshold` |
    | `refractory` | steps after a spike in which the voltage is held at its reset value |
    | `multi` | a neuron may spike several times in a step: `floor(v / v_threshold)` |
    | `clamp` | lower bound of the voltage in units of `-v_threshold`, 0: none |

    When a recurrent spike arrives is said by the `snn.delay` on its way, and
    whether a recurrent bias acts at t = 0 by the `start` of the projection.
  }];
  let parameters = (ins
    EnumParameter<Snn_Integrator>:$integrator,
    EnumParameter<Snn_Order>:$order,
    EnumParameter<Snn_Reset>:$reset,
    EnumParameter<Snn_Compare>:$compare,
    "int64_t":$refractory,
    "bool":$multi,
    "int64_t":$clamp);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Snn_Sign : Snn_Enum<"Sign", "which signs a weight field can hold", [
  I32EnumAttrCase<"Mixed", 1, "mixed">,
  I32EnumAttrCase<"Excitatory", 2, "excitatory">,
  I32EnumAttrCase<"Inhibitory", 3, "inhibitory">]>;

def Snn_Format : AttrDef<Snn_Dialect, "Format"> {
  let mnemonic = "format";
  let summary = "Number format of integer weights";
  let description = [{
    A stored weight `m` adds `m * 2^shift` for each spike. `bits` is the width
    of the memory field, sign included when `sign` is `mixed`; weights are
    multiples of `2^(field - bits)` where the chip keeps its fields left-aligned,
    so that nothing is lost when they are stored.
  }];
  let parameters = (ins "int64_t":$bits, "int64_t":$shift,
                        EnumParameter<Snn_Sign>:$sign);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // HILLOCK_DIALECTS_SNN_SNNBASE
