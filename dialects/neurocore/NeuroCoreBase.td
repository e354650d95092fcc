//===- dialects/neurocore/NeuroCoreBase.td - Dialect and attributes -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_NEUROCOREBASE
#define HILLOCK_DIALECTS_NEUROCORE_NEUROCOREBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def NeuroCore_Dialect : Dialect {
  let name = "neurocore";
  let cppNamespace = "::hillock::neurocore";
  let summary = "The chip's view: cores that own their memories";
  let description = [{
    A network as it lies on a chip. There is no global memory: each core owns
    its compartments, its synapses and its axon tables, and what does not fit
    into them does not verify. Nothing here has SSA values; cores send each
    other messages, and a message names a core, an axon and an atom.

    ```mlir
    neurocore.system @two target "loihi" dt 1.0e-3 {
      neurocore.chip 0 {
        neurocore.core 5 program "loihi1_compartment" config {ds_offset = 1} {
          neurocore.compartments 1 profiles [ {decay_u = 4095} ]
              thresholds [ {vth = 100} ] profile_of dense<0> : tensor<1xi8>
              threshold_of dense<0> : tensor<1xi8> fields {} initial {}
          neurocore.synapses formats [#neurocore.format<bits = 8,
              exponent = 0, sign = mixed, compression = sparse,
              index_bits = 6, delay_bits = 0>]
              first dense<[0, 1]> : tensor<2xi32>
              format_of dense<0> : tensor<1xi8>
              targets dense<0> : tensor<1xi16>
              mantissas dense<120> : tensor<1xi16>
          neurocore.axon_in types dense<0> : tensor<1xi8>
              first_row dense<0> : tensor<1xi32>
              pop_rows dense<1> : tensor<1xi16>
              cx_base dense<0> : tensor<1xi16>
        }
      }
      neurocore.input "x" shape [1] first dense<[0, 1]> : tensor<2xi32>
          chip dense<0> : tensor<1xi32> core dense<5> : tensor<1xi32>
          axon dense<0> : tensor<1xi16> atom dense<0> : tensor<1xi16>
      neurocore.output "y" shape [1] chip dense<0> : tensor<1xi32>
          core dense<5> : tensor<1xi32> compartment dense<0> : tensor<1xi16>
          lag 1
    }
    ```

    One time step of a system, which is also what the reference interpreter
    does:

    1. Each core takes the messages that were sent to it in the step before: by
       other cores, by itself, and by the host through an input. Message
       (axon, atom) selects row `first_row[axon] + atom`.
    2. Each synapse of the row adds its weight times the message's payload to
       the accumulator of compartment `cx_base[axon] + target`: to that of this
       step, or, with delay d, to that of d steps later. A stored mantissa m of
       a format with exponent e weighs `m * 2^(6 + e)`; a negative e drops the
       low bits of each mantissa first, `(m >> -e) * 2^6`. With `on_sum` m is
       added as it is, and the neuron program shifts the sum.
    3. Each compartment runs the core's neuron program on its accumulator.
    4. For each compartment that fired, its output slots are sent.

    Lists are one-dimensional tensors of integers. Long ones lie in resources,
    so that text stays readable and bytecode fast. Numbers in `i8` and `i16`
    lists are unsigned except mantissas.
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = [{
    /// Lists up to this long are printed as literals.
    static constexpr size_t literalLimit = 64;
  }];
}

class NeuroCore_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::hillock::neurocore";
  let genSpecializedAttr = 0;
}

// The values are those of image::SignMode and image::Compression.
def NeuroCore_Sign : NeuroCore_Enum<"Sign", "which signs a weight can have", [
  I32EnumAttrCase<"Mixed", 1, "mixed">,
  I32EnumAttrCase<"Excitatory", 2, "excitatory">,
  I32EnumAttrCase<"Inhibitory", 3, "inhibitory">]>;

def NeuroCore_Compression : NeuroCore_Enum<"Compression",
  "how a row names its targets", [
  I32EnumAttrCase<"Sparse", 0, "sparse">, // an index a synapse
  I32EnumAttrCase<"Dense", 3, "dense">]>; // consecutive from 0

def NeuroCore_Format : AttrDef<NeuroCore_Dialect, "Format"> {
  let mnemonic = "format";
  let summary = "An entry of a core's synapse format memory";
  let description = [{
    | field | meaning |
    |---|---|
    | `bits` | width of a weight's field, 1 to 8, sign included when `mixed` |
    | `exponent` | a mantissa m weighs `m * 2^(6 + exponent)`, -8 to 7 |
    | `sign` | `mixed`, `excitatory` (positive) or `inhibitory` (negative) |
    | `compression` | `sparse`: an index a synapse; `dense`: targets 0, 1, .. |
    | `index_bits` | width of an index; matters for sparse rows only |
    | `delay_bits` | width of a synapse's delay, 0: no delays |
    | `tag_bits` | width of a synapse's tag (learning) |
    | `on_sum` | the neuron program shifts the sum by the exponent |

    Mantissas are multiples of `2^(8 - bits)`, of `2^(9 - bits)` when mixed: a
    narrow field keeps the high bits of an 8-bit weight.
  }];
  let parameters = (ins
    "int64_t":$bits, "int64_t":$exponent,
    EnumParameter<NeuroCore_Sign>:$sign,
    EnumParameter<NeuroCore_Compression>:$compression,
    "int64_t":$index_bits, "int64_t":$delay_bits,
    DefaultValuedParameter<"int64_t", "0">:$tag_bits,
    DefaultValuedParameter<"bool", "false">:$on_sum);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // HILLOCK_DIALECTS_NEUROCORE_NEUROCOREBASE
