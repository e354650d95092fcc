//===- compiler/ann/IntEval.cpp - Networks in integers --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/IntNetwork.h"
#include "compiler/ann/Kernels.h"
#include <algorithm>

namespace hillock::ann {

namespace {

/// Codes minus zero point. The inputs of layers with weights have 8 bits.
void shift(const int32_t *x, int64_t count, int32_t zero,
           std::vector<int16_t> &shifted) {
  shifted.resize(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i)
    shifted[static_cast<size_t>(i)] = static_cast<int16_t>(x[i] - zero);
}

/// Factors (linear) or codes (logarithmic) of the weights.
std::vector<int16_t> operands(const IntLayer &layer) {
  std::vector<int16_t> w(layer.weights.begin(), layer.weights.end());
  if (!layer.zeros.empty()) {
    const size_t filter = w.size() / layer.zeros.size();
    for (size_t i = 0; i < w.size(); ++i)
      w[i] = static_cast<int16_t>(w[i] - layer.zeros[i / filter]);
  }
  return w;
}

template <typename Product>
void sumUp(const IntLayer &layer, const Shape &in, const Shape &shape,
           const std::vector<int16_t> &x, std::vector<int32_t> &sums) {
  const std::vector<int16_t> w = operands(layer);
  // A matrix is a convolution over planes of one element.
  const Shape one = {in[0], 1, 1};
  if (layer.kind == Kind::Conv)
    convolve<Product>(sums.data(), x.data(), w.data(), layer.window,
                      layer.groups, in, shape);
  else if (std::is_same_v<Product, Multiply>)
    multiplyMatrix(sums.data(), x.data(), w.data(), in[0], shape[0]);
  else
    convolve<Product>(sums.data(), x.data(), w.data(), Window{}, 1, one,
                      {shape[0], 1, 1});
}

void weighted(const IntNetwork &net, const IntLayer &layer, const int32_t *x,
              int32_t *out, std::vector<int16_t> &shifted,
              std::vector<int32_t> &sums) {
  const IntValue &in = net.in(layer), &result = net.out(layer);
  const int64_t channels = result.shape[0];
  const int64_t plane = *countElements(result.shape) / channels;
  shift(x, *countElements(in.shape), in.q.zero, shifted);
  sums.resize(static_cast<size_t>(channels * plane));
  for (int64_t c = 0; c < channels; ++c)
    std::fill_n(sums.begin() + c * plane, plane,
                layer.bias[static_cast<size_t>(c)]);
  if (layer.format.code == Code::Linear)
    sumUp<Multiply>(layer, in.shape, result.shape, shifted, sums);
  else if (layer.format.code == Code::Log2)
    sumUp<ShiftBy<1>>(layer, in.shape, result.shape, shifted, sums);
  else
    sumUp<ShiftBy<2>>(layer, in.shape, result.shape, shifted, sums);
  for (int64_t c = 0; c < channels; ++c) {
    const Multiplier m = layer.multipliers[static_cast<size_t>(c)];
    for (int64_t i = c * plane; i < (c + 1) * plane; ++i)
      out[i] = requantize(sums[static_cast<size_t>(i)], m, result.q.zero,
                          layer.low, layer.high);
  }
}

void maxPool(const IntNetwork &net, const IntLayer &layer, const int32_t *x,
             int32_t *out) {
  const Shape &in = net.in(layer).shape, &shape = net.out(layer).shape;
  for (int64_t c = 0; c < shape[0]; ++c, x += in[1] * in[2])
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column) {
        int32_t best = std::numeric_limits<int32_t>::min();
        bool any = false;
        visitWindow(layer.window, in, row, column, [&](int64_t at) {
          best = std::max(best, x[at]);
          any = true;
        });
        *out++ = any ? best : net.in(layer).q.zero;
      }
}

void averagePool(const IntNetwork &net, const IntLayer &layer, const int32_t *x,
                 int32_t *out) {
  const IntValue &in = net.in(layer), &result = net.out(layer);
  const Shape &shape = result.shape;
  for (int64_t c = 0; c < shape[0]; ++c, x += in.shape[1] * in.shape[2])
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column) {
        int32_t sum = 0;
        int64_t inside = 0;
        const int64_t counted =
            visitWindow(layer.window, in.shape, row, column, [&](int64_t at) {
              sum += x[at] - in.q.zero;
              ++inside;
            });
        const int64_t count = layer.includePad ? counted : inside;
        const size_t index = layer.multipliers.size() == 1 || count == 0
                                 ? 0
                                 : static_cast<size_t>(count) - 1;
        *out++ = requantize(sum, layer.multipliers[index], result.q.zero,
                            layer.low, layer.high);
      }
}

void concat(const IntNetwork &net, const IntLayer &layer,
            const std::vector<const int32_t *> &inputs, int32_t *out) {
  const IntValue &result = net.out(layer);
  int64_t outer = 1, inner = 1;
  for (size_t a = 0; a < result.shape.size(); ++a)
    (static_cast<int64_t>(a) < layer.axis ? outer : inner) *=
        static_cast<int64_t>(a) == layer.axis ? 1 : result.shape[a];
  for (int64_t o = 0; o < outer; ++o)
    for (size_t i = 0; i < inputs.size(); ++i) {
      const IntValue &in = net.in(layer, i);
      const int64_t run = in.shape[static_cast<size_t>(layer.axis)] * inner;
      for (int64_t at = o * run; at < (o + 1) * run; ++at)
        *out++ = requantize(inputs[i][at] - in.q.zero, layer.multipliers[i],
                            result.q.zero, layer.low, layer.high);
    }
}

} // namespace

void evaluateLayer(const IntNetwork &net, const IntLayer &layer,
                   const std::vector<const int32_t *> &inputs, int32_t *out,
                   std::vector<int16_t> &shifted, std::vector<int32_t> &sums) {
  const IntValue &in = net.in(layer), &result = net.out(layer);
  const int64_t count = *countElements(result.shape);
  const int32_t *x = inputs[0];
  switch (layer.kind) {
  case Kind::Conv:
  case Kind::Linear:
    return weighted(net, layer, x, out, shifted, sums);
  case Kind::MaxPool:
    return maxPool(net, layer, x, out);
  case Kind::AveragePool:
    return averagePool(net, layer, x, out);
  case Kind::Add:
    for (int64_t i = 0; i < count; ++i)
      out[i] =
          addScaled(x[i] - in.q.zero, inputs[1][i] - net.in(layer, 1).q.zero,
                    layer.pair, result.q.zero, layer.low, layer.high);
    return;
  case Kind::Concat:
    return concat(net, layer, inputs, out);
  case Kind::Reshape:
    std::copy_n(x, count, out);
    return;
  case Kind::Transpose:
    return visitTransposed(
        in.shape, layer.permutation,
        [&](int64_t from, int64_t to) { out[to] = x[from]; });
  case Kind::Clip:
    for (int64_t i = 0; i < count; ++i)
      out[i] = requantize(x[i] - in.q.zero, layer.multipliers[0], result.q.zero,
                          layer.low, layer.high);
    return;
  case Kind::Softmax:
  case Kind::ArgMax:
    break;
  }
  llvm_unreachable("no layer of the integer level");
}

IntRunner::IntRunner(const IntNetwork &net) : network(net) {
  for (const IntValue &value : net.values)
    values.emplace_back(
        static_cast<size_t>(countElements(value.shape).value_or(0)));
}

std::span<const int32_t> IntRunner::run(std::span<const float> input) {
  const Quantization &q = network.values[static_cast<size_t>(network.input)].q;
  std::vector<int32_t> &first = values[static_cast<size_t>(network.input)];
  for (size_t i = 0; i < first.size(); ++i)
    first[i] = q.code(input[i]);
  return runCodes(first);
}

std::span<const int32_t> IntRunner::runCodes(std::span<const int32_t> codes) {
  std::vector<int32_t> &first = values[static_cast<size_t>(network.input)];
  if (codes.data() != first.data())
    std::copy(codes.begin(), codes.end(), first.begin());
  std::vector<const int32_t *> inputs;
  for (const IntLayer &layer : network.layers) {
    inputs.clear();
    for (const int i : layer.inputs)
      inputs.push_back(values[static_cast<size_t>(i)].data());
    evaluateLayer(network, layer, inputs,
                  values[static_cast<size_t>(layer.output)].data(), shifted,
                  sums);
  }
  return values[static_cast<size_t>(network.output)];
}

} // namespace hillock::ann
