//===- dialects/neurocore/Tables.h - A core and its tables ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_TABLES_H
#define HILLOCK_DIALECTS_NEUROCORE_TABLES_H

#include "dialects/neurocore/NeuroCore.h"
#include "image/CoreTables.h"

namespace hillock::neurocore {

/// The tables of a core that has passed its verifier. `program` is the index of
/// its program in SystemOp::programs(), 0 when the core is in no system.
/// Memories that the core does not have are empty.
image::CoreTables coreTables(CoreOp core);

/// The same with a known program index, for loops over many cores.
image::CoreTables coreTables(CoreOp core, uint32_t program);

/// A core with these tables at the insertion point of \p builder, which must be
/// in a chip; `tables.chip` is not used. coreTables() of it gives \p tables.
CoreOp buildCore(mlir::OpBuilder &builder, mlir::Location loc,
                 const image::CoreTables &tables, llvm::StringRef program);

/// Dictionary of i64 and back.
mlir::DictionaryAttr toDictionary(mlir::MLIRContext *context,
                                  const image::FieldValues &values);
image::FieldValues fromDictionary(mlir::DictionaryAttr fields);

} // namespace hillock::neurocore

#endif // HILLOCK_DIALECTS_NEUROCORE_TABLES_H
