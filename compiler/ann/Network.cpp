//===- compiler/ann/Network.cpp - Shapes and checks -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Network.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::ann {

const char *kindName(Kind kind) {
  static constexpr const char *names[] = {
      "conv",    "linear",    "max_pool", "average_pool", "add",   "concat",
      "reshape", "transpose", "clip",     "softmax",      "argmax"};
  return names[static_cast<size_t>(kind)];
}

unsigned Quantization::bits() const {
  unsigned result = 1;
  while (low < -(int64_t{1} << (result - 1)) ||
         high > (int64_t{1} << (result - 1)) - 1)
    ++result;
  return result;
}

int64_t Window::positions(unsigned a, int64_t size) const {
  const int64_t span =
      size + begin[a] + end[a] + extra[a] - dilation[a] * (kernel[a] - 1) - 1;
  return span < 0 ? 0 : span / stride[a] + 1;
}

std::optional<int64_t> countElements(const Shape &shape) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 1 || size > maxElements / count)
      return std::nullopt;
    count *= size;
  }
  return count;
}

int64_t Value::elements() const { return countElements(shape).value_or(0); }

int Network::producer(int value) const {
  for (size_t i = 0; i < layers.size(); ++i)
    if (layers[i].output == value)
      return static_cast<int>(i);
  return -1;
}

namespace {

std::string placeOf(const Layer &layer) { return "node '" + layer.name + "'"; }

Error checkWindow(const Layer &layer) {
  const Window &w = layer.window;
  // Far beyond any network; keeps all sums below 2^62.
  constexpr int64_t limit = int64_t{1} << 28;
  for (unsigned a = 0; a < 2; ++a) {
    for (const int64_t size : {w.kernel[a], w.stride[a], w.dilation[a]})
      if (size < 1 || size > limit)
        return inputError(
            "a window of kernel " + describeShape({w.kernel[0], w.kernel[1]}) +
                ", stride " + describeShape({w.stride[0], w.stride[1]}) +
                ", dilation " + describeShape({w.dilation[0], w.dilation[1]}) +
                " is not possible",
            placeOf(layer), "all must be 1 to 2^28");
    for (const int64_t size : {w.begin[a], w.end[a], w.extra[a]})
      if (size < 0 || size > limit)
        return inputError("a padding of " + std::to_string(size) +
                              " is not possible",
                          placeOf(layer), "paddings are 0 to 2^28");
  }
  return Error::success();
}

Expected<Shape> windowShape(const Layer &layer, const Shape &in,
                            int64_t channels) {
  if (Error error = checkWindow(layer))
    return std::move(error);
  if (in.size() != 3)
    return inputError("needs an input (channels, rows, columns), not " +
                          describeShape(in),
                      placeOf(layer));
  const Shape result = {channels, layer.window.positions(0, in[1]),
                        layer.window.positions(1, in[2])};
  if (!countElements(result))
    return inputError("makes " + describeShape(result) + " of " +
                          describeShape(in) +
                          ": no window fits, or the result is too large",
                      placeOf(layer));
  return result;
}

Expected<Shape> convShape(const Network &net, const Layer &layer) {
  const Shape &in = net.in(layer).shape;
  const Shape &window = {layer.window.kernel[0], layer.window.kernel[1]};
  if (in.size() != 3 || layer.groups < 1 || in[0] % layer.groups)
    return inputError("cannot part the channels of an input " +
                          describeShape(in) + " into " +
                          std::to_string(layer.groups) + " groups",
                      placeOf(layer));
  if (Error error = checkWindow(layer))
    return std::move(error);
  const int64_t inputs = in[0] / layer.groups;
  const std::optional<int64_t> filter =
      countElements({inputs, window[0], window[1]});
  if (!filter || layer.weights.empty() ||
      layer.weights.size() % static_cast<uint64_t>(*filter))
    return inputError(
        "has " + describeCount(layer.weights.size(), "weight") +
            ", no multiple of a filter of (" + std::to_string(inputs) + ", " +
            std::to_string(window[0]) + ", " + std::to_string(window[1]) + ")",
        placeOf(layer));
  const auto channels = static_cast<int64_t>(layer.weights.size()) / *filter;
  if (channels % layer.groups)
    return inputError("cannot part " + std::to_string(channels) +
                          " filters into " + std::to_string(layer.groups) +
                          " groups",
                      placeOf(layer));
  return windowShape(layer, in, channels);
}

Expected<Shape> linearShape(const Network &net, const Layer &layer) {
  const Shape &in = net.in(layer).shape;
  if (in.size() != 1 || layer.weights.empty() ||
      layer.weights.size() % static_cast<uint64_t>(in[0]))
    return inputError("has " + describeCount(layer.weights.size(), "weight") +
                          " for an input " + describeShape(in),
                      placeOf(layer));
  return Shape{static_cast<int64_t>(layer.weights.size()) / in[0]};
}

Expected<Shape> concatShape(const Network &net, const Layer &layer) {
  Shape result = net.in(layer).shape;
  if (layer.axis < 0 || layer.axis >= static_cast<int64_t>(result.size()))
    return inputError("axis " + std::to_string(layer.axis) + " is none of " +
                          describeShape(result),
                      placeOf(layer));
  const auto axis = static_cast<size_t>(layer.axis);
  for (size_t i = 1; i < layer.inputs.size(); ++i) {
    Shape other = net.in(layer, i).shape;
    if (other.size() == result.size()) {
      result[axis] += other[axis];
      other[axis] = result[axis];
    }
    if (other != result || !countElements(result))
      return inputError("cannot join " + describeShape(net.in(layer).shape) +
                            " and " + describeShape(net.in(layer, i).shape) +
                            " along axis " + std::to_string(axis),
                        placeOf(layer));
  }
  return result;
}

Expected<Shape> transposeShape(const Network &net, const Layer &layer) {
  const Shape &in = net.in(layer).shape;
  std::vector<int64_t> sorted = layer.permutation;
  std::sort(sorted.begin(), sorted.end());
  Shape result;
  for (size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<int64_t>(i))
      sorted.clear();
  if (sorted.size() != in.size())
    return inputError(describeShape(layer.permutation) +
                          " is no order of the axes of " + describeShape(in),
                      placeOf(layer));
  for (const int64_t axis : layer.permutation)
    result.push_back(in[static_cast<size_t>(axis)]);
  return result;
}

} // namespace

Expected<Shape> inferShape(const Network &net, const Layer &layer) {
  if (layer.inputs.empty())
    return inputError("has no input", placeOf(layer));
  const Shape &in = net.in(layer).shape;
  switch (layer.kind) {
  case Kind::Conv:
    return convShape(net, layer);
  case Kind::Linear:
    return linearShape(net, layer);
  case Kind::MaxPool:
  case Kind::AveragePool:
    return windowShape(layer, in, in.empty() ? 0 : in[0]);
  case Kind::Add:
    if (layer.inputs.size() != 2 || net.in(layer, 1).shape != in)
      return inputError("adds values of different shapes", placeOf(layer));
    return in;
  case Kind::Concat:
    return concatShape(net, layer);
  case Kind::Reshape: {
    const Shape &out = net.out(layer).shape;
    if (!countElements(out) || countElements(out) != countElements(in))
      return inputError("cannot give " + describeShape(in) + " the shape " +
                            describeShape(out),
                        placeOf(layer));
    return out;
  }
  case Kind::Transpose:
    return transposeShape(net, layer);
  case Kind::Clip:
    return in;
  case Kind::Softmax:
    return in;
  case Kind::ArgMax:
    return Shape{1};
  }
  llvm_unreachable("all kinds are handled");
}

namespace {

Error checkNumbers(const Network &net, const Layer &layer) {
  if (layer.hasWeights()) {
    const auto channels = static_cast<size_t>(net.outputChannels(layer));
    if (!layer.bias.empty() && layer.bias.size() != channels)
      return inputError("has " +
                            describeCount(layer.bias.size(), "bias", "biases") +
                            " for " + describeCount(channels, "channel"),
                        placeOf(layer));
    if (layer.given && layer.given->codes.size() != layer.weights.size())
      return inputError("has integer weights of another size", placeOf(layer));
  }
  for (size_t i = 0; i < layer.weights.size(); ++i)
    if (!std::isfinite(layer.weights[i]))
      return inputError("weight " + std::to_string(i) + " is not finite",
                        placeOf(layer), "the training has diverged");
  for (size_t i = 0; i < layer.bias.size(); ++i)
    if (!std::isfinite(layer.bias[i]))
      return inputError("bias " + std::to_string(i) + " is not finite",
                        placeOf(layer), "the training has diverged");
  if (!(layer.low <= layer.high))
    return inputError("clips to an empty range", placeOf(layer));
  return Error::success();
}

Error checkGiven(const Value &value) {
  const Quantization &q = *value.given;
  if (!(q.scale > 0) || !std::isfinite(q.scale) || q.low >= q.high ||
      q.zero < q.low || q.zero > q.high)
    return inputError("the quantization of value '" + value.name +
                          "' is not possible",
                      "", "scales are positive and zero points are codes");
  return Error::success();
}

Error checkLayers(const Network &net) {
  std::vector<char> made(net.values.size(), 0);
  const auto index = [](int value) { return static_cast<size_t>(value); };
  made[index(net.input)] = 1;
  for (const Layer &layer : net.layers) {
    for (const int input : layer.inputs) {
      if (input < 0 || index(input) >= made.size() || !made[index(input)])
        return inputError("reads a value that nothing before it makes",
                          placeOf(layer));
      const int maker = net.producer(input);
      const Kind kind = maker < 0 ? Kind::Clip : net.layers[index(maker)].kind;
      if (kind == Kind::ArgMax ||
          (kind == Kind::Softmax && layer.kind != Kind::ArgMax &&
           layer.kind != Kind::Reshape))
        return inputError(std::string("reads the result of ") + kindName(kind) +
                              ", which is supported at the end only",
                          placeOf(layer));
    }
    if (layer.output < 0 || index(layer.output) >= made.size() ||
        made[index(layer.output)]++)
      return inputError("writes a value that is written elsewhere",
                        placeOf(layer));
    Expected<Shape> shape = inferShape(net, layer);
    if (!shape)
      return shape.takeError();
    if (*shape != net.out(layer).shape)
      return inputError("makes " + describeShape(*shape) + ", not " +
                            describeShape(net.out(layer).shape),
                        placeOf(layer));
    if (Error error = checkNumbers(net, layer))
      return error;
  }
  if (!made[index(net.output)])
    return inputError("nothing makes the output");
  return Error::success();
}

} // namespace

Error check(const Network &net, const std::string &where) {
  const auto count = static_cast<int>(net.values.size());
  Error error = Error::success();
  if (net.input < 0 || net.input >= count || net.output < 0 ||
      net.output >= count)
    error = joinErrors(std::move(error),
                       inputError("the network has no input or no output"));
  uint64_t total = 0;
  for (const Value &value : net.values) {
    if (error)
      break;
    const std::optional<int64_t> elements = countElements(value.shape);
    if (!elements)
      error = joinErrors(
          std::move(error),
          inputError("value '" + value.name + "' has the shape " +
                     describeShape(value.shape) +
                     "; axes must be positive and their product at most 2^28"));
    else if (value.given)
      error = joinErrors(std::move(error), checkGiven(value));
    total += static_cast<uint64_t>(elements.value_or(0));
  }
  if (!error && total > static_cast<uint64_t>(maxElements))
    error = joinErrors(std::move(error),
                       inputError("the values of the network have " +
                                  withSeparators(total) +
                                  " elements together, more than 2^28"));
  if (!error)
    error = joinErrors(std::move(error), checkLayers(net));
  if (!error)
    return Error::success();
  ErrorKind kind = ErrorKind::Input;
  const std::string text = takeText(std::move(error), &kind);
  return makeError(kind, text, where);
}

void dropDead(Network &net) {
  std::vector<char> needed(net.values.size(), 0);
  const auto mark = [&](int value) { needed[static_cast<size_t>(value)] = 1; };
  mark(net.output);
  mark(net.input);
  for (size_t i = net.layers.size(); i-- > 0;)
    if (needed[static_cast<size_t>(net.layers[i].output)])
      for (const int input : net.layers[i].inputs)
        mark(input);
  std::vector<int> renamed(net.values.size(), -1);
  std::vector<Value> values;
  for (size_t i = 0; i < net.values.size(); ++i) {
    if (!needed[i])
      continue;
    renamed[i] = static_cast<int>(values.size());
    values.push_back(std::move(net.values[i]));
  }
  net.values = std::move(values);
  std::erase_if(net.layers, [&](const Layer &layer) {
    return renamed[static_cast<size_t>(layer.output)] < 0;
  });
  for (Layer &layer : net.layers) {
    layer.output = renamed[static_cast<size_t>(layer.output)];
    for (int &input : layer.inputs)
      input = renamed[static_cast<size_t>(input)];
  }
  net.input = renamed[static_cast<size_t>(net.input)];
  net.output = renamed[static_cast<size_t>(net.output)];
}

uint64_t macs(const Network &net, const Layer &layer) {
  const Shape &out = net.out(layer).shape;
  if (layer.kind == Kind::Linear)
    return layer.weights.size();
  if (layer.kind == Kind::Conv)
    return layer.weights.size() * static_cast<uint64_t>(out[1] * out[2]);
  return 0;
}

uint64_t macs(const Network &net) {
  uint64_t sum = 0;
  for (const Layer &layer : net.layers)
    sum += macs(net, layer);
  return sum;
}

} // namespace hillock::ann
