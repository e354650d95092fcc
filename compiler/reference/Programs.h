//===- compiler/reference/Programs.h - Neuron programs by name --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_REFERENCE_PROGRAMS_H
#define HILLOCK_COMPILER_REFERENCE_PROGRAMS_H

#include "dialects/interfaces/Evaluation.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace hillock::reference {

/// One use of neuron.random.
struct Draw {
  mlir::Operation *population;
  int64_t neuron, step;
  size_t index; ///< tells the draws of one step apart
};
using RandomSource = std::function<int32_t(const Draw &)>;

/// The neuron programs of one interpreter. Not thread-safe.
class Programs {
public:
  Programs();
  ~Programs();

  /// A neuron.model named \p name in a symbol table around \p op, else the
  /// model of that name in the library. Every call for the same name and table
  /// gives the same object.
  Expected<ProgramRunner *> find(mlir::Operation *op, llvm::StringRef name);

  /// Where neuron.random takes its numbers in all programs; 0 when not set.
  void setRandom(RandomSource source) { random = std::move(source); }

private:
  class Runner;
  std::map<std::string, std::unique_ptr<Runner>> runners;
  RandomSource random;
};

} // namespace hillock::reference

#endif // HILLOCK_COMPILER_REFERENCE_PROGRAMS_H
