//===- compiler/ann/IntCheck.cpp - Integers that stay in their bits -------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/ann/Encoding.h"
#include <algorithm>

namespace hillock::ann {

namespace {

Error wrong(const IntLayer &layer, const std::string &what,
            const std::string &remedy = {}) {
  return inputError(what, "layer '" + layer.name + "'", remedy);
}

int64_t largestInput(const Quantization &q) {
  return std::max(int64_t{q.high} - q.zero, int64_t{q.zero} - q.low);
}

/// Products that meet in one sum are bounded by their magnitudes.
Error checkSums(const IntNetwork &net, const IntLayer &layer) {
  const auto channels = static_cast<size_t>(net.out(layer).shape.front());
  const Quantization &q = net.in(layer).q;
  if (layer.bias.size() != channels || layer.multipliers.size() != channels ||
      (!layer.zeros.empty() && layer.zeros.size() != channels) ||
      layer.weights.size() % channels)
    return wrong(layer, "has parameters of a wrong size");
  if (q.bits() > 8)
    return wrong(layer, "reads codes of more than 8 bits");
  const size_t filter = layer.weights.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    int64_t bound = std::abs(int64_t{layer.bias[c]});
    for (size_t i = c * filter; i < (c + 1) * filter; ++i) {
      const int32_t code = layer.weights[i];
      if (code < layer.format.low() || code > layer.format.high())
        return wrong(layer, "weight " + std::to_string(i) + " is no code of " +
                                layer.format.name());
      const int64_t zero = layer.zeros.empty() ? 0 : layer.zeros[c];
      bound +=
          std::abs(factorOf(layer.format.code, code) - zero) * largestInput(q);
    }
    if (bound > std::numeric_limits<int32_t>::max())
      return wrong(layer,
                   "sums of channel " + std::to_string(c) + " can reach " +
                       withSeparators(bound) + ", beyond 32 bits",
                   "use fewer bits, or a linear format");
  }
  return Error::success();
}

} // namespace

Error check(const IntNetwork &net, const IntLayer &layer) {
  const Quantization &q = net.out(layer).q;
  if (layer.low < q.low || layer.high > q.high || layer.low > layer.high)
    return wrong(layer, "clamps to " + std::to_string(layer.low) + " .. " +
                            std::to_string(layer.high) +
                            ", outside of its codes");
  for (const Multiplier &m : layer.multipliers)
    if (m.mantissa < 0 || m.shift < 1 || m.shift > 62)
      return wrong(layer, "has an impossible multiplier");
  const bool moves = layer.kind == Kind::MaxPool ||
                     layer.kind == Kind::Reshape ||
                     layer.kind == Kind::Transpose;
  if (moves && net.in(layer).q != q)
    return wrong(layer, "moves codes, but changes their meaning");
  size_t wanted = 0;
  switch (layer.kind) {
  case Kind::Conv:
  case Kind::Linear:
    return checkSums(net, layer);
  case Kind::Clip:
    wanted = 1;
    break;
  case Kind::Concat:
    wanted = layer.inputs.size();
    break;
  case Kind::AveragePool: {
    const auto area =
        static_cast<uint64_t>(layer.window.kernel[0] * layer.window.kernel[1]);
    wanted = layer.multipliers.size() == 1 ? 1 : area;
    if (net.in(layer).q.bits() > 8)
      return wrong(layer, "averages codes of more than 8 bits");
    if (area > uint64_t{1} << 22)
      return wrong(layer, "averages more than 2^22 numbers");
    break;
  }
  case Kind::Add:
    if (net.in(layer).q.bits() > 8 || net.in(layer, 1).q.bits() > 8)
      return wrong(layer, "adds codes of more than 8 bits");
    break;
  case Kind::Softmax:
  case Kind::ArgMax:
    return wrong(layer, "is no layer of the integer level");
  default:
    break;
  }
  if (layer.multipliers.size() != wanted)
    return wrong(
        layer, "has " + describeCount(layer.multipliers.size(), "multiplier") +
                   " where " + std::to_string(wanted) + " are needed");
  return Error::success();
}

Error check(const IntNetwork &net, const std::string &where) {
  for (const IntLayer &layer : net.layers)
    if (Error error = check(net, layer)) {
      ErrorKind kind = ErrorKind::Input;
      const std::string text = takeText(std::move(error), &kind);
      return makeError(kind, text, where);
    }
  return Error::success();
}

uint64_t weightBytes(const IntLayer &layer) {
  if (!layer.hasWeights())
    return 5 * layer.multipliers.size();
  const std::optional<SkipCode> skipping = skipCodeOf(layer);
  return (skipping ? skipping->bytes()
                   : packedBytes(layer.weights.size(), layer.format.bits)) +
         4 * layer.bias.size() + 5 * layer.multipliers.size() +
         layer.zeros.size();
}

uint64_t weightBytes(const IntNetwork &net) {
  uint64_t sum = 0;
  for (const IntLayer &layer : net.layers)
    sum += weightBytes(layer);
  return sum;
}

uint64_t activationBytes(const IntNetwork &net) {
  std::vector<size_t> lastUse(net.values.size(), 0);
  for (size_t i = 0; i < net.layers.size(); ++i)
    for (const int input : net.layers[i].inputs)
      lastUse[static_cast<size_t>(input)] = i;
  lastUse[static_cast<size_t>(net.output)] = net.layers.size();
  const auto bytes = [&](size_t v) {
    const IntValue &value = net.values[v];
    const unsigned bits = value.q.bits();
    return packedBytes(
        static_cast<uint64_t>(countElements(value.shape).value_or(0)),
        bits <= 4   ? 4
        : bits <= 8 ? 8
                    : 32);
  };
  uint64_t live = bytes(static_cast<size_t>(net.input)), most = live;
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const IntLayer &layer = net.layers[i];
    live += bytes(static_cast<size_t>(layer.output));
    most = std::max(most, live);
    std::vector<int> inputs = layer.inputs;
    std::sort(inputs.begin(), inputs.end());
    inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
    for (const int input : inputs)
      if (lastUse[static_cast<size_t>(input)] == i)
        live -= bytes(static_cast<size_t>(input));
  }
  return most;
}

} // namespace hillock::ann
