//===- dialects/snn/SnnOps.cpp - Verifiers, folds, order of evaluation ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/snn/Snn.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace hillock::snn;

#define GET_OP_CLASSES
#include "dialects/snn/SnnOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

static std::string dims(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

static LogicalResult checkTensor(Operation *op, ElementsAttr attr,
                                 StringRef name, ArrayRef<int64_t> shape) {
  if (attr.getShapedType().getShape() == shape)
    return success();
  return op->emitOpError() << name << " has shape "
                           << dims(attr.getShapedType().getShape())
                           << ", expected " << dims(shape);
}

/// Weights, bias and format of a projection. At the integer level weights are
/// integers, and a bias lives in the registers of the target population.
static LogicalResult checkWeights(Operation *op, ElementsAttr weights,
                                  std::optional<ElementsAttr> bias,
                                  std::optional<FormatAttr> format,
                                  int64_t start, int64_t biasSize) {
  if (start < 0)
    return op->emitOpError() << "start is a step, not " << start;
  bool integer = isa<IntegerType>(weights.getElementType());
  if (format && !integer)
    return op->emitOpError()
           << "has a format, so its weights must be integers, not "
           << weights.getElementType();
  if (!format && integer)
    return op->emitOpError() << "has integer weights and needs a format";
  if (!bias)
    return success();
  if (format)
    return op->emitOpError() << "has a bias at the integer level; it belongs "
                                "into the registers of the population";
  return checkTensor(op, *bias, "bias", {biasSize});
}

//===----------------------------------------------------------------------===//
// NetworkOp
//===----------------------------------------------------------------------===//

RegionKind NetworkOp::getRegionKind(unsigned) { return RegionKind::Graph; }

std::vector<InputOp> NetworkOp::inputs() {
  auto ops = getBody().front().getOps<InputOp>();
  std::vector<InputOp> result(ops.begin(), ops.end());
  llvm::sort(result,
             [](InputOp a, InputOp b) { return a.getName() < b.getName(); });
  return result;
}

std::vector<OutputOp> NetworkOp::outputs() {
  auto ops = getBody().front().getOps<OutputOp>();
  std::vector<OutputOp> result(ops.begin(), ops.end());
  llvm::sort(result,
             [](OutputOp a, OutputOp b) { return a.getName() < b.getName(); });
  return result;
}

FailureOr<std::vector<Operation *>> NetworkOp::schedule() {
  // A delay of at least one step has its value before the step begins.
  auto isSource = [](Operation *op) {
    auto delay = dyn_cast<DelayOp>(op);
    return delay && delay.minimum() >= 1;
  };
  std::vector<Operation *> order;
  llvm::DenseMap<Operation *, unsigned> waiting;
  for (Operation &op : getBody().front()) {
    unsigned count = 0;
    if (!isSource(&op))
      for (Value operand : op.getOperands())
        count += operand.getDefiningOp() != nullptr;
    waiting[&op] = count;
    if (count == 0)
      order.push_back(&op);
  }
  for (size_t next = 0; next < order.size(); ++next)
    for (OpOperand &use : order[next]->getUses()) {
      Operation *user = use.getOwner();
      if (!isSource(user) && --waiting[user] == 0)
        order.push_back(user);
    }
  if (order.size() != waiting.size())
    return failure();
  return order;
}

LogicalResult NetworkOp::verifyRegions() {
  if (!(getDt().convertToDouble() > 0))
    return emitOpError() << "dt must be positive";
  if (getTimeUnit().convertToDouble() < 0)
    return emitOpError() << "time_unit must not be negative";
  llvm::StringSet<> names;
  for (Operation &op : getBody().front()) {
    if (op.getDialect() != getOperation()->getDialect())
      return op.emitOpError() << "is not an op of the snn dialect";
    if (isa<NetworkOp>(op))
      return op.emitOpError() << "stands inside another network";
    StringRef name;
    if (auto input = dyn_cast<InputOp>(op))
      name = input.getName();
    if (auto output = dyn_cast<OutputOp>(op))
      name = output.getName();
    if (!name.empty() &&
        !names.insert((isa<InputOp>(op) ? "input " : "output ") + name.str())
             .second)
      return op.emitOpError()
             << "has the name of another port: '" << name << "'";
  }
  if (succeeded(schedule()))
    return success();
  InFlightDiagnostic diag = emitOpError()
                            << "has a cycle without a delay of at least one "
                               "step on it";
  return diag;
}

//===----------------------------------------------------------------------===//
// Projections
//===----------------------------------------------------------------------===//

LogicalResult DenseOp::verify() {
  int64_t in = elementsOf(getInput().getType());
  int64_t out = elementsOf(getResult().getType());
  if (failed(checkTensor(*this, getWeights(), "weights", {out, in})))
    return failure();
  return checkWeights(*this, getWeights(), getBias(), getFormat(), getStart(),
                      out);
}

LogicalResult SparseOp::verify() {
  int64_t in = elementsOf(getInput().getType());
  int64_t out = elementsOf(getResult().getType());
  int64_t count = getWeights().getNumElements();
  if (failed(checkTensor(*this, getSources(), "sources", {count})) ||
      failed(checkTensor(*this, getTargets(), "targets", {count})))
    return failure();
  for (int64_t k = 0; k < count; ++k) {
    double source = valueAt(getSources(), k), target = valueAt(getTargets(), k);
    if (source < 0 || source >= in || target < 0 || target >= out)
      return emitOpError() << "synapse " << k << " goes from neuron "
                           << int64_t(source) << " to " << int64_t(target)
                           << "; there are " << in << " and " << out;
  }
  return checkWeights(*this, getWeights(), getBias(), getFormat(), getStart(),
                      out);
}

/// Strides, kernels and paddings of windows over the axes behind the channels.
static LogicalResult
checkWindows(Operation *op, ArrayRef<int64_t> in, ArrayRef<int64_t> out,
             ArrayRef<int64_t> kernel, ArrayRef<int64_t> stride,
             ArrayRef<int64_t> padding, ArrayRef<int64_t> dilation) {
  size_t axes = kernel.size();
  if (in.size() != axes + 1 || out.size() != axes + 1)
    return op->emitOpError()
           << "windows over " << axes << " axes need an input and a result "
           << "with " << axes + 1 << " axes, got " << dims(in) << " and "
           << dims(out);
  if (stride.size() != axes || dilation.size() != axes ||
      padding.size() != 2 * axes)
    return op->emitOpError() << "stride and dilation have an entry an axis, "
                                "padding two; there are "
                             << axes << " axes";
  for (size_t i = 0; i < axes; ++i) {
    if (kernel[i] < 1 || stride[i] < 1 || dilation[i] < 1)
      return op->emitOpError() << "kernel, stride and dilation are at least 1";
    if (padding[i] < 0 || padding[axes + i] < 0)
      return op->emitOpError() << "padding is negative";
    int64_t size = windowCount(in[i + 1], kernel[i], padding[i],
                               padding[axes + i], stride[i], dilation[i]);
    if (size != out[i + 1])
      return op->emitOpError() << "axis " << i << " of the result has size "
                               << out[i + 1] << ", expected " << size;
  }
  return success();
}

LogicalResult ConvOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput().getType());
  ArrayRef<int64_t> out = shapeOf(getResult().getType());
  ArrayRef<int64_t> shape = getWeights().getShapedType().getShape();
  if (shape.size() < 3 || shape.size() > 4)
    return emitOpError() << "weights have 3 or 4 axes, not " << shape.size();
  if (failed(checkWindows(*this, in, out, shape.drop_front(2), getStride(),
                          getPadding(), getDilation())))
    return failure();
  int64_t groups = getGroups();
  if (groups < 1 || in[0] % groups || out[0] % groups)
    return emitOpError() << groups << " groups do not divide " << in[0]
                         << " and " << out[0] << " channels";
  if (shape[0] != out[0] || shape[1] != in[0] / groups)
    return emitOpError() << "weights are for " << shape[0] << " from "
                         << shape[1] << " channels, expected " << out[0]
                         << " from " << in[0] / groups;
  return checkWeights(*this, getWeights(), getBias(), getFormat(), getStart(),
                      out[0]);
}

LogicalResult PoolOp::verify() {
  ArrayRef<int64_t> in = shapeOf(getInput().getType());
  ArrayRef<int64_t> out = shapeOf(getResult().getType());
  SmallVector<int64_t> dilation(getKernel().size(), 1);
  if (failed(checkWindows(*this, in, out, getKernel(), getStride(),
                          getPadding(), dilation)))
    return failure();
  if (in[0] != out[0])
    return emitOpError() << "has " << in[0] << " channels in and " << out[0]
                         << " out";
  return success();
}

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

static LogicalResult checkSameShape(Operation *op, Type a, Type b) {
  if (shapeOf(a) == shapeOf(b))
    return success();
  return op->emitOpError() << "shapes differ: " << dims(shapeOf(a)) << " and "
                           << dims(shapeOf(b));
}

/// One element, or one for each neuron.
static LogicalResult checkElementwise(Operation *op, ElementsAttr attr,
                                      StringRef name, Type type) {
  if (attr.getNumElements() == 1 ||
      attr.getShapedType().getShape() == shapeOf(type))
    return success();
  return op->emitOpError() << name << " has shape "
                           << dims(attr.getShapedType().getShape())
                           << ", expected one element or "
                           << dims(shapeOf(type));
}

LogicalResult ScaleOp::verify() {
  if (failed(
          checkSameShape(*this, getInput().getType(), getResult().getType())))
    return failure();
  return checkElementwise(*this, getFactors(), "factors", getInput().getType());
}

/// True when all elements are \p value.
static bool isAll(ElementsAttr attr, double value) {
  if (auto dense = dyn_cast<DenseElementsAttr>(attr); dense && dense.isSplat())
    return valueAt(attr, 0) == value;
  for (int64_t i = 0, e = attr.getNumElements(); i < e; ++i)
    if (valueAt(attr, i) != value)
      return false;
  return true;
}

OpFoldResult ScaleOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType() && isAll(getFactors(), 1))
    return getInput();
  return {};
}

LogicalResult FlattenOp::verify() {
  int64_t in = elementsOf(getInput().getType());
  int64_t out = elementsOf(getResult().getType());
  if (in != out)
    return emitOpError() << "has " << in << " neurons in and " << out << " out";
  return success();
}

OpFoldResult FlattenOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  if (auto inner = getInput().getDefiningOp<FlattenOp>();
      inner && inner.getInput().getType() == getResult().getType())
    return inner.getInput();
  return {};
}

LogicalResult SumOp::verify() {
  if (getInputs().empty())
    return emitOpError() << "needs at least one input";
  for (Value input : getInputs())
    if (failed(checkSameShape(*this, input.getType(), getResult().getType())))
      return failure();
  return success();
}

OpFoldResult SumOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 &&
      getInputs().front().getType() == getResult().getType())
    return getInputs().front();
  return {};
}

//===----------------------------------------------------------------------===//
// DelayOp
//===----------------------------------------------------------------------===//

void DelayOp::build(OpBuilder &builder, OperationState &state, Value input,
                    int64_t steps) {
  auto type = RankedTensorType::get({1}, builder.getI64Type());
  build(builder, state, input.getType(), input,
        DenseElementsAttr::get(type, ArrayRef<int64_t>{steps}));
}

int64_t DelayOp::minimum() {
  int64_t least = static_cast<int64_t>(valueAt(getSteps(), 0));
  for (int64_t i = 1, e = getSteps().getNumElements(); i < e; ++i)
    least = std::min(least, static_cast<int64_t>(valueAt(getSteps(), i)));
  return least;
}

int64_t DelayOp::maximum() {
  int64_t most = static_cast<int64_t>(valueAt(getSteps(), 0));
  for (int64_t i = 1, e = getSteps().getNumElements(); i < e; ++i)
    most = std::max(most, static_cast<int64_t>(valueAt(getSteps(), i)));
  return most;
}

LogicalResult DelayOp::verify() {
  if (!isa<IntegerType>(getSteps().getElementType()))
    return emitOpError() << "steps are integers, not "
                         << getSteps().getElementType();
  if (failed(
          checkElementwise(*this, getSteps(), "steps", getInput().getType())))
    return failure();
  if (minimum() < 0)
    return emitOpError() << "a delay of " << minimum() << " steps";
  constexpr int64_t limit = 1 << 20;
  if (maximum() > limit)
    return emitOpError() << "a delay of " << maximum() << " steps; at most "
                         << limit;
  return success();
}

OpFoldResult DelayOp::fold(FoldAdaptor) {
  return isAll(getSteps(), 0) ? OpFoldResult(getInput()) : OpFoldResult();
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

LogicalResult NeuronsOp::verify() {
  if (failed(
          checkSameShape(*this, getInput().getType(), getResult().getType())))
    return failure();
  Kind kind = getKind();
  bool leaky = kind == Kind::Lif || kind == Kind::Li || kind == Kind::CubaLif ||
               kind == Kind::CubaLi;
  bool synaptic = kind == Kind::CubaLif || kind == Kind::CubaLi;
  bool spiking = kind == Kind::If || kind == Kind::Lif ||
                 kind == Kind::CubaLif || kind == Kind::Threshold;
  struct Rule {
    StringRef name;
    std::optional<ElementsAttr> value;
    bool wanted;
  };
  Rule rules[] = {{"tau_mem", getTauMem(), leaky},
                  {"tau_syn", getTauSyn(), synaptic},
                  {"r", getR(), kind != Kind::Threshold},
                  {"v_leak", getVLeak(), leaky},
                  {"v_threshold", getVThreshold(), spiking},
                  {"v_reset", getVReset(), spiking && kind != Kind::Threshold},
                  {"w_in", getWIn(), synaptic}};
  for (const Rule &rule : rules) {
    if (rule.wanted != rule.value.has_value())
      return emitOpError() << "of kind " << stringifyKind(kind)
                           << (rule.wanted ? " needs " : " does not take ")
                           << rule.name;
    if (rule.value && failed(checkTensor(*this, *rule.value, rule.name,
                                         shapeOf(getResult().getType()))))
      return failure();
    if (rule.value && (rule.name == "tau_mem" || rule.name == "tau_syn"))
      for (int64_t i = 0, e = rule.value->getNumElements(); i < e; ++i)
        if (!(valueAt(*rule.value, i) > 0))
          return emitOpError()
                 << rule.name << "[" << i << "] is " << valueAt(*rule.value, i)
                 << "; a time constant must be positive";
  }
  if (spiking != isa<SpikesType>(getResult().getType()))
    return emitOpError() << "of kind " << stringifyKind(kind) << " puts out "
                         << (spiking ? "spikes" : "graded values");
  return success();
}

/// A state is an integer that no spike carries: only a host can read it.
static LogicalResult checkReadout(PopulationOp op) {
  if (!op.getReadout())
    return success();
  auto graded = dyn_cast<GradedType>(op.getResult().getType());
  if (!graded || !graded.getElement().isInteger(32))
    return op.emitOpError() << "reads out a state, which is graded i32, not "
                            << op.getResult().getType();
  SmallVector<Value> values = {op.getResult()};
  while (!values.empty())
    for (Operation *user : values.pop_back_val().getUsers())
      if (isa<FlattenOp>(user))
        values.push_back(user->getResult(0));
      else if (!isa<OutputOp>(user))
        return op.emitOpError() << "reads out a state, which leads to outputs "
                                   "only, not to "
                                << user->getName();
  return success();
}

LogicalResult PopulationOp::verify() {
  if (failed(
          checkSameShape(*this, getInput().getType(), getResult().getType())) ||
      failed(checkReadout(*this)))
    return failure();
  for (DictionaryAttr dict : {getRegisters(), getInitial()})
    for (NamedAttribute entry : dict) {
      if (isa<IntegerAttr>(entry.getValue()))
        continue;
      auto values = dyn_cast<ElementsAttr>(entry.getValue());
      if (!values || !values.getElementType().isInteger(32))
        return emitOpError() << "'" << entry.getName().getValue()
                             << "' is neither an integer nor an i32 tensor";
      if (failed(checkTensor(*this, values, entry.getName().getValue(),
                             shapeOf(getResult().getType()))))
        return failure();
    }
  return success();
}
