//===- tools/hillock/EvalLevel.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/EvalLevel.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Progress.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

namespace hillock::tool {

namespace {

Expected<LevelEvaluation> onChip(Model &model, const runtime::DataSet &data,
                                 const EvalSettings &settings) {
  Progress progress("running on the chip", data.samples.size());
  runtime::EvaluateOptions options;
  options.threads = settings.threads;
  options.steps = settings.steps;
  options.decision = settings.decision;
  options.progress = [&] { progress.advance(); };
  if (settings.prepare)
    settings.prepare(options);
  const auto image = model.image();
  Expected<runtime::Evaluation> results =
      runtime::evaluate(image, data, options);
  if (!results)
    return results.takeError();
  LevelEvaluation evaluation;
  const proto::Debug &debug = image->proto.debug();
  for (int p = 0; p < debug.population_size(); ++p)
    if (!debug.population(p).is_input()) {
      evaluation.layers.push_back(debug.population(p).name());
      evaluation.layerSpikes.push_back(
          static_cast<size_t>(p) < results->spikesOf.size()
              ? results->spikesOf[static_cast<size_t>(p)]
              : 0);
    }
  evaluation.results = std::move(*results);
  return evaluation;
}

/// One thread's share: every count-th sample. An interpreter each.
struct Share {
  std::unique_ptr<Runner> runner;
  std::vector<std::string> layers;
  std::vector<uint64_t> layerSpikes;
  uint64_t inputSpikes = 0, steps = 0;
  bool graded = false;
  std::optional<CrossbarCostSum> crossbar;
  std::string failure;
  ErrorKind failureKind = ErrorKind::Input;

  void take(const LevelResult &result, runtime::Decision decision,
            runtime::SampleResult &sample) {
    inputSpikes += result.inputSpikes;
    steps += static_cast<uint64_t>(result.chipSteps);
    if (result.crossbar && !crossbar)
      crossbar.emplace();
    if (result.crossbar)
      crossbar->add(*result.crossbar);
    layerSpikes.resize(result.populations.size());
    layers.clear();
    for (size_t i = 0; i < result.populations.size(); ++i) {
      layers.push_back(result.populations[i].name);
      if (result.populations[i].graded)
        continue;
      for (const runtime::Event &event : result.populations[i].events)
        layerSpikes[i] += static_cast<uint64_t>(std::max(0.0f, event.value));
    }
    graded = result.outputs.front().graded;
    sample.scores = runtime::scores(result.outputs.front(), decision);
    sample.decision = runtime::decide(sample.scores);
  }
};

Expected<LevelEvaluation> onNetwork(Model &model, const runtime::DataSet &data,
                                    const EvalSettings &settings) {
  const size_t count = std::min<size_t>(settings.threads, data.samples.size());
  std::vector<Share> shares(count);
  for (Share &share : shares) {
    Expected<std::unique_ptr<Runner>> runner = model.runner(1);
    if (!runner)
      return runner.takeError();
    share.runner = std::move(*runner);
  }
  LevelEvaluation evaluation;
  std::vector<runtime::SampleResult> &samples = evaluation.results.samples;
  samples.resize(data.samples.size());
  Progress progress("running the " + std::string(levelName(model.level)) +
                        " level",
                    data.samples.size());
  std::atomic<bool> stop = false;
  const auto work = [&](size_t k) {
    Share &share = shares[k];
    LevelOptions options;
    options.steps = settings.steps;
    options.populations = true;
    for (size_t i = k; i < data.samples.size() && !stop; i += count) {
      Expected<LevelResult> result = share.runner->run(
          {{model.inputs.front().name, data.samples[i]}}, options);
      if (!result) {
        share.failure = takeText(result.takeError(), &share.failureKind);
        stop = true;
        return;
      }
      if (!data.labels.empty())
        samples[i].label = data.labels[i];
      share.take(*result, settings.decision, samples[i]);
      progress.advance();
    }
  };
  std::vector<std::thread> pool;
  for (size_t k = 1; k < count; ++k)
    pool.emplace_back(work, k);
  work(0);
  for (std::thread &thread : pool)
    thread.join();
  for (const Share &share : shares) {
    if (!share.failure.empty())
      return makeError(share.failureKind, share.failure);
    evaluation.layers = share.layers;
    evaluation.results.graded = share.graded;
    if (share.crossbar && !evaluation.crossbar)
      evaluation.crossbar.emplace();
    if (share.crossbar)
      evaluation.crossbar->add(*share.crossbar);
    evaluation.layerSpikes.resize(share.layerSpikes.size());
    for (size_t i = 0; i < share.layerSpikes.size(); ++i)
      evaluation.layerSpikes[i] += share.layerSpikes[i];
    evaluation.results.inputSpikes += share.inputSpikes;
    evaluation.results.chipSteps += share.steps;
  }
  return evaluation;
}

} // namespace

Expected<LevelEvaluation> evaluateLevel(Model &model,
                                        const runtime::DataSet &data,
                                        const EvalSettings &given) {
  if (model.inputs.size() != 1)
    return inputError(
        "an evaluation needs a network with one input, this has " +
            describeCount(model.inputs.size(), "input"),
        model.path, "use hillock run for several inputs");
  EvalSettings settings = given;
  if (!settings.threads)
    settings.threads = defaultThreads();
  const auto start = std::chrono::steady_clock::now();
  Expected<LevelEvaluation> evaluation = model.image()
                                             ? onChip(model, data, settings)
                                             : onNetwork(model, data, settings);
  if (evaluation)
    evaluation->seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
  return evaluation;
}

} // namespace hillock::tool
