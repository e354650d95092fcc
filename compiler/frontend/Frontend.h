//===- compiler/frontend/Frontend.h - Files to networks ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One door for all input formats. An importer produces snn ops with source
// locations and never guesses: what a file does not say comes from an option,
// from the file's metadata, from numbers in it that leave no choice, or ends in
// an error.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_FRONTEND_FRONTEND_H
#define HILLOCK_COMPILER_FRONTEND_FRONTEND_H

#include "base/Error.h"
#include "dialects/snn/Snn.h"
#include "mlir/IR/BuiltinOps.h"
#include <array>
#include <optional>

namespace hillock::frontend {

/// As given on the command line; empty: not given.
struct Options {
  std::optional<double> dt;  ///< in the file's unit of time
  std::string timeUnit;      ///< "s", "ms", "steps"
  std::string integrator;    ///< "euler", "exact", "decay_exp_gain_euler"
  std::string reset;         ///< "value", "zero", "subtract", "snntorch"
  std::string order;         ///< "integrate_fire", "fire_integrate"
  std::string threshold;     ///< "strict", "not_strict"
  std::string recurrentBias; ///< "at_start", "after_start"
  std::optional<int64_t> refractory; ///< steps
  std::optional<int64_t> clamp;
  std::optional<bool> multi;
  /// A tool whose habits fill in what is not given: see conventionNames().
  std::string convention;
  bool gradedInput = false;
  bool fixTransposed = false;
};

/// "nir", "snntorch", "norse", "sinabs", "rockpool", "spyx".
std::vector<std::string> conventionNames();

struct Imported {
  snn::NetworkOp network;
  /// Name, value, where it is from: for the summary table.
  std::vector<std::array<std::string, 3>> conventions;
  std::vector<std::string> remarks;
};

/// The format is found by extension: .nir, .mlir, .mlirbc.
Expected<Imported> importFile(const std::string &path, const Options &options,
                              mlir::ModuleOp module);

} // namespace hillock::frontend

#endif // HILLOCK_COMPILER_FRONTEND_FRONTEND_H
