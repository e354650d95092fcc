//===- dialects/interfaces/Evaluation.h - What an evaluation sees -*- C++ -*-=//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values, state and clock of the reference interpreter. The loop over steps is
// in compiler/reference; the meaning of each op is its evaluate() method.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_INTERFACES_EVALUATION_H
#define HILLOCK_DIALECTS_INTERFACES_EVALUATION_H

#include "base/Error.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hillock {

/// The value that an SSA value has in one step: real numbers at the real
/// level, integers (in the same doubles, exact up to 2^53) at the integer
/// level, in the C order of the type's shape. Scalars of the neuron dialect
/// have one element.
using Signal = std::vector<double>;

/// State that an op keeps from step to step; each op defines its own.
struct OpState {
  virtual ~OpState() = default;
  /// Back to the state before step 0. What was computed from attributes alone
  /// (decoded weights, the order of ops) may stay.
  virtual void reset() {}
};

/// An integer neuron program that can be run, whoever interprets it. One object
/// serves all neurons of a population.
class ProgramRunner {
public:
  virtual ~ProgramRunner() = default;
  /// In the order in which step() takes them.
  virtual const std::vector<std::string> &states() const = 0;
  virtual const std::vector<std::string> &parameters() const = 0;
  /// Whose step() comes next; random numbers depend on that alone, never on
  /// the order in which neurons are advanced.
  virtual void select(mlir::Operation *population, int64_t neuron,
                      int64_t step) {
    (void)population, (void)neuron, (void)step;
  }
  /// One step of one neuron: \p state is overwritten; \p payload is 1 for a
  /// binary spike and 0 when \p fired is false.
  virtual void step(int32_t input, llvm::ArrayRef<int32_t> parameters,
                    llvm::MutableArrayRef<int32_t> state, bool &fired,
                    int32_t &payload) = 0;
};

/// One run of the interpreter, seen from an op's evaluation.
class Frame {
public:
  virtual ~Frame() = default;

  /// The current step, from 0.
  virtual int64_t step() const = 0;
  /// The value of an operand in this step.
  virtual const Signal &get(mlir::Value value) = 0;
  virtual void set(mlir::Value value, Signal signal) = 0;
  /// The stimulus of a network input in this step.
  virtual Expected<Signal> input(mlir::Operation *op) = 0;
  /// A value that leaves the network or is probed.
  virtual void record(mlir::Operation *op, const Signal &signal) = 0;

  /// The program \p name as seen from \p op: a neuron.model of the enclosing
  /// module, else one of the library. Lives as long as the frame.
  virtual Expected<ProgramRunner *> program(mlir::Operation *op,
                                            llvm::StringRef name) {
    (void)op;
    return makeError(ErrorKind::Internal, "this frame runs no neuron programs",
                     name.str());
  }

  /// The op's state; made by the first call of a run.
  template <typename State, typename... Args>
  State &state(mlir::Operation *op, Args &&...args) {
    std::unique_ptr<OpState> &slot = states[op];
    if (!slot)
      slot = std::make_unique<State>(std::forward<Args>(args)...);
    return static_cast<State &>(*slot);
  }
  void clearStates() { states.clear(); }
  /// Before the first step of another run.
  void resetStates() {
    for (auto &entry : states)
      entry.second->reset();
  }

private:
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<OpState>> states;
};

} // namespace hillock

#include "dialects/interfaces/Evaluatable.h.inc"

#endif // HILLOCK_DIALECTS_INTERFACES_EVALUATION_H
