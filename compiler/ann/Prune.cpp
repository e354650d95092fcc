//===- compiler/ann/Prune.cpp - Weights that may be left out --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Prune.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <numeric>

namespace hillock::ann {

std::vector<std::string> pruneScopeNames() { return {"layer", "network"}; }

namespace {

constexpr double mostPercent = 99;

/// A weight and how much it matters; the order is total, so that it does not
/// depend on how one sorts.
struct Scored {
  double score = 0;
  size_t layer = 0, index = 0;
  bool operator<(const Scored &other) const {
    if (score != other.score)
      return score < other.score;
    return layer != other.layer ? layer < other.layer : index < other.index;
  }
};

std::vector<Scored> bySize(const Layer &layer, size_t index) {
  std::vector<Scored> all;
  for (size_t i = 0; i < layer.weights.size(); ++i)
    all.push_back({std::abs(double{layer.weights[i]}), index, i});
  return all;
}

/// Each magnitude becomes its share: the square over the sum of the squares
/// that are not smaller.
void takeShares(std::vector<Scored> &all) {
  std::sort(all.begin(), all.end());
  double sum = 0;
  for (size_t i = all.size(); i-- > 0;) {
    const double square = all[i].score * all[i].score;
    sum += square;
    all[i].score = sum > 0 ? square / sum : 0;
  }
}

void drop(std::vector<Scored> &candidates, double percent,
          std::vector<Kept> &kept) {
  const auto count = static_cast<size_t>(std::floor(
      percent * static_cast<double>(candidates.size()) / 100 + 1e-9));
  std::nth_element(candidates.begin(),
                   candidates.begin() + static_cast<ptrdiff_t>(count),
                   candidates.end());
  for (size_t i = 0; i < count; ++i)
    kept[candidates[i].layer][candidates[i].index] = 0;
}

void dropByOptions(const Network &net, const PruneOptions &options,
                   std::vector<Kept> &kept) {
  std::vector<Scored> all;
  for (size_t l = 0; l < net.layers.size(); ++l) {
    if (!net.layers[l].hasWeights())
      continue;
    std::vector<Scored> own = bySize(net.layers[l], l);
    if (options.scope == PruneScope::Layer) {
      drop(own, options.percent, kept);
    } else {
      takeShares(own);
      all.insert(all.end(), own.begin(), own.end());
    }
  }
  if (!all.empty())
    drop(all, options.percent, kept);
}

} // namespace

Expected<std::vector<Kept>>
keptWeights(const Network &net, const std::optional<PruneOptions> &options) {
  if (options && !(options->percent >= 0 && options->percent <= mostPercent))
    return makeError(ErrorKind::Usage,
                     llvm::formatv("{0:F2} % of the weights cannot be pruned",
                                   options->percent)
                         .str(),
                     "--prune", "give 0 to 99");
  std::vector<Kept> kept(net.layers.size());
  for (size_t l = 0; l < net.layers.size(); ++l)
    kept[l].assign(net.layers[l].weights.size(), 1);
  if (options)
    dropByOptions(net, *options, kept);
  for (size_t l = 0; l < net.layers.size(); ++l) {
    const std::vector<float> &w = net.layers[l].weights;
    const auto zeros =
        static_cast<size_t>(std::count(w.begin(), w.end(), 0.0f));
    for (size_t i = 0; i < w.size() && (options || 2 * zeros >= w.size()); ++i)
      if (w[i] == 0)
        kept[l][i] = 0;
    if (std::count(kept[l].begin(), kept[l].end(), 0) == 0)
      kept[l].clear();
  }
  return std::move(kept);
}

Expected<Network> prune(Network net, const PruneOptions &options) {
  Expected<std::vector<Kept>> kept = keptWeights(net, options);
  if (!kept)
    return kept.takeError();
  for (size_t l = 0; l < net.layers.size(); ++l)
    for (size_t i = 0; i < (*kept)[l].size(); ++i)
      if (!(*kept)[l][i]) {
        net.layers[l].weights[i] = 0;
        net.layers[l].given.reset();
      }
  return std::move(net);
}

} // namespace hillock::ann
