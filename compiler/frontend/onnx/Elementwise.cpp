//===- compiler/frontend/onnx/Elementwise.cpp - Fusing --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/onnx/Importer.h"
#include <algorithm>

namespace hillock::onnx {

namespace {

/// Per channel: y = scale x + shift.
void foldAffine(ann::Layer &layer, const std::vector<double> &scale,
                const std::vector<double> &shift) {
  const size_t channels = scale.size();
  const size_t filter = layer.weights.size() / channels;
  layer.bias.resize(channels, 0);
  for (size_t o = 0; o < channels; ++o) {
    layer.bias[o] = layer.bias[o] * scale[o] + shift[o];
    if (scale[o] == 1)
      continue;
    layer.given.reset();
    for (size_t i = 0; i < filter; ++i)
      layer.weights[o * filter + i] =
          static_cast<float>(layer.weights[o * filter + i] * scale[o]);
  }
}

} // namespace

/// One scale and one shift a channel; the channels are the first axis of \p ref
/// that is not 1 (or of size 1 for scalars).
Error Importer::affine(const Node &node, const Ref &ref,
                       std::vector<double> scale, std::vector<double> shift) {
  const auto channels = static_cast<int64_t>(scale.size());
  ann::Layer *layer = fusable(ref.value);
  if (layer && layer->hasWeights() && !layer->clamps() &&
      net.outputChannels(*layer) % channels == 0 &&
      (channels == 1 || net.outputChannels(*layer) == channels)) {
    scale.resize(static_cast<size_t>(net.outputChannels(*layer)), scale[0]);
    shift.resize(scale.size(), shift[0]);
    foldAffine(*layer, scale, shift);
    define(node, ref);
    return Error::success();
  }
  const int64_t elements = *ann::countElements(ref.shape);
  ann::Layer own;
  own.kind = ann::Kind::Conv;
  own.groups = channels;
  own.weights.assign(scale.begin(), scale.end());
  own.bias = std::move(shift);
  own.inputs = {reshaped(ref, {channels, elements / channels, 1})};
  Expected<int> result = addLayer(node, std::move(own));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, ref.shape, {}});
  return Error::success();
}

/// x op constant, or constant op x.
Error Importer::withConstant(const Node &node, const Ref &ref,
                             const Constant &other, bool constantFirst) {
  Shape shape = other.shape;
  const std::string mismatch = "a constant " + describeShape(other.shape) +
                               " and a value " + describeShape(ref.shape) +
                               " can be joined for scalars and for one "
                               "number a channel only";
  if (shape.size() > ref.shape.size() || other.size() == 0)
    return fail(node, mismatch);
  shape.insert(shape.begin(), ref.shape.size() - shape.size(), 1);
  int64_t before = 1;
  size_t axis = 0;
  for (; axis < shape.size() && shape[axis] == 1; ++axis)
    before *= ref.shape[axis];
  if (axis < shape.size() && (before != 1 || shape[axis] != ref.shape[axis] ||
                              other.size() != shape[axis]))
    return fail(node, mismatch);
  std::vector<double> scale(other.values.size(), 1), shift(scale.size(), 0);
  for (size_t i = 0; i < scale.size(); ++i) {
    const double c = other.values[i];
    if (node.op == "Add") {
      shift[i] = c;
    } else if (node.op == "Sub") {
      scale[i] = constantFirst ? -1 : 1;
      shift[i] = constantFirst ? c : -c;
    } else if (node.op == "Mul") {
      scale[i] = c;
    } else {
      if (constantFirst || c == 0)
        return fail(node, "divides by a value or by zero");
      scale[i] = 1 / c;
    }
  }
  return affine(node, ref, std::move(scale), std::move(shift));
}

Error Importer::arithmetic(const Node &node) {
  Expected<Operand> left = operand(node, 0), right = operand(node, 1);
  if (!left || !right)
    return joinErrors(left ? Error::success() : left.takeError(),
                      right ? Error::success() : right.takeError());
  const bool leftConstant = std::holds_alternative<ConstantPtr>(*left);
  const bool rightConstant = std::holds_alternative<ConstantPtr>(*right);
  if (leftConstant && rightConstant)
    return fail(node, "of two constants is not supported",
                "simplify the model when it is exported");
  if (leftConstant || rightConstant) {
    Expected<Ref> ref = value(node, leftConstant ? 1 : 0);
    if (!ref)
      return ref.takeError();
    return withConstant(node, *ref,
                        *std::get<ConstantPtr>(leftConstant ? *left : *right),
                        leftConstant);
  }
  if (node.op != "Add")
    return fail(node, "of two values of the network is not supported",
                "Add is");
  Expected<Ref> a = value(node, 0), b = value(node, 1);
  if (!a || !b)
    return joinErrors(a ? Error::success() : a.takeError(),
                      b ? Error::success() : b.takeError());
  if (a->shape != b->shape)
    return fail(node,
                "adds values " + describeShape(a->shape) + " and " +
                    describeShape(b->shape),
                "both must have the same shape");
  ann::Layer layer;
  layer.kind = ann::Kind::Add;
  const Shape shape = net.values[static_cast<size_t>(a->value)].shape;
  layer.inputs = {a->value, reshaped(*b, shape)};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, a->shape, {}});
  return Error::success();
}

Error Importer::batchNormalization(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  if (integer(node, "training_mode", 0))
    return fail(node, "is in training mode", "export the network in eval mode");
  if (input->shape.size() < 2)
    return fail(node, "needs a channel axis");
  std::vector<double> parts[4]; // gamma, beta, mean, variance
  for (size_t i = 0; i < 4; ++i) {
    Expected<ConstantPtr> part = constant(node, i + 1);
    if (!part)
      return part.takeError();
    parts[i] = (*part)->values;
    if (static_cast<int64_t>(parts[i].size()) != input->shape[1])
      return fail(node, "has " + describeCount(parts[i].size(), "number") +
                            " for an input " + describeShape(input->shape));
  }
  const double epsilon = real(node, "epsilon", 1e-5);
  std::vector<double> scale(parts[0].size()), shift(parts[0].size());
  for (size_t i = 0; i < scale.size(); ++i) {
    if (!(parts[3][i] + epsilon > 0))
      return fail(node, "the variance of channel " + std::to_string(i) +
                            " is not positive");
    scale[i] = parts[0][i] / std::sqrt(parts[3][i] + epsilon);
    shift[i] = parts[1][i] - parts[2][i] * scale[i];
  }
  return affine(node, *input, std::move(scale), std::move(shift));
}

Error Importer::clip(const Node &node, const Ref &ref, double low,
                     double high) {
  if (!(low <= high))
    return fail(node, "clips to an empty range");
  ann::Layer *layer = fusable(ref.value);
  // A maximum and a clamp can be exchanged, so that what is rounded to few bits
  // has been clamped before.
  while (layer && (layer->kind == ann::Kind::MaxPool ||
                   layer->kind == ann::Kind::Reshape)) {
    const int input = layer->inputs[0];
    const int producer = producerOf[static_cast<size_t>(input)];
    layer = producer >= 0 && readOnceMore(input, 1) &&
                    !net.values[static_cast<size_t>(input)].given
                ? &net.layers[static_cast<size_t>(producer)]
                : nullptr;
  }
  if (layer && (layer->hasWeights() || layer->kind == ann::Kind::Add ||
                layer->kind == ann::Kind::AveragePool ||
                layer->kind == ann::Kind::Clip)) {
    const auto clamp = [&](float x) {
      return static_cast<float>(std::min(std::max<double>(x, low), high));
    };
    layer->low = clamp(layer->low);
    layer->high = clamp(layer->high);
    define(node, ref);
    return Error::success();
  }
  ann::Layer own;
  own.kind = ann::Kind::Clip;
  own.low = static_cast<float>(low);
  own.high = static_cast<float>(high);
  own.inputs = {ref.value};
  Expected<int> result = addLayer(node, std::move(own));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, ref.shape, {}});
  return Error::success();
}

Error Importer::relu(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  return clip(node, *input, 0, std::numeric_limits<double>::infinity());
}

/// Bounds were attributes up to opset 10 and are inputs from 11 on.
Error Importer::clipOp(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  double bounds[2] = {
      real(node, "min", -std::numeric_limits<double>::infinity()),
      real(node, "max", std::numeric_limits<double>::infinity())};
  for (size_t i = 0; i < 2; ++i) {
    if (!has(node, i + 1))
      continue;
    Expected<ConstantPtr> bound = constant(node, i + 1);
    if (!bound)
      return bound.takeError();
    if ((*bound)->size() != 1)
      return fail(node, "has a bound that is no scalar");
    bounds[i] = (*bound)->values[0];
  }
  return clip(node, *input, bounds[0], bounds[1]);
}

//===----------------------------------------------------------------------===//
// Quantization that the file brings
//===----------------------------------------------------------------------===//

/// Scale and zero point of a value. Unsigned codes are moved to signed ones.
Expected<ann::Quantization> Importer::quantization(const Node &node) {
  Expected<ConstantPtr> scale = constant(node, 1);
  if (!scale)
    return scale.takeError();
  ann::Quantization q;
  double zero = 0;
  DataType type = DataType::UInt8; // ONNX: without a zero point
  if (has(node, 2)) {
    Expected<ConstantPtr> point = constant(node, 2);
    if (!point)
      return point.takeError();
    if ((*point)->size() != 1)
      return fail(node, "quantizes a value with several zero points",
                  "values have one scale and one zero point");
    zero = (*point)->values[0];
    type = (*point)->type;
  }
  if ((*scale)->size() != 1)
    return fail(node, "quantizes a value with several scales",
                "values have one scale and one zero point");
  q.scale = (*scale)->values[0];
  if (!(q.scale > 0) || !std::isfinite(q.scale))
    return fail(node, "its scale is not positive");
  const bool four = type == DataType::Int4 || type == DataType::UInt4;
  const bool isUnsigned = type == DataType::UInt8 || type == DataType::UInt4;
  if (!four && type != DataType::Int8 && type != DataType::UInt8)
    return fail(node, "quantizes to a type that is not supported",
                "supported are int8, uint8, int4 and uint4");
  q.low = four ? -8 : -128;
  q.high = four ? 7 : 127;
  if (isUnsigned)
    zero += q.low;
  if (!(zero >= q.low && zero <= q.high))
    return fail(node, "its zero point is outside of its type");
  q.zero = static_cast<int32_t>(zero);
  return q;
}

Error Importer::quantizeLinear(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<ann::Quantization> q = quantization(node);
  if (!q)
    return q.takeError();
  Ref result = *input;
  // The value is rounded once, whoever reads the codes.
  if (Error error = give(node, result, *q))
    return error;
  result = std::get<Ref>(operands[node.outputs.front()]);
  result.codes = *q;
  define(node, result);
  return Error::success();
}

/// Fixes the quantization of a value: that of the layer before, or of a layer
/// of its own.
Error Importer::give(const Node &node, const Ref &ref,
                     const ann::Quantization &q) {
  ann::Value &value = net.values[static_cast<size_t>(ref.value)];
  const ann::Layer *layer = fusable(ref.value);
  const bool isInput =
      ref.value == net.input && !value.given && readOnceMore(ref.value, 0);
  if (value.given == q || isInput ||
      (layer && (layer->hasWeights() || layer->kind == ann::Kind::Add ||
                 layer->kind == ann::Kind::AveragePool ||
                 layer->kind == ann::Kind::Clip))) {
    value.given = q;
    define(node, ref);
    return Error::success();
  }
  ann::Layer own;
  own.kind = ann::Kind::Clip;
  own.inputs = {ref.value};
  Expected<int> result = addLayer(node, std::move(own));
  if (!result)
    return result.takeError();
  net.values[static_cast<size_t>(*result)].given = q;
  define(node, Ref{*result, ref.shape, {}});
  return Error::success();
}

Error Importer::dequantizeLinear(const Node &node) {
  Expected<Operand> input = operand(node, 0);
  if (!input)
    return input.takeError();
  if (const ConstantPtr *codes = std::get_if<ConstantPtr>(&*input))
    return dequantizeConstant(node, **codes);
  Ref ref = std::get<Ref>(*input);
  Expected<ann::Quantization> q = quantization(node);
  if (!q)
    return q.takeError();
  if (!ref.codes || *ref.codes != *q)
    return fail(node, "takes back another quantization than that of the "
                      "QuantizeLinear before it");
  ref.codes.reset();
  define(node, ref);
  return Error::success();
}

Error Importer::dequantizeConstant(const Node &node, const Constant &codes) {
  Expected<ConstantPtr> scale = constant(node, 1);
  if (!scale)
    return scale.takeError();
  std::vector<double> zeros((*scale)->values.size(), 0);
  if (has(node, 2)) {
    Expected<ConstantPtr> point = constant(node, 2);
    if (!point)
      return point.takeError();
    zeros = (*point)->values;
  }
  const size_t count = (*scale)->values.size();
  Expected<int64_t> axis = 0;
  if (count != 1)
    axis = axisOf(node, integer(node, "axis", 1), codes.shape.size());
  if (!axis)
    return axis.takeError();
  if (count == 0 || zeros.size() != count ||
      (count != 1 &&
       static_cast<int64_t>(count) != codes.shape[static_cast<size_t>(*axis)]))
    return fail(node, "has " + describeCount(count, "scale") + " and " +
                          describeCount(zeros.size(), "zero point") +
                          " for codes " + describeShape(codes.shape));
  int64_t inner = 1;
  for (size_t a = static_cast<size_t>(*axis) + 1; a < codes.shape.size(); ++a)
    inner *= codes.shape[a];
  auto result = std::make_shared<Constant>();
  result->shape = codes.shape;
  Constant::Codes kept;
  const bool narrow =
      codes.type == DataType::Int8 || codes.type == DataType::Int4;
  kept.axis = *axis;
  kept.bits = codes.type == DataType::Int4 ? 4 : 8;
  for (size_t i = 0; i < codes.values.size(); ++i) {
    const size_t c = i / static_cast<size_t>(inner) % count;
    result->values.push_back((codes.values[i] - zeros[c]) *
                             (*scale)->values[c]);
    if (narrow)
      kept.codes.push_back(static_cast<int8_t>(codes.values[i]));
  }
  for (size_t c = 0; c < count; ++c) {
    if (!((*scale)->values[c] > 0) || std::abs(zeros[c]) > 128)
      kept.codes.clear();
    kept.scales.push_back((*scale)->values[c]);
    kept.zeros.push_back(
        static_cast<int32_t>(std::clamp(zeros[c], -128.0, 128.0)));
  }
  if (!kept.codes.empty())
    result->codes = std::move(kept);
  define(node, ConstantPtr(std::move(result)));
  return Error::success();
}

} // namespace hillock::onnx
