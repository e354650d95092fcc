//===- compiler/transform/loihi/Paths.cpp ---------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/Paths.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace hillock::snn;

namespace hillock::transform {

std::string locationText(Operation *op) {
  Location loc = op->getLoc();
  if (auto named = dyn_cast<NameLoc>(loc)) {
    std::string text = "node '" + named.getName().str() + "'";
    if (auto file = dyn_cast<FileLineColLoc>(named.getChildLoc()))
      text = file.getFilename().str() + ": " + text;
    return text;
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  loc.print(os);
  return text;
}

namespace {

bool isWeighted(Operation *op) { return isa<DenseOp, ConvOp, SparseOp>(op); }

/// Extends \p path backwards from \p value; a sum splits it.
Error trace(Value value, std::vector<Operation *> path,
            std::vector<Path> &paths) {
  Operation *op = value.getDefiningOp();
  if (isa<InputOp, NeuronsOp>(op)) {
    std::reverse(path.begin(), path.end());
    paths.push_back({op, std::move(path)});
    return Error::success();
  }
  if (path.size() > 64)
    return inputError("more than 64 linear ops without a population between "
                      "them, or a cycle of linear ops",
                      locationText(op), "put a neuron on the cycle");
  if (auto sum = dyn_cast<SumOp>(op)) {
    for (Value input : sum.getInputs())
      if (Error error = trace(input, path, paths))
        return error;
    return Error::success();
  }
  if (!isWeighted(op) && !isa<PoolOp, ScaleOp, FlattenOp, DelayOp>(op))
    return inputError("cannot stand between two populations", locationText(op));
  path.push_back(op);
  return trace(op->getOperand(0), std::move(path), paths);
}

/// Runs linear ops on constant values.
class ConstantFrame : public Frame {
public:
  // Past the start of every projection, so that biases act.
  int64_t step() const override { return int64_t(1) << 40; }
  const Signal &get(Value value) override { return values[value]; }
  void set(Value value, Signal signal) override {
    values[value] = std::move(signal);
  }
  Expected<Signal> input(Operation *op) override {
    return Signal(elementsOf(op->getResult(0).getType()), 0.0);
  }
  void record(Operation *, const Signal &) override {}
  llvm::DenseMap<Value, Signal> values;
};

/// The value at the end of \p ops for \p signal at their begin; a delay passes
/// its operand, for time does not matter here.
Expected<Signal> push(ConstantFrame &frame, ArrayRef<Operation *> ops,
                      Signal signal) {
  for (Operation *op : ops) {
    if (isa<DelayOp>(op))
      continue;
    frame.set(op->getOperand(0), std::move(signal));
    if (Error error = cast<EvaluatableOpInterface>(op).evaluate(frame))
      return std::move(error);
    signal = frame.get(op->getResult(0));
  }
  return signal;
}

ElementsAttr weightsOf(Operation *op) {
  return TypeSwitch<Operation *, ElementsAttr>(op)
      .Case<DenseOp, ConvOp, SparseOp>(
          [](auto weighted) { return weighted.getWeights(); });
}

bool uniform(const std::vector<double> &values) {
  return llvm::all_of(values, [&](double v) { return v == values.front(); });
}

/// The factor of an op that multiplies everything alike; nullopt otherwise.
std::optional<double> uniformFactor(Operation *op) {
  if (isa<FlattenOp, DelayOp>(op))
    return 1.0;
  if (auto pool = dyn_cast<PoolOp>(op)) {
    double window = 1;
    for (int64_t size : pool.getKernel())
      window *= size;
    return pool.getKind() == PoolKind::Average ? 1 / window : 1.0;
  }
  if (auto scale = dyn_cast<ScaleOp>(op)) {
    std::vector<double> factors = valuesOf(scale.getFactors());
    if (uniform(factors))
      return factors.front();
  }
  return std::nullopt;
}

/// The list of synapses of any path: push a unit from each source neuron.
Expected<LinearPath> enumerate(const Path &path, Operation *target,
                               const std::vector<double> &rowFactor) {
  LinearPath result;
  int64_t sources = elementsOf(path.source->getResult(0).getType());
  ConstantFrame frame;
  // What biases alone give is taken off again.
  Expected<Signal> zero = push(frame, path.ops, Signal(sources, 0.0));
  if (!zero)
    return zero.takeError();
  Signal base = *zero;
  for (int64_t s = 0; s < sources; ++s) {
    Signal unit(sources, 0.0);
    unit[s] = 1;
    Expected<Signal> response = push(frame, path.ops, std::move(unit));
    if (!response)
      return response.takeError();
    for (size_t n = 0; n < response->size(); ++n) {
      double weight = ((*response)[n] - base[n]) * rowFactor[n];
      if (weight == 0)
        continue;
      result.sources.push_back(static_cast<int32_t>(s));
      result.targets.push_back(static_cast<int32_t>(n));
      result.weights.push_back(static_cast<float>(weight));
      constexpr size_t limit = 100'000'000;
      if (result.sources.size() > limit)
        return makeError(ErrorKind::Capacity,
                         "more than 100,000,000 synapses when written out",
                         locationText(target),
                         "give all neurons of the population equal parameters");
    }
  }
  return result;
}

/// Multiplies the weights of a structured op by the factors of the target's
/// neurons; false when its weights are shared between different factors.
bool applyRowFactor(LinearPath &path, const std::vector<double> &factor) {
  if (uniform(factor)) {
    for (float &weight : path.weights)
      weight = static_cast<float>(weight * factor.front());
    return true;
  }
  if (llvm::any_of(path.after, [](Operation *op) { return isa<PoolOp>(op); }))
    return false;
  if (isa<DenseOp>(path.weighted)) {
    size_t in = path.weights.size() / factor.size();
    for (size_t i = 0; i < path.weights.size(); ++i)
      path.weights[i] = static_cast<float>(path.weights[i] * factor[i / in]);
    return true;
  }
  auto conv = dyn_cast<ConvOp>(path.weighted);
  if (!conv)
    return false;
  size_t channels = shapeOf(conv.getResult().getType())[0];
  size_t pixels = factor.size() / channels;
  for (size_t n = 0; n < factor.size(); ++n)
    if (factor[n] != factor[n / pixels * pixels])
      return false;
  size_t perChannel = path.weights.size() / channels;
  for (size_t i = 0; i < path.weights.size(); ++i)
    path.weights[i] =
        static_cast<float>(path.weights[i] * factor[i / perChannel * pixels]);
  return true;
}

} // namespace

Expected<std::vector<Path>> pathsInto(Operation *target) {
  std::vector<Path> paths;
  if (Error error = trace(target->getOperand(0), {}, paths))
    return std::move(error);
  return paths;
}

Expected<std::vector<int64_t>> delaysOf(const Path &path) {
  std::vector<int64_t> total = {0};
  bool moved = false; // an op before it mixes or moves neurons
  for (Operation *op : path.ops) {
    if (auto delay = dyn_cast<DelayOp>(op)) {
      std::vector<double> steps = valuesOf(delay.getSteps());
      if (uniform(steps)) {
        for (int64_t &value : total)
          value += static_cast<int64_t>(steps.front());
        continue;
      }
      if (moved)
        return inputError("delays that differ between neurons must come "
                          "directly behind the neurons that they delay",
                          locationText(op), "move the delay");
      if (total.size() == 1)
        total.resize(steps.size(), total.front());
      for (size_t n = 0; n < steps.size(); ++n)
        total[n] += static_cast<int64_t>(steps[n]);
      continue;
    }
    moved |= !isa<FlattenOp, ScaleOp>(op);
  }
  return total;
}

Expected<LinearPath> linearize(const Path &path, Operation *target,
                               const std::vector<double> &rowFactor) {
  LinearPath result;
  double factor = 1;
  bool structured = true;
  for (Operation *op : path.ops) {
    if (isWeighted(op)) {
      structured &= !result.weighted;
      result.weighted = op;
      continue;
    }
    std::optional<double> f = uniformFactor(op);
    structured &= f.has_value();
    factor *= f.value_or(1);
    if (isa<FlattenOp, PoolOp>(op))
      (result.weighted ? result.after : result.before).push_back(op);
  }
  if (!structured || !result.weighted)
    return enumerate(path, target, rowFactor);
  std::vector<double> weights = valuesOf(weightsOf(result.weighted));
  result.weights.resize(weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    result.weights[i] = static_cast<float>(weights[i] * factor);
  if (applyRowFactor(result, rowFactor))
    return result;
  return enumerate(path, target, rowFactor);
}

Expected<LinearPath> listSynapses(const Path &path, Operation *target,
                                  const std::vector<double> &rowFactor) {
  return enumerate(path, target, rowFactor);
}

Expected<std::vector<double>> biasInto(Operation *target,
                                       const std::vector<Path> &paths) {
  std::vector<double> bias(elementsOf(target->getOperand(0).getType()), 0.0);
  for (const Path &path : paths) {
    ConstantFrame frame;
    int64_t sources = elementsOf(path.source->getResult(0).getType());
    Expected<Signal> signal = push(frame, path.ops, Signal(sources, 0.0));
    if (!signal)
      return signal.takeError();
    for (size_t n = 0; n < bias.size(); ++n)
      bias[n] += (*signal)[n];
  }
  return bias;
}

} // namespace hillock::transform
