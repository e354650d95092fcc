//===- dialects/crossbar/Crossbar.h - The crossbar dialect ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One chip with a full crossbar and a queue of events. See CrossbarBase.td for
// what a step is.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_CROSSBAR_CROSSBAR_H
#define HILLOCK_DIALECTS_CROSSBAR_CROSSBAR_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/crossbar/CrossbarDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/crossbar/CrossbarOps.h.inc"

namespace hillock::crossbar {

/// Addresses of neurons and sources.
constexpr int64_t addresses = 256;
/// Events that one event of the host may cause; with more, the chip is said not
/// to come to rest.
constexpr uint64_t restlessEvents = 1 << 16;

/// The entry of \p neuron in a dictionary of integers and i32 lists; 0 when
/// nothing has that name.
int32_t entryOf(mlir::DictionaryAttr fields, llvm::StringRef name,
                size_t neuron);

/// What the evaluation of a chip has counted since the begin of the run.
struct Counters {
  uint64_t hostEvents = 0;   ///< without time references
  uint64_t neuronEvents = 0; ///< sweeps, without time references
  uint64_t virtualEvents = 0;
  uint64_t references = 0; ///< time references
  uint64_t spikes = 0;     ///< of all neurons, twins too
  uint64_t lost = 0;       ///< spikes that the full queue did not take
};
const Counters &countersOf(ChipOp chip, Frame &frame);

} // namespace hillock::crossbar

#endif // HILLOCK_DIALECTS_CROSSBAR_CROSSBAR_H
