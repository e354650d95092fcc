//===- compiler/convert/Registers.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/convert/Registers.h"
#include "base/Describe.h"
#include "compiler/ann/Kernels.h"
#include <algorithm>
#include <limits>

namespace hillock::convert {

using ann::IntLayer;
using ann::IntNetwork;
using ann::IntValue;
using ann::Kind;

namespace {

Error wrong(const IntLayer &layer, const std::string &what,
            const std::string &remedy = {}) {
  return inputError(what, "layer '" + layer.name + "'", remedy);
}

int64_t elements(const IntValue &value) {
  return ann::countElements(value.shape).value_or(0);
}

int64_t largestInput(const ann::Quantization &q) {
  return std::max(int64_t{q.high} - q.zero, int64_t{q.zero} - q.low);
}

std::vector<int32_t> factorsOf(const IntLayer &layer) {
  std::vector<int32_t> factors;
  const size_t filter =
      layer.zeros.empty() ? 1 : layer.weights.size() / layer.zeros.size();
  for (size_t i = 0; i < layer.weights.size(); ++i)
    factors.push_back(ann::factorOf(layer.format.code, layer.weights[i]) -
                      (layer.zeros.empty() ? 0 : layer.zeros[i / filter]));
  return factors;
}

/// Fills in what one neuron needs.
class Filler {
public:
  Filler(const IntLayer &layer, int align) : layer(layer) {
    result.align = align;
  }

  /// \p worst: magnitude of the products that any input can cause.
  Error add(int32_t bias, ann::Multiplier m, int64_t worst) {
    // mult / 2^s as two shifts with 31 between them; nothing is rounded twice.
    const int left = m.mantissa == 0 || m.shift >= 32 ? 0 : 32 - m.shift;
    const int right = m.mantissa == 0 || m.shift < 32 ? 1 : m.shift - 31;
    constexpr int64_t most = int64_t{1} << 30;
    const int64_t sum = worst + std::abs(int64_t{bias});
    if ((worst << result.align) >= 2 * most || (sum << left) >= most)
      return inputError(
          "its sums can reach " + withSeparators(sum) +
              ", too much for accumulators of 32 bits and mantissas shifted "
              "left by " +
              std::to_string(std::max(result.align, left)),
          "layer '" + layer.name + "'", "use fewer bits");
    result.largest = std::max(result.largest, sum);
    result.bias.push_back(bias);
    result.mult.push_back(m.mantissa);
    result.left.push_back(left);
    result.right.push_back(right);
    return Error::success();
  }

  Registers result;

private:
  const IntLayer &layer;
};

Error fillWeighted(const IntNetwork &net, const IntLayer &layer,
                   Filler &filler) {
  const IntValue &out = net.out(layer);
  const int64_t channels = out.shape.front();
  const int64_t plane = elements(out) / channels;
  const std::vector<int32_t> factors = factorsOf(layer);
  const size_t filter = factors.size() / static_cast<size_t>(channels);
  for (int64_t c = 0; c < channels; ++c) {
    const auto channel = static_cast<size_t>(c);
    int64_t worst = 0;
    for (size_t i = channel * filter; i < (channel + 1) * filter; ++i)
      worst += std::abs(int64_t{factors[i]}) * largestInput(net.in(layer).q);
    for (int64_t i = 0; i < plane; ++i)
      if (Error error = filler.add(layer.bias[channel],
                                   layer.multipliers[channel], worst))
        return error;
  }
  return Error::success();
}

Error fillAverage(const IntNetwork &net, const IntLayer &layer,
                  Filler &filler) {
  const IntValue &in = net.in(layer), &out = net.out(layer);
  for (int64_t c = 0; c < out.shape[0]; ++c)
    for (int64_t y = 0; y < out.shape[1]; ++y)
      for (int64_t x = 0; x < out.shape[2]; ++x) {
        int64_t inside = 0;
        const int64_t counted = ann::visitWindow(layer.window, in.shape, y, x,
                                                 [&](int64_t) { ++inside; });
        const int64_t count = layer.includePad ? counted : inside;
        const size_t index = layer.multipliers.size() == 1 || count == 0
                                 ? 0
                                 : static_cast<size_t>(count) - 1;
        if (Error error = filler.add(0, layer.multipliers[index],
                                     inside * largestInput(in.q)))
          return error;
      }
  return Error::success();
}

} // namespace

Expected<WeightField> fieldOf(const IntLayer &layer) {
  const std::vector<int32_t> factors = factorsOf(layer);
  const auto [low, high] = std::minmax_element(factors.begin(), factors.end());
  for (unsigned bits : {2U, 3U, 4U, 5U, 6U, 8U}) {
    const int32_t half = int32_t{1} << (bits - 1);
    if ((bits < layer.format.bits && !layer.format.isLog()) || *low < -half ||
        *high >= half)
      continue;
    WeightField field{bits, 9 - static_cast<int>(bits), {}};
    for (int32_t factor : factors)
      field.mantissas.push_back(
          static_cast<int16_t>(factor * (1 << field.align)));
    return std::move(field);
  }
  return wrong(layer,
               "its weights stand for factors of " + std::to_string(*low) +
                   " to " + std::to_string(*high) +
                   ", beyond the 8 bits of a synapse",
               "use int8, int4, int2 or log2, without --affine-weights");
}

Expected<Registers> registersOf(const IntNetwork &net, const IntLayer &layer,
                                int align, bool read) {
  const IntValue &out = net.out(layer);
  Filler filler(layer, align);
  Error error = Error::success();
  if (layer.hasWeights()) {
    error = fillWeighted(net, layer, filler);
  } else if (layer.kind == Kind::AveragePool) {
    error = fillAverage(net, layer, filler);
  } else {
    std::vector<ann::Multiplier> of(static_cast<size_t>(elements(out)));
    std::vector<int64_t> worst(of.size());
    visitRelay(net, layer, [&](size_t input, int64_t, int64_t target) {
      of[static_cast<size_t>(target)] = layer.multipliers[input];
      worst[static_cast<size_t>(target)] = largestInput(net.in(layer, input).q);
    });
    for (size_t n = 0; n < of.size() && !error; ++n)
      error = filler.add(0, of[n], worst[n]);
  }
  if (error)
    return std::move(error);
  Registers &result = filler.result;
  const int64_t low = int64_t{layer.low} - out.q.zero;
  const int64_t high = int64_t{layer.high} - out.q.zero;
  constexpr int64_t least = std::numeric_limits<int16_t>::min();
  constexpr int64_t most = std::numeric_limits<int16_t>::max();
  result.wide = low < least || high > most;
  if (result.wide &&
      (!read || layer.low != out.q.low || layer.high != out.q.high))
    return wrong(layer,
                 "clamps to " + std::to_string(layer.low) + " .. " +
                     std::to_string(layer.high) + "; a payload has 16 bits",
                 "quantize its output to 8 bits or fewer");
  if (!result.wide) {
    result.low = static_cast<int32_t>(low);
    result.high = static_cast<int32_t>(high);
  }
  return std::move(result);
}

void visitPool(const IntNetwork &net, const IntLayer &layer,
               llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) {
  const IntValue &in = net.in(layer), &out = net.out(layer);
  int64_t target = 0;
  for (int64_t c = 0; c < out.shape[0]; ++c)
    for (int64_t y = 0; y < out.shape[1]; ++y)
      for (int64_t x = 0; x < out.shape[2]; ++x, ++target) {
        int64_t place = 0;
        ann::visitWindow(layer.window, in.shape, y, x, [&](int64_t cell) {
          visit(c * in.shape[1] * in.shape[2] + cell, target, place++);
        });
      }
}

void visitRelay(const IntNetwork &net, const IntLayer &layer,
                llvm::function_ref<void(size_t, int64_t, int64_t)> visit) {
  const IntValue &out = net.out(layer);
  int64_t outer = 1, inner = 1;
  if (layer.kind == Kind::Concat)
    for (size_t a = 0; a < out.shape.size(); ++a)
      (static_cast<int64_t>(a) < layer.axis ? outer : inner) *=
          static_cast<int64_t>(a) == layer.axis ? 1 : out.shape[a];
  else
    inner = elements(out);
  int64_t target = 0;
  for (int64_t o = 0; o < outer; ++o)
    for (size_t i = 0; i < layer.inputs.size(); ++i) {
      const int64_t run =
          layer.kind == Kind::Concat
              ? net.in(layer, i).shape[static_cast<size_t>(layer.axis)] * inner
              : inner;
      for (int64_t at = o * run; at < (o + 1) * run; ++at)
        visit(i, at, target++);
    }
}

} // namespace hillock::convert
