//===- compiler/ann/Rounding.cpp - Learned rounding of weights ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Rounding.h"
#include <algorithm>
#include <cmath>

namespace hillock::ann {

namespace {

/// The factors that a format can hold, in increasing order, with their codes.
struct Grid {
  std::vector<double> factors;
  std::vector<int8_t> codes;

  Grid(const WeightFormat &format, int32_t zero) {
    for (int32_t code = format.low(); code <= format.high(); ++code) {
      factors.push_back(factorOf(format.code, code) - zero);
      codes.push_back(static_cast<int8_t>(code));
    }
  }
  size_t size() const { return factors.size(); }
  size_t nearest(double x) const {
    const auto above = std::lower_bound(factors.begin(), factors.end(), x);
    const auto i = static_cast<size_t>(above - factors.begin());
    if (i == 0)
      return 0;
    if (i == size())
      return size() - 1;
    return x - factors[i - 1] <= factors[i] - x ? i - 1 : i;
  }
  /// The grid point at or below \p x, but the last: nearest neighbours of x are
  /// this one and the next.
  size_t below(double x) const {
    const auto above = std::upper_bound(factors.begin(), factors.end(), x);
    const auto i = static_cast<size_t>(above - factors.begin());
    return std::min(i == 0 ? 0 : i - 1, size() - 2);
  }
};

/// Minimize u^T H u - 2 c^T u over factors u of the grid, times a scale.
struct Problem {
  size_t features = 0;
  const double *hessian = nullptr; ///< damped, so that it is positive
  std::vector<double> part;        ///< of the hessian, where weights are pruned
  std::vector<size_t> places;      ///< of what is left; empty: all of them
  std::vector<double> linear;      ///< c
  std::vector<double> wanted;      ///< the real weights

  const double *row(size_t i) const { return hessian + i * features; }
};

using Choice = std::vector<size_t>; ///< grid indices

/// H w - c for the weights of a choice: half of the gradient. H is symmetric,
/// and sums over its rows fill vector registers where sums along them do not.
std::vector<double> gradient(const Problem &p, const std::vector<double> &w) {
  std::vector<double> g(p.features, 0);
  for (size_t j = 0; j < p.features; ++j) {
    const double *row = p.row(j);
    const double factor = w[j];
    for (size_t i = 0; i < p.features; ++i)
      g[i] += row[i] * factor;
  }
  for (size_t i = 0; i < p.features; ++i)
    g[i] -= p.linear[i];
  return g;
}

double errorOf(const Problem &p, const std::vector<double> &w,
               const std::vector<double> &g) {
  double sum = 0;
  for (size_t i = 0; i < p.features; ++i)
    sum += w[i] * (g[i] - p.linear[i]);
  return sum;
}

/// Coordinate descent: each weight in turn moves to the grid point that is best
/// while the others stay. Returns the error.
double descend(const Problem &p, const Grid &grid, double scale, Choice &choice,
               int sweeps) {
  std::vector<double> w(p.features);
  for (size_t i = 0; i < p.features; ++i)
    w[i] = scale * grid.factors[choice[i]];
  std::vector<double> g = gradient(p, w);
  bool moved = true;
  for (int sweep = 0; sweep < sweeps && moved; ++sweep) {
    moved = false;
    for (size_t i = 0; i < p.features; ++i) {
      const double *row = p.row(i);
      if (!(row[i] > 0))
        continue;
      const size_t best = grid.nearest((w[i] - g[i] / row[i]) / scale);
      const double step = scale * grid.factors[best] - w[i];
      // Strictly better by more than rounding noise, so that it ends.
      if (best == choice[i] ||
          step * (2 * g[i] + row[i] * step) > -1e-12 * row[i] * step * step)
        continue;
      choice[i] = best;
      w[i] += step;
      for (size_t j = 0; j < p.features; ++j)
        g[j] += step * row[j];
      moved = true;
    }
  }
  return errorOf(p, w, gradient(p, w));
}

Choice nearestChoice(const Problem &p, const Grid &grid, double scale) {
  Choice choice(p.features);
  for (size_t i = 0; i < p.features; ++i)
    choice[i] = grid.nearest(p.wanted[i] / scale);
  return choice;
}

/// One soft decision a weight between its two neighbours on the grid, pushed
/// to 0 or 1 as learning goes on: the rectified sigmoid of the paper.
class Learner {
public:
  Learner(const Problem &p, const Grid &grid, double scale)
      : p(p), grid(grid), scale(scale), base(p.features), gap(p.features),
        v(p.features), m(p.features, 0), s(p.features, 0) {
    double trace = 0;
    for (size_t i = 0; i < p.features; ++i) {
      base[i] = grid.below(p.wanted[i] / scale);
      const double low = grid.factors[base[i]];
      gap[i] = grid.factors[base[i] + 1] - low;
      const double part =
          std::clamp((p.wanted[i] / scale - low) / gap[i], 0.01, 0.99);
      v[i] = std::log((part + 0.1) / (1.1 - part));
      trace += p.row(i)[i] * gap[i] * gap[i];
    }
    unit = std::max(trace / static_cast<double>(p.features) * scale * scale,
                    1e-300);
  }

  Choice learn(int iterations) {
    for (int t = 0; t < iterations; ++t)
      step(t, iterations);
    Choice choice(p.features);
    for (size_t i = 0; i < p.features; ++i)
      choice[i] = base[i] + (soft(v[i]) >= 0.5 ? 1 : 0);
    return choice;
  }

private:
  static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
  static double soft(double x) {
    return std::clamp(1.2 * sigmoid(x) - 0.1, 0.0, 1.0);
  }

  void step(int t, int iterations) {
    std::vector<double> w(p.features);
    for (size_t i = 0; i < p.features; ++i)
      w[i] = scale * (grid.factors[base[i]] + soft(v[i]) * gap[i]);
    const std::vector<double> g = gradient(p, w);
    const double done = static_cast<double>(t) / iterations;
    // A warm-up without pressure, then beta falls from 20 to 2.
    const double beta = 2 + 18 * std::max(0.0, 1 - (done - 0.2) / 0.8);
    const double pressure = done < 0.2 ? 0 : 0.05;
    const double meanShare = 1 - std::pow(0.9, t + 1);
    const double squareShare = 1 - std::pow(0.999, t + 1);
    for (size_t i = 0; i < p.features; ++i) {
      const double sig = sigmoid(v[i]), h = 1.2 * sig - 0.1;
      double d = 0; // decided weights stay where they are
      if (h > 0 && h < 1) {
        const double centred = 2 * h - 1;
        const double push =
            pressure == 0 ? 0
                          : -2 * beta * std::pow(std::abs(centred), beta - 1) *
                                (centred < 0 ? -1 : 1);
        const double slope = 1.2 * sig * (1 - sig);
        d = (2 * g[i] * scale * gap[i] / unit + pressure * push) * slope;
      }
      m[i] = 0.9 * m[i] + 0.1 * d;
      s[i] = 0.999 * s[i] + 0.001 * d * d;
      const double mean = m[i] / meanShare;
      const double square = s[i] / squareShare;
      v[i] -= 0.02 * mean / (std::sqrt(square) + 1e-8);
    }
  }

  const Problem &p;
  const Grid &grid;
  const double scale;
  Choice base;
  std::vector<double> gap, v, m, s;
  double unit = 1;
};

/// Enough for a few seconds on any layer.
int affordable(size_t features, int iterations) {
  const double each =
      static_cast<double>(features) * static_cast<double>(features);
  return static_cast<int>(std::min<double>(iterations, 4e8 / each));
}

struct Range {
  double low = 0, high = 0;
};

/// The scale at which the format just holds the range.
double widestScale(const WeightFormat &format, const Range &range) {
  if (format.isLog())
    return std::max(-range.low, range.high) / factorOf(format.code, 7);
  if (format.affine)
    return (range.high - range.low) /
           (static_cast<double>(format.high()) - format.low());
  return std::max(-range.low / -format.low(), range.high / format.high());
}

int32_t zeroFor(const WeightFormat &format, const Range &range, double scale) {
  if (!format.affine)
    return 0;
  return static_cast<int32_t>(
      std::clamp(format.low() - std::nearbyint(range.low / scale),
                 double(format.low()), double(format.high())));
}

/// Leaves pruned weights, which are zero, out of the problem.
void keepPart(Problem &p, const std::vector<char> &kept) {
  for (size_t i = 0; i < p.features; ++i)
    if (kept[i])
      p.places.push_back(i);
  const size_t left = p.places.size();
  for (size_t i = 0; i < left; ++i) {
    p.linear[i] = p.linear[p.places[i]];
    p.wanted[i] = p.wanted[p.places[i]];
    for (size_t j = 0; j < left; ++j)
      p.part.push_back(p.row(p.places[i])[p.places[j]]);
  }
  p.linear.resize(left);
  p.wanted.resize(left);
  p.features = left;
  p.hessian = p.part.data();
}

Problem makeProblem(const Moments &moments, const ChannelTarget &target) {
  Problem p;
  p.features = static_cast<size_t>(moments.features);
  p.hessian = moments.covariance.data();
  p.linear = target.correlation;
  p.wanted = target.weights;
  for (size_t i = 0; i < p.features; ++i)
    p.linear[i] += moments.damping * p.wanted[i];
  if (!target.kept.empty())
    keepPart(p, target.kept);
  return p;
}

/// The real weights that are left take over from those that are gone: least
/// squares, one weight at a time.
void refit(Problem &p) {
  std::vector<double> g = gradient(p, p.wanted);
  const int sweeps = affordable(p.features, 100);
  for (int sweep = 0; sweep < sweeps; ++sweep)
    for (size_t i = 0; i < p.features; ++i) {
      const double *row = p.row(i);
      if (!(row[i] > 0))
        continue;
      const double step = -g[i] / row[i];
      p.wanted[i] += step;
      for (size_t j = 0; j < p.features; ++j)
        g[j] += step * row[j];
    }
}

struct Candidate {
  double scale = 1, error = 0;
  int32_t zero = 0;
  Choice choice;
};

Range rangeOf(const std::vector<double> &weights) {
  Range range;
  for (const double w : weights) {
    range.low = std::min(range.low, w);
    range.high = std::max(range.high, w);
  }
  return range;
}

} // namespace

void Moments::damp() {
  const auto count = static_cast<size_t>(features);
  double trace = 0;
  for (size_t i = 0; i < count; ++i)
    trace += covariance[i * count + i];
  damping = 0.01 * trace / static_cast<double>(count) + 1e-12;
  for (size_t i = 0; i < count; ++i)
    covariance[i * count + i] += damping;
}

double widestScale(const WeightFormat &format,
                   const std::vector<double> &weights) {
  return widestScale(format, rangeOf(weights));
}

RoundedChannel roundChannel(const Moments &moments, const ChannelTarget &target,
                            double bias, const WeightFormat &format,
                            const RoundingOptions &options, double minScale,
                            std::optional<double> fixedScale) {
  Problem p = makeProblem(moments, target);
  if (options.fit && !target.kept.empty())
    refit(p);
  const Range range = rangeOf(p.wanted);
  const double widest = std::max({widestScale(format, range), minScale, 1e-30});
  Candidate best;
  const int tries = fixedScale ? 1 : options.learn ? 28 : 40;
  const int sweeps = options.learn ? affordable(p.features, 4) : 0;
  for (int i = 0; i < tries; ++i) {
    Candidate next;
    next.scale = fixedScale
                     ? *fixedScale
                     : std::max(widest * (1 - 0.6 * i / tries), minScale);
    next.zero = zeroFor(format, range, next.scale);
    const Grid grid(format, next.zero);
    next.choice = nearestChoice(p, grid, next.scale);
    next.error = descend(p, grid, next.scale, next.choice, sweeps);
    if (i == 0 || next.error < best.error)
      best = std::move(next);
  }
  const Grid grid(format, best.zero);
  if (options.learn && p.features > 0) {
    best.error = descend(p, grid, best.scale, best.choice, 60);
    const int iterations = affordable(p.features, options.iterations);
    if (iterations >= 100) {
      Choice learned = Learner(p, grid, best.scale).learn(iterations);
      const double error = descend(p, grid, best.scale, learned, 60);
      if (error < best.error) {
        best.error = error;
        best.choice = std::move(learned);
      }
    }
  }
  RoundedChannel result;
  result.scale = best.scale;
  result.zero = best.zero;
  result.error = best.error;
  double mean = 0;
  // Pruned weights keep the code of zero, which every format has.
  result.codes.assign(static_cast<size_t>(moments.features),
                      grid.codes[grid.nearest(0)]);
  for (size_t i = 0; i < p.features; ++i) {
    const size_t place = p.places.empty() ? i : p.places[i];
    result.codes[place] = grid.codes[best.choice[i]];
    mean += best.scale * grid.factors[best.choice[i]] * moments.mean[place];
  }
  result.bias = options.correct ? target.mean - mean : bias;
  return result;
}

} // namespace hillock::ann
