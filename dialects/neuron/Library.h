//===- dialects/neuron/Library.h - Ready-made neuron models -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The models of dialects/neuron/library, one file each, embedded at build time.
// A new model is a new file in that folder.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_LIBRARY_H
#define HILLOCK_DIALECTS_NEURON_LIBRARY_H

#include "dialects/neuron/Neuron.h"
#include "mlir/IR/OwningOpRef.h"
#include <string>
#include <vector>

namespace hillock::neuron::library {

/// All models, sorted by name ("cuba_lif", "lif", "loihi1_compartment", ...).
std::vector<std::string> names();

/// The text of a model's file; empty when there is no such model.
llvm::StringRef text(llvm::StringRef name);

/// The model; its symbol is \p name. Null after a diagnostic when the library
/// has no model of that name. Loads the dialects that it needs into \p context.
mlir::OwningOpRef<ModelOp> parse(mlir::MLIRContext *context,
                                 llvm::StringRef name);

} // namespace hillock::neuron::library

#endif // HILLOCK_DIALECTS_NEURON_LIBRARY_H
