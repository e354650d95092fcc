//===- runtime/session/Evaluate.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/session/Evaluate.h"
#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <thread>

namespace hillock::runtime {

std::vector<std::string> decisionNames() {
  return {"count", "sum", "max", "last"};
}

std::vector<double> scores(const SpikeTrain &output, Decision decision) {
  if (decision == Decision::Sum)
    return output.sums();
  std::vector<int64_t> counts = output.counts();
  if (decision == Decision::Count)
    return {counts.begin(), counts.end()};
  std::vector<double> result(counts.size());
  // Without an event in some step, 0 is one of the values.
  for (size_t n = 0; n < result.size() && decision == Decision::Max; ++n)
    if (counts[n] >= output.steps)
      result[n] = -std::numeric_limits<double>::infinity();
  for (const Event &event : output.events)
    if (decision == Decision::Max)
      result[event.neuron] =
          std::max<double>(result[event.neuron], event.value);
    else if (event.step + 1 == output.steps)
      result[event.neuron] += event.value;
  return result;
}

int64_t decide(const std::vector<double> &scores) {
  if (scores.empty())
    return -1;
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

uint64_t Evaluation::labelled() const {
  return std::count_if(samples.begin(), samples.end(),
                       [](const SampleResult &s) { return s.label >= 0; });
}

uint64_t Evaluation::right() const {
  return std::count_if(samples.begin(), samples.end(),
                       [](const SampleResult &s) {
                         return s.label >= 0 && s.label == s.decision;
                       });
}

double Evaluation::accuracy() const {
  return labelled() ? static_cast<double>(right()) / labelled() : 0;
}

std::vector<std::vector<uint64_t>> Evaluation::confusion() const {
  int64_t classes = 0;
  for (const SampleResult &sample : samples)
    classes = std::max<int64_t>({classes, sample.label + 1,
                                 static_cast<int64_t>(sample.scores.size())});
  std::vector<std::vector<uint64_t>> table(classes,
                                           std::vector<uint64_t>(classes));
  for (const SampleResult &sample : samples)
    if (sample.label >= 0 && sample.decision >= 0)
      ++table[sample.label][sample.decision];
  return table;
}

namespace {

void add(emu::CoreCounters &sum, const emu::CoreCounters &one) {
  sum.axonsIn += one.axonsIn;
  sum.synapticEvents += one.synapticEvents;
  sum.updates += one.updates;
  sum.spikes += one.spikes;
  sum.axonsOut += one.axonsOut;
}

/// Takes samples from a shared counter; what it finds goes into the sample's
/// own place, sums into the worker's.
struct Worker {
  const DataSet &data;
  const EvaluateOptions &options;
  std::atomic<size_t> &next;
  std::vector<SampleResult> &samples;
  Evaluation sums;
  Error error = Error::success();

  void run(std::shared_ptr<const image::LoadedImage> image);
  Expected<Session> open(std::shared_ptr<const image::LoadedImage> image) const;
  Error runSample(Session &session, size_t index);
};

Error Worker::runSample(Session &session, size_t index) {
  RunOptions runOptions;
  runOptions.steps = options.steps;
  auto result = session.run({{"", data.samples[index]}}, runOptions);
  if (!result)
    return result.takeError();
  SampleResult &sample = samples[index];
  if (!data.labels.empty())
    sample.label = data.labels[index];
  if (!result->outputs.empty()) {
    sample.scores = scores(result->outputs.front(), options.decision);
    sums.graded = result->outputs.front().graded;
  }
  sample.decision = decide(sample.scores);
  sums.chipSteps += result->chipSteps;
  sums.inputSpikes += result->inputSpikes;
  sums.cores.resize(result->cores.size());
  for (size_t k = 0; k < result->cores.size(); ++k)
    add(sums.cores[k], result->cores[k]);
  sums.spikesOf.resize(result->spikesOf.size());
  for (size_t p = 0; p < result->spikesOf.size(); ++p)
    sums.spikesOf[p] += result->spikesOf[p];
  if (options.afterSample)
    return options.afterSample(index, session.chip());
  return Error::success();
}

Expected<Session>
Worker::open(std::shared_ptr<const image::LoadedImage> image) const {
  if (!options.emulator)
    return Session::open(std::move(image), 1);
  Expected<std::unique_ptr<emu::Emulator>> made = options.emulator();
  if (!made)
    return made.takeError();
  return Session::open(std::move(image), std::move(*made));
}

void Worker::run(std::shared_ptr<const image::LoadedImage> image) {
  llvm::cantFail(std::move(error));
  auto session = open(std::move(image));
  if (!session) {
    error = session.takeError();
    return;
  }
  error = Error::success();
  for (size_t index = next++; index < data.samples.size(); index = next++) {
    llvm::cantFail(std::move(error));
    error = runSample(*session, index);
    if (error) {
      next = data.samples.size();
      return;
    }
    if (options.progress)
      options.progress();
  }
}

} // namespace

Expected<Evaluation> evaluate(std::shared_ptr<const image::LoadedImage> image,
                              const DataSet &data,
                              const EvaluateOptions &options) {
  Evaluation result;
  result.samples.resize(data.samples.size());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  EvaluateOptions guarded = options;
  if (options.progress)
    guarded.progress = [&] {
      std::lock_guard<std::mutex> lock(mutex);
      options.progress();
    };
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::thread> threads;
  unsigned count = std::max(1u, options.threads);
  for (unsigned i = 0; i < count; ++i)
    workers.push_back(std::make_unique<Worker>(
        Worker{data, guarded, next, result.samples, {}, Error::success()}));
  for (unsigned i = 1; i < count; ++i)
    threads.emplace_back([&, i] { workers[i]->run(image); });
  workers[0]->run(image);
  for (std::thread &thread : threads)
    thread.join();
  Error error = Error::success();
  for (auto &worker : workers) {
    error = llvm::joinErrors(std::move(error), std::move(worker->error));
    result.graded |= worker->sums.graded;
    result.chipSteps += worker->sums.chipSteps;
    result.inputSpikes += worker->sums.inputSpikes;
    result.cores.resize(image->cores.size());
    for (size_t k = 0; k < worker->sums.cores.size(); ++k) {
      add(result.cores[k], worker->sums.cores[k]);
      add(result.total, worker->sums.cores[k]);
    }
    result.spikesOf.resize(image->proto.debug().population_size());
    for (size_t p = 0; p < worker->sums.spikesOf.size(); ++p)
      result.spikesOf[p] += worker->sums.spikesOf[p];
  }
  if (error)
    return std::move(error);
  return result;
}

} // namespace hillock::runtime
