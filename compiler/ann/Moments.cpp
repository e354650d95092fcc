//===- compiler/ann/Moments.cpp - What a layer's inputs look like ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Moments.h"
#include "base/Parallel.h"
#include "base/Random.h"
#include <algorithm>

namespace hillock::ann {

namespace {

constexpr int64_t blockRows = 512;

/// One group of channels while its moments are summed up.
class Collector {
public:
  Collector(const LayerData &data, int64_t group, uint64_t seed,
            unsigned threads)
      : data(data), group(group), threads(threads), random(seed) {
    const bool conv = data.layer.kind == Kind::Conv;
    const Shape &given = data.network.in(data.layer).shape;
    const Shape &made = data.network.out(data.layer).shape;
    in = conv ? given : Shape{given[0], 1, 1};
    out = conv ? made : Shape{made[0], 1, 1};
    inputs = in[0] / data.layer.groups;
    filters = out[0] / data.layer.groups;
    const Window &w = data.layer.window;
    features = inputs * w.kernel[0] * w.kernel[1];
    positions = out[1] * out[2];
    const int64_t total = positions * static_cast<int64_t>(data.samples);
    // About 2e9 products at most.
    rows = std::clamp<int64_t>(int64_t{2000000000} / (features * features),
                               1024, 1 << 16);
    rows = std::min(rows, total);
    all = rows == total;
  }

  void collect(Moments &moments, ChannelTarget *targets) {
    xx.assign(size(features * features), 0);
    xy.assign(size(filters * features), 0);
    x1.assign(size(features), 0);
    y1.assign(size(filters), 0);
    y2.assign(size(filters), 0);
    for (int64_t first = 0; first < rows; first += blockRows)
      addBlock(first, std::min(blockRows, rows - first));
    finish(moments, targets);
  }

private:
  static size_t size(int64_t n) { return static_cast<size_t>(n); }

  /// The inputs under the window, zero outside, and the wanted outputs.
  void readRow(int64_t row, float *to, float *wanted) const {
    const auto total = static_cast<uint64_t>(positions) * data.samples;
    const uint64_t pick = all ? static_cast<uint64_t>(row)
                              : random.at(static_cast<uint64_t>(row)) % total;
    const auto sample = static_cast<int64_t>(pick) / positions;
    const int64_t at = static_cast<int64_t>(pick) % positions;
    const int64_t plane = in[1] * in[2];
    const int32_t *codes =
        data.codes.data() + (sample * in[0] + group * inputs) * plane;
    const Window &w = data.layer.window;
    const auto scale = static_cast<float>(data.input.scale);
    for (int64_t c = 0; c < inputs; ++c, codes += plane)
      for (int64_t ky = 0; ky < w.kernel[0]; ++ky)
        for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
          const int64_t r =
              at / out[2] * w.stride[0] + ky * w.dilation[0] - w.begin[0];
          const int64_t q =
              at % out[2] * w.stride[1] + kx * w.dilation[1] - w.begin[1];
          const bool inside = r >= 0 && r < in[1] && q >= 0 && q < in[2];
          *to++ = inside ? scale * static_cast<float>(codes[r * in[2] + q] -
                                                      data.input.zero)
                         : 0;
        }
    for (int64_t f = 0; f < filters; ++f)
      wanted[f] = data.sums[size(
          (sample * out[0] + group * filters + f) * positions + at)];
  }

  void addBlock(int64_t first, int64_t count) {
    x.resize(size(count * features));
    y.resize(size(count * filters));
    parallelFor(0, count, threads, [&](int64_t r) {
      readRow(first + r, x.data() + r * features, y.data() + r * filters);
    });
    // Every sum belongs to one thread and runs over rows in order.
    parallelFor(0, features, threads, [&](int64_t i) {
      std::vector<float> sum(size(i + 1), 0);
      double mean = 0;
      for (int64_t r = 0; r < count; ++r) {
        const float *row = x.data() + r * features;
        const float factor = row[i];
        mean += factor;
        if (factor != 0)
          for (int64_t j = 0; j <= i; ++j)
            sum[size(j)] += factor * row[j];
      }
      x1[size(i)] += mean;
      for (int64_t j = 0; j <= i; ++j)
        xx[size(i * features + j)] += sum[size(j)];
    });
    parallelFor(0, filters, threads, [&](int64_t f) {
      std::vector<float> sum(size(features), 0);
      for (int64_t r = 0; r < count; ++r) {
        const float *row = x.data() + r * features;
        const float factor = y[size(r * filters + f)];
        y1[size(f)] += factor;
        y2[size(f)] += static_cast<double>(factor) * factor;
        for (int64_t j = 0; j < features; ++j)
          sum[size(j)] += factor * row[j];
      }
      for (int64_t j = 0; j < features; ++j)
        xy[size(f * features + j)] += sum[size(j)];
    });
  }

  void finish(Moments &moments, ChannelTarget *targets) const {
    const auto n = static_cast<double>(rows);
    moments.features = features;
    moments.rows = static_cast<uint64_t>(rows);
    for (const double sum : x1)
      moments.mean.push_back(sum / n);
    moments.covariance.resize(xx.size());
    for (int64_t i = 0; i < features; ++i)
      for (int64_t j = 0; j <= i; ++j)
        moments.covariance[size(i * features + j)] =
            moments.covariance[size(j * features + i)] =
                xx[size(i * features + j)] / n -
                moments.mean[size(i)] * moments.mean[size(j)];
    for (int64_t f = 0; f < filters; ++f) {
      ChannelTarget &target = targets[f];
      target.mean = y1[size(f)] / n;
      target.variance = y2[size(f)] / n - target.mean * target.mean;
      for (int64_t j = 0; j < features; ++j)
        target.correlation.push_back(xy[size(f * features + j)] / n -
                                     moments.mean[size(j)] * target.mean);
      const float *w =
          data.layer.weights.data() + (group * filters + f) * features;
      target.weights.assign(w, w + features);
    }
    moments.damp();
  }

  const LayerData &data;
  const int64_t group;
  const unsigned threads;
  const CounterRandom random;
  Shape in, out;
  int64_t inputs, filters, features, positions, rows;
  bool all;
  std::vector<float> x, y;
  std::vector<double> xx, xy, x1, y1, y2;
};

} // namespace

LayerMoments collectMoments(const LayerData &data, uint64_t seed,
                            unsigned threads) {
  const int64_t groups = data.layer.groups;
  const int64_t channels = data.network.outputChannels(data.layer);
  LayerMoments result;
  result.groups.resize(static_cast<size_t>(groups));
  result.channels.resize(static_cast<size_t>(channels));
  parallelFor(0, groups, groups > 1 ? threads : 1, [&](int64_t g) {
    Collector(data, g, seed, groups > 1 ? 1 : threads)
        .collect(result.groups[static_cast<size_t>(g)],
                 result.channels.data() + g * (channels / groups));
  });
  return result;
}

} // namespace hillock::ann
