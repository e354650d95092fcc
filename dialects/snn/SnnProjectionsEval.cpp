//===- dialects/snn/SnnProjectionsEval.cpp - Weighted sums ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// y = W x + b. All of them walk through the inputs that are not zero: a step
// costs what its spikes cost. Sums are doubles at both levels; integers stay
// exact in them.
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/SnnEval.h"
#include <cmath>

using namespace hillock;
using namespace hillock::snn;

namespace {

/// What each synapse adds for a payload of one. At the integer level that is
/// m * 2^shift; a negative shift drops bits of each weight by itself,
/// arithmetically, as the synapse memories of Loihi do.
std::vector<double> effectiveWeights(mlir::ElementsAttr weights,
                                     std::optional<FormatAttr> format) {
  std::vector<double> values = valuesOf(weights);
  if (!format || format->getShift() == 0)
    return values;
  const int shift = static_cast<int>(format->getShift());
  for (double &value : values)
    value = std::floor(std::ldexp(value, shift));
  return values;
}

/// Weights and bias as the evaluation wants them.
struct ProjectionState : OpState {
  template <typename Op> explicit ProjectionState(Op op) {
    if (std::optional<mlir::ElementsAttr> attr = op.getBias())
      bias = valuesOf(*attr);
  }
  /// The result without any input; each bias serves \p repeat neighbours.
  Signal start(int64_t size, int64_t repeat) const {
    Signal result(size, 0.0);
    if (!bias.empty())
      for (int64_t k = 0; k < size; ++k)
        result[k] = bias[k / repeat];
    return result;
  }
  std::vector<double> bias;
};

/// `start`: before that step a projection contributes nothing, bias included.
template <typename Op> bool isSilent(Op op, Frame &frame) {
  if (frame.step() >= static_cast<int64_t>(op.getStart()))
    return false;
  frame.set(op.getResult(), Signal(elementsOf(op.getResult().getType()), 0.0));
  return true;
}

} // namespace

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

namespace {

struct DenseState : ProjectionState {
  explicit DenseState(DenseOp op) : ProjectionState(op) {
    const int64_t in = elementsOf(op.getInput().getType());
    const int64_t out = elementsOf(op.getResult().getType());
    std::vector<double> rows =
        effectiveWeights(op.getWeights(), op.getFormat());
    columns.resize(rows.size());
    for (int64_t o = 0; o < out; ++o)
      for (int64_t i = 0; i < in; ++i)
        columns[i * out + o] = rows[o * in + i];
  }
  std::vector<double> columns; ///< in x out: all synapses of an input
};

} // namespace

Error DenseOp::evaluate(Frame &frame) {
  if (isSilent(*this, frame))
    return Error::success();
  auto &state = frame.state<DenseState>(getOperation(), *this);
  const Signal &input = frame.get(getInput());
  const int64_t out = elementsOf(getResult().getType());
  Signal result = state.start(out, 1);
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i] == 0)
      continue;
    const double *column = &state.columns[i * out];
    for (int64_t o = 0; o < out; ++o)
      result[o] += column[o] * input[i];
  }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Sparse
//===----------------------------------------------------------------------===//

namespace {

struct Synapse {
  int64_t target;
  double weight;
};

struct SparseState : ProjectionState {
  explicit SparseState(SparseOp op) : ProjectionState(op) {
    std::vector<double> sources = valuesOf(op.getSources());
    std::vector<double> targets = valuesOf(op.getTargets());
    std::vector<double> weights =
        effectiveWeights(op.getWeights(), op.getFormat());
    axons.resize(elementsOf(op.getInput().getType()));
    for (size_t k = 0; k < weights.size(); ++k)
      axons[static_cast<size_t>(sources[k])].push_back(
          {static_cast<int64_t>(targets[k]), weights[k]});
  }
  std::vector<std::vector<Synapse>> axons; ///< element i: synapses of input i
};

} // namespace

Error SparseOp::evaluate(Frame &frame) {
  if (isSilent(*this, frame))
    return Error::success();
  auto &state = frame.state<SparseState>(getOperation(), *this);
  const Signal &input = frame.get(getInput());
  Signal result = state.start(elementsOf(getResult().getType()), 1);
  for (size_t i = 0; i < input.size(); ++i)
    if (input[i] != 0)
      for (const Synapse &synapse : state.axons[i])
        result[synapse.target] += synapse.weight * input[i];
  frame.set(getResult(), std::move(result));
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

namespace {

struct ConvState : ProjectionState {
  explicit ConvState(ConvOp op) : ProjectionState(op) {
    llvm::ArrayRef<int64_t> shape = op.getWeights().getShapedType().getShape();
    windows = makeWindows(
        shapeOf(op.getInput().getType()), shapeOf(op.getResult().getType()),
        shape.drop_front(2), op.getStride(), op.getPadding(), op.getDilation());
    const int64_t groups = static_cast<int64_t>(op.getGroups());
    inPerGroup = shape[1];
    outPerGroup = shape[0] / groups;
    std::vector<double> values =
        effectiveWeights(op.getWeights(), op.getFormat());
    kernels.resize(values.size());
    const int64_t size = windows.kernelSize();
    for (int64_t out = 0; out < shape[0]; ++out)
      for (int64_t in = 0; in < inPerGroup; ++in)
        for (int64_t k = 0; k < size; ++k) {
          const int64_t channel = out / outPerGroup * inPerGroup + in;
          kernels[(channel * size + k) * outPerGroup + out % outPerGroup] =
              values[(out * inPerGroup + in) * size + k];
        }
  }
  Windows windows;
  int64_t inPerGroup, outPerGroup;
  /// Cin x kernel element x Cout of the group: one input spike adds runs of
  /// neighbouring numbers.
  std::vector<double> kernels;
};

} // namespace

Error ConvOp::evaluate(Frame &frame) {
  if (isSilent(*this, frame))
    return Error::success();
  auto &state = frame.state<ConvState>(getOperation(), *this);
  const Windows &w = state.windows;
  const Signal &input = frame.get(getInput());
  const int64_t channels = shapeOf(getResult().getType())[0];
  const int64_t run = state.outPerGroup;
  // Channels last while summing, for the same reason.
  Signal sums(w.outSize() * channels, 0.0);
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i] == 0)
      continue;
    const int64_t channel = i / w.inSize(), place = i % w.inSize();
    const int64_t firstOut = channel / state.inPerGroup * run;
    for (const Tap &row : w.rows[place / w.inColumns])
      for (const Tap &column : w.columns[place % w.inColumns]) {
        const int64_t k = row.kernel * w.kernelColumns + column.kernel;
        const double *weights =
            &state.kernels[(channel * w.kernelSize() + k) * run];
        double *sum =
            &sums[(row.out * w.outColumns + column.out) * channels + firstOut];
        for (int64_t o = 0; o < run; ++o)
          sum[o] += weights[o] * input[i];
      }
  }
  Signal result = state.start(sums.size(), w.outSize());
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t place = 0; place < w.outSize(); ++place)
      result[c * w.outSize() + place] += sums[place * channels + c];
  frame.set(getResult(), std::move(result));
  return Error::success();
}
