//===- dialects/neurocore/NeuroCore.h - The neurocore dialect ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Cores that own their memories. See NeuroCoreBase.td and NeuroCoreOps.td, from
// which the manual is made, Tables.h for the way between a core and its tables,
// Capacity.h for what fits.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_NEUROCORE_H
#define HILLOCK_DIALECTS_NEUROCORE_NEUROCORE_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/neurocore/NeuroCoreDialect.h.inc"

#include "dialects/neurocore/NeuroCoreEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/neurocore/NeuroCoreAttrs.h.inc"

namespace hillock::neurocore {
class CoreOp;
class CompartmentsOp;
class SynapsesOp;
class AxonInOp;
class AxonOutOp;
} // namespace hillock::neurocore

#define GET_OP_CLASSES
#include "dialects/neurocore/NeuroCoreOps.h.inc"

#endif // HILLOCK_DIALECTS_NEUROCORE_NEUROCORE_H
