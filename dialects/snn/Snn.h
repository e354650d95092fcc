//===- dialects/snn/Snn.h - The snn dialect ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_SNN_SNN_H
#define HILLOCK_DIALECTS_SNN_SNN_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/snn/SnnDialect.h.inc"

#include "dialects/snn/SnnEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/snn/SnnAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/snn/SnnTypes.h.inc"

namespace hillock::snn {
class InputOp;
class OutputOp;
} // namespace hillock::snn

#define GET_OP_CLASSES
#include "dialects/snn/SnnOps.h.inc"

namespace hillock::snn {

/// Shape of a spikes, graded or current type.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);
int64_t elementsOf(mlir::Type type);

/// The numbers of an elements attribute (dense or resource, float or integer)
/// in C order; a splat is expanded to all of its elements.
std::vector<double> valuesOf(mlir::ElementsAttr attr);
/// Value of element \p index without expanding the rest.
double valueAt(mlir::ElementsAttr attr, int64_t index);

/// A tensor attribute whose data lies in a resource blob when it is large, so
/// that weights are neither uniqued nor printed digit by digit.
mlir::ElementsAttr weightsAttr(mlir::MLIRContext *context,
                               llvm::ArrayRef<int64_t> shape,
                               std::vector<float> values, llvm::StringRef name);
mlir::ElementsAttr weightsAttr(mlir::MLIRContext *context,
                               llvm::ArrayRef<int64_t> shape,
                               std::vector<int16_t> values,
                               llvm::StringRef name);

/// Output size of one axis of a convolution or pool: floor((in + begin + end -
/// dilation (kernel - 1) - 1) / stride) + 1; negative when nothing fits.
int64_t windowCount(int64_t in, int64_t kernel, int64_t begin, int64_t end,
                    int64_t stride, int64_t dilation);

} // namespace hillock::snn

#endif // HILLOCK_DIALECTS_SNN_SNN_H
