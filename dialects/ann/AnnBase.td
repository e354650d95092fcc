//===- dialects/ann/AnnBase.td - Dialect, types, levels -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_ANN_ANNBASE
#define HILLOCK_DIALECTS_ANN_ANNBASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Ann_Dialect : Dialect {
  let name = "ann";
  let cppNamespace = "::hillock::ann";
  let summary = "Feed-forward networks without neurons";
  let description = [{
    Networks that need no spikes: one input, one output, values without batch
    axis, channels first. The same ops serve three levels:

    * *real*: values are `f32`;
    * *quantized*: values have a `!quant.uniform` element type, which says the
      codes and what they mean; weights are codes, with a weight type beside
      them (`!quant.uniform`, per axis or not, or `!ann.log`);
    * *integer*: values are plain integers, and what makes codes of 32-bit sums
      is spelt out in multipliers, shifts and zero points. The only real number
      that a program of this level meets is its input, before `ann.quantize`;
      the verifier refuses any other.

    Each op can be evaluated at each level. The arithmetic of the integer level
    is specified in docs/int4.md.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
}

def Ann_Level : I32EnumAttr<"Level", "what values of a network are", [
    I32EnumAttrCase<"Real", 0, "real">,
    I32EnumAttrCase<"Quantized", 1, "quantized">,
    I32EnumAttrCase<"Integer", 2, "integer">]> {
  let cppNamespace = "::hillock::ann";
  let genSpecializedAttr = 0;
}
def Ann_LevelAttr : EnumAttr<Ann_Dialect, Ann_Level, "level">;

def Ann_Log : TypeDef<Ann_Dialect, "Log"> {
  let mnemonic = "log";
  let summary = "Weights that are a sign and a power";
  let description = [{
    `!ann.log<2, [0.5, 0.25]>`: code 0 is 0, code k (1 .. 7) is
    `scale * base^(k-1)`, code -k its negative; one scale, or one an output
    channel. A product with such a weight is a shift.
  }];
  // An array of attributes, for array<f64: ..> is printed with six digits.
  let parameters = (ins "int64_t":$base, "::mlir::ArrayAttr":$scales);
  let extraClassDeclaration = [{
    std::vector<double> scaleValues() const;
  }];
  let assemblyFormat = "`<` $base `,` $scales `>`";
  let genVerifyDecl = 1;
}

#endif // HILLOCK_DIALECTS_ANN_ANNBASE
