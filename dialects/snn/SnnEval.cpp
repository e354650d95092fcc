//===- dialects/snn/SnnEval.cpp - Network, ports, elementwise ops ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/SnnEval.h"

using namespace hillock;
using namespace hillock::snn;
using llvm::ArrayRef;

//===----------------------------------------------------------------------===//
// Network: one time step
//===----------------------------------------------------------------------===//

namespace {

struct ScheduleState : OpState {
  std::vector<mlir::Operation *> order;
};

} // namespace

Error NetworkOp::evaluate(Frame &frame) {
  auto &schedule = frame.state<ScheduleState>(getOperation());
  if (schedule.order.empty()) {
    auto order = this->schedule();
    if (failed(order))
      return inputError("a cycle has no delay of at least one step",
                        "network '" + getSymName().str() + "'",
                        "put an snn.delay on the cycle");
    schedule.order = std::move(*order);
  }
  // Delays come first in this order, with what they absorbed in earlier steps.
  for (mlir::Operation *op : schedule.order)
    if (Error error = llvm::cast<EvaluatableOpInterface>(op).evaluate(frame))
      return error;
  for (mlir::Operation *op : schedule.order)
    if (auto delay = llvm::dyn_cast<DelayOp>(op))
      delay.absorb(frame);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Ports
//===----------------------------------------------------------------------===//

Error InputOp::evaluate(Frame &frame) {
  Expected<Signal> stimulus = frame.input(getOperation());
  if (!stimulus)
    return stimulus.takeError();
  const int64_t wanted = elementsOf(getResult().getType());
  if (static_cast<int64_t>(stimulus->size()) != wanted)
    return inputError("the stimulus has " + std::to_string(stimulus->size()) +
                          " values in step " + std::to_string(frame.step()) +
                          ", the network takes " + std::to_string(wanted),
                      "input '" + getName().str() + "'");
  frame.set(getResult(), std::move(*stimulus));
  return Error::success();
}

Error OutputOp::evaluate(Frame &frame) {
  frame.record(getOperation(), frame.get(getValue()));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

namespace {

struct FactorsState : OpState {
  explicit FactorsState(mlir::ElementsAttr attr) : factors(valuesOf(attr)) {}
  std::vector<double> factors;
};

} // namespace

Error ScaleOp::evaluate(Frame &frame) {
  const std::vector<double> &factors =
      frame.state<FactorsState>(getOperation(), getFactors()).factors;
  Signal result = frame.get(getInput());
  for (size_t k = 0; k < result.size(); ++k)
    result[k] *= factors.size() == 1 ? factors[0] : factors[k];
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error FlattenOp::evaluate(Frame &frame) {
  frame.set(getResult(), frame.get(getInput()));
  return Error::success();
}

Error SumOp::evaluate(Frame &frame) {
  Signal result = frame.get(getInputs().front());
  for (mlir::Value input : getInputs().drop_front()) {
    const Signal &other = frame.get(input);
    for (size_t k = 0; k < result.size(); ++k)
      result[k] += other[k];
  }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Delay
//===----------------------------------------------------------------------===//

namespace {

struct DelayState : OpState {
  explicit DelayState(DelayOp op) : ring(op.maximum()) {
    for (double value : valuesOf(op.getSteps()))
      steps.push_back(static_cast<int64_t>(value));
  }
  void reset() override {
    for (Signal &signal : ring)
      signal.clear();
  }

  std::vector<int64_t> steps; ///< one element, or one a neuron
  /// Slot t mod maximum: the input of step t; empty before the start.
  std::vector<Signal> ring;
};

} // namespace

Error DelayOp::evaluate(Frame &frame) {
  auto &state = frame.state<DelayState>(getOperation(), *this);
  const int64_t size = elementsOf(getResult().getType());
  Signal result(size, 0.0);
  for (int64_t k = 0; k < size; ++k) {
    const int64_t steps = state.steps[state.steps.size() == 1 ? 0 : k];
    if (steps == 0) {
      result[k] = frame.get(getInput())[k];
    } else if (frame.step() >= steps) {
      const Signal &past =
          state.ring[(frame.step() - steps) % state.ring.size()];
      result[k] = past.empty() ? 0.0 : past[k];
    }
  }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

void DelayOp::absorb(Frame &frame) {
  auto &state = frame.state<DelayState>(getOperation(), *this);
  if (!state.ring.empty())
    state.ring[frame.step() % state.ring.size()] = frame.get(getInput());
}

//===----------------------------------------------------------------------===//
// Windows and pools
//===----------------------------------------------------------------------===//

static AxisTaps makeTaps(int64_t in, int64_t out, int64_t kernel,
                         int64_t stride, int64_t begin, int64_t dilation) {
  AxisTaps taps(in);
  for (int64_t o = 0; o < out; ++o)
    for (int64_t k = 0; k < kernel; ++k) {
      const int64_t y = o * stride + k * dilation - begin;
      if (y >= 0 && y < in)
        taps[y].push_back({k, o});
    }
  return taps;
}

Windows hillock::snn::makeWindows(ArrayRef<int64_t> in, ArrayRef<int64_t> out,
                                  ArrayRef<int64_t> kernel,
                                  ArrayRef<int64_t> stride,
                                  ArrayRef<int64_t> padding,
                                  ArrayRef<int64_t> dilation) {
  Windows windows;
  auto axis = [&](size_t i) {
    return makeTaps(in[i + 1], out[i + 1], kernel[i], stride[i], padding[i],
                    dilation[i]);
  };
  const size_t last = kernel.size() - 1;
  windows.kernelColumns = kernel[last];
  windows.inColumns = in[last + 1];
  windows.outColumns = out[last + 1];
  windows.columns = axis(last);
  if (last == 0) {
    windows.rows = {{{0, 0}}};
    return windows;
  }
  windows.kernelRows = kernel[0];
  windows.inRows = in[1];
  windows.outRows = out[1];
  windows.rows = axis(0);
  return windows;
}

namespace {

struct PoolState : OpState {
  explicit PoolState(PoolOp op) {
    llvm::SmallVector<int64_t> dilation(op.getKernel().size(), 1);
    windows = makeWindows(shapeOf(op.getInput().getType()),
                          shapeOf(op.getResult().getType()), op.getKernel(),
                          op.getStride(), op.getPadding(), dilation);
  }
  Windows windows;
};

} // namespace

Error PoolOp::evaluate(Frame &frame) {
  if (getKernel().size() > 2)
    return inputError("a pool over " + std::to_string(getKernel().size()) +
                      " axes; one or two can be run");
  const Windows &w = frame.state<PoolState>(getOperation(), *this).windows;
  const Signal &input = frame.get(getInput());
  Signal result(elementsOf(getResult().getType()), 0.0);
  for (size_t k = 0; k < input.size(); ++k) {
    if (input[k] == 0)
      continue;
    const int64_t channel = k / w.inSize(), place = k % w.inSize();
    for (const Tap &row : w.rows[place / w.inColumns])
      for (const Tap &column : w.columns[place % w.inColumns])
        result[channel * w.outSize() + row.out * w.outColumns + column.out] +=
            input[k];
  }
  if (getKind() == PoolKind::Average)
    for (double &value : result)
      value /= static_cast<double>(w.kernelSize());
  frame.set(getResult(), std::move(result));
  return Error::success();
}
