//===- dialects/ann/AnnEval.cpp - What the layers mean --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One element at a time, in the order of the definition. Signals hold numbers
// at the real level and codes below it; sums of the integer level are exact in
// doubles.
//
//===----------------------------------------------------------------------===//
#include "dialects/ann/Ann.h"
#include <cmath>

using namespace mlir;

namespace hillock::ann {

namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

int64_t countOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

quant::UniformQuantizedType quantOf(Value value) {
  return dyn_cast<quant::UniformQuantizedType>(
      cast<RankedTensorType>(value.getType()).getElementType());
}

bool isInteger(Operation *op) {
  return op->getParentOfType<NetworkOp>().getLevel() == Level::Integer;
}

int64_t integerAttr(Operation *op, StringRef name, int64_t fallback = 0) {
  auto attr = op->getAttrOfType<IntegerAttr>(name);
  return attr ? attr.getInt() : fallback;
}

double realAttr(Operation *op, StringRef name, double fallback) {
  auto attr = op->getAttrOfType<FloatAttr>(name);
  return attr ? attr.getValueAsDouble() : fallback;
}

int64_t entry(Operation *op, StringRef name, int64_t index) {
  auto attr = op->getAttrOfType<DenseI32ArrayAttr>(name);
  return attr && index < attr.size() ? attr[index] : 0;
}

/// What an operand is worth: the number, the dequantized code, or at the
/// integer level code minus zero point.
std::vector<double> operand(Operation *op, unsigned index, Frame &frame) {
  Value value = op->getOperand(index);
  std::vector<double> result = frame.get(value);
  if (quant::UniformQuantizedType type = quantOf(value))
    for (double &x : result)
      x = type.getScale() * (x - static_cast<double>(type.getZeroPoint()));
  else if (isInteger(op))
    for (double &x : result)
      x -= static_cast<double>(entry(op, "input_zeros", index));
  return result;
}

double toCode(double real, double scale, double zero, double low, double high) {
  return std::min(std::max(std::nearbyint(real / scale) + zero, low), high);
}

/// From a sum to the result: \p which multiplier counts at the integer level.
double finishOne(Operation *op, double sum, int64_t which) {
  if (isInteger(op)) {
    const int64_t shift = entry(op, "shifts", which);
    const int64_t product =
        static_cast<int64_t>(sum) * entry(op, "multipliers", which);
    const int64_t rounded =
        shift > 0 ? (product + (int64_t(1) << (shift - 1))) >> shift : 0;
    return static_cast<double>(
        std::min(std::max(integerAttr(op, "result_zero") + rounded,
                          integerAttr(op, "low")),
                 integerAttr(op, "high")));
  }
  const double infinity = std::numeric_limits<double>::infinity();
  sum = std::min(std::max(sum, realAttr(op, "clamp_low", -infinity)),
                 realAttr(op, "clamp_high", infinity));
  if (quant::UniformQuantizedType type = quantOf(op->getResult(0)))
    return toCode(sum, type.getScale(),
                  static_cast<double>(type.getZeroPoint()),
                  static_cast<double>(type.getStorageTypeMin()),
                  static_cast<double>(type.getStorageTypeMax()));
  return sum;
}

double factorOf(int64_t base, double code) {
  return code == 0 ? 0
                   : std::copysign(std::pow(static_cast<double>(base),
                                            std::abs(code) - 1),
                                   code);
}

/// Weights as what products are made of; empty when they cannot be read.
std::vector<double> weightsOf(Operation *op, int64_t channels) {
  auto read = elementsOf(op->getAttrOfType<ElementsAttr>("weights"));
  if (!read || channels < 1)
    return {};
  std::vector<double> w = std::move(*read);
  const size_t filter = w.size() / static_cast<size_t>(channels);
  auto typeAttr = op->getAttrOfType<TypeAttr>("weight_type");
  Type type = typeAttr ? typeAttr.getValue() : Type();
  auto format = op->getAttrOfType<StringAttr>("weight_format");
  auto log = dyn_cast_or_null<LogType>(type);
  const std::vector<double> scales =
      log ? log.scaleValues() : std::vector<double>();
  for (size_t i = 0; i < w.size(); ++i) {
    const size_t c = i / filter;
    if (log) {
      w[i] = scales[scales.size() == 1 ? 0 : c] * factorOf(log.getBase(), w[i]);
    } else if (auto one = dyn_cast_or_null<quant::UniformQuantizedType>(type)) {
      w[i] = one.getScale() * (w[i] - static_cast<double>(one.getZeroPoint()));
    } else if (auto axis =
                   dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(type)) {
      w[i] = axis.getScales()[c] *
             (w[i] - static_cast<double>(axis.getZeroPoints()[c]));
    } else if (format && format.getValue().starts_with("log")) {
      w[i] = factorOf(format.getValue() == "log2" ? 2 : 4, w[i]);
    } else {
      w[i] -= static_cast<double>(
          entry(op, "weight_zeros", static_cast<int64_t>(c)));
    }
  }
  return w;
}

std::vector<double> biasOf(Operation *op, int64_t channels) {
  auto attr = op->getAttrOfType<ElementsAttr>("bias");
  if (attr)
    if (auto read = elementsOf(attr))
      return *read;
  return std::vector<double>(static_cast<size_t>(channels), 0);
}

Error damaged(Operation *op) {
  return makeError(ErrorKind::Input, "has weights that cannot be read",
                   op->getName().getStringRef().str());
}

/// Calls cell(row, column, ky, kx) for the cells of a window that lie inside
/// of the input; returns how many lie inside of input and padding.
template <typename Op, typename Cell>
int64_t visitWindow(Op op, ArrayRef<int64_t> in, int64_t y, int64_t x,
                    const Cell &cell) {
  int64_t counted = 0;
  for (int64_t ky = 0; ky < op.getKernel()[0]; ++ky)
    for (int64_t kx = 0; kx < op.getKernel()[1]; ++kx) {
      const int64_t row =
          y * op.getStrides()[0] + ky * op.getDilations()[0] - op.getPads()[0];
      const int64_t column =
          x * op.getStrides()[1] + kx * op.getDilations()[1] - op.getPads()[1];
      counted +=
          row < in[1] + op.getPads()[2] && column < in[2] + op.getPads()[3];
      if (row >= 0 && row < in[1] && column >= 0 && column < in[2])
        cell(row, column, ky, kx);
    }
  return counted;
}

size_t at(int64_t index) { return static_cast<size_t>(index); }

} // namespace

Error NetworkOp::evaluate(Frame &frame) {
  for (Operation &op : getBody().front())
    if (Error error = cast<EvaluatableOpInterface>(op).evaluate(frame))
      return error;
  return Error::success();
}

Error InputOp::evaluate(Frame &frame) {
  Expected<Signal> signal = frame.input(*this);
  if (!signal)
    return signal.takeError();
  frame.set(getResult(), std::move(*signal));
  return Error::success();
}

Error OutputOp::evaluate(Frame &frame) {
  frame.record(*this, frame.get(getValue()));
  return Error::success();
}

Error QuantizeOp::evaluate(Frame &frame) {
  Signal signal = frame.get(getInput());
  double scale = realAttr(*this, "scale", 1);
  double zero = static_cast<double>(integerAttr(*this, "result_zero"));
  double low, high;
  if (quant::UniformQuantizedType type = quantOf(getResult())) {
    scale = type.getScale();
    zero = static_cast<double>(type.getZeroPoint());
    low = static_cast<double>(type.getStorageTypeMin());
    high = static_cast<double>(type.getStorageTypeMax());
  } else {
    const unsigned bits =
        cast<RankedTensorType>(getResult().getType()).getElementTypeBitWidth();
    low = -std::ldexp(1, static_cast<int>(bits) - 1);
    high = -low - 1;
  }
  for (double &x : signal)
    x = toCode(x, scale, zero, low, high);
  frame.set(getResult(), std::move(signal));
  return Error::success();
}

Error ConvOp::evaluate(Frame &frame) {
  const std::vector<double> x = operand(*this, 0, frame);
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  const std::vector<double> w = weightsOf(*this, out[0]);
  const std::vector<double> bias = biasOf(*this, out[0]);
  const int64_t groups = static_cast<int64_t>(getGroups());
  const int64_t inputs = in[0] / groups, filters = out[0] / groups;
  const int64_t rows = getKernel()[0], columns = getKernel()[1];
  if (static_cast<int64_t>(w.size()) != out[0] * inputs * rows * columns ||
      static_cast<int64_t>(bias.size()) != out[0])
    return damaged(*this);
  Signal result;
  for (int64_t o = 0; o < out[0]; ++o)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t column = 0; column < out[2]; ++column) {
        double sum = bias[at(o)];
        for (int64_t i = 0; i < inputs; ++i)
          visitWindow(
              *this, in, y, column,
              [&](int64_t r, int64_t c, int64_t ky, int64_t kx) {
                const int64_t channel = o / filters * inputs + i;
                sum += x[at((channel * in[1] + r) * in[2] + c)] *
                       w[at(((o * inputs + i) * rows + ky) * columns + kx)];
              });
        result.push_back(finishOne(*this, sum, o));
      }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error LinearOp::evaluate(Frame &frame) {
  const std::vector<double> x = operand(*this, 0, frame);
  const int64_t outputs = countOf(getResult());
  const std::vector<double> w = weightsOf(*this, outputs);
  const std::vector<double> bias = biasOf(*this, outputs);
  if (w.size() != x.size() * at(outputs) || bias.size() != at(outputs))
    return damaged(*this);
  Signal result;
  for (int64_t o = 0; o < outputs; ++o) {
    double sum = bias[at(o)];
    for (size_t i = 0; i < x.size(); ++i)
      sum += w[at(o) * x.size() + i] * x[i];
    result.push_back(finishOne(*this, sum, o));
  }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error MaxPoolOp::evaluate(Frame &frame) {
  const Signal x = frame.get(getInput());
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  Signal result;
  for (int64_t c = 0; c < out[0]; ++c)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t column = 0; column < out[2]; ++column) {
        std::optional<double> best;
        visitWindow(*this, in, y, column,
                    [&](int64_t row, int64_t q, int64_t, int64_t) {
                      const double value = x[at((c * in[1] + row) * in[2] + q)];
                      best = std::max(best.value_or(value), value);
                    });
        result.push_back(
            best.value_or(static_cast<double>(entry(*this, "input_zeros", 0))));
      }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error AveragePoolOp::evaluate(Frame &frame) {
  const std::vector<double> x = operand(*this, 0, frame);
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  auto multipliers = getMultipliers();
  Signal result;
  for (int64_t c = 0; c < out[0]; ++c)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t column = 0; column < out[2]; ++column) {
        double sum = 0;
        int64_t inside = 0;
        const int64_t counted =
            visitWindow(*this, in, y, column,
                        [&](int64_t row, int64_t q, int64_t, int64_t) {
                          sum += x[at((c * in[1] + row) * in[2] + q)];
                          ++inside;
                        });
        const int64_t count = getIncludePad() ? counted : inside;
        if (!isInteger(*this) && count)
          sum /= static_cast<double>(count);
        const bool one = !multipliers || multipliers->size() == 1 || !count;
        result.push_back(finishOne(*this, sum, one ? 0 : count - 1));
      }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error ReshapeOp::evaluate(Frame &frame) {
  Signal signal = frame.get(getInput());
  frame.set(getResult(), std::move(signal));
  return Error::success();
}

Error TransposeOp::evaluate(Frame &frame) {
  const Signal x = frame.get(getInput());
  ArrayRef<int64_t> in = shapeOf(getInput()), out = shapeOf(getResult());
  Signal result(x.size());
  for (int64_t to = 0; to < countOf(getResult()); ++to) {
    // The result's index, then the place of that element in the input.
    std::vector<int64_t> index(in.size());
    int64_t rest = to, from = 0;
    for (size_t a = out.size(); a-- > 0; rest /= out[a])
      index[at(getPermutation()[a])] = rest % out[a];
    for (size_t a = 0; a < in.size(); ++a)
      from = from * in[a] + index[a];
    result[at(to)] = x[at(from)];
  }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error ClipOp::evaluate(Frame &frame) {
  Signal result = operand(*this, 0, frame);
  for (double &x : result)
    x = finishOne(*this, x, 0);
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error SoftmaxOp::evaluate(Frame &frame) {
  Signal result = frame.get(getInput());
  const double top = *llvm::max_element(result);
  double sum = 0;
  for (double &x : result)
    sum += x = std::exp(x - top);
  for (double &x : result)
    x /= sum;
  frame.set(getResult(), std::move(result));
  return Error::success();
}

Error ArgMaxOp::evaluate(Frame &frame) {
  const Signal x = frame.get(getInput());
  frame.set(getResult(),
            {static_cast<double>(llvm::max_element(x) - x.begin())});
  return Error::success();
}

Error AddOp::evaluate(Frame &frame) {
  if (getNumOperands() != 2)
    return makeError(ErrorKind::Input, "adds two values", "ann.add");
  std::vector<double> a = operand(*this, 0, frame);
  const std::vector<double> b = operand(*this, 1, frame);
  for (size_t i = 0; i < a.size(); ++i) {
    if (!isInteger(*this)) {
      a[i] = finishOne(*this, a[i] + b[i], 0);
      continue;
    }
    const int64_t sum =
        static_cast<int64_t>(a[i]) * entry(*this, "multipliers", 0) +
        static_cast<int64_t>(b[i]) * entry(*this, "multipliers", 1);
    const int64_t shift = std::max<int64_t>(entry(*this, "shifts", 0), 1);
    const int64_t code = integerAttr(*this, "result_zero") +
                         ((sum + (int64_t(1) << (shift - 1))) >> shift);
    a[i] = static_cast<double>(std::min(
        std::max(code, integerAttr(*this, "low")), integerAttr(*this, "high")));
  }
  frame.set(getResult(), std::move(a));
  return Error::success();
}

Error ConcatOp::evaluate(Frame &frame) {
  ArrayRef<int64_t> out = shapeOf(getResult());
  const int64_t axis = static_cast<int64_t>(getAxis());
  int64_t inner = 1, outer = 1;
  for (int64_t a = 0; a < static_cast<int64_t>(out.size()); ++a)
    (a < axis ? outer : inner) *= a == axis ? 1 : out[at(a)];
  Signal result;
  for (int64_t o = 0; o < outer; ++o)
    for (unsigned i = 0; i < getNumOperands(); ++i) {
      const std::vector<double> x = operand(*this, i, frame);
      const int64_t run = shapeOf(getOperand(i))[at(axis)] * inner;
      for (int64_t k = o * run; k < (o + 1) * run; ++k)
        result.push_back(finishOne(*this, x[at(k)], i));
    }
  frame.set(getResult(), std::move(result));
  return Error::success();
}

} // namespace hillock::ann
