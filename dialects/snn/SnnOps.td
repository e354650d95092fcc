//===- dialects/snn/SnnOps.td - Networks ----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_SNN_SNNOPS
#define HILLOCK_DIALECTS_SNN_SNNOPS

include "dialects/interfaces/Evaluatable.td"
include "dialects/snn/SnnBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Snn_Op<string mnemonic, list<Trait> traits = []>
    : Op<Snn_Dialect, mnemonic, traits # [
        DeclareOpInterfaceMethods<EvaluatableOpInterface>]>;

def NetworkOp : Snn_Op<"network", [
    Symbol, IsolatedFromAbove, NoTerminator, SingleBlock, HasOnlyGraphRegion,
    DeclareOpInterfaceMethods<RegionKindInterface>]> {
  let summary = "A network and its time step";
  let description = [{
    `dt` is the length of a time step in the unit of all time constants of the
    region; `time_unit` says what that unit is in seconds (0: unknown).

    ```mlir
    snn.network @xor dt 1.0e-3 time_unit 1.0 {
      %x = snn.input "x" : !snn.spikes<2>
      %c = snn.dense %x weights dense<[[1.0, -1.0]]> : tensor<1x2xf32>
           : (!snn.spikes<2>) -> !snn.current<1xf32>
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, F64Attr:$dt,
                       F64Attr:$time_unit);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `dt` $dt `time_unit` $time_unit attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The network's inputs and outputs in the order of their names.
    std::vector<InputOp> inputs();
    std::vector<OutputOp> outputs();
    /// The ops of the body in an order in which every operand but those of
    /// delays comes before its use; fails on a cycle without a delay, which the
    /// verifier refuses.
    llvm::FailureOr<std::vector<::mlir::Operation *>> schedule();
  }];
}

def InputOp : Snn_Op<"input"> {
  let summary = "Where stimuli enter";
  let description = [{
    `snn.input "name" : !snn.spikes<2x34x34>`. A stimulus is spikes or, for a
    network that is fed real values, `!snn.graded`.
  }];
  let arguments = (ins StrAttr:$name);
  let results = (outs AnyTypeOf<[Snn_Spikes, Snn_Graded]>:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def OutputOp : Snn_Op<"output"> {
  let summary = "What leaves the network";
  let arguments = (ins StrAttr:$name, Snn_Source:$value);
  let assemblyFormat = "$name `,` $value attr-dict `:` type($value)";
}

class Snn_Projection<string mnemonic, list<Trait> traits = []>
    : Snn_Op<mnemonic, traits # [Pure]> {
  code projectionDescription = [{

    `start` is the first step in which the op contributes: 0 as a rule; 1 for
    tools that leave out a recurrent projection, bias and all, at t = 0.
    With a `format` the weights are integers and the result is shifted as the
    format says; a negative shift shifts each weight by itself (arithmetically).
  }];
}

def DenseOp : Snn_Projection<"dense"> {
  let summary = "All-to-all projection: y = W x + b";
  let description = [{
    `weights` is `outxin`, `bias` is `out`. The input is flattened in C order.
  }] # projectionDescription;
  let arguments = (ins Snn_Source:$input, ElementsAttr:$weights,
    OptionalAttr<ElementsAttr>:$bias, OptionalAttr<Snn_Format>:$format,
    DefaultValuedAttr<I64Attr, "0">:$start);
  let results = (outs Snn_Current:$result);
  let assemblyFormat = [{
    $input `weights` $weights (`bias` $bias^)? (`format` $format^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def SparseOp : Snn_Projection<"sparse"> {
  let summary = "Projection from a list of synapses";
  let description = [{
    Synapse `k` goes from neuron `sources[k]` to neuron `targets[k]` with weight
    `weights[k]`. The same pair may occur several times.
  }] # projectionDescription;
  let arguments = (ins Snn_Source:$input, ElementsAttr:$sources,
    ElementsAttr:$targets, ElementsAttr:$weights,
    OptionalAttr<ElementsAttr>:$bias, OptionalAttr<Snn_Format>:$format,
    DefaultValuedAttr<I64Attr, "0">:$start);
  let results = (outs Snn_Current:$result);
  let assemblyFormat = [{
    $input `from` $sources `to` $targets `weights` $weights (`bias` $bias^)?
    (`format` $format^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def ConvOp : Snn_Projection<"conv"> {
  let summary = "Convolution over one or two axes";
  let description = [{
    Cross-correlation as in PyTorch. `weights` is `Cout x Cin/groups x K` (1-D)
    or `Cout x Cin/groups x Kh x Kw`; `bias` is `Cout`. `stride` and `dilation`
    have an entry an axis; `padding` has the begin of each axis, then the end of
    each axis ("same" with an even kernel pads one more at the end).
  }] # projectionDescription;
  let arguments = (ins Snn_Source:$input, ElementsAttr:$weights,
    OptionalAttr<ElementsAttr>:$bias, DenseI64ArrayAttr:$stride,
    DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$dilation, I64Attr:$groups,
    OptionalAttr<Snn_Format>:$format,
    DefaultValuedAttr<I64Attr, "0">:$start);
  let results = (outs Snn_Current:$result);
  let assemblyFormat = [{
    $input `weights` $weights (`bias` $bias^)? `stride` $stride `padding`
    $padding `dilation` $dilation `groups` $groups (`format` $format^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Snn_PoolKind : Snn_Enum<"PoolKind", "what a window becomes", [
  I32EnumAttrCase<"Sum", 0, "sum">, I32EnumAttrCase<"Average", 1, "average">]>;
def Snn_PoolKindAttr : EnumAttr<Snn_Dialect, Snn_PoolKind, "pool_kind">;

def PoolOp : Snn_Op<"pool", [Pure]> {
  let summary = "Sum or average over windows of each channel";
  let description = [{
    Padded zeros count in an average. `kernel`, `stride`: an entry an axis;
    `padding`: begins, then ends.
  }];
  let arguments = (ins Snn_Source:$input, Snn_PoolKindAttr:$kind,
    DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$stride,
    DenseI64ArrayAttr:$padding);
  let results = (outs Snn_Source:$result);
  let assemblyFormat = [{
    $kind $input `kernel` $kernel `stride` $stride `padding` $padding attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def ScaleOp : Snn_Op<"scale", [Pure]> {
  let summary = "Elementwise factor";
  let description = [{ `factors` has one element or the input's shape. }];
  let arguments = (ins Snn_Source:$input, ElementsAttr:$factors);
  let results = (outs Snn_Source:$result);
  let assemblyFormat = [{
    $input `by` $factors attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def FlattenOp : Snn_Op<"flatten", [Pure]> {
  let summary = "Same values, another shape (C order)";
  let arguments = (ins Snn_Source:$input);
  let results = (outs Snn_Source:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def SumOp : Snn_Op<"sum", [Pure]> {
  let summary = "Fan-in: elementwise sum";
  let arguments = (ins Variadic<Snn_Source>:$inputs);
  let results = (outs Snn_Source:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DelayOp : Snn_Op<"delay", [AllTypesMatch<["input", "result"]>]> {
  let summary = "Values of earlier steps";
  let description = [{
    `y(t) = x(t - steps)`, zero before the start. `steps` has one element or the
    input's shape. A delay whose elements are all at least one may stand on a
    cycle, and only such a delay may.
  }];
  let arguments = (ins Snn_Source:$input, ElementsAttr:$steps);
  let results = (outs Snn_Source:$result);
  let assemblyFormat = "$input `steps` $steps attr-dict `:` type($input)";
  let builders = [OpBuilder<(ins "::mlir::Value":$input, "int64_t":$steps)>];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    int64_t minimum();
    int64_t maximum();
    /// Puts this step's operand into the ring; the interpreter calls it when
    /// all ops of the step have been evaluated.
    void absorb(::hillock::Frame &frame);
  }];
}

def NeuronsOp : Snn_Op<"neurons"> {
  let summary = "A population of the real level";
  let description = [{
    Equations (NIR), `x` the input current, discretized as `conventions` say:

    | kind | equations | output |
    |---|---|---|
    | `if` | `v' = r x` | spikes |
    | `lif` | `tau_mem v' = (v_leak - v) + r x` | spikes |
    | `li` | as `lif`, no threshold | voltage |
    | `i` | `v' = r x` | voltage |
    | `cuba_lif` | `tau_syn i' = -i + w_in x`, `tau_mem v' = (v_leak - v) + r i` | spikes |
    | `cuba_li` | as `cuba_lif`, no threshold | voltage |
    | `threshold` | `x > v_threshold` | spikes |

    Each parameter is an `f64` tensor of the population's shape (a splat when
    uniform). A kind takes exactly the parameters of its equations.
  }];
  let arguments = (ins Snn_KindAttr:$kind, Snn_Source:$input,
    OptionalAttr<ElementsAttr>:$tau_mem, OptionalAttr<ElementsAttr>:$tau_syn,
    OptionalAttr<ElementsAttr>:$r, OptionalAttr<ElementsAttr>:$v_leak,
    OptionalAttr<ElementsAttr>:$v_threshold,
    OptionalAttr<ElementsAttr>:$v_reset, OptionalAttr<ElementsAttr>:$w_in,
    Snn_Conventions:$conventions);
  let results = (outs AnyTypeOf<[Snn_Spikes, Snn_Graded]>:$result);
  let assemblyFormat = [{
    $kind $input `conventions` $conventions attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The membrane voltage after the last evaluated step, for probes.
    std::vector<double> voltage(::hillock::Frame &frame);
  }];
}

def PopulationOp : Snn_Op<"population"> {
  let summary = "A population of the integer level: runs a neuron program";
  let description = [{
    `program` names a model of the `neuron` library or a `neuron.model` in the
    enclosing module. `registers` gives each parameter of the program a value:
    an integer, or an `i32` tensor of the population's shape. `initial` does
    the same for states that do not start at zero.

    With `readout`, the value of the population is that state of the program as
    it is after the step, an integer for each neuron, whether it spiked or not;
    the result is then `!snn.graded<..xi32>`. A host reads it; no spike carries
    it, so that it leads to outputs only.

    ```mlir
    %v = snn.population "loihi1_compartment" %sum registers {...} initial {}
         readout "v" : (!snn.current<10xi32>) -> !snn.graded<10xi32>
    ```
  }];
  let arguments = (ins StrAttr:$program, Snn_Source:$input,
    DictionaryAttr:$registers, DictionaryAttr:$initial,
    OptionalAttr<StrAttr>:$readout);
  let results = (outs AnyTypeOf<[Snn_Spikes, Snn_Graded]>:$result);
  let assemblyFormat = [{
    $program $input `registers` $registers `initial` $initial
    (`readout` $readout^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// A state of the program after the last evaluated step, for probes.
    std::vector<int32_t> state(::hillock::Frame &frame, ::llvm::StringRef name);
  }];
}

#endif // HILLOCK_DIALECTS_SNN_SNNOPS
