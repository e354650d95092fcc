//===- dialects/neuron/ModelRun.h - Runs a model step by step ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The oracle of the integer level: one neuron.model, one compartment, one step
// at a time, straight from the IR. Independent of the bytecode, with which it
// is compared in tests. What a run needs of the IR is taken out once, so that
// a step costs a few nanoseconds an op.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEURON_MODELRUN_H
#define HILLOCK_DIALECTS_NEURON_MODELRUN_H

#include "dialects/neuron/Neuron.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <functional>
#include <string>
#include <vector>

namespace hillock::neuron {

class ModelRun {
public:
  /// \p model must have passed its verifier; it is not kept.
  explicit ModelRun(ModelOp model);

  /// In the order in which the body declares them, which is also the order of
  /// the arguments of step() and of the bytecode.
  const std::vector<std::string> &stateNames() const { return states; }
  const std::vector<std::string> &paramNames() const { return params; }
  /// -1 when absent.
  int stateIndex(llvm::StringRef name) const;
  int paramIndex(llvm::StringRef name) const;
  size_t ports() const { return portCount; }
  /// Ops that a step evaluates; a measure of cost.
  size_t opsPerStep() const { return code.size(); }

  /// Advances one compartment. \p inputs: one number a port (missing ones are
  /// 0). \p parameters and \p state: one number each, in the order above; the
  /// state is overwritten with that of the next step. \p payload is 1 for a
  /// binary spike and 0 when \p fired is false. Not thread-safe: one ModelRun
  /// a thread.
  void step(llvm::ArrayRef<int32_t> inputs, llvm::ArrayRef<int32_t> parameters,
            llvm::MutableArrayRef<int32_t> state, bool &fired,
            int32_t &payload);
  /// The same with parameters by name, for a few steps.
  void step(llvm::ArrayRef<int32_t> inputs,
            llvm::function_ref<int32_t(llvm::StringRef)> parameter,
            llvm::MutableArrayRef<int32_t> state, bool &fired,
            int32_t &payload);

  /// Where neuron.random takes its numbers; 0 without. The argument tells the
  /// draws of one step apart: the first neuron.random of the body has 0.
  void setRandom(std::function<int32_t(size_t)> stream) {
    random = std::move(stream);
  }

private:
  using Slot = uint32_t;
  struct Instruction {
    int32_t (*apply)(const int32_t *operands, int32_t attribute);
    int32_t attribute;
    Slot operands[3];
    Slot result;
  };
  struct Copy {
    Slot slot;
    uint32_t index; ///< of the state, parameter or port
  };

  struct Builder;
  void load(llvm::ArrayRef<int32_t> inputs, llvm::ArrayRef<int32_t> parameters,
            llvm::ArrayRef<int32_t> state);

  std::vector<std::string> states, params;
  size_t portCount;
  std::vector<int32_t> values; ///< one slot an SSA value
  std::vector<Copy> stateReads, paramReads, inputReads, writes;
  std::vector<Instruction> code;
  bool fires = false, graded = false;
  Slot condition = 0, payloadSlot = 0;
  std::function<int32_t(size_t)> random;
  size_t draws = 0;           ///< neuron.random ops
  std::vector<int32_t> named; ///< scratch of the by-name step
};

} // namespace hillock::neuron

#endif // HILLOCK_DIALECTS_NEURON_MODELRUN_H
