//===- dialects/neuron/Neuron.h - Neuron models as programs -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The neuron dialect: one neuron.model holds the integer program that one
// compartment runs in one time step. See Neuron.td and NeuronOps.td, from which
// the manual is made. A model is run by ModelRun.h, translated to bytecode by
// compiler/programs, and taken ready-made from Library.h.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_NEURON_H
#define HILLOCK_DIALECTS_NEURON_NEURON_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/neuron/NeuronDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/neuron/NeuronOps.h.inc"

namespace hillock::neuron {

/// A model has 1 to this many input ports.
constexpr int64_t maxPorts = 16;

} // namespace hillock::neuron

#endif // HILLOCK_DIALECTS_NEURON_NEURON_H
