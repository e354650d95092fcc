//===- tools/hillock/AnnEval.cpp - eval without neurons -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Native.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Progress.h"
#include "base/Random.h"
#include "compiler/ann/Metrics.h"
#include "compiler/ann/RealEval.h"
#include "runtime/session/Evaluate.h"
#include "tools/hillock/AnnVerbs.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numbers>

namespace hillock::tool {

namespace {

/// What is done to an input before the network sees it. Depends on seed,
/// sample and element alone.
struct Disturbance {
  std::string name; ///< as given
  double sigma = 0;
  int64_t width = 0, height = 0;

  void apply(std::vector<float> &x, const ann::Shape &shape, uint64_t sample,
             uint64_t seed) const {
    const CounterRandom random(seed, sample);
    for (size_t i = 0; sigma > 0 && i < x.size(); ++i) {
      // Box and Muller: one normal number of two uniform ones.
      const double radius =
          std::sqrt(-2 * std::log(1 - random.uniformAt(2 * i)));
      x[i] += static_cast<float>(
          sigma * radius *
          std::cos(2 * std::numbers::pi * random.uniformAt(2 * i + 1)));
    }
    if (width == 0 || shape.size() < 2)
      return;
    const int64_t rows = shape[shape.size() - 2], columns = shape.back();
    const int64_t h = std::min(height, rows), w = std::min(width, columns);
    const auto top = static_cast<int64_t>(random.at(0) %
                                          static_cast<uint64_t>(rows - h + 1));
    const auto left = static_cast<int64_t>(
        random.at(1) % static_cast<uint64_t>(columns - w + 1));
    for (size_t plane = 0; plane < x.size();
         plane += static_cast<size_t>(rows * columns))
      for (int64_t r = top; r < top + h; ++r)
        std::fill_n(x.begin() + static_cast<int64_t>(plane) + r * columns +
                        left,
                    w, 0.0f);
  }
};

Expected<std::vector<Disturbance>> disturbances(const AnnSettings &settings) {
  std::vector<Disturbance> result(1);
  for (const std::string &text : settings.noise) {
    Disturbance one;
    one.name = "noise " + text;
    if (!text.starts_with("gaussian:") ||
        !llvm::to_float(llvm::StringRef(text).substr(9), one.sigma) ||
        !(one.sigma > 0) || std::isinf(one.sigma))
      return makeError(ErrorKind::Usage, "'" + text + "' is no noise",
                       "--noise", "write gaussian:SIGMA");
    result.push_back(std::move(one));
  }
  for (const std::string &text : settings.occlude) {
    Disturbance one;
    one.name = "occlude " + text;
    const auto [w, h] = llvm::StringRef(text).split('x');
    if (!llvm::to_integer(w, one.width, 10) ||
        !llvm::to_integer(h, one.height, 10) || one.width < 1 || one.height < 1)
      return makeError(ErrorKind::Usage, "'" + text + "' is no window",
                       "--occlude", "write WIDTHxHEIGHT, as in 7x7");
    result.push_back(std::move(one));
  }
  return std::move(result);
}

struct Evaluated {
  runtime::Evaluation results;
  ann::OperationCounts counts; ///< of the integer level
  double seconds = 0;
};

template <typename T> int64_t largest(std::span<const T> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// Operations are counted on so many samples: it takes as long as running.
constexpr int64_t countedSamples = 100;

/// Codes of one sample from machine code; each thread has its own.
class NativeSample {
public:
  NativeSample(const int4::NativeRunner &runner, const ann::IntNetwork &network)
      : runner(runner), q(network.values[size_t(network.input)].q),
        input(size_t(
            ann::countElements(network.values[size_t(network.input)].shape)
                .value_or(0))),
        output(size_t(
            ann::countElements(network.values[size_t(network.output)].shape)
                .value_or(0))),
        memory(runner.code().arenaBytes + 64) {}

  std::span<const int32_t> run(const std::vector<float> &x) {
    for (size_t i = 0; i < input.size(); ++i)
      input[i] = static_cast<int8_t>(q.code(x[i]));
    const auto address = reinterpret_cast<uintptr_t>(memory.data());
    runner.run(input.data(), output.data(),
               memory.data() + (64 - address % 64) % 64);
    return output;
  }

private:
  const int4::NativeRunner &runner;
  ann::Quantization q;
  std::vector<int8_t> input;
  std::vector<int32_t> output;
  std::vector<char> memory;
};

Evaluated evaluateOnce(const AnnModel &model, bool integers,
                       const int4::NativeRunner *native, const AnnData &data,
                       const Disturbance &disturbance,
                       const AnnEvalRequest &request) {
  Evaluated result;
  const auto count = static_cast<int64_t>(data.samples.size());
  result.results.samples.resize(data.samples.size());
  Progress progress("evaluating", data.samples.size());
  std::mutex mutex;
  const auto start = std::chrono::steady_clock::now();
  parallelChunks(
      0, count, request.threads, [&](int64_t first, int64_t last, unsigned) {
        std::optional<ann::IntRunner> codes;
        std::optional<ann::RealRunner> real;
        std::optional<NativeSample> machine;
        if (native)
          machine.emplace(*native, *model.integers);
        if (integers)
          codes.emplace(*model.integers);
        else
          real.emplace(*model.real);
        ann::OperationCounts counts;
        for (int64_t i = first; i < last; ++i) {
          std::vector<float> x = data.samples[static_cast<size_t>(i)];
          disturbance.apply(x, model.inputShape(),
                            static_cast<uint64_t>(request.first + i),
                            request.dataSeed);
          runtime::SampleResult &sample =
              result.results.samples[static_cast<size_t>(i)];
          // A network that ends in ArgMax says the class itself.
          if (integers) {
            const bool counted = !native && i < countedSamples;
            const auto out = native ? machine->run(x) : codes->run(x);
            sample.decision = largest(out);
            sample.scores.assign(out.begin(), out.end());
            if (counted)
              ann::countOperations(*model.integers, *codes, counts);
          } else {
            const auto out = real->run(x);
            sample.scores.assign(out.begin(), out.end());
            sample.decision =
                out.size() == 1 ? static_cast<int64_t>(out[0]) : largest(out);
          }
          if (!data.labels.empty())
            sample.label = data.labels[static_cast<size_t>(i)];
          progress.advance();
        }
        const std::lock_guard<std::mutex> lock(mutex);
        result.counts.samples += counts.samples;
        result.counts.effective += counts.effective;
        result.counts.zeroActivations += counts.zeroActivations;
        result.counts.activations += counts.activations;
        if (counts.samples) {
          result.counts.dense = counts.dense;
          result.counts.zeroWeights = counts.zeroWeights;
          result.counts.weights = counts.weights;
        }
      });
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return result;
}

std::string accuracyText(const runtime::Evaluation &results) {
  if (!results.labelled())
    return "unknown: the data have no labels";
  return percent(results.accuracy()) + " (" + withSeparators(results.right()) +
         " of " + withSeparators(results.labelled()) + ")";
}

void showCounts(const ann::OperationCounts &counts, Output &out) {
  const auto part = [](uint64_t some, uint64_t all) {
    return all ? static_cast<double>(some) / static_cast<double>(all) : 0;
  };
  out.item("operations", withSeparators(counts.dense) + " products, " +
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
                                {"samples", counts.samples}};
  out.document["sparsity"] = {{"values", values}, {"weights", weights}};
}

void showConfusion(const runtime::Evaluation &results, Output &out) {
  const auto confusion = results.confusion();
  out.document["confusion"] = confusion;
  if (!results.labelled() || confusion.empty() || confusion.size() > 24)
    return;
  std::vector<std::vector<std::string>> rows = {{"label"}};
  for (size_t j = 0; j < confusion.size(); ++j)
    rows[0].push_back(std::to_string(j));
  for (size_t i = 0; i < confusion.size(); ++i) {
    rows.push_back({std::to_string(i)});
    for (const uint64_t value : confusion[i])
      rows.back().push_back(value ? std::to_string(value) : ".");
  }
  out.line();
  out.line("  decisions by label:");
  out.text += table(rows);
}

Expected<bool> prepare(AnnModel &model, const AnnEvalRequest &request,
                       const AnnSettings &settings) {
  const auto formats = ann::weightFormatNames();
  const bool formatGiven = std::find(formats.begin(), formats.end(),
                                     request.target) != formats.end();
  if (!request.level.empty() && request.level != "real" &&
      request.level != "integer" && request.level != "native")
    return makeError(ErrorKind::Usage,
                     "a network without neurons has no level '" +
                         request.level + "'",
                     "--level", "choose real, integer or native");
  if (request.level == "real" && !model.real)
    return makeError(ErrorKind::Usage, "has no real level any more",
                     request.model, "leave --level out");
  const bool integers = request.level == "integer" ||
                        request.level == "native" || model.integers ||
                        (request.level.empty() && formatGiven);
  if (integers && !model.integers)
    if (Error error = quantizeAnn(model, request.target, settings, request.seed,
                                  request.threads))
      return std::move(error);
  return integers;
}

} // namespace

Expected<int> evalAnn(const AnnEvalRequest &request,
                      const AnnSettings &settings, Output &out) {
  Expected<std::vector<Disturbance>> runs = disturbances(settings);
  if (!runs)
    return runs.takeError();
  Expected<AnnModel> model = openAnn(request.model);
  if (!model)
    return model.takeError();
  Expected<bool> integers = prepare(*model, request, settings);
  if (!integers)
    return integers.takeError();
  std::unique_ptr<int4::NativeRunner> native;
  if (request.level == "native") {
    auto made = int4::NativeRunner::create(*model->integers, {}, request.model);
    if (!made)
      return made.takeError();
    native = std::move(*made);
  }
  Expected<AnnData> data =
      loadAnnData(request.data, model->inputShape(), model->givenInput(),
                  request.first, request.limit);
  if (!data)
    return data.takeError();
  if (data->samples.empty())
    return inputError("holds no samples", request.data);
  const Evaluated main = evaluateOnce(*model, *integers, native.get(), *data,
                                      runs->front(), request);
  out.line(request.model + " on " + request.data + ": " +
           describeCount(data->samples.size(), "sample"));
  out.item("accuracy", accuracyText(main.results) + ", " +
                           (native      ? "machine code"
                            : *integers ? "integers"
                                        : "real numbers"));
  out.document["model"] = request.model;
  out.document["level"] = native ? "native" : *integers ? "integer" : "real";
  out.document["samples"] = data->samples.size();
  out.document["accuracy"] =
      main.results.labelled() ? Json(main.results.accuracy()) : Json();
  Json robustness = Json::array();
  for (size_t i = 1; i < runs->size(); ++i) {
    const Evaluated other = evaluateOnce(*model, *integers, native.get(), *data,
                                         (*runs)[i], request);
    out.item("", accuracyText(other.results) + ", " + (*runs)[i].name);
    robustness.push_back({{"disturbance", (*runs)[i].name},
                          {"accuracy", other.results.accuracy()}});
  }
  if (!robustness.empty())
    out.document["robustness"] = std::move(robustness);
  if (*integers && !native)
    showCounts(main.counts, out);
  else if (model->real)
    out.item("operations",
             withSeparators(ann::macs(*model->real)) + " products");
  out.item("speed",
           fixed(static_cast<double>(data->samples.size()) / main.seconds, 1) +
               " samples a second");
  describeAnn(*model, out);
  showConfusion(main.results, out);
  return 0;
}

} // namespace hillock::tool
