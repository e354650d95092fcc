//===- tools/hillock/AnnEval.cpp - eval without neurons -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/AnnEval.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Progress.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/Summary.h"
#include <algorithm>
#include <chrono>
#include <mutex>

namespace hillock::tool {

uint64_t AnnOutcome::macs() const {
  if (counts)
    return counts->dense;
  return network.model.real ? ann::macs(*network.model.real) : 0;
}

bool AnnOutcome::onlyShifts() const {
  if (!network.integers)
    return false;
  const auto &layers = network.model.integers->layers;
  return std::all_of(layers.begin(), layers.end(), [](const auto &layer) {
    return !layer.hasWeights() || layer.format.isLog();
  });
}

namespace {

runtime::Evaluation evaluateOnce(const AnnOutcome &outcome,
                                 const Disturbance &disturbance,
                                 const AnnEvalRequest &request) {
  runtime::Evaluation result;
  const AnnData &data = outcome.data;
  const auto count = static_cast<int64_t>(data.samples.size());
  result.samples.resize(data.samples.size());
  Progress progress(disturbance.name.empty() ? "evaluating" : disturbance.name,
                    data.samples.size());
  parallelChunks(0, count, request.open.threads,
                 [&](int64_t first, int64_t last, unsigned) {
                   AnnRunner runner(outcome.network);
                   for (int64_t i = first; i < last; ++i) {
                     std::vector<float> x =
                         data.samples[static_cast<size_t>(i)];
                     disturbance.apply(x, outcome.network.model.inputShape(),
                                       static_cast<uint64_t>(request.first + i),
                                       request.dataSeed);
                     runtime::SampleResult &sample =
                         result.samples[static_cast<size_t>(i)];
                     sample.scores = runner.run(x);
                     sample.decision = runner.decision();
                     if (!data.labels.empty())
                       sample.label = data.labels[static_cast<size_t>(i)];
                     progress.advance();
                   }
                 });
  return result;
}

/// Operations are counted on so many samples: it takes as long as running.
constexpr size_t countedSamples = 100;

ann::OperationCounts countAll(const AnnOutcome &outcome, unsigned threads) {
  ann::OperationCounts sum;
  std::mutex mutex;
  const ann::IntNetwork &network = *outcome.network.model.integers;
  const size_t count = std::min(outcome.data.samples.size(), countedSamples);
  parallelChunks(0, static_cast<int64_t>(count), threads,
                 [&](int64_t first, int64_t last, unsigned) {
                   ann::IntRunner runner(network);
                   ann::OperationCounts counts;
                   for (int64_t i = first; i < last; ++i) {
                     runner.run(outcome.data.samples[static_cast<size_t>(i)]);
                     ann::countOperations(network, runner, counts);
                   }
                   const std::lock_guard<std::mutex> lock(mutex);
                   sum.samples += counts.samples;
                   sum.effective += counts.effective;
                   sum.zeroActivations += counts.zeroActivations;
                   sum.activations += counts.activations;
                   if (counts.samples) {
                     sum.dense = counts.dense;
                     sum.zeroWeights = counts.zeroWeights;
                     sum.weights = counts.weights;
                   }
                 });
  return sum;
}

SparsityPoint sparsityOf(const AnnOutcome &outcome, double percent) {
  SparsityPoint point;
  point.percent = percent;
  point.results = outcome.results;
  point.counts = outcome.counts;
  const AnnModel &model = outcome.network.model;
  if (outcome.network.integers)
    point.bytes = ann::weightBytes(*model.integers);
  uint64_t zeros = 0, weights = 0;
  for (const ann::Layer &layer : model.real->layers) {
    zeros += static_cast<uint64_t>(
        std::count(layer.weights.begin(), layer.weights.end(), 0.0f));
    weights += layer.weights.size();
  }
  if (point.counts) {
    zeros = point.counts->zeroWeights;
    weights = point.counts->weights;
  }
  point.zeros =
      weights ? static_cast<double>(zeros) / static_cast<double>(weights) : 0;
  return point;
}

/// Prunes, calibrates and evaluates again for each further percentage.
Error evaluatePruned(AnnOutcome &outcome, const AnnEvalRequest &request,
                     const AnnSettings &settings) {
  if (settings.prune.size() < 2)
    return Error::success();
  outcome.sparsity.push_back(sparsityOf(outcome, settings.prune[0]));
  for (size_t i = 1; i < settings.prune.size(); ++i) {
    AnnSettings one = settings;
    one.prune = {settings.prune[i]};
    Expected<AnnExecutable> network = openAnnLevel(request.open, one);
    if (!network)
      return network.takeError();
    AnnOutcome next;
    next.network = std::move(*network);
    next.data = std::move(outcome.data);
    next.results = evaluateOnce(next, {}, request);
    if (next.network.integers)
      next.counts = countAll(next, request.open.threads);
    outcome.data = std::move(next.data);
    outcome.sparsity.push_back(sparsityOf(next, settings.prune[i]));
  }
  return Error::success();
}

Error explainAll(AnnOutcome &outcome, const AnnSettings &settings,
                 unsigned threads) {
  if (!outcome.network.integers)
    return makeError(ErrorKind::Usage, "is found in integers", "--saliency",
                     "add --level integer (and --target int4 --calibration "
                     "PATH)");
  Expected<WindowSize> patch =
      parseWindow(settings.saliencyPatch, "--saliency-patch");
  if (!patch)
    return patch.takeError();
  outcome.patch = *patch;
  const ann::IntNetwork &network = *outcome.network.model.integers;
  const ann::Quantization &q = network.values[size_t(network.input)].q;
  const size_t count = std::min(outcome.data.samples.size(),
                                static_cast<size_t>(settings.saliency));
  Progress progress("explaining", count);
  for (size_t i = 0; i < count; ++i) {
    std::vector<int32_t> codes;
    for (const float x : outcome.data.samples[i])
      codes.push_back(q.code(x));
    outcome.saliency.push_back(ann::explainDecision(
        network, codes, {patch->height, patch->width}, threads));
    progress.advance();
  }
  return Error::success();
}

void showOperations(const AnnOutcome &outcome, Output &out) {
  const std::string noun = outcome.onlyShifts() ? " shifts" : " products";
  if (!outcome.counts) {
    out.item("operations", withSeparators(outcome.macs()) + noun);
    return;
  }
  const ann::OperationCounts &counts = *outcome.counts;
  const auto part = [](uint64_t some, uint64_t all) {
    return all ? static_cast<double>(some) / static_cast<double>(all) : 0;
  };
  out.item("operations", withSeparators(counts.dense) + noun + ", " +
                             withSeparators(static_cast<uint64_t>(
                                 counts.effectivePerSample())) +
                             " of them without a zero, over " +
                             describeCount(counts.samples, "sample"));
  const double values = part(counts.zeroActivations, counts.activations);
  const double weights = part(counts.zeroWeights, counts.weights);
  out.item("sparsity",
           percent(values) + " of values, " + percent(weights) + " of weights");
  out.document["operations"] = {{"dense", counts.dense},
                                {"effective", counts.effectivePerSample()},
                                {"kind", outcome.onlyShifts() ? "ac" : "mac"},
                                {"samples", counts.samples}};
  out.document["sparsity"] = {{"values", values}, {"weights", weights}};
}

void showSparsity(const AnnOutcome &outcome, Output &out) {
  if (outcome.sparsity.empty())
    return;
  const bool integers = outcome.network.integers;
  std::vector<std::vector<std::string>> rows = {
      {"pruned", "accuracy", "zeros", "bytes", "operations"}};
  Json list = Json::array();
  for (const SparsityPoint &point : outcome.sparsity) {
    const double operations =
        point.counts ? point.counts->effectivePerSample() : 0;
    rows.push_back(
        {plain(point.percent) + " %",
         point.results.labelled() ? percent(point.results.accuracy())
                                  : "unknown",
         percent(point.zeros), integers ? withSeparators(point.bytes) : "-",
         integers ? withSeparators(static_cast<uint64_t>(operations)) : "-"});
    Json entry = {{"percent", point.percent},
                  {"accuracy", accuracyJson(point.results)},
                  {"zeros", point.zeros}};
    if (integers)
      entry.update({{"weight_bytes", point.bytes},
                    {"effective_operations", operations}});
    list.push_back(std::move(entry));
  }
  out.line();
  out.line("  with a part of the weights set to zero (operations: products "
           "without a zero):");
  out.text += table(rows);
  out.document["pruning"] = std::move(list);
}

void showSaliency(const AnnOutcome &outcome, Output &out) {
  if (outcome.saliency.empty())
    return;
  std::vector<std::vector<std::string>> rows = {
      {"sample", "label", "decision", "margin", "most lost", "at", "flips"}};
  Json list = Json::array();
  for (size_t i = 0; i < outcome.saliency.size(); ++i) {
    const ann::Saliency &one = outcome.saliency[i];
    const int64_t sample = outcome.first + static_cast<int64_t>(i);
    const int64_t label = outcome.results.samples[i].label;
    const auto most = std::max_element(one.loss.begin(), one.loss.end());
    const int64_t place = most - one.loss.begin();
    rows.push_back({std::to_string(sample),
                    label < 0 ? "-" : std::to_string(label),
                    std::to_string(one.decision), std::to_string(one.margin),
                    std::to_string(*most),
                    "(" + std::to_string(place / one.columns) + ", " +
                        std::to_string(place % one.columns) + ")",
                    std::to_string(one.flips)});
    Json entry = {{"sample", sample}, {"decision", one.decision}};
    if (label >= 0)
      entry["label"] = label;
    entry.update({{"margin", one.margin},
                  {"shape", {one.rows, one.columns}},
                  {"flips", one.flips},
                  {"loss", one.loss}});
    list.push_back(std::move(entry));
  }
  out.line();
  out.line("  what decisions rest on (patches of " +
           std::to_string(outcome.patch.width) + "x" +
           std::to_string(outcome.patch.height) + " inputs changed):");
  out.text += table(rows);
  out.document["saliency"] = {
      {"patch", {outcome.patch.height, outcome.patch.width}},
      {"samples", std::move(list)}};
}

void show(const AnnOutcome &outcome, Output &out) {
  const AnnExecutable &network = outcome.network;
  out.line(outcome.path + " on " + outcome.dataPath + ": " +
           describeCount(outcome.data.samples.size(), "sample"));
  out.item("accuracy", accuracyText(outcome.results) + ", " + network.words());
  out.document["model"] = outcome.path;
  out.document["level"] = network.level();
  out.document["samples"] = outcome.data.samples.size();
  out.document["accuracy"] = accuracyJson(outcome.results);
  Json robustness = Json::array();
  for (const auto &[disturbance, results] : outcome.disturbed) {
    out.item("", accuracyText(results) + ", " + disturbance.name);
    robustness.push_back({{"disturbance", disturbance.name},
                          {"accuracy", accuracyJson(results)}});
  }
  if (!robustness.empty())
    out.document["robustness"] = std::move(robustness);
  showOperations(outcome, out);
  out.item("speed", fixed(static_cast<double>(outcome.data.samples.size()) /
                              outcome.seconds,
                          1) +
                        " samples a second");
  if (network.native) {
    const int4::NativeCode &code = network.native->code();
    out.item("machine code", code.kernel + ", " +
                                 describeBytes(code.codeBytes) + " of code, " +
                                 describeBytes(code.arenaBytes) + " of arena");
    out.document["native"] = {{"kernels", code.kernel},
                              {"rodata_bytes", code.rodataBytes},
                              {"code_bytes", code.codeBytes},
                              {"arena_bytes", code.arenaBytes}};
  }
  describeAnn(network.model, out);
  showSparsity(outcome, out);
  showSaliency(outcome, out);
  out.document["confusion"] = outcome.results.confusion();
  out.text += confusionTable(outcome.results);
}

} // namespace

Expected<int> evalAnn(const AnnEvalRequest &request,
                      const AnnSettings &settings, Output &out) {
  Expected<std::vector<Disturbance>> disturbances =
      parseDisturbances(settings.noise, settings.occlude);
  if (!disturbances)
    return disturbances.takeError();
  AnnSettings main = settings;
  if (main.prune.size() > 1)
    main.prune.resize(1);
  Expected<AnnExecutable> network = openAnnLevel(request.open, main);
  if (!network)
    return network.takeError();
  AnnOutcome outcome;
  outcome.network = std::move(*network);
  outcome.path = request.open.path;
  outcome.dataPath = request.data;
  outcome.first = request.first;
  Expected<AnnData> data = loadAnnData(
      request.data, outcome.network.model.inputShape(),
      outcome.network.model.givenInput(), request.first, request.limit);
  if (!data)
    return data.takeError();
  outcome.data = std::move(*data);
  if (outcome.data.samples.empty())
    return inputError("holds no samples", request.data);
  const auto start = std::chrono::steady_clock::now();
  outcome.results = evaluateOnce(outcome, {}, request);
  outcome.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  for (const Disturbance &one : *disturbances)
    outcome.disturbed.emplace_back(one, evaluateOnce(outcome, one, request));
  if (outcome.network.integers)
    outcome.counts = countAll(outcome, request.open.threads);
  if (Error error = evaluatePruned(outcome, request, settings))
    return std::move(error);
  if (settings.saliency)
    if (Error error = explainAll(outcome, settings, request.open.threads))
      return std::move(error);
  show(outcome, out);
  if (!request.report.empty()) {
    if (Error error = writeAnnReport(request.report, outcome))
      return std::move(error);
    out.item("report", request.report);
  }
  return 0;
}

} // namespace hillock::tool
