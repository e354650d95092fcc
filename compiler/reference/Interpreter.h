//===- compiler/reference/Interpreter.h - Runs a network --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The definition of what a network computes, step after step, at the real and
// the integer level. It is the standard that every lowering and every engine is
// compared with; what a single op means is its evaluate() method.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_REFERENCE_INTERPRETER_H
#define HILLOCK_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/reference/Programs.h"
#include "compiler/reference/Trace.h"
#include "dialects/snn/Snn.h"
#include <functional>
#include <map>
#include <memory>

namespace hillock::reference {

/// The stimulus of each network input, events sorted by step. An input that is
/// missing is silent; a name that the network does not have is an error.
using Inputs = std::map<std::string, std::vector<Event>>;

/// All values of one input in one step, from outside.
using Stimulus =
    std::function<Expected<Signal>(llvm::StringRef input, int64_t step)>;

struct RunOptions {
  int64_t steps = 0;
  /// Beside the outputs: "NAME" records what population NAME puts out,
  /// "NAME:voltage" the membrane of a real-valued one, "NAME:STATE" a state of
  /// the program of an integer one (both as they are after the step).
  std::vector<std::string> probes = {};
  /// Record what every population puts out, after the probes, under its name.
  bool populations = false;
};

struct Population {
  std::string name;
  mlir::Operation *op; ///< snn.neurons or snn.population
};

/// The populations in the order of evaluation. A population is called what its
/// attribute `name` says, "neuronsK" without one, K its place in this list.
std::vector<Population> populationsOf(snn::NetworkOp network);

/// One network, set up once for any number of runs. Threads may each use an
/// instance of the same network, when one thread has made all of them.
class Interpreter {
public:
  /// The network must outlive the interpreter and not change.
  explicit Interpreter(snn::NetworkOp network);
  ~Interpreter();
  Interpreter(Interpreter &&) noexcept;

  /// From the initial state. Errors: an unknown input, population or state
  /// name, events outside of an input, a stimulus of the wrong size.
  Expected<Trace> run(const Inputs &inputs, const RunOptions &options);
  Expected<Trace> run(const Stimulus &stimulus, const RunOptions &options);

  /// Where neuron.random takes its numbers; 0 when never set.
  void setRandom(RandomSource source);

private:
  class RunFrame;
  std::unique_ptr<RunFrame> frame;
};

/// A single run.
Expected<Trace> run(snn::NetworkOp network, const Inputs &inputs,
                    const RunOptions &options);

} // namespace hillock::reference

#endif // HILLOCK_COMPILER_REFERENCE_INTERPRETER_H
