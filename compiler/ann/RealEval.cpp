//===- compiler/ann/RealEval.cpp - Networks in real numbers ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/RealEval.h"
#include "compiler/ann/Kernels.h"
#include <algorithm>

namespace hillock::ann {

namespace {

/// Every output plane begins with its channel's bias.
void fillBias(const Layer &layer, const Shape &shape, float *out) {
  const int64_t plane = *countElements(shape) / shape[0];
  for (int64_t c = 0; c < shape[0]; ++c)
    std::fill_n(out + c * plane, plane,
                layer.bias.empty()
                    ? 0.0f
                    : static_cast<float>(layer.bias[static_cast<size_t>(c)]));
}

void maxPool(const Layer &layer, const Shape &in, const Shape &shape,
             const float *x, float *out) {
  for (int64_t c = 0; c < shape[0]; ++c, x += in[1] * in[2])
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column) {
        float best = -std::numeric_limits<float>::infinity();
        visitWindow(layer.window, in, row, column,
                    [&](int64_t at) { best = std::max(best, x[at]); });
        // A window that lies in the padding alone holds nothing.
        *out++ = std::isfinite(best) ? best : 0;
      }
}

void averagePool(const Layer &layer, const Shape &in, const Shape &shape,
                 const float *x, float *out) {
  for (int64_t c = 0; c < shape[0]; ++c, x += in[1] * in[2])
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column) {
        float sum = 0;
        int64_t inside = 0;
        const int64_t counted =
            visitWindow(layer.window, in, row, column, [&](int64_t at) {
              sum += x[at];
              ++inside;
            });
        const int64_t count = layer.includePad ? counted : inside;
        *out++ = count ? sum / static_cast<float>(count) : 0;
      }
}

void concat(const Network &net, const Layer &layer,
            const std::vector<const float *> &inputs, float *out) {
  const Shape &shape = net.out(layer).shape;
  int64_t outer = 1, inner = 1;
  for (size_t a = 0; a < shape.size(); ++a)
    (static_cast<int64_t>(a) < layer.axis ? outer : inner) *=
        static_cast<int64_t>(a) == layer.axis ? 1 : shape[a];
  for (int64_t o = 0; o < outer; ++o)
    for (size_t i = 0; i < inputs.size(); ++i) {
      const int64_t run =
          net.in(layer, i).shape[static_cast<size_t>(layer.axis)] * inner;
      out = std::copy_n(inputs[i] + o * run, run, out);
    }
}

void softmax(const float *x, int64_t count, float *out) {
  const float top = *std::max_element(x, x + count);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += out[i] = std::exp(x[i] - top);
  for (int64_t i = 0; i < count; ++i)
    out[i] = static_cast<float>(out[i] / sum);
}

} // namespace

void finishLayer(const Network &net, const Layer &layer, float *out) {
  const Value &value = net.out(layer);
  const int64_t count = value.elements();
  if (layer.clamps())
    for (int64_t i = 0; i < count; ++i)
      out[i] = std::min(std::max(out[i], layer.low), layer.high);
  if (value.given)
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<float>(value.given->real(value.given->code(out[i])));
}

void evaluateLayer(const Network &net, const Layer &layer,
                   const std::vector<const float *> &inputs, float *out) {
  evaluateSums(net, layer, inputs, out);
  finishLayer(net, layer, out);
}

void evaluateSums(const Network &net, const Layer &layer,
                  const std::vector<const float *> &inputs, float *out) {
  const Shape &in = net.in(layer).shape, &shape = net.out(layer).shape;
  const int64_t count = *countElements(shape);
  const float *x = inputs[0];
  switch (layer.kind) {
  case Kind::Conv:
    fillBias(layer, shape, out);
    convolve<Multiply>(out, x, layer.weights.data(), layer.window, layer.groups,
                       in, shape);
    break;
  case Kind::Linear:
    fillBias(layer, shape, out);
    multiplyMatrix(out, x, layer.weights.data(), in[0], shape[0]);
    break;
  case Kind::MaxPool:
    maxPool(layer, in, shape, x, out);
    break;
  case Kind::AveragePool:
    averagePool(layer, in, shape, x, out);
    break;
  case Kind::Add:
    for (int64_t i = 0; i < count; ++i)
      out[i] = x[i] + inputs[1][i];
    break;
  case Kind::Concat:
    concat(net, layer, inputs, out);
    break;
  case Kind::Reshape:
  case Kind::Clip:
    std::copy_n(x, count, out);
    break;
  case Kind::Transpose:
    visitTransposed(in, layer.permutation,
                    [&](int64_t from, int64_t to) { out[to] = x[from]; });
    break;
  case Kind::Softmax:
    softmax(x, count, out);
    break;
  case Kind::ArgMax:
    *out = static_cast<float>(std::max_element(x, x + *countElements(in)) - x);
    break;
  }
}

RealRunner::RealRunner(const Network &net) : network(net) {
  for (const Value &value : net.values)
    values.emplace_back(static_cast<size_t>(value.elements()));
}

std::span<const float> RealRunner::run(std::span<const float> input) {
  std::vector<float> &first = values[static_cast<size_t>(network.input)];
  std::copy(input.begin(), input.end(), first.begin());
  if (const auto &given =
          network.values[static_cast<size_t>(network.input)].given)
    for (float &x : first)
      x = static_cast<float>(given->real(given->code(x)));
  std::vector<const float *> inputs;
  for (const Layer &layer : network.layers) {
    inputs.clear();
    for (const int i : layer.inputs)
      inputs.push_back(values[static_cast<size_t>(i)].data());
    evaluateLayer(network, layer, inputs,
                  values[static_cast<size_t>(layer.output)].data());
  }
  return values[static_cast<size_t>(network.output)];
}

} // namespace hillock::ann
