//===- compiler/programs/Programs.h - Neuron models as bytecode -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between neuron.model and the bytecode that travels in the image.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_PROGRAMS_PROGRAMS_H
#define HILLOCK_COMPILER_PROGRAMS_PROGRAMS_H

#include "base/Error.h"
#include "dialects/neuron/Neuron.h"
#include "image/Program.h"
#include "mlir/IR/OwningOpRef.h"

namespace hillock::programs {

/// The bytecode of a model that has passed its verifier. States and parameters
/// keep the order of their declarations. What reaches neither a write, a fire
/// nor a random draw is left out; constants, parameters, states and inputs are
/// read where they are first used. Fails with ErrorKind::Capacity when more
/// than 256 registers are needed.
Expected<image::Program> toBytecode(neuron::ModelOp model);

/// A model that has \p program as its bytecode, for inspection; parameter
/// ranges are unknown and come out as those of int32. For a program made by
/// toBytecode, toBytecode gives the same program again. Fails when
/// image::check() refuses the program.
Expected<mlir::OwningOpRef<neuron::ModelOp>>
fromBytecode(const image::Program &program, mlir::MLIRContext *context);

/// The bytecode of a model of the library (dialects/neuron/Library.h). Fails
/// with the names that are known when there is no such model.
Expected<image::Program> libraryProgram(llvm::StringRef name);

} // namespace hillock::programs

#endif // HILLOCK_COMPILER_PROGRAMS_PROGRAMS_H
