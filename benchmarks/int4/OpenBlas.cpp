//===- benchmarks/int4/OpenBlas.cpp - im2col and sgemm --------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values are stored pixel by pixel, (B, H, W, C): a pointwise convolution is
// one matrix product for the whole batch and needs no im2col, rows of im2col
// are copies of whole runs, and depthwise convolutions and pools are vectors of
// channels. Portions of im2col stay in the second-level cache; bias and clamp
// follow while a portion is there.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/int4/Peer.h"

#ifndef HILLOCK_OPENBLAS

namespace hillock::bench {

Expected<std::unique_ptr<Peer>> makeOpenBlas(const ann::Network &, int64_t) {
  return std::unique_ptr<Peer>();
}

} // namespace hillock::bench

#else

#include <algorithm>
#include <cblas.h>

namespace hillock::bench {

namespace {

constexpr int64_t portionFloats = 64 * 1024; ///< of a matrix: 256 KiB

using ann::Kind;
using ann::Layer;
using Floats = std::vector<float>;

/// Height, width and channels; vectors are images of one pixel.
struct Extent {
  int64_t height = 1, width = 1, channels = 1;
  explicit Extent(const ann::Shape &shape) : channels(shape[0]) {
    if (shape.size() == 3) {
      height = shape[1];
      width = shape[2];
    }
  }
  int64_t area() const { return height * width; }
  int64_t size() const { return area() * channels; }
};

class OpenBlas final : public Peer {
public:
  OpenBlas(const ann::Network &network, int64_t samples)
      : network(network), samples(samples), values(network.values.size()) {
    openblas_set_num_threads(1);
    int64_t largest = 1;
    for (const ann::Value &value : network.values)
      largest = std::max(largest, value.elements());
    // So many at a time that the largest value stays in the cache, too.
    batch = std::clamp<int64_t>(portionFloats / largest, 1, samples);
    while (samples % batch != 0)
      --batch;
    for (size_t i = 0; i < values.size(); ++i)
      values[i].resize(
          static_cast<size_t>(network.values[i].elements() * batch));
    for (const Layer &layer : network.layers)
      prepare(layer);
  }

  void run(const float *input, float *output) override {
    const int64_t in = extentOf(network.input).size();
    const int64_t out = extentOf(network.output).size();
    for (int64_t b = 0; b < samples; b += batch)
      runPortion(input + b * in, output + b * out);
  }

private:
  void runPortion(const float *input, float *output) {
    const Extent in = extentOf(network.input), out = extentOf(network.output);
    for (int64_t b = 0; b < batch; ++b)
      toPixels(in, input + b * in.size(), value(network.input) + b * in.size());
    for (size_t i = 0; i < network.layers.size(); ++i)
      runLayer(i);
    for (int64_t b = 0; b < batch; ++b)
      toPlanes(out, value(network.output) + b * out.size(),
               output + b * out.size());
  }

  float *value(int index) { return values[static_cast<size_t>(index)].data(); }
  Extent extentOf(int value) const {
    return Extent(network.values[static_cast<size_t>(value)].shape);
  }
  static void toPixels(const Extent &e, const float *from, float *to) {
    for (int64_t c = 0; c < e.channels; ++c)
      for (int64_t i = 0; i < e.area(); ++i)
        to[i * e.channels + c] = from[c * e.area() + i];
  }
  static void toPlanes(const Extent &e, const float *from, float *to) {
    for (int64_t c = 0; c < e.channels; ++c)
      for (int64_t i = 0; i < e.area(); ++i)
        to[c * e.area() + i] = from[i * e.channels + c];
  }

  /// (O, C, KY, KX) to (KY, KX, C, O): the right factor of the product.
  void prepare(const Layer &layer) {
    Floats bias(static_cast<size_t>(extentOf(layer.output).channels), 0.0F);
    std::copy(layer.bias.begin(), layer.bias.end(), bias.begin());
    biases.push_back(bias);
    const auto outputs = static_cast<int64_t>(bias.size());
    const auto all = static_cast<int64_t>(layer.weights.size());
    const int64_t taps = layer.window.kernel[0] * layer.window.kernel[1];
    const int64_t channels = all / outputs / taps;
    Floats turned(layer.weights.size());
    for (int64_t o = 0; o < (all ? outputs : 0); ++o)
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t t = 0; t < taps; ++t)
          turned[static_cast<size_t>((t * channels + c) * outputs + o)] =
              layer.weights[static_cast<size_t>((o * channels + c) * taps + t)];
    weights.push_back(std::move(turned));
  }

  void runLayer(size_t index) {
    const Layer &layer = network.layers[index];
    const Extent in = extentOf(layer.inputs[0]), out = extentOf(layer.output);
    const float *from = value(layer.inputs[0]);
    float *to = value(layer.output);
    switch (layer.kind) {
    case Kind::Conv:
      return layer.groups == 1 ? convolve(index, in, out, from, to)
                               : depthwise(index, in, out, from, to);
    case Kind::Linear:
      multiply(index, batch, in.channels, out.channels, from, to);
      return;
    case Kind::Reshape:
      for (int64_t b = 0; b < batch; ++b)
        toPlanes(in, from + b * in.size(), to + b * in.size());
      return;
    default:
      return pool(layer, in, out, from, to);
    }
  }

  /// Rows times depth times outputs, then bias and clamp.
  void multiply(size_t index, int64_t rows, int64_t depth, int64_t outputs,
                const float *from, float *to) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans,
                static_cast<int>(rows), static_cast<int>(outputs),
                static_cast<int>(depth), 1, from, static_cast<int>(depth),
                weights[index].data(), static_cast<int>(outputs), 0, to,
                static_cast<int>(outputs));
    const float *bias = biases[index].data();
    const float low = network.layers[index].low;
    const float high = network.layers[index].high;
    for (int64_t r = 0; r < rows; ++r, to += outputs)
      for (int64_t o = 0; o < outputs; ++o)
        to[o] = std::min(std::max(to[o] + bias[o], low), high);
  }

  /// A padded copy of one sample.
  const float *padded(const ann::Window &w, const Extent &in,
                      const float *from) {
    const int64_t row = (in.width + w.begin[1] + w.end[1]) * in.channels;
    const int64_t rows = in.height + w.begin[0] + w.end[0];
    if (static_cast<int64_t>(border.size()) != row * rows)
      border.assign(static_cast<size_t>(row * rows), 0.0F);
    else if (lastWindow != &w)
      std::fill(border.begin(), border.end(), 0.0F);
    lastWindow = &w;
    for (int64_t y = 0; y < in.height; ++y)
      std::copy_n(from + y * in.width * in.channels, in.width * in.channels,
                  border.data() + (y + w.begin[0]) * row +
                      w.begin[1] * in.channels);
    return border.data();
  }

  void im2col(const ann::Window &w, const Extent &in, const Extent &out,
              const float *image, float *to) const {
    const int64_t width = in.width + w.begin[1] + w.end[1];
    const int64_t run = w.kernel[1] * in.channels;
    for (int64_t y = 0; y < out.height; ++y)
      for (int64_t x = 0; x < out.width; ++x)
        for (int64_t ky = 0; ky < w.kernel[0]; ++ky, to += run)
          std::copy_n(image +
                          ((y * w.stride[0] + ky) * width + x * w.stride[1]) *
                              in.channels,
                      run, to);
  }

  void convolve(size_t index, const Extent &in, const Extent &out,
                const float *from, float *to) {
    const ann::Window &w = network.layers[index].window;
    if (w.isPointwise())
      return multiply(index, batch * out.area(), in.channels, out.channels,
                      from, to);
    const int64_t depth = in.channels * w.kernel[0] * w.kernel[1];
    const int64_t portion =
        std::clamp<int64_t>(portionFloats / (depth * out.area()), 1, batch);
    columns.resize(static_cast<size_t>(portion * depth * out.area()));
    for (int64_t first = 0; first < batch; first += portion) {
      const int64_t count = std::min(portion, batch - first);
      for (int64_t b = 0; b < count; ++b)
        im2col(w, in, out, padded(w, in, from + (first + b) * in.size()),
               columns.data() + b * depth * out.area());
      multiply(index, count * out.area(), depth, out.channels, columns.data(),
               to + first * out.size());
    }
  }

  void depthwise(size_t index, const Extent &in, const Extent &out,
                 const float *from, float *to) {
    const Layer &layer = network.layers[index];
    const ann::Window &w = layer.window;
    const int64_t width = in.width + w.begin[1] + w.end[1];
    const int64_t channels = in.channels;
    for (int64_t b = 0; b < batch; ++b) {
      const float *image = padded(w, in, from + b * in.size());
      for (int64_t y = 0; y < out.height; ++y)
        for (int64_t x = 0; x < out.width; ++x, to += channels)
          depthwisePixel(layer, weights[index].data(), biases[index].data(),
                         image + (y * w.stride[0] * width + x * w.stride[1]) *
                                     channels,
                         width, channels, to);
    }
  }
  static void depthwisePixel(const Layer &layer, const float *factors,
                             const float *bias, const float *corner,
                             int64_t width, int64_t channels, float *to) {
    constexpr int64_t block = 64; // accumulators stay in registers
    for (int64_t first = 0; first < channels; first += block) {
      const int64_t count = std::min(block, channels - first);
      float sums[block];
      if (count == block)
        depthwiseBlock<block>(layer.window, factors + first, bias + first,
                              corner + first, width, channels, sums);
      else
        for (int64_t c = 0; c < count; ++c)
          depthwiseBlock<1>(layer.window, factors + first + c, bias + first + c,
                            corner + first + c, width, channels, sums + c);
      for (int64_t c = 0; c < count; ++c)
        to[first + c] = std::min(std::max(sums[c], layer.low), layer.high);
    }
  }
  template <int64_t Count>
  static void depthwiseBlock(const ann::Window &w, const float *factors,
                             const float *bias, const float *corner,
                             int64_t width, int64_t channels, float *sums) {
    float all[Count];
    for (int64_t c = 0; c < Count; ++c)
      all[c] = bias[c];
    for (int64_t ky = 0; ky < w.kernel[0]; ++ky)
      for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
        const float *cells = corner + (ky * width + kx) * channels;
        const float *taps = factors + (ky * w.kernel[1] + kx) * channels;
        for (int64_t c = 0; c < Count; ++c)
          all[c] += cells[c] * taps[c];
      }
    for (int64_t c = 0; c < Count; ++c)
      sums[c] = all[c];
  }

  void pool(const Layer &layer, const Extent &in, const Extent &out,
            const float *from, float *to) const {
    const ann::Window &w = layer.window;
    const bool average = layer.kind == Kind::AveragePool;
    const float share = 1.0F / static_cast<float>(w.kernel[0] * w.kernel[1]);
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t y = 0; y < out.height; ++y)
        for (int64_t x = 0; x < out.width; ++x, to += in.channels) {
          const float *corner =
              from + b * in.size() +
              (y * w.stride[0] * in.width + x * w.stride[1]) * in.channels;
          std::fill_n(to, in.channels, average ? 0.0F : -INFINITY);
          for (int64_t ky = 0; ky < w.kernel[0]; ++ky)
            for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
              const float *cells = corner + (ky * in.width + kx) * in.channels;
              for (int64_t c = 0; c < in.channels; ++c)
                to[c] = average ? to[c] + cells[c] * share
                                : std::max(to[c], cells[c]);
            }
        }
  }

  const ann::Network &network;
  int64_t samples, batch;
  std::vector<Floats> values, weights, biases;
  Floats columns, border;
  const ann::Window *lastWindow = nullptr;
};

} // namespace

Expected<std::unique_ptr<Peer>> makeOpenBlas(const ann::Network &network,
                                             int64_t batch) {
  return std::make_unique<OpenBlas>(network, batch);
}

} // namespace hillock::bench

#endif
