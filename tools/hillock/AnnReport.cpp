//===- tools/hillock/AnnReport.cpp - An evaluation as a page --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "runtime/report/Report.h"
#include "tools/hillock/AnnEval.h"
#include "tools/hillock/AnnLayers.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <cmath>

namespace hillock::tool {

namespace {

void addTiles(runtime::ReportData &data, const AnnOutcome &outcome) {
  auto &tiles = data.tiles;
  const runtime::Evaluation &results = outcome.results;
  if (results.labelled())
    tiles.push_back({"accuracy", percent(results.accuracy()),
                     withSeparators(results.right()) + " of " +
                         withSeparators(results.labelled()) + " right"});
  const AnnExecutable &network = outcome.network;
  if (network.integers) {
    tiles.push_back({"weights",
                     describeBytes(ann::weightBytes(*network.model.integers)),
                     "with biases and multipliers"});
    const uint64_t arena = network.native
                               ? network.native->code().arenaBytes
                               : ann::activationBytes(*network.model.integers);
    tiles.push_back(
        {"arena", describeBytes(arena),
         network.native ? "of the machine code" : "largest values at a time"});
  }
  tiles.push_back({outcome.onlyShifts() ? "ACs" : "MACs",
                   withSeparators(outcome.macs()),
                   outcome.onlyShifts() ? "shifts and additions, an inference"
                                        : "products, an inference"});
  if (!outcome.counts)
    return;
  const ann::OperationCounts &counts = *outcome.counts;
  const auto part = [](uint64_t some, uint64_t all) {
    return all ? static_cast<double>(some) / static_cast<double>(all) : 0;
  };
  tiles.push_back(
      {"effective operations",
       withSeparators(static_cast<uint64_t>(counts.effectivePerSample())),
       "without a zero, mean of " + describeCount(counts.samples, "sample")});
  tiles.push_back({"sparsity of values",
                   percent(part(counts.zeroActivations, counts.activations)),
                   "inputs of layers with weights"});
  tiles.push_back({"sparsity of weights",
                   percent(part(counts.zeroWeights, counts.weights)), ""});
}

runtime::ReportTable layerTable(const AnnOutcome &outcome) {
  const std::vector<AnnLayerRow> layers = annLayers(outcome.network.model);
  const bool lost =
      std::any_of(layers.begin(), layers.end(),
                  [](const AnnLayerRow &row) { return row.error.has_value(); });
  runtime::ReportTable result;
  result.title = "Layers";
  if (lost)
    result.note = "Lost: the power of the error over that of the signal at the "
                  "layer's sums, on the calibration samples, with everything "
                  "before the layer quantized too.";
  // Numbers last, so that they do not run into words.
  result.columns = {{"layer", false}, {"kind", false}, {"output", false}};
  if (outcome.network.integers)
    for (const char *name : {"weights as", "values"})
      result.columns.emplace_back(name, false);
  for (const char *name : {"weights", "MACs"})
    result.columns.emplace_back(name, true);
  if (outcome.network.integers)
    result.columns.emplace_back("bytes", true);
  if (lost)
    result.columns.emplace_back("lost", true);
  for (const AnnLayerRow &layer : layers) {
    const auto number = [](uint64_t value) {
      return value ? withSeparators(value) : std::string();
    };
    std::vector<std::string> cells = {layer.name, layer.kind,
                                      describeShape(layer.out)};
    if (outcome.network.integers) {
      cells.push_back(layer.format);
      cells.push_back(describeValues(*layer.values, layer.scaleKnown));
    }
    cells.push_back(number(layer.weights));
    cells.push_back(number(layer.macs));
    if (outcome.network.integers)
      cells.push_back(number(layer.bytes));
    if (lost)
      cells.push_back(layer.error ? percent(*layer.error) : "");
    result.rows.push_back(std::move(cells));
  }
  return result;
}

/// What every layer would lose in each format.
void addMixture(runtime::ReportData &data, const AnnModel &model) {
  if (!model.mixture)
    return;
  runtime::ReportTable result;
  result.title = "Bits where they are needed";
  result.note = "What each layer loses with rounding to nearest, and what it "
                "was given within the budget.";
  result.columns = {{"layer", false}, {"int8", true},    {"int4", true},
                    {"int2", true},   {"chosen", false}, {"bytes", true}};
  for (const ann::Mixture::Row &row : model.mixture->rows) {
    result.rows.push_back({row.layer});
    for (const ann::FormatCost &cost : row.costs)
      result.rows.back().push_back(percent(cost.error));
    result.rows.back().push_back(row.costs[row.chosen].format);
    result.rows.back().push_back(withSeparators(row.costs[row.chosen].bytes));
  }
  data.tables.push_back(std::move(result));
}

/// Accuracy over the strength of what was done to the inputs; undisturbed
/// inputs are the first point.
void addRobustness(runtime::ReportData &data, const AnnOutcome &outcome) {
  const ann::Shape &shape = outcome.network.model.inputShape();
  for (const bool noise : {true, false}) {
    runtime::ReportCurve curve{noise ? "noise" : "occlusion",
                               {{0, outcome.results.accuracy()}}};
    for (const auto &[one, results] : outcome.disturbed)
      if ((one.sigma > 0) == noise)
        curve.points.emplace_back(noise ? one.sigma : one.coverage(shape),
                                  results.accuracy());
    if (curve.points.size() == 1 || !outcome.results.labelled())
      continue;
    std::stable_sort(
        curve.points.begin(), curve.points.end(),
        [](const auto &a, const auto &b) { return a.first < b.first; });
    runtime::ReportChart chart;
    chart.section = "Robustness";
    chart.title = noise ? "Gaussian noise on the input"
                        : "A window of the input set to 0";
    chart.xLabel = noise ? "sigma, in units of the input"
                         : "part of the input that is covered";
    chart.yLabel = "accuracy";
    chart.percentX = !noise;
    chart.percentY = true;
    chart.curves = {std::move(curve)};
    data.charts.push_back(std::move(chart));
  }
}

/// What is left of the accuracy when weights are pruned, and what that saves.
void addSparsity(runtime::ReportData &data, const AnnOutcome &outcome) {
  if (outcome.sparsity.empty() || !outcome.results.labelled())
    return;
  runtime::ReportCurve accuracy{"accuracy", {}}, bytes{"bytes", {}};
  runtime::ReportCurve operations{"operations", {}};
  for (const SparsityPoint &point : outcome.sparsity) {
    accuracy.points.emplace_back(point.zeros, point.results.accuracy());
    bytes.points.emplace_back(point.zeros, static_cast<double>(point.bytes));
    if (point.counts)
      operations.points.emplace_back(point.zeros,
                                     point.counts->effectivePerSample());
  }
  const auto add = [&](const char *title, const char *label, bool part,
                       runtime::ReportCurve &curve) {
    std::stable_sort(
        curve.points.begin(), curve.points.end(),
        [](const auto &a, const auto &b) { return a.first < b.first; });
    runtime::ReportChart chart;
    chart.section = "Pruning";
    chart.title = title;
    chart.xLabel = "part of the weights that are zero";
    chart.yLabel = label;
    chart.percentX = true;
    chart.percentY = part;
    chart.curves = {std::move(curve)};
    data.charts.push_back(std::move(chart));
  };
  add("Accuracy over sparsity", "accuracy", true, accuracy);
  if (!outcome.network.integers)
    return;
  add("Bytes of weights over sparsity", "bytes", false, bytes);
  add("Effective operations over sparsity", "products", false, operations);
}

/// Of all channels the mean, from the least (0) to the most (1) of the sample.
std::vector<double> pictureOf(const std::vector<float> &x, size_t places) {
  std::vector<double> result(places, 0);
  for (size_t i = 0; i < x.size(); ++i)
    result[i % places] += x[i];
  const auto [low, high] = std::minmax_element(result.begin(), result.end());
  const double least = *low, span = *high - *low;
  for (double &value : result)
    value = span > 0 ? (value - least) / span : 0;
  return result;
}

void addPictures(runtime::ReportData &data, const AnnOutcome &outcome) {
  if (outcome.saliency.empty())
    return;
  data.pictureNote =
      "Left the input, right how much of the winner's margin (its integer less "
      "the next one) is lost when patches of " +
      std::to_string(outcome.patch.width) + "x" +
      std::to_string(outcome.patch.height) +
      " inputs are changed to the other end of the sample's range: red speaks "
      "for the decision, blue against it. Each picture has its own scale.";
  for (size_t i = 0; i < outcome.saliency.size(); ++i) {
    const ann::Saliency &one = outcome.saliency[i];
    const int64_t label = outcome.results.samples[i].label;
    runtime::ReportPicture picture;
    picture.caption =
        "Sample " + std::to_string(outcome.first + static_cast<int64_t>(i)) +
        ": decides " + std::to_string(one.decision) +
        (label < 0 || label == one.decision ? ""
                                            : ", is " + std::to_string(label));
    picture.rows = one.rows;
    picture.columns = one.columns;
    picture.input = pictureOf(outcome.data.samples[i], one.loss.size());
    int64_t largest = 0;
    for (const int64_t loss : one.loss)
      largest = std::max(largest, std::abs(loss));
    for (const int64_t loss : one.loss)
      picture.heat.push_back(
          static_cast<double>(loss) /
          static_cast<double>(std::max<int64_t>(largest, 1)));
    picture.note = "margin " + withSeparators(one.margin) +
                   ", which changes by " + withSeparators(largest) +
                   " at most; " + withSeparators(one.flips) + " of " +
                   withSeparators(uint64_t{one.loss.size()}) +
                   " places alone turn the decision";
    data.pictures.push_back(std::move(picture));
  }
}

} // namespace

Error writeAnnReport(const std::string &path, const AnnOutcome &outcome) {
  runtime::ReportData data;
  data.title = llvm::sys::path::stem(outcome.path).str();
  data.subtitle = "evaluation of " +
                  describeCount(outcome.data.samples.size(), "sample") + ", " +
                  outcome.network.words();
  data.producer = "Hillock " HILLOCK_VERSION;
  data.remarks = outcome.network.model.remarks;
  addTiles(data, outcome);
  data.tables.push_back(layerTable(outcome));
  addMixture(data, outcome.network.model);
  addRobustness(data, outcome);
  addSparsity(data, outcome);
  addPictures(data, outcome);
  if (outcome.results.labelled())
    data.confusion = outcome.results.confusion();
  return runtime::writeReport(path, data);
}

} // namespace hillock::tool
