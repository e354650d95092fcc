//===- dialects/ann/AnnOps.td - Layers ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_ANN_ANNOPS
#define HILLOCK_DIALECTS_ANN_ANNOPS

include "dialects/ann/AnnBase.td"
include "dialects/interfaces/Evaluatable.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Ann_Op<string mnemonic, list<Trait> traits = []>
    : Op<Ann_Dialect, mnemonic, traits # [
        DeclareOpInterfaceMethods<EvaluatableOpInterface>]>;

def NetworkOp : Ann_Op<"network", [
    Symbol, IsolatedFromAbove, NoTerminator, SingleBlock]> {
  let summary = "A network and its level";
  let arguments = (ins SymbolNameAttr:$sym_name, Ann_LevelAttr:$level);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name $level attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def InputOp : Ann_Op<"input"> {
  let summary = "Where the real-valued input enters";
  let arguments = (ins StrAttr:$name);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def OutputOp : Ann_Op<"output"> {
  let summary = "What leaves the network";
  let description = [{
    At the integer level `scale` says what one step of a code is worth; the zero
    point is that of the op that made the value.
  }];
  let arguments = (ins StrAttr:$name, AnyRankedTensor:$value,
                       OptionalAttr<F64Attr>:$scale);
  let assemblyFormat = "$name `,` $value attr-dict `:` type($value)";
}

def QuantizeOp : Ann_Op<"quantize", [Pure]> {
  let summary = "From real input to codes";
  let description = [{
    `code = clamp(round(x / scale) + zero)`, to nearest, ties to even, clamped to
    the element type. At the quantized level scale and zero point are those of
    the result's type, at the integer level they are attributes.
  }];
  let arguments = (ins AnyRankedTensor:$input, OptionalAttr<F64Attr>:$scale,
                       OptionalAttr<I32Attr>:$result_zero);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input attr-dict `:` functional-type(operands, results)
  }];
}

// The clamp of a fused Relu or Clip, at the levels that have real numbers.
defvar clampArguments = (ins
  OptionalAttr<F32Attr>:$clamp_low, OptionalAttr<F32Attr>:$clamp_high);

// How sums become codes, at the integer level.
defvar integerArguments = (ins
  OptionalAttr<DenseI32ArrayAttr>:$input_zeros,
  OptionalAttr<DenseI32ArrayAttr>:$multipliers,
  OptionalAttr<DenseI32ArrayAttr>:$shifts,
  OptionalAttr<I32Attr>:$result_zero,
  OptionalAttr<I32Attr>:$low, OptionalAttr<I32Attr>:$high);

defvar windowArguments = (ins
  DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
  DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads);

defvar weightArguments = (ins ElementsAttr:$weights,
  OptionalAttr<ElementsAttr>:$bias, OptionalAttr<TypeAttr>:$weight_type,
  OptionalAttr<DenseI32ArrayAttr>:$weight_zeros,
  OptionalAttr<StrAttr>:$weight_format);

class Ann_Layer<string mnemonic, dag attributes>
    : Ann_Op<mnemonic, [Pure]> {
  code levels = [{

    Integer level: the result is `clamp(result_zero + round(sum * multiplier /
    2^shift), low, high)`, rounded to nearest with ties upward.
  }];
  let arguments = !con((ins AnyRankedTensor:$input), attributes,
                       clampArguments, integerArguments);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    operands attr-dict `:` functional-type(operands, results)
  }];
}

def ConvOp : Ann_Layer<"conv", !con(windowArguments, weightArguments,
    (ins DefaultValuedAttr<I64Attr, "1">:$groups,
         OptionalAttr<StrAttr>:$name))> {
  let summary = "Convolution over rows and columns";
  let description = [{
    Cross-correlation, `weights` is `O x C/groups x K x K`, `bias` `O`; what lies
    outside of the input is zero (its zero point). `pads` holds the cells before
    rows and columns, those behind them, and what a pool may reach beyond.
  }] # levels;
}

def LinearOp : Ann_Layer<"linear", !con(weightArguments,
    (ins OptionalAttr<StrAttr>:$name))> {
  let summary = "y = W x + b";
  let description = [{ `weights` is `O x I`. }] # levels;
}

def MaxPoolOp : Ann_Layer<"max_pool", !con(windowArguments,
    (ins OptionalAttr<StrAttr>:$name))> {
  let summary = "The largest value under a window; padding never wins";
}

def AveragePoolOp : Ann_Layer<"average_pool", !con(windowArguments,
    (ins DefaultValuedAttr<BoolAttr, "false">:$include_pad,
         OptionalAttr<StrAttr>:$name))> {
  let summary = "The mean under a window";
  let description = [{
    Over the cells inside of the input, or with `include_pad` over those inside
    of input and padding. Integer level: the one multiplier, or number n - 1
    for a mean over n cells.
  }] # levels;
}

def ReshapeOp : Ann_Layer<"reshape", (ins OptionalAttr<StrAttr>:$name)> {
  let summary = "The same elements in the same order";
}

def TransposeOp : Ann_Layer<"transpose", (ins
    DenseI64ArrayAttr:$permutation, OptionalAttr<StrAttr>:$name)> {
  let summary = "Axis i of the result is axis permutation[i] of the input";
}

def ClipOp : Ann_Layer<"clip", (ins OptionalAttr<StrAttr>:$name)> {
  let summary = "The clamp alone; at lower levels another scale, too";
}

def SoftmaxOp : Ann_Layer<"softmax", (ins OptionalAttr<StrAttr>:$name)> {
  let summary = "Real level only: exponentials that sum to one";
}

def ArgMaxOp : Ann_Layer<"argmax", (ins OptionalAttr<StrAttr>:$name)> {
  let summary = "Real level only: the index of the largest element";
}

class Ann_Join<string mnemonic, dag attributes> : Ann_Layer<mnemonic, (ins)> {
  let arguments = !con((ins Variadic<AnyRankedTensor>:$inputs), attributes,
                       clampArguments, integerArguments);
}

def AddOp : Ann_Join<"add", (ins OptionalAttr<StrAttr>:$name)> {
  let summary = "The sum of two values";
  let description = [{
    Integer level: `clamp(result_zero + round(((a - za) * multipliers[0] +
    (b - zb) * multipliers[1]) / 2^shifts[0]), low, high)`, in 32 bits.
  }];
}

def ConcatOp : Ann_Join<"concat", (ins I64Attr:$axis,
    OptionalAttr<StrAttr>:$name)> {
  let summary = "Values one after the other along an axis";
  let description = [{
    Integer level: each input has its own multiplier, as in `ann.clip`.
  }];
}

#endif // HILLOCK_DIALECTS_ANN_ANNOPS
