//===- compiler/ann/Lower.cpp - From scales to multipliers ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/ann/Plan.h"
#include <algorithm>
#include <numeric>

namespace hillock::ann {

static size_t at(int index) { return static_cast<size_t>(index); }

static bool movesCodes(const Network &net, const Layer &layer) {
  switch (layer.kind) {
  case Kind::MaxPool:
  case Kind::Reshape:
  case Kind::Transpose:
    return true;
  case Kind::Concat:
    // Where the file says how the parts are quantized, they are rescaled.
    for (size_t i = 0; i < layer.inputs.size(); ++i)
      if (net.in(layer, i).given)
        return false;
    return !net.out(layer).given;
  default:
    return false;
  }
}

std::vector<int> sharedQuantizations(const Network &net) {
  std::vector<int> parent(net.values.size());
  std::iota(parent.begin(), parent.end(), 0);
  const auto find = [&](int v) {
    while (parent[at(v)] != v)
      v = parent[at(v)] = parent[at(parent[at(v)])];
    return v;
  };
  for (const Layer &layer : net.layers)
    if (movesCodes(net, layer))
      for (const int input : layer.inputs) {
        const int a = find(input), b = find(layer.output);
        parent[at(std::max(a, b))] = std::min(a, b);
      }
  for (size_t v = 0; v < parent.size(); ++v)
    parent[v] = find(static_cast<int>(v));
  return parent;
}

Network withoutDecision(Network net) {
  for (;;) {
    const int producer = net.producer(net.output);
    if (producer < 0)
      break;
    const Kind kind = net.layers[at(producer)].kind;
    if (kind == Kind::Softmax || kind == Kind::ArgMax)
      net.remarks.push_back("'" + net.layers[at(producer)].name + "' (" +
                            kindName(kind) +
                            ") is left to the reader of the output: it does "
                            "not change which element is largest");
    // A reshape behind a softmax goes with it.
    bool decides = kind == Kind::Softmax || kind == Kind::ArgMax;
    if (kind == Kind::Reshape) {
      const int before = net.producer(net.layers[at(producer)].inputs[0]);
      decides = before >= 0 && (net.layers[at(before)].kind == Kind::Softmax ||
                                net.layers[at(before)].kind == Kind::ArgMax);
    }
    if (!decides)
      break;
    net.output = net.layers[at(producer)].inputs[0];
  }
  dropDead(net);
  return net;
}

Quantization wideQuantization(double largest) {
  Quantization q;
  q.scale =
      std::isfinite(largest) && largest > 0 ? std::ldexp(largest, -24) : 1;
  q.low = std::numeric_limits<int32_t>::min();
  q.high = std::numeric_limits<int32_t>::max();
  return q;
}

double largestSum(const Network &net, const Layer &layer,
                  const QuantWeights &weights, const Quantization &input) {
  const auto channels = at(static_cast<int>(net.outputChannels(layer)));
  const size_t filter = weights.codes.size() / channels;
  const double x = std::max(input.real(input.high), -input.real(input.low));
  double most = 0;
  for (size_t c = 0; c < channels; ++c) {
    const int32_t zero = weights.zeros.empty() ? 0 : weights.zeros[c];
    double sum = 0;
    for (size_t i = c * filter; i < (c + 1) * filter; ++i)
      sum += std::abs(factorOf(weights.format.code, weights.codes[i]) - zero);
    most = std::max(most,
                    sum * weights.scale(c) * x +
                        (weights.bias.empty() ? 0 : std::abs(weights.bias[c])));
  }
  return most;
}

namespace {

Error place(const Layer &layer, const std::string &what,
            const std::string &remedy = {}) {
  return inputError(what, "layer '" + layer.name + "'", remedy);
}

Expected<Multiplier> ratio(const Layer &layer, double value) {
  if (const std::optional<Multiplier> m = multiplierOf(value))
    return *m;
  return place(layer, "its scales are too far apart for a multiplier");
}

Error lowerWeights(const Network &net, const Layer &layer,
                   const QuantWeights &weights, const Quantization &in,
                   const Quantization &out, IntLayer &result) {
  const auto channels = at(static_cast<int>(net.outputChannels(layer)));
  result.format = weights.format;
  result.weights = weights.codes;
  result.zeros = weights.zeros;
  for (size_t c = 0; c < channels; ++c) {
    const double scale = in.scale * weights.scale(c);
    const double bias =
        weights.bias.empty() ? 0 : std::nearbyint(weights.bias[c] / scale);
    if (!(std::abs(bias) < 0x1p31))
      return place(layer, "the bias of channel " + std::to_string(c) +
                              " does not fit 32 bits at the scale of its sums");
    result.bias.push_back(static_cast<int32_t>(bias));
    Expected<Multiplier> m = ratio(layer, scale / out.scale);
    if (!m)
      return m.takeError();
    result.multipliers.push_back(*m);
  }
  return Error::success();
}

Error lowerAverage(const Layer &layer, double scale, IntLayer &result) {
  const Window &w = layer.window;
  const int64_t area = w.kernel[0] * w.kernel[1];
  const bool partial = w.begin != std::array<int64_t, 2>{0, 0} ||
                       w.end != w.begin || w.extra != w.begin;
  if (area > int64_t{1} << 22)
    return place(layer, "averages more than 2^22 numbers");
  for (int64_t count = partial ? 1 : area; count <= area; ++count) {
    Expected<Multiplier> m = ratio(layer, scale / static_cast<double>(count));
    if (!m)
      return m.takeError();
    result.multipliers.push_back(*m);
  }
  return Error::success();
}

} // namespace

Expected<IntLayer> lowerLayer(const Network &net, const Plan &plan,
                              size_t index) {
  const Layer &layer = net.layers[index];
  const Quantization &in = plan.values[at(layer.inputs[0])];
  const Quantization &out = plan.values[at(layer.output)];
  IntLayer result;
  result.kind = layer.kind;
  result.name = layer.name;
  result.inputs = layer.inputs;
  result.output = layer.output;
  result.window = layer.window;
  result.groups = layer.groups;
  result.includePad = layer.includePad;
  result.permutation = layer.permutation;
  result.axis = layer.axis;
  result.low = std::isfinite(layer.low) ? out.code(layer.low) : out.low;
  result.high = std::isfinite(layer.high) ? out.code(layer.high) : out.high;
  Error error = Error::success();
  if (layer.hasWeights()) {
    if (!plan.weights[index])
      return makeError(ErrorKind::Internal, "has no quantized weights",
                       "layer '" + layer.name + "'");
    error = joinErrors(
        std::move(error),
        lowerWeights(net, layer, *plan.weights[index], in, out, result));
  } else if (layer.kind == Kind::AveragePool) {
    error = joinErrors(std::move(error),
                       lowerAverage(layer, in.scale / out.scale, result));
  } else if (layer.kind == Kind::Add) {
    const Quantization &b = plan.values[at(layer.inputs[1])];
    const auto pair =
        pairMultiplierOf(in.scale / out.scale, b.scale / out.scale);
    if (pair)
      result.pair = *pair;
    else
      error = joinErrors(std::move(error),
                         place(layer, "its scales are too far apart"));
  } else if (layer.kind == Kind::Clip || layer.kind == Kind::Concat) {
    for (const int input : layer.inputs) {
      Expected<Multiplier> m =
          ratio(layer, plan.values[at(input)].scale / out.scale);
      if (!m)
        return joinErrors(std::move(error), m.takeError());
      result.multipliers.push_back(*m);
    }
  }
  if (error)
    return std::move(error);
  return std::move(result);
}

Expected<IntNetwork> lower(const Network &net, const Plan &plan,
                           const std::string &where) {
  IntNetwork result;
  result.name = net.name;
  result.input = net.input;
  result.output = net.output;
  for (size_t v = 0; v < net.values.size(); ++v)
    result.values.push_back(
        {net.values[v].name, net.values[v].shape, plan.values[v]});
  for (size_t i = 0; i < net.layers.size(); ++i) {
    Expected<IntLayer> layer = lowerLayer(net, plan, i);
    if (!layer)
      return inputError(takeText(layer.takeError()), where);
    result.layers.push_back(std::move(*layer));
  }
  if (Error error = check(result, where))
    return std::move(error);
  return std::move(result);
}

} // namespace hillock::ann
