//===- tools/hillock/Eval.cpp - hillock eval ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Parallel.h"
#include "compiler/pipeline/Pipeline.h"
#include "emulator/jit/Jit.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/ChipRun.h"
#include "tools/hillock/CrossbarModel.h"
#include "tools/hillock/CycleRun.h"
#include "tools/hillock/EvalLevel.h"
#include "tools/hillock/ReportFill.h"
#include "tools/hillock/Summary.h"
#include "tools/hillock/Verbs.h"
#include <algorithm>

namespace hillock::tool {

namespace {

struct Options {
  std::string image, data, report, reference, level, decision = "sum";
  DataOptions read;
  TimingOptions timing;
  ChipOptions chip; ///< of which ranks alone
  CompileOptions compile;
  AnnOptions ann;
};

/// Everything that the output is made of.
struct Outcome {
  std::unique_ptr<Model> model;
  LevelEvaluation main;
  std::optional<LevelEvaluation> reference;
  uint64_t agree = 0; ///< samples with the same decision
  runtime::DataSet data;
  std::unique_ptr<CycleSamples> cycles; ///< null without a clock

  size_t samples() const { return main.results.samples.size(); }
  double perSample(uint64_t sum) const {
    return static_cast<double>(sum) / static_cast<double>(samples());
  }
};

Expected<std::unique_ptr<Model>> open(const Options &options, ChipRun &chip) {
  std::optional<Level> level;
  if (!options.level.empty())
    level = parseLevel(options.level);
  // A page shows of what all cores hold.
  if (options.chip.ranks == 1 || options.chip.whole(options.timing) ||
      !options.report.empty())
    return openModel(options.image, level, options.compile);
  if (Error error = checkImageLevel(options.image, level))
    return std::move(error);
  return chip.openPart(options.image);
}

/// All samples one after the other on the emulator of all ranks.
void spread(const Options &options, ChipRun &chip, Model &model,
            runtime::EvaluateOptions &hooks) {
  // On this machine they share its cores.
  const unsigned threads =
      options.read.threads
          ? options.read.threads
          : std::max(1u, defaultThreads() / options.chip.ranks);
  hooks.threads = 1;
  hooks.emulator = [&chip, &model, threads] {
    return chip.lead(model, emu::hostOptions(threads), false);
  };
}

Expected<Outcome> evaluate(const Options &options,
                           std::unique_ptr<ChipRun> chip) {
  Outcome outcome;
  Expected<std::unique_ptr<Model>> model = open(options, *chip);
  if (!model)
    return model.takeError();
  outcome.model = std::move(*model);
  if (Error error = options.timing.check(*outcome.model))
    return std::move(error);
  if (options.chip.ranks > 1)
    if (Error error = options.chip.check(*outcome.model))
      return std::move(error);
  std::unique_ptr<Model> reference;
  if (!options.reference.empty()) {
    if (!isModelFile(options.reference))
      return makeError(ErrorKind::Usage, "is an image, not a model",
                       "--reference " + options.reference,
                       "give the model that the image was compiled from");
    Expected<std::unique_ptr<Model>> opened =
        openModel(options.reference, Level::Real, options.compile);
    if (!opened)
      return opened.takeError();
    reference = std::move(*opened);
  }
  if (outcome.model->inputs.empty())
    return inputError("the network has no input", options.image);
  Expected<runtime::DataSet> data =
      options.read.load(options.data, outcome.model->inputs.front());
  if (!data)
    return data.takeError();
  outcome.data = std::move(*data);
  EvalSettings settings{options.read.steps, options.read.threads, {}, {}};
  if (options.timing.cycle())
    outcome.cycles = std::make_unique<CycleSamples>();
  settings.prepare = [&](runtime::EvaluateOptions &hooks) {
    if (options.chip.ranks > 1)
      spread(options, *chip, *outcome.model, hooks);
    if (outcome.cycles)
      outcome.cycles->attach(outcome.model->image(), options.timing,
                             outcome.data.samples.size(), hooks);
  };
  const std::vector<std::string> names = runtime::decisionNames();
  settings.decision = static_cast<runtime::Decision>(
      std::find(names.begin(), names.end(), options.decision) - names.begin());
  Expected<LevelEvaluation> main =
      evaluateLevel(*outcome.model, outcome.data, settings);
  if (!main)
    return main.takeError();
  outcome.main = std::move(*main);
  settings.prepare = nullptr;
  chip.reset(); // the other ranks are done
  if (!reference)
    return outcome;
  Expected<LevelEvaluation> other =
      evaluateLevel(*reference, outcome.data, settings);
  if (!other)
    return other.takeError();
  for (size_t i = 0; i < outcome.samples(); ++i)
    outcome.agree += outcome.main.results.samples[i].decision ==
                     other->results.samples[i].decision;
  outcome.reference = std::move(*other);
  return outcome;
}

void printText(const Options &options, const Outcome &outcome, Output &out) {
  const runtime::Evaluation &results = outcome.main.results;
  const std::string name = levelName(outcome.model->level);
  out.line(options.image + " on " + options.data + ": " +
           describeCount(outcome.samples(), "sample"));
  out.item("accuracy", accuracyText(results) +
                           (outcome.reference ? ", " + name + " level" : ""));
  if (outcome.reference) {
    out.item("", accuracyText(outcome.reference->results) + ", real numbers");
    out.item("same decision", percent(outcome.perSample(outcome.agree)) + " (" +
                                  withSeparators(outcome.agree) + " of " +
                                  withSeparators(uint64_t{outcome.samples()}) +
                                  ")");
  }
  out.item("steps a sample", fixed(outcome.perSample(results.chipSteps), 1));
  out.item("input spikes",
           fixed(outcome.perSample(results.inputSpikes), 1) + " a sample");
  if (outcome.model->image()) {
    out.item("synaptic events",
             fixed(outcome.perSample(results.total.synapticEvents), 1) +
                 " a sample");
    out.item("neuron updates",
             fixed(outcome.perSample(results.total.updates), 1) + " a sample");
  }
  out.item(
      "speed",
      fixed(static_cast<double>(outcome.samples()) / outcome.main.seconds, 1) +
          " samples a second");
  out.line();
  std::vector<std::vector<std::string>> rows = {{"layer", "spikes a sample"}};
  if (outcome.reference)
    rows[0].push_back("in real numbers");
  for (size_t i = 0; i < outcome.main.layers.size(); ++i) {
    rows.push_back({outcome.main.layers[i],
                    fixed(outcome.perSample(outcome.main.layerSpikes[i]), 1)});
    if (!outcome.reference)
      continue;
    std::string spikes = "-";
    for (size_t j = 0; j < outcome.reference->layers.size(); ++j)
      if (outcome.reference->layers[j] == outcome.main.layers[i])
        spikes = fixed(outcome.perSample(outcome.reference->layerSpikes[j]), 1);
    rows.back().push_back(spikes);
  }
  out.text += table(rows);
}

void fillDocument(const Outcome &outcome, Output &out) {
  const runtime::Evaluation &results = outcome.main.results;
  Json layers = Json::array(), samples = Json::array();
  for (size_t i = 0; i < outcome.main.layers.size(); ++i)
    layers.push_back({{"name", outcome.main.layers[i]},
                      {"spikes_per_sample",
                       outcome.perSample(outcome.main.layerSpikes[i])}});
  for (size_t i = 0; i < outcome.samples(); ++i) {
    const runtime::SampleResult &sample = results.samples[i];
    Json entry = {{"decision", sample.decision}};
    if (sample.label >= 0)
      entry["label"] = sample.label;
    entry["scores"] = sample.scores;
    if (outcome.reference)
      entry["reference_decision"] =
          outcome.reference->results.samples[i].decision;
    if (outcome.cycles)
      entry["timing"] = outcome.cycles->sampleJson(i);
    samples.push_back(std::move(entry));
  }
  out.document = {
      {"level", levelName(outcome.model->level)},
      {"graded", results.graded},
      {"samples", outcome.samples()},
      {"labelled", results.labelled()},
      {"right", results.right()},
      {"accuracy", accuracyJson(results)},
      {"steps_per_sample", outcome.perSample(results.chipSteps)},
      {"input_spikes_per_sample", outcome.perSample(results.inputSpikes)},
      {"samples_per_second",
       static_cast<double>(outcome.samples()) / outcome.main.seconds},
      {"layers", std::move(layers)},
      {"confusion", results.confusion()}};
  if (outcome.model->image()) {
    out.document["synaptic_events_per_sample"] =
        outcome.perSample(results.total.synapticEvents);
    out.document["neuron_updates_per_sample"] =
        outcome.perSample(results.total.updates);
    out.document["spikes_per_sample"] = outcome.perSample(results.total.spikes);
  }
  if (outcome.reference)
    out.document["reference"] = {
        {"right", outcome.reference->results.right()},
        {"accuracy", accuracyJson(outcome.reference->results)},
        {"same_decision", outcome.agree}};
  out.document["results"] = std::move(samples);
}

Error report(const Options &options, Outcome &outcome) {
  runtime::ReportData data = reportOf(*outcome.model);
  const runtime::Evaluation &results = outcome.main.results;
  data.subtitle = "evaluation of " +
                  describeCount(outcome.samples(), "sample") + ", " +
                  levelName(outcome.model->level) + " level";
  auto &tiles = data.tiles;
  if (results.labelled())
    tiles.push_back({"accuracy", percent(results.accuracy()),
                     withSeparators(results.right()) + " of " +
                         withSeparators(results.labelled()) + " right"});
  if (outcome.reference)
    tiles.push_back({"in real numbers",
                     percent(outcome.reference->results.accuracy()),
                     withSeparators(outcome.agree) + " same decisions"});
  if (outcome.model->image()) {
    tiles.push_back({"cores", withSeparators(uint64_t{data.chip.cores.size()}),
                     describeCount(data.chip.chips().size(), "chip")});
    tiles.push_back(
        {"spikes a sample", fixed(outcome.perSample(results.total.spikes), 1),
         fixed(outcome.perSample(results.inputSpikes), 1) + " from the input"});
    tiles.push_back({"synaptic events",
                     withSeparators(static_cast<uint64_t>(
                         outcome.perSample(results.total.synapticEvents))),
                     "a sample"});
    tiles.push_back(
        {"weight error", percent(weightError(data.layers)), "relative RMS"});
  }
  if (outcome.cycles)
    addCycles(data, outcome.cycles->first(), outcome.cycles->sums());
  addCost(data, outcome.main.crossbar, outcome.samples());
  for (runtime::LayerRow &row : data.layers)
    for (size_t i = 0; i < outcome.main.layers.size(); ++i)
      if (outcome.main.layers[i] == row.name)
        row.spikes = outcome.perSample(outcome.main.layerSpikes[i]);
  if (results.labelled())
    data.confusion = results.confusion();
  data.rasterNote = "Sample " + std::to_string(options.read.first);
  const runtime::SampleResult &first = results.samples.front();
  if (first.label >= 0)
    data.rasterNote += ": label " + std::to_string(first.label) +
                       ", decision " + std::to_string(first.decision);
  LevelOptions run;
  run.steps = options.read.steps;
  const Stimuli sample = {
      {outcome.model->inputs.front().name, outcome.data.samples.front()}};
  if (Error error = addSample(data, *outcome.model, sample, run))
    return error;
  return runtime::writeReport(options.report, data);
}

Expected<int> run(const Options &options, Output &out) {
  if (isAnnModel(options.image, options.compile->target,
                 asksForNumbers(options.level) && options.read.steps == 0 &&
                     options.read.encode.empty())) {
    if (Error error = options.chip.checkNone())
      return std::move(error);
    return evalAnn({{options.image, options.compile->target, options.level,
                     options.compile->seed, options.read.threads},
                    options.data,
                    options.report,
                    options.read.first,
                    options.read.limit,
                    options.read.seed},
                   *options.ann, out);
  }
  if (options.level == "native")
    return nativeNeedsAnn();
  if (options.chip.launches())
    return options.chip.launch(options.image, out);
  Expected<std::unique_ptr<ChipRun>> chip =
      ChipRun::begin(options.chip, options.image, out);
  if (!chip)
    return chip.takeError();
  if (!*chip)
    return 0;
  Expected<Outcome> outcome = evaluate(options, std::move(*chip));
  if (!outcome)
    return outcome.takeError();
  if (!options.report.empty())
    if (Error error = report(options, *outcome))
      return std::move(error);
  printText(options, *outcome, out);
  out.text += confusionTable(outcome->main.results);
  fillDocument(*outcome, out);
  if (outcome->main.crossbar)
    showCost(*outcome->main.crossbar, outcome->samples(), out);
  if (outcome->cycles) {
    out.line();
    outcome->cycles->show(out);
  }
  if (!options.report.empty())
    out.item("report", options.report);
  return 0;
}

} // namespace

void addEval(Program &program) {
  CLI::App *verb = program.verb(
      "eval", "Accuracy, spikes and synaptic events over a data set");
  auto options = std::make_shared<Options>();
  options->read.threads = 0;
  verb->add_option("image", options->image, "A .hlk image, or a model")
      ->required()
      ->type_name("IMAGE");
  verb->add_option("--data", options->data,
                   "Samples with labels: file, list or folder")
      ->required()
      ->type_name("PATH");
  verb->add_option("--reference", options->reference,
                   "The model, to be run in real numbers beside it")
      ->type_name("MODEL");
  std::vector<std::string> levels = levelNames();
  levels.push_back("native");
  verb->add_option("--level", options->level,
                   "Of a model: real (default), integer, cores, chip; of one "
                   "without neurons: real, integer, native (machine code)")
      ->check(CLI::IsMember(levels));
  verb->add_option("--decision", options->decision,
                   "Of an output neuron's values: the largest sum, count of "
                   "events, max or last one decides")
      ->check(CLI::IsMember(runtime::decisionNames()))
      ->capture_default_str();
  verb->add_option("--first", options->read.first, "First sample, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--limit", options->read.limit,
                   "At most so many samples (default: all)")
      ->check(CLI::PositiveNumber);
  verb->add_option("--threads", options->read.threads,
                   "0: all cores (results do not depend on it)")
      ->check(CLI::Range(0u, 1024u))
      ->capture_default_str();
  options->timing.declare(verb);
  options->chip.declareRanks(verb);
  verb->add_option("--report", options->report,
                   "Folder or .html file for an HTML report");
  options->read.declare(verb);
  options->compile = declareCompileOptions(verb, false);
  options->ann = declareAnnOptions(verb, AnnUse::Evaluate);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
