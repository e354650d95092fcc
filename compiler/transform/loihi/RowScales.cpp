//===- compiler/transform/loihi/RowScales.cpp -----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/RowScales.h"
#include <algorithm>
#include <cmath>
#include <numeric>

namespace hillock::transform {

namespace {

/// More weights than this are sampled when scales are chosen.
constexpr size_t mostSamples = 4'000'000;

double unitOf(const WeightFormat &format) {
  return static_cast<double>(format.step()) * std::exp2(6 + format.exp);
}

class Chooser {
public:
  Chooser(const std::vector<RowWeights> &paths, size_t rows,
          const Scaling &scaling, const ScaleLimits &limits)
      : paths(paths), rows(rows), scaling(scaling), limits(limits) {}

  std::vector<int64_t> run();

private:
  void listCandidates();
  void measure();
  std::vector<size_t> pick() const;
  double scaleOf(int64_t vth) const { return 64.0 * vth / limits.threshold; }

  const std::vector<RowWeights> &paths;
  const size_t rows;
  const Scaling &scaling;
  const ScaleLimits &limits;
  std::vector<int64_t> candidates;
  /// By candidate and row: relative square error; infinite when it does not
  /// fit.
  std::vector<std::vector<double>> error;
};

void Chooser::listCandidates() {
  double widest = 0;
  for (const RowWeights &path : paths)
    for (float weight : *path.weights)
      widest = std::max(widest, std::abs(double(weight)) / unitOf(path.format));
  auto consider = [&](double scale) {
    const int64_t vth = std::llrint(limits.threshold * scale / 64);
    if (vth >= 1 && vth <= thresholdMax &&
        std::find(candidates.begin(), candidates.end(), vth) ==
            candidates.end())
      candidates.push_back(vth);
  };
  candidates.push_back(scaling.vthMantissa);
  // Rows of halves and quarters of whole numbers are common, too.
  if (widest > 0)
    for (const double part : {1.0, 2.0, 4.0})
      for (int64_t codes = scaling.formats.front().codes() + 1; codes >= 1;
           --codes)
        consider(part * static_cast<double>(codes) / widest);
  // A 16th of an octave each, two octaves up and half a one down.
  for (int k = -8; k <= 48; ++k)
    consider(scaling.scale * std::exp2(k / 16.0));
}

void Chooser::measure() {
  size_t total = 0;
  for (const RowWeights &path : paths)
    total += path.weights->size();
  const size_t stride = 1 + total / mostSamples;
  std::vector<double> up(rows), down(rows), norm(rows);
  for (const RowWeights &path : paths)
    for (size_t i = 0; i < path.weights->size(); ++i) {
      const double weight = (*path.weights)[i];
      (weight > 0 ? up : down)[path.rowOf(i)] += std::abs(weight) * path.window;
      if (i % stride == 0)
        norm[path.rowOf(i)] += weight * weight;
    }
  for (int64_t vth : candidates) {
    const double scale = scaleOf(vth);
    std::vector<double> &sum = error.emplace_back(rows, 0.0);
    for (const RowWeights &path : paths) {
      const double unit = unitOf(path.format);
      for (size_t i = 0; i < path.weights->size(); i += stride) {
        const double exact = (*path.weights)[i] * scale / unit;
        const double code = std::clamp<double>(
            std::nearbyint(exact), path.format.lowest(), path.format.highest());
        const double off = (exact - code) * unit / scale;
        sum[path.rowOf(i)] += off * off;
      }
    }
    for (size_t row = 0; row < rows; ++row) {
      sum[row] = norm[row] > 0 ? sum[row] / norm[row] : 0;
      const double worst = std::max(up[row], down[row]) * scale;
      const bool base = vth == scaling.vthMantissa;
      if (!base && (worst * scaling.activity > sumMax ||
                    limits.largestBias * scale > biasMax))
        sum[row] = HUGE_VAL;
    }
  }
}

/// Of all candidates the few with which the rows lose least, one after the
/// other. The first is the population's own, which fits every row.
std::vector<size_t> Chooser::pick() const {
  std::vector<size_t> picked = {0};
  std::vector<double> best = error[0];
  while (picked.size() < rowThresholds) {
    size_t choice = 0;
    double most = 1e-9 * rows;
    for (size_t c = 1; c < candidates.size(); ++c) {
      double gain = 0;
      for (size_t row = 0; row < rows; ++row)
        gain += std::max(0.0, best[row] - error[c][row]);
      if (gain > most) {
        most = gain;
        choice = c;
      }
    }
    if (choice == 0)
      break;
    picked.push_back(choice);
    for (size_t row = 0; row < rows; ++row)
      best[row] = std::min(best[row], error[choice][row]);
  }
  return picked;
}

std::vector<int64_t> Chooser::run() {
  listCandidates();
  measure();
  const std::vector<size_t> picked = pick();
  std::vector<int64_t> result;
  for (size_t row = 0; row < rows; ++row) {
    size_t best = picked.front();
    for (size_t c : picked)
      if (error[c][row] < error[best][row] - 1e-12)
        best = c;
    result.push_back(candidates[best]);
  }
  return result;
}

/// A weight of a row.
struct Choice {
  size_t weight;
  int64_t code;
  double error; ///< wanted - code, in codes
};

/// Moves codes of a row until their errors add up to at most one half, or none
/// is left that may move.
void balance(std::vector<Choice> &row, const WeightFormat &format) {
  double sum = 0;
  for (const Choice &choice : row)
    sum += choice.error;
  int64_t moves = std::llrint(std::abs(sum));
  const int direction = sum > 0 ? 1 : -1;
  if (moves == 0)
    return;
  // Those first that lose least by moving; ties in the order of the weights.
  std::stable_sort(row.begin(), row.end(),
                   [&](const Choice &a, const Choice &b) {
                     return a.error * direction > b.error * direction;
                   });
  for (Choice &choice : row) {
    if (moves == 0 || choice.error * direction <= 0)
      return;
    const int64_t next = choice.code + direction;
    if (next < format.lowest() || next > format.highest())
      continue;
    choice.code = next;
    --moves;
  }
}

/// The weights in the order of their rows.
std::vector<size_t> byRow(const RowWeights &path) {
  std::vector<size_t> order(path.weights->size());
  std::iota(order.begin(), order.end(), 0);
  if (!path.perRow)
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return path.row[a] < path.row[b];
    });
  return order;
}

} // namespace

std::vector<int64_t> chooseRowThresholds(const std::vector<RowWeights> &paths,
                                         size_t rows, const Scaling &scaling,
                                         const ScaleLimits &limits) {
  return Chooser(paths, rows, scaling, limits).run();
}

Quantized quantizeRows(const RowWeights &path, double scale,
                       const std::vector<double> &factor) {
  Quantized result;
  const std::vector<float> &weights = *path.weights;
  result.mantissas.resize(weights.size());
  std::vector<Choice> choices;
  auto finish = [&](double unit) {
    balance(choices, path.format);
    for (const Choice &choice : choices) {
      const double error = weights[choice.weight] - choice.code * unit;
      result.squaredError += error * error;
      result.squaredSum +=
          double(weights[choice.weight]) * weights[choice.weight];
      result.mantissas[choice.weight] =
          static_cast<int16_t>(choice.code * path.format.step());
    }
    choices.clear();
  };
  size_t row = 0;
  double unit = 0;
  for (size_t weight : byRow(path)) {
    if (choices.empty() || path.rowOf(weight) != row) {
      finish(unit);
      row = path.rowOf(weight);
      unit = unitOf(path.format) / (scale * factor[row]);
    }
    const double wanted = weights[weight] / unit;
    const int64_t code = std::clamp<int64_t>(
        std::llrint(wanted), path.format.lowest(), path.format.highest());
    choices.push_back({weight, code, wanted - code});
  }
  finish(unit);
  return result;
}

} // namespace hillock::transform
