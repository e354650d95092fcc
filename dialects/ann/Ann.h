//===- dialects/ann/Ann.h - The ann dialect ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_ANN_ANN_H
#define HILLOCK_DIALECTS_ANN_ANN_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/ann/AnnDialect.h.inc"

#include "dialects/ann/AnnEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/ann/AnnAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/ann/AnnTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/ann/AnnOps.h.inc"

namespace hillock::ann {

/// A tensor attribute; large ones lie in a resource blob, so that they are
/// neither uniqued nor printed digit by digit. T: float, double, int8_t,
/// int32_t.
template <typename T>
mlir::ElementsAttr elementsAttr(mlir::MLIRContext *context,
                                llvm::ArrayRef<int64_t> shape,
                                llvm::ArrayRef<T> values, llvm::StringRef name);

/// The numbers of such an attribute in C order, or nothing when its blob is
/// missing or too short.
std::optional<std::vector<double>> elementsOf(mlir::ElementsAttr attr);

} // namespace hillock::ann

#endif // HILLOCK_DIALECTS_ANN_ANN_H
