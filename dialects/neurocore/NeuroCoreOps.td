//===- dialects/neurocore/NeuroCoreOps.td - Systems, cores, memories ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_NEUROCOREOPS
#define HILLOCK_DIALECTS_NEUROCORE_NEUROCOREOPS

include "dialects/interfaces/Evaluatable.td"
include "dialects/neurocore/NeuroCoreBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class NeuroCore_Op<string mnemonic, list<Trait> traits = []>
    : Op<NeuroCore_Dialect, mnemonic, traits # [
        DeclareOpInterfaceMethods<EvaluatableOpInterface>]>;

// An op with a body whose order does not matter.
class NeuroCore_Container<string mnemonic, list<Trait> traits = []>
    : NeuroCore_Op<mnemonic, traits # [
        NoTerminator, SingleBlock, NoRegionArguments, HasOnlyGraphRegion,
        DeclareOpInterfaceMethods<RegionKindInterface>]>;

// One of the memories of a core; there is at most one of each.
class NeuroCore_Memory<string mnemonic>
    : NeuroCore_Op<mnemonic, [HasParent<"CoreOp">]>;

def NeuroCore_Fields : TypedArrayAttrBase<DictionaryAttr, "array of fields">;
def NeuroCore_Formats : TypedArrayAttrBase<NeuroCore_Format,
                                           "array of synapse formats">;

//===----------------------------------------------------------------------===//
// Containers
//===----------------------------------------------------------------------===//

def SystemOp : NeuroCore_Container<"system", [Symbol, IsolatedFromAbove]> {
  let summary = "A network on chips of one kind";
  let description = [{
    Holds chips with their cores, the host's ports (`input`, `output`), and, for
    people, `population`, `route` and `probe`. `target` is the name of a
    built-in target or the path of a description; `dt` is the time step in
    seconds. `notes` is a JSON text that travels into the image's debug section.

    The verifier looks the target up and checks that every core's tables fit
    its memories, field by field, that every output slot leads to an input axon
    and an atom that exist, that all output slots of a core agree with the type
    of the axon they lead to, that no two neurons sit in one place, and that the
    lists of ports and populations stay in range.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target, F64Attr:$dt,
                       OptionalAttr<StrAttr>:$notes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `target` $target `dt` $dt (`notes` $notes^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// All cores, sorted by (chip, core). The position of a core in this list
    /// is its index in the image.
    std::vector<CoreOp> cores();
    /// The names of the neuron programs that cores run, in order of first use.
    std::vector<std::string> programs();
  }];
}

def ChipOp : NeuroCore_Container<"chip", [HasParent<"SystemOp">]> {
  let summary = "A chip of the system";
  let description = [{
    `id` is y * (chips along x) + x. An empty chip is dropped by
    canonicalization.
  }];
  let arguments = (ins I64Attr:$id);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$id attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def CoreOp : NeuroCore_Container<"core", [HasParent<"ChipOp">]> {
  let summary = "A core and what it owns";
  let description = [{
    `id` is tile * (cores in a tile) + core in the tile. `program` names the
    neuron program of all compartments, `config` the fields of the core's
    configuration word. The body has one `compartments` and at most one each of
    `synapses`, `axon_in` and `axon_out`.

    Canonicalization drops a core without compartments.
  }];
  let arguments = (ins I64Attr:$id, StrAttr:$program, DictionaryAttr:$config);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $id `program` $program `config` $config attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let hasCanonicalizeMethod = 1;
  let extraClassDeclaration = [{
    int64_t chip();
    CompartmentsOp compartments();
    /// Null when the core has none.
    SynapsesOp synapses();
    AxonInOp axonIn();
    AxonOutOp axonOut();
  }];
}

//===----------------------------------------------------------------------===//
// Memories of a core
//===----------------------------------------------------------------------===//

def CompartmentsOp : NeuroCore_Memory<"compartments"> {
  let summary = "Compartments, their profiles, fields and initial states";
  let description = [{
    `profiles` and `thresholds` are the shared register words of the core, a
    dictionary of fields each; `profile_of` and `threshold_of` (`i8`) say which
    of them a compartment uses. `fields` gives values of the compartment's own
    word by name, `initial` the state before the first step by name, both as
    `i32` lists with an entry a compartment; what is not named is zero.

    A parameter of the neuron program is the field of the same name in the
    compartment's own word, else in its profile, else in its threshold profile,
    else in the core's `config`; one that nobody sets has the standard value of
    the target's field: 0, or the legal value next to it.
  }];
  let arguments = (ins I64Attr:$count, NeuroCore_Fields:$profiles,
    NeuroCore_Fields:$thresholds, ElementsAttr:$profile_of,
    ElementsAttr:$threshold_of, DictionaryAttr:$fields,
    DictionaryAttr:$initial);
  let assemblyFormat = [{
    $count `profiles` $profiles `thresholds` $thresholds `profile_of`
    $profile_of `threshold_of` $threshold_of `fields` $fields `initial` $initial
    attr-dict
  }];
  let hasVerifier = 1;
}

def SynapsesOp : NeuroCore_Memory<"synapses"> {
  let summary = "Rows of synapses";
  let description = [{
    Row r has the synapses `first[r]` to `first[r+1] - 1` (`i32`), all in format
    `formats[format_of[r]]` (`i8`). A synapse has a target (`i16`, relative to
    the axon's `cx_base`; counting from 0 in a dense row), a mantissa (`i16`)
    and, if there are `delays` (`i8`), arrives so many steps later.

    Canonicalization drops formats that no row uses and delays that are all 0.
  }];
  let arguments = (ins NeuroCore_Formats:$formats, ElementsAttr:$first,
    ElementsAttr:$format_of, ElementsAttr:$targets, ElementsAttr:$mantissas,
    OptionalAttr<ElementsAttr>:$delays);
  let assemblyFormat = [{
    `formats` $formats `first` $first `format_of` $format_of `targets` $targets
    `mantissas` $mantissas (`delays` $delays^)? attr-dict
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def AxonInOp : NeuroCore_Memory<"axon_in"> {
  let summary = "Input axons: which rows a message selects";
  let description = [{
    Axon a has a type (`i8`: 0 discrete, 1 population of 16-bit messages, 2 of
    32-bit messages), a first row (`i32`), a number of rows (`i16`; 1 when
    discrete) and the compartment that relative target 0 means (`i16`). Atom k
    of a population axon uses row `first_row + k`.
  }];
  let arguments = (ins ElementsAttr:$types, ElementsAttr:$first_row,
                       ElementsAttr:$pop_rows, ElementsAttr:$cx_base);
  let assemblyFormat = [{
    `types` $types `first_row` $first_row `pop_rows` $pop_rows `cx_base`
    $cx_base attr-dict
  }];
  let hasVerifier = 1;
}

def AxonOutOp : NeuroCore_Memory<"axon_out"> {
  let summary = "Output slots: where a spike goes";
  let description = [{
    Compartment c sends to the slots `first[c]` to `first[c+1] - 1` (`i32`).
    A slot has a type (`i8`, as in `axon_in`), a chip and a core (`i32`), an
    input axon of that core (`i16`) and an atom (`i16`).
  }];
  let arguments = (ins ElementsAttr:$first, ElementsAttr:$types,
    ElementsAttr:$chip, ElementsAttr:$core, ElementsAttr:$axon,
    ElementsAttr:$atom);
  let assemblyFormat = [{
    `first` $first `types` $types `chip` $chip `core` $core `axon` $axon `atom`
    $atom attr-dict
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The host's side
//===----------------------------------------------------------------------===//

def InputOp : NeuroCore_Op<"input", [HasParent<"SystemOp">]> {
  let summary = "Where the host sends stimuli";
  let description = [{
    A spike of input neuron n (in the C order of `shape`) is sent to the entries
    `first[n]` to `first[n+1] - 1` (`i32`): a chip and a core (`i32`), an axon
    (`i16`) and an atom (`i16`). A stimulus of step t is delivered in step
    t + 1.
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape,
    ElementsAttr:$first, ElementsAttr:$chip, ElementsAttr:$core,
    ElementsAttr:$axon, ElementsAttr:$atom);
  let assemblyFormat = [{
    $name `shape` $shape `first` $first `chip` $chip `core` $core `axon` $axon
    `atom` $atom attr-dict
  }];
  let hasVerifier = 1;
}

def OutputOp : NeuroCore_Op<"output", [HasParent<"SystemOp">]> {
  let summary = "Compartments that the host listens to";
  let description = [{
    Neuron n of the output sits in compartment `compartment[n]` (`i16`) of core
    `core[n]` of chip `chip[n]` (`i32`). Its spike of network step t is the
    chip's spike of step t + `lag`. With a `state` the host reads that state of
    the neuron program after each step instead of the spikes; `scale` of its
    units are one unit of the network.
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape,
    ElementsAttr:$chip, ElementsAttr:$core, ElementsAttr:$compartment,
    I64Attr:$lag, OptionalAttr<StrAttr>:$state,
    DefaultValuedAttr<F64Attr, "1.0">:$scale);
  let assemblyFormat = [{
    $name `shape` $shape `chip` $chip `core` $core `compartment` $compartment
    `lag` $lag attr-dict
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// For people
//===----------------------------------------------------------------------===//

def PopulationOp : NeuroCore_Op<"population", [HasParent<"SystemOp">]> {
  let summary = "A layer of the user's network and where its neurons sit";
  let description = [{
    Never needed to run, but by it errors and reports speak of layers. `kind` is
    the neuron model of the real level, `lag` the steps behind the network,
    `scale` what one unit of the network's current is on the chip,
    `weight_error` the relative RMS error of quantization, `synapses` and `bits`
    the number and width of incoming weights, `source` file and node of the
    user's graph. A population of the host (`is_input`) has empty lists.
    Evaluating it records its spikes.
  }];
  let arguments = (ins StrAttr:$name, DenseI64ArrayAttr:$shape, StrAttr:$kind,
    ElementsAttr:$chip, ElementsAttr:$core, ElementsAttr:$compartment,
    DefaultValuedAttr<I64Attr, "0">:$lag,
    DefaultValuedAttr<F64Attr, "1.0">:$scale,
    DefaultValuedAttr<F64Attr, "0.0">:$weight_error,
    DefaultValuedAttr<I64Attr, "0">:$synapses,
    DefaultValuedAttr<I64Attr, "0">:$bits,
    OptionalAttr<StrAttr>:$source, UnitAttr:$is_input);
  let assemblyFormat = [{
    $name `shape` $shape `kind` $kind `chip` $chip `core` $core `compartment`
    $compartment attr-dict
  }];
  let hasVerifier = 1;
}

def RouteOp : NeuroCore_Op<"route", [HasParent<"SystemOp">]> {
  let summary = "Messages between two cores";
  let description = [{
    `from` and `to` are a chip and a core. `messages` is the number of output
    slots on the way: what is sent when all compartments of the source fire at
    once. `path` lists the tiles that a message visits, x and y of each, on the
    mesh of all chips joined edge to edge; it may be empty. A route says where
    messages go, not when they arrive: that is always the next step.

    Example:

    ```mlir
    neurocore.route from [0, 5] to [0, 9] messages 32 path [0, 1, 0, 2]
    ```

    Canonicalization drops a route without messages.
  }];
  let arguments = (ins DenseI64ArrayAttr:$from, DenseI64ArrayAttr:$to,
                       I64Attr:$messages, DenseI64ArrayAttr:$path);
  let assemblyFormat = [{
    `from` $from `to` $to `messages` $messages `path` $path attr-dict
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def ProbeOp : NeuroCore_Op<"probe", [HasParent<"SystemOp">]> {
  let summary = "A state that is recorded in each step";
  let description = [{
    Records the state `id` of the neuron program, after each step, for all
    neurons of a population or for all compartments of a core.

    Example: `neurocore.probe "v" of population "hidden"`,
    `neurocore.probe "v" of core [0, 5]`
  }];
  let arguments = (ins StrAttr:$id, OptionalAttr<StrAttr>:$population,
                       OptionalAttr<DenseI64ArrayAttr>:$core);
  let assemblyFormat = [{
    $id `of` (`population` $population^)? (`core` $core^)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif // HILLOCK_DIALECTS_NEUROCORE_NEUROCOREOPS
