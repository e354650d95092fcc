//===- tests/unit/backends/int4/RandomNetworks.cpp - Networks -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/backends/int4/RandomNetworks.h"
#include <algorithm>
#include <numeric>
#include <random>

namespace hillock::test {

using namespace hillock::ann;

namespace {

class Maker {
public:
  explicit Maker(uint64_t seed) : random(seed) {}

  IntNetwork make() {
    net.name = "random";
    const bool image = chance(4, 5);
    net.input = addValue(image ? Shape{pick(1, 9), pick(3, 9), pick(3, 9)}
                               : Shape{pick(1, 70)});
    int at = net.input;
    const int64_t layers = pick(1, 4);
    for (int64_t i = 0; i < layers; ++i)
      at = addLayer(at);
    if (chance(1, 2))
      at = addLinear(flat(at), true);
    net.output = at;
    return net;
  }

  /// More channels than a vector has lanes: a filter a channel between two
  /// ordinary convolutions.
  IntNetwork makeWide() {
    net.name = "wide";
    net.input = addValue({pick(1, 2), pick(4, 7), pick(4, 17)});
    int at = convolve(net.input, 1, pick(30, 140));
    at = convolve(at, shapeOf(at)[0], shapeOf(at)[0]);
    at = convolve(at, 1, pick(30, 140));
    net.output = at;
    return net;
  }

private:
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() %
                                      static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int64_t n, int64_t of) { return pick(1, of) <= n; }
  const Shape &shapeOf(int v) {
    return net.values[static_cast<size_t>(v)].shape;
  }
  Quantization &codesOf(int v) { return net.values[static_cast<size_t>(v)].q; }

  Quantization anyCodes() {
    Quantization q;
    const bool narrow = chance(1, 2);
    q.low = narrow ? -8 : -128;
    q.high = narrow ? 7 : 127;
    q.zero = static_cast<int32_t>(pick(q.low, q.high));
    return q;
  }
  int addValue(Shape shape) {
    IntValue value;
    value.name = "v" + std::to_string(net.values.size());
    value.shape = std::move(shape);
    value.q = anyCodes();
    net.values.push_back(value);
    return static_cast<int>(net.values.size()) - 1;
  }
  IntLayer &append(Kind kind, std::vector<int> inputs, Shape shape) {
    IntLayer layer;
    layer.kind = kind;
    layer.name = "l" + std::to_string(net.layers.size());
    layer.inputs = std::move(inputs);
    layer.output = addValue(std::move(shape));
    const Quantization &q = codesOf(layer.output);
    layer.low = static_cast<int32_t>(pick(q.low, q.low + 2));
    layer.high = static_cast<int32_t>(pick(q.high - 2, q.high));
    net.layers.push_back(layer);
    return net.layers.back();
  }
  /// Results spread over the codes, or now and then far beyond them.
  Multiplier anyMultiplier(double size) {
    if (chance(1, 40))
      return Multiplier{};
    const double spread =
        std::ldexp(1.0 + static_cast<double>(pick(0, 999)) / 1000.0,
                   static_cast<int>(pick(-3, 2)));
    return multiplierOf(100.0 / size * spread).value_or(Multiplier{});
  }
  WeightFormat anyFormat() {
    WeightFormat f;
    const int64_t kind = pick(0, 9);
    f.bits = kind < 4 ? 4 : kind < 6 ? 8 : kind == 6 ? 2 : 4;
    f.code = kind == 7 ? Code::Log2 : kind == 8 ? Code::Log4 : Code::Linear;
    f.affine = f.code == Code::Linear && f.bits < 8 && chance(1, 4);
    return f;
  }

  void fillWeights(IntLayer &layer, int64_t outputs, int64_t filter) {
    layer.format = anyFormat();
    for (int64_t i = 0; i < outputs * filter; ++i)
      layer.weights.push_back(
          static_cast<int8_t>(pick(layer.format.low(), layer.format.high())));
    double size = std::sqrt(static_cast<double>(filter)) *
                  (layer.format.bits == 8 ? 60.0 : 4.0) * 60.0;
    if (layer.format.isLog())
      size *= layer.format.code == Code::Log4 ? 200 : 8;
    for (int64_t o = 0; o < outputs; ++o) {
      layer.bias.push_back(static_cast<int32_t>(pick(-3000, 3000)));
      layer.multipliers.push_back(anyMultiplier(size));
      if (layer.format.affine)
        layer.zeros.push_back(static_cast<int32_t>(
            pick(layer.format.low(), layer.format.high())));
    }
  }

  int addLinear(int in, bool wide) {
    const int64_t inputs = shapeOf(in)[0], outputs = pick(1, 70);
    IntLayer &layer = append(Kind::Linear, {in}, {outputs});
    fillWeights(layer, outputs, inputs);
    if (wide && chance(1, 2)) {
      Quantization &q = codesOf(layer.output);
      q.low = layer.low = -(1 << 24);
      q.high = layer.high = 1 << 24;
      q.zero = 0;
      for (Multiplier &m : layer.multipliers)
        m.shift = std::max(1, m.shift - 8);
    }
    return layer.output;
  }

  Window anyWindow(const Shape &shape, bool pool) {
    Window w;
    for (unsigned a = 0; a < 2; ++a) {
      const int64_t size = shape[a + 1];
      w.kernel[a] = pick(1, std::min<int64_t>(size, 4));
      w.stride[a] = pick(1, 2);
      w.dilation[a] =
          w.kernel[a] > 1 && w.kernel[a] * 2 - 1 <= size ? pick(1, 2) : 1;
      w.begin[a] = pick(0, w.kernel[a] - 1);
      w.end[a] = pick(0, w.kernel[a] - 1);
      w.extra[a] = pool && w.stride[a] == 2 ? pick(0, 1) : 0;
    }
    return w;
  }

  int addConv(int in) {
    const Shape shape = shapeOf(in);
    const int64_t channels = shape[0];
    int64_t groups = 1, outputs = pick(1, 40);
    if (chance(1, 3)) {
      groups = channels; // depthwise, or with some filters a channel
      outputs = channels * pick(1, 2);
    } else if (channels % 2 == 0 && chance(1, 3)) {
      groups = 2;
      outputs = 2 * pick(1, 20);
    }
    return convolve(in, groups, outputs);
  }

  int convolve(int in, int64_t groups, int64_t outputs) {
    const Shape shape = shapeOf(in);
    const Window w = anyWindow(shape, false);
    Shape to = {outputs, w.positions(0, shape[1]), w.positions(1, shape[2])};
    IntLayer &layer = append(Kind::Conv, {in}, to);
    layer.window = w;
    layer.groups = groups;
    fillWeights(layer, outputs, shape[0] / groups * w.kernel[0] * w.kernel[1]);
    return layer.output;
  }

  int addPool(int in) {
    const Shape shape = shapeOf(in);
    const bool average = chance(1, 2);
    const Window w = anyWindow(shape, true);
    Shape to = {shape[0], w.positions(0, shape[1]), w.positions(1, shape[2])};
    IntLayer &layer =
        append(average ? Kind::AveragePool : Kind::MaxPool, {in}, to);
    layer.window = w;
    layer.includePad = chance(1, 2);
    const int64_t area = w.kernel[0] * w.kernel[1];
    if (average)
      for (int64_t n = 1; n <= (chance(1, 3) ? 1 : area); ++n)
        layer.multipliers.push_back(
            multiplierOf(1.0 / static_cast<double>(n)).value());
    else
      keepCodes(layer);
    return layer.output;
  }

  void keepCodes(IntLayer &layer) {
    const Quantization q = codesOf(layer.inputs[0]);
    codesOf(layer.output) = q;
    layer.low = q.low;
    layer.high = q.high;
  }

  int flat(int in) {
    const Shape shape = shapeOf(in);
    if (shape.size() == 1)
      return in;
    IntLayer &layer =
        append(Kind::Reshape, {in}, {countElements(shape).value()});
    keepCodes(layer);
    return layer.output;
  }

  int addTranspose(int in) {
    const Shape shape = shapeOf(in);
    std::vector<int64_t> order = {0, 1, 2};
    std::shuffle(order.begin(), order.end(), random);
    Shape to;
    for (const int64_t a : order)
      to.push_back(shape[static_cast<size_t>(a)]);
    IntLayer &layer = append(Kind::Transpose, {in}, to);
    layer.permutation = order;
    keepCodes(layer);
    return layer.output;
  }

  int addClip(int in) {
    IntLayer &layer = append(Kind::Clip, {in}, shapeOf(in));
    layer.multipliers.push_back(anyMultiplier(100));
    return layer.output;
  }

  int addPair(int in) {
    const int other = addClip(in);
    if (chance(1, 2)) {
      IntLayer &layer = append(Kind::Add, {in, other}, shapeOf(in));
      layer.pair = pairMultiplierOf(static_cast<double>(pick(1, 900)) / 700.0,
                                    static_cast<double>(pick(1, 900)) / 90.0)
                       .value();
      return layer.output;
    }
    Shape to = shapeOf(in);
    const int64_t axis = pick(0, static_cast<int64_t>(to.size()) - 1);
    to[static_cast<size_t>(axis)] *= 2;
    IntLayer &layer = append(Kind::Concat, {in, other}, to);
    layer.axis = axis;
    layer.multipliers = {anyMultiplier(100), anyMultiplier(100)};
    return layer.output;
  }

  int addLayer(int in) {
    if (shapeOf(in).size() == 1)
      return chance(2, 3) ? addLinear(in, false) : addPair(in);
    switch (pick(0, 7)) {
    case 0:
      return addPool(in);
    case 1:
      return addTranspose(in);
    case 2:
      return addPair(in);
    case 3:
      return addClip(in);
    case 4:
      return flat(in);
    default:
      return addConv(in);
    }
  }

  std::mt19937_64 random;
  IntNetwork net;
};

} // namespace

IntNetwork randomIntNetwork(uint64_t seed) { return Maker(seed).make(); }
IntNetwork wideIntNetwork(uint64_t seed) { return Maker(seed).makeWide(); }

IntNetwork withZeros(IntNetwork network, uint64_t seed) {
  std::mt19937_64 random(seed * 31 + 5);
  for (IntLayer &layer : network.layers) {
    if (!layer.hasWeights())
      continue;
    // Of a thousand; -1: one weight alone is left.
    constexpr int left[] = {0, -1, 5, 10, 50, 100, 200, 350, 500};
    const int part = left[random() % std::size(left)];
    const size_t only = random() % layer.weights.size();
    const size_t filter = layer.weights.size() / layer.bias.size();
    for (size_t i = 0; i < layer.weights.size(); ++i)
      if (part < 0 ? i != only : static_cast<int>(random() % 1000) >= part)
        layer.weights[i] = static_cast<int8_t>(
            layer.zeros.empty() ? 0 : layer.zeros[i / filter]);
  }
  return network;
}

std::vector<int8_t> randomCodes(const IntNetwork &network, uint64_t seed) {
  std::mt19937_64 random(seed * 977 + 1);
  const IntValue &in = network.values[static_cast<size_t>(network.input)];
  std::vector<int8_t> codes(
      static_cast<size_t>(countElements(in.shape).value()));
  const auto span = static_cast<uint64_t>(in.q.high - in.q.low + 1);
  for (int8_t &code : codes) {
    const uint64_t r = random();
    code = static_cast<int8_t>(
        r % 8 == 0   ? in.q.low
        : r % 8 == 1 ? in.q.high
                     : in.q.low + static_cast<int32_t>((r >> 8) % span));
  }
  return codes;
}

std::vector<int32_t> expectedCodes(const IntNetwork &network,
                                   const std::vector<int8_t> &input) {
  IntRunner runner(network);
  const std::vector<int32_t> codes(input.begin(), input.end());
  const auto out = runner.runCodes(codes);
  return {out.begin(), out.end()};
}

} // namespace hillock::test
