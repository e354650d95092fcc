//===- dialects/crossbar/CrossbarOps.td - A chip and what is on it --------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_CROSSBAR_CROSSBAROPS
#define HILLOCK_DIALECTS_CROSSBAR_CROSSBAROPS

include "dialects/crossbar/CrossbarBase.td"
include "dialects/interfaces/Evaluatable.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class Crossbar_Op<string mnemonic, list<Trait> traits = []>
    : Op<Crossbar_Dialect, mnemonic, traits # [
        DeclareOpInterfaceMethods<EvaluatableOpInterface>]>;

def ChipOp : Crossbar_Op<"chip", [
    Symbol, IsolatedFromAbove, NoTerminator, SingleBlock, NoRegionArguments,
    HasOnlyGraphRegion,
    DeclareOpInterfaceMethods<RegionKindInterface>]> {
  let summary = "A network on one chip";
  let description = [{
    `target` names the chip, `dt` is the time step in seconds (0: unknown),
    `queue` the number of events that the scheduler holds, `sweep` that of the
    neurons which a neuron event and a time reference reach (addresses 0 to
    `sweep` - 1). With `leak` a time reference ends each step. `notes` is a JSON
    text for people.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target, F64Attr:$dt,
                       I64Attr:$queue, I64Attr:$sweep, UnitAttr:$leak,
                       OptionalAttr<StrAttr>:$notes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `target` $target `dt` $dt `queue` $queue `sweep` $sweep
    (`leak` $leak^)? (`notes` $notes^)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

class Crossbar_Part<string mnemonic> : Crossbar_Op<mnemonic,
    [HasParent<"ChipOp">]> {
  let hasVerifier = 1;
}

def InputOp : Crossbar_Part<"input"> {
  let summary = "What the host sends for the spikes of an input";
  let description = [{
    Neuron n sends events `first[n]` to `first[n + 1]` - 1. An event with
    `virtual` 0 is a spike of source `address`; one with `virtual` 1 brings
    `weight` (never 0) to the neuron at `address`.
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape,
    ElementsAttr:$first, ElementsAttr:$virtuals, ElementsAttr:$address,
    ElementsAttr:$weight);
  let assemblyFormat = [{
    $name `shape` $shape `first` $first `virtual` $virtuals `address` $address
    `weight` $weight attr-dict
  }];
}

def AlwaysOp : Crossbar_Part<"always"> {
  let summary = "Sources that the host lets spike in every step";
  let description = [{
    Biases: source `address[i]` spikes `times[i]` times at the begin of a step.
  }];
  let arguments = (ins ElementsAttr:$address, ElementsAttr:$times);
  let assemblyFormat = "$address `times` $times attr-dict";
}

def PopulationOp : Crossbar_Part<"population"> {
  let summary = "Neurons of a layer";
  let description = [{
    `program` is a model of the `neuron` library with two ports: a weight, and 1
    at a time reference. `registers` gives its parameters, `initial` its states,
    an integer or an `i32` list each; what is not named is zero. `address` is
    the neurons' place. A population with `twin_of` holds second copies of
    neurons of that population, which have synapses of the other sign.
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$program,
    DenseI64ArrayAttr:$shape, ElementsAttr:$address, DictionaryAttr:$registers,
    OptionalAttr<DictionaryAttr>:$initial, OptionalAttr<StrAttr>:$twin_of);
  let assemblyFormat = [{
    $name `program` $program `shape` $shape `address` $address
    `registers` $registers (`initial` $initial^)? (`twin_of` $twin_of^)?
    attr-dict
  }];
}

def SynapsesOp : Crossbar_Part<"synapses"> {
  let summary = "The crossbar";
  let description = [{
    A row of `sweep` signed weights for each source address that is listed; the
    weights of other sources are 0.
  }];
  let arguments = (ins ElementsAttr:$sources, ElementsAttr:$weights);
  let assemblyFormat = "`sources` $sources `weights` $weights attr-dict";
}

def OutputOp : Crossbar_Part<"output"> {
  let summary = "An output of the network";
  let description = [{ Neuron n of the output sits at `address[n]`. }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape,
                       ElementsAttr:$address);
  let assemblyFormat = "$name `shape` $shape `address` $address attr-dict";
}

#endif // HILLOCK_DIALECTS_CROSSBAR_CROSSBAROPS
