//===- compiler/frontend/onnx/Operators.cpp - Layers ----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/onnx/Importer.h"
#include <algorithm>

namespace hillock::onnx {

/// Far beyond any network, and small enough that no product below overflows.
static constexpr int64_t maxWindow = int64_t{1} << 28;

/// \p size is the plane's, (rows, columns) or (columns).
Error Importer::pads(const Node &node, size_t axes, const Shape &size,
                     ann::Window &window, bool ceil) {
  const std::string automatic = text(node, "auto_pad", "NOTSET");
  const std::vector<int64_t> given = list(node, "pads");
  if (automatic != "NOTSET" && automatic != "VALID" &&
      automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
    return fail(node, "auto_pad '" + automatic + "' is not known");
  if (automatic == "NOTSET" && !given.empty() && given.size() != 2 * axes)
    return fail(node, "has " + describeCount(given.size(), "pad") + " for " +
                          describeCount(axes, "axis", "axes"));
  for (size_t i = 0; i < axes; ++i) {
    const size_t a = 2 - axes + i;
    const int64_t in = size[a], stride = window.stride[a];
    const int64_t span = window.dilation[a] * (window.kernel[a] - 1) + 1;
    if (automatic == "NOTSET" && !given.empty()) {
      window.begin[a] = given[i];
      window.end[a] = given[i + axes];
      if (std::max(std::abs(window.begin[a]), std::abs(window.end[a])) >
          maxWindow)
        return fail(node, "pads " + describeShape(given) + " are too large");
    } else if (automatic.starts_with("SAME")) {
      const int64_t count = (in + stride - 1) / stride;
      const int64_t total =
          std::max<int64_t>((count - 1) * stride + span - in, 0);
      const int64_t less = total / 2;
      window.begin[a] = automatic == "SAME_UPPER" ? less : total - less;
      window.end[a] = total - window.begin[a];
    }
    if (!ceil)
      continue;
    const int64_t padded = in + window.begin[a] + window.end[a];
    int64_t count =
        padded < span ? 1 : (padded - span + stride - 1) / stride + 1;
    // A window may not begin in the padding behind the input.
    if ((count - 1) * stride >= in + window.begin[a])
      --count;
    window.extra[a] =
        std::max<int64_t>((count - 1) * stride + span - padded, 0);
  }
  return Error::success();
}

/// Reads strides, dilations and pads; \p planes becomes (C, rows, columns).
Error Importer::window(const Node &node, const std::vector<int64_t> &kernel,
                       const Ref &input, ann::Layer &layer, Shape &planes) {
  const size_t axes = kernel.size();
  if (axes < 1 || axes > 2 || input.shape.size() != axes + 2)
    return fail(node,
                "a window " + describeShape(kernel) + " over an input " +
                    describeShape(input.shape) + " is not supported",
                "windows have one or two axes, inputs batch and channel "
                "before them");
  const std::vector<int64_t> strides = list(node, "strides");
  const std::vector<int64_t> dilations = list(node, "dilations");
  for (const auto *sizes : {&strides, &dilations})
    if (!sizes->empty() && sizes->size() != axes)
      return fail(node, "strides and dilations need " +
                            describeCount(axes, "number") + ", not " +
                            std::to_string(sizes->size()));
  planes = {input.shape[1], axes == 1 ? 1 : input.shape[2], input.shape.back()};
  ann::Window &w = layer.window;
  for (size_t i = 0; i < axes; ++i) {
    const size_t a = 2 - axes + i;
    w.kernel[a] = kernel[i];
    w.stride[a] = strides.empty() ? 1 : strides[i];
    w.dilation[a] = dilations.empty() ? 1 : dilations[i];
    for (const int64_t size : {w.kernel[a], w.stride[a], w.dilation[a]})
      if (size < 1 || size > maxWindow)
        return fail(node,
                    "a kernel, stride or dilation of " + std::to_string(size) +
                        " is not possible",
                    "they must be 1 to 2^28");
  }
  return pads(node, axes, {planes[1], planes[2]}, w,
              integer(node, "ceil_mode", 0) != 0);
}

/// The full ONNX shape of a result (C, rows, columns).
static Shape withBatch(const Shape &planes, size_t axes) {
  return axes == 1 ? Shape{1, planes[0], planes[2]}
                   : Shape{1, planes[0], planes[1], planes[2]};
}

Error Importer::conv(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<ConstantPtr> weights = constant(node, 1);
  if (!weights)
    return weights.takeError();
  const Constant &w = **weights;
  if (w.shape.size() < 3)
    return fail(node, "has weights " + describeShape(w.shape));
  const std::vector<int64_t> kernel(w.shape.begin() + 2, w.shape.end());
  const std::vector<int64_t> declared = list(node, "kernel_shape");
  if (!declared.empty() && declared != kernel)
    return fail(node, "kernel_shape " + describeShape(declared) +
                          " is not that of weights " + describeShape(w.shape));
  ann::Layer layer;
  layer.kind = ann::Kind::Conv;
  layer.groups = integer(node, "group", 1);
  Shape planes;
  if (Error error = window(node, kernel, *input, layer, planes))
    return error;
  if (layer.groups < 1 || w.size() == 0 || planes[0] % layer.groups ||
      w.shape[1] != planes[0] / layer.groups)
    return fail(node, "weights " + describeShape(w.shape) + " and " +
                          std::to_string(layer.groups) +
                          " groups do not fit an input " +
                          describeShape(input->shape));
  layer.weights.assign(w.values.begin(), w.values.end());
  if (w.codes && (w.codes->scales.size() == 1 || w.codes->axis == 0))
    layer.given = ann::GivenWeights{w.codes->codes, w.codes->scales,
                                    w.codes->zeros, w.codes->bits};
  if (has(node, 2)) {
    Expected<ConstantPtr> bias = constant(node, 2);
    if (!bias)
      return bias.takeError();
    if ((*bias)->size() != w.shape[0])
      return fail(node, "has " + describeShape((*bias)->shape) +
                            " biases for " + std::to_string(w.shape[0]) +
                            " filters");
    layer.bias = (*bias)->values;
  }
  layer.inputs = {reshaped(*input, planes)};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  const ann::Value &out = net.values[static_cast<size_t>(*result)];
  define(node, Ref{*result, withBatch(out.shape, kernel.size()), {}});
  return Error::success();
}

Error Importer::pool(const Node &node, ann::Kind kind, bool global) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  ann::Layer layer;
  layer.kind = kind;
  layer.includePad = integer(node, "count_include_pad", 0) != 0;
  std::vector<int64_t> kernel = list(node, "kernel_shape");
  if (global && input->shape.size() > 2)
    kernel.assign(input->shape.begin() + 2, input->shape.end());
  if (integer(node, "storage_order", 0))
    return fail(node, "storage_order 1 is not supported");
  Shape planes;
  if (Error error = window(node, kernel, *input, layer, planes))
    return error;
  layer.inputs = {reshaped(*input, planes)};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  const ann::Value &out = net.values[static_cast<size_t>(*result)];
  define(node, Ref{*result, withBatch(out.shape, kernel.size()), {}});
  return Error::success();
}

Error Importer::maxPool(const Node &node) {
  return pool(node, ann::Kind::MaxPool, false);
}
Error Importer::averagePool(const Node &node) {
  return pool(node, ann::Kind::AveragePool, false);
}
Error Importer::globalAveragePool(const Node &node) {
  return pool(node, ann::Kind::AveragePool, true);
}

/// Moves a transposition of the input into the columns of the weights.
void Importer::foldTranspose(ann::Layer &layer) {
  int from = layer.inputs[0];
  const auto producer = [&](int value) -> const ann::Layer * {
    const int index = producerOf[static_cast<size_t>(value)];
    return index < 0 ? nullptr : &net.layers[static_cast<size_t>(index)];
  };
  const ann::Layer *maker = producer(from);
  if (maker && maker->kind == ann::Kind::Reshape)
    maker = producer(from = maker->inputs[0]);
  if (!maker || maker->kind != ann::Kind::Transpose ||
      net.values[static_cast<size_t>(from)].given)
    return;
  const int source = maker->inputs[0];
  const Shape shape = net.values[static_cast<size_t>(source)].shape;
  const auto columns = static_cast<size_t>(*ann::countElements(shape));
  std::vector<float> weights(layer.weights.size());
  std::vector<double> order(columns);
  for (size_t i = 0; i < columns; ++i)
    order[i] = static_cast<double>(i);
  order = transposed(order, shape, maker->permutation);
  for (size_t row = 0; row < weights.size(); row += columns)
    for (size_t i = 0; i < columns; ++i)
      weights[row + static_cast<size_t>(order[i])] = layer.weights[row + i];
  if (layer.given) {
    const std::vector<int8_t> codes = layer.given->codes;
    for (size_t row = 0; row < weights.size(); row += columns)
      for (size_t i = 0; i < columns; ++i)
        layer.given->codes[row + static_cast<size_t>(order[i])] =
            codes[row + i];
  }
  layer.weights = std::move(weights);
  layer.inputs = {
      reshaped(Ref{source, shape, {}}, {static_cast<int64_t>(columns)})};
}

/// \p weights is (O, I) when \p outputsFirst, else (I, O); \p shape that of the
/// result.
Error Importer::linear(const Node &node, const Ref &input,
                       const Constant &weights, bool outputsFirst, double alpha,
                       std::vector<double> bias, Shape shape) {
  if (weights.shape.size() != 2 || weights.size() == 0)
    return fail(node,
                "weights " + describeShape(weights.shape) + " are no matrix");
  const int64_t inputs = weights.shape[outputsFirst ? 1 : 0];
  const std::optional<int64_t> elements = ann::countElements(input.shape);
  if (input.shape.empty() || input.shape.back() != inputs ||
      elements.value_or(0) != inputs)
    return fail(node,
                "weights " + describeShape(weights.shape) +
                    " do not fit an input " + describeShape(input.shape),
                "the input must be one vector of " + std::to_string(inputs) +
                    " elements");
  const std::vector<double> rows =
      outputsFirst ? weights.values
                   : transposed(weights.values, weights.shape, {1, 0});
  ann::Layer layer;
  layer.kind = ann::Kind::Linear;
  layer.bias = std::move(bias);
  for (const double w : rows)
    layer.weights.push_back(static_cast<float>(alpha * w));
  const int64_t outputAxis = outputsFirst ? 0 : 1;
  if (weights.codes && alpha == 1 &&
      (weights.codes->scales.size() == 1 ||
       weights.codes->axis == outputAxis)) {
    layer.given = ann::GivenWeights{
        {}, weights.codes->scales, weights.codes->zeros, weights.codes->bits};
    std::vector<double> codes(weights.codes->codes.begin(),
                              weights.codes->codes.end());
    if (!outputsFirst)
      codes = transposed(codes, weights.shape, {1, 0});
    for (const double code : codes)
      layer.given->codes.push_back(static_cast<int8_t>(code));
  }
  layer.inputs = {reshaped(input, {inputs})};
  foldTranspose(layer);
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, std::move(shape), {}});
  return Error::success();
}

Error Importer::gemm(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<ConstantPtr> weights = constant(node, 1);
  if (!weights)
    return weights.takeError();
  const bool outputsFirst = integer(node, "transB", 0) != 0;
  if ((*weights)->shape.size() != 2)
    return fail(node, "weights " + describeShape((*weights)->shape) +
                          " are no matrix");
  const int64_t outputs = (*weights)->shape[outputsFirst ? 0 : 1];
  if (integer(node, "transA", 0) != 0)
    return fail(node, "transA is not supported");
  std::vector<double> bias;
  if (has(node, 2)) {
    Expected<ConstantPtr> c = constant(node, 2);
    if (!c)
      return c.takeError();
    bias = (*c)->values;
    if (bias.size() == 1 && outputs > 0 && outputs <= ann::maxElements)
      bias.resize(static_cast<size_t>(outputs), bias[0]);
    for (double &b : bias)
      b *= real(node, "beta", 1);
    if (static_cast<int64_t>(bias.size()) != outputs)
      return fail(node, "C " + describeShape((*c)->shape) + " is no bias of " +
                            std::to_string(outputs) + " outputs");
  }
  return linear(node, *input, **weights, outputsFirst, real(node, "alpha", 1),
                std::move(bias), {1, outputs});
}

Error Importer::matMul(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<ConstantPtr> weights = constant(node, 1);
  if (!weights)
    return weights.takeError();
  if ((*weights)->shape.size() != 2 || input->shape.empty())
    return fail(node, "weights " + describeShape((*weights)->shape) +
                          " are no matrix");
  Shape shape = input->shape;
  shape.back() = (*weights)->shape[1];
  return linear(node, *input, **weights, false, 1, {}, std::move(shape));
}

Error Importer::softmax(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<int64_t> axis =
      axisOf(node, integer(node, "axis", model.opset < 13 ? 1 : -1),
             input->shape.size());
  if (!axis)
    return axis.takeError();
  const int64_t elements = ann::countElements(input->shape).value_or(0);
  const auto a = static_cast<size_t>(*axis);
  if (input->shape[a] != elements && model.opset >= 13)
    return fail(node, "over one of several axes is not supported");
  ann::Layer layer;
  layer.kind = ann::Kind::Softmax;
  layer.inputs = {reshaped(*input, {elements})};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, input->shape, {}});
  return Error::success();
}

Error Importer::argMax(const Node &node) {
  Expected<Ref> input = value(node, 0);
  if (!input)
    return input.takeError();
  Expected<int64_t> axis =
      axisOf(node, integer(node, "axis", 0), input->shape.size());
  if (!axis)
    return axis.takeError();
  const int64_t elements = ann::countElements(input->shape).value_or(0);
  if (input->shape[static_cast<size_t>(*axis)] != elements ||
      integer(node, "select_last_index", 0))
    return fail(node, "over one of several axes, or of the last index, is not "
                      "supported");
  ann::Layer layer;
  layer.kind = ann::Kind::ArgMax;
  layer.inputs = {reshaped(*input, {elements})};
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  define(node, Ref{*result, {1, 1}, {}});
  return Error::success();
}

Error Importer::concat(const Node &node) {
  if (node.inputs.empty())
    return fail(node, "has no input");
  std::vector<Operand> parts;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    Expected<Operand> part = operand(node, i);
    if (!part)
      return part.takeError();
    parts.push_back(std::move(*part));
  }
  if (std::holds_alternative<ConstantPtr>(parts[0])) {
    auto joined = std::make_shared<Constant>();
    for (const Operand &part : parts) {
      const ConstantPtr *constant = std::get_if<ConstantPtr>(&part);
      if (!constant || (*constant)->shape.size() != 1)
        return fail(node, "joins constants that are no vectors");
      joined->type = (*constant)->type;
      joined->values.insert(joined->values.end(), (*constant)->values.begin(),
                            (*constant)->values.end());
    }
    joined->shape = {joined->size()};
    define(node, ConstantPtr(std::move(joined)));
    return Error::success();
  }
  ann::Layer layer;
  layer.kind = ann::Kind::Concat;
  Shape shape;
  for (size_t i = 0; i < parts.size(); ++i) {
    Expected<Ref> part = value(node, i);
    if (!part)
      return part.takeError();
    Expected<int64_t> axis =
        axisOf(node, integer(node, "axis", 1), part->shape.size());
    if (!axis)
      return axis.takeError();
    if (*axis == 0 || part->shape[0] != 1)
      return fail(node, "along the batch is not supported");
    layer.axis = *axis - 1;
    layer.inputs.push_back(
        reshaped(*part, Shape(part->shape.begin() + 1, part->shape.end())));
  }
  Expected<int> result = addLayer(node, std::move(layer));
  if (!result)
    return result.takeError();
  shape = net.values[static_cast<size_t>(*result)].shape;
  shape.insert(shape.begin(), 1);
  define(node, Ref{*result, std::move(shape), {}});
  return Error::success();
}

} // namespace hillock::onnx
