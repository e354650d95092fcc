//===- compiler/ann/ir/Interpret.cpp - Running ops as they are defined ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/ir/Convert.h"

using namespace mlir;

namespace hillock::ann {

namespace {

/// One step, one input, one output.
class OneShot : public Frame {
public:
  explicit OneShot(const std::vector<float> &given) : given(given) {}

  int64_t step() const override { return 0; }
  const Signal &get(mlir::Value value) override { return signals[value]; }
  void set(mlir::Value value, Signal signal) override {
    signals[value] = std::move(signal);
  }
  Expected<Signal> input(Operation *op) override {
    const auto wanted = static_cast<size_t>(
        cast<RankedTensorType>(op->getResult(0).getType()).getNumElements());
    if (given.size() != wanted)
      return inputError("the input has " + std::to_string(given.size()) +
                        " elements, not " + std::to_string(wanted));
    return Signal(given.begin(), given.end());
  }
  void record(Operation *, const Signal &signal) override { output = signal; }

  Signal output;

private:
  const std::vector<float> &given;
  llvm::DenseMap<mlir::Value, Signal> signals;
};

} // namespace

Expected<std::vector<double>> interpret(NetworkOp op,
                                        const std::vector<float> &input) {
  OneShot frame(input);
  if (Error error = op.evaluate(frame))
    return std::move(error);
  return std::move(frame.output);
}

} // namespace hillock::ann
