//===- tests/unit/backends/image/Support.h - Level by level -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_BACKENDS_IMAGE_SUPPORT_H
#define HILLOCK_TESTS_UNIT_BACKENDS_IMAGE_SUPPORT_H

#include "compiler/reference/Programs.h"
#include "dialects/neurocore/NeuroCore.h"
#include "image/CoreTables.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>
#include <map>

namespace hillock::test {

/// A context with all dialects.
std::unique_ptr<mlir::MLIRContext> makeContext();
mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text,
                                        mlir::MLIRContext &context);

/// By name, then step: the values of one input or output.
using Signals = std::map<std::string, std::vector<Signal>>;

/// Runs a system op by op for \p steps steps. Gives what its outputs and
/// populations recorded, under "output NAME" and "population NAME", and probes
/// under "probe STATE".
Signals runSystem(neurocore::SystemOp system, const Signals &inputs,
                  int64_t steps);

/// A system "s" for target \p target with one chip that holds \p cores, all of
/// which run "loihi1_compartment", and one population for each core, "layerK".
mlir::OwningOpRef<mlir::ModuleOp>
systemOf(const std::vector<image::CoreTables> &cores,
         mlir::MLIRContext &context, const std::string &target = "loihi");

neurocore::SystemOp systemIn(mlir::ModuleOp module);

/// The diagnostics that verifying \p op emits.
std::string diagnosticsOf(mlir::Operation *op);

/// A core with \p compartments and profiles, and \p axons discrete input axons
/// with a row each of \p fanout synapses of \p bits.
image::CoreTables simpleCore(uint32_t core, uint32_t compartments,
                             uint32_t axons, uint32_t fanout, uint8_t bits);

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_BACKENDS_IMAGE_SUPPORT_H
