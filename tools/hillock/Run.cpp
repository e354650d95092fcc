//===- tools/hillock/Run.cpp - hillock run --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Progress.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/ChipRun.h"
#include "tools/hillock/CrossbarModel.h"
#include "tools/hillock/CycleRun.h"
#include "tools/hillock/ReportFill.h"
#include "tools/hillock/SpikesFile.h"
#include "tools/hillock/Verbs.h"
#include <chrono>
#include <cmath>

namespace hillock::tool {

namespace {

struct Options {
  std::string image, output, report, level;
  std::vector<std::string> inputs, probes;
  TimingOptions timing;
  ChipOptions chip;
  DataOptions data;
  bool populations = false;
  CompileOptions compile;
  AnnOptions ann;
};

Expected<LevelOptions> levelOptions(const Options &options) {
  LevelOptions run;
  run.steps = options.data.steps;
  run.populations = options.populations;
  for (const std::string &text : options.probes) {
    Expected<ProbeRequest> probe = parseProbe(text);
    if (!probe)
      return probe.takeError();
    run.probes.push_back(std::move(*probe));
  }
  return run;
}

Expected<std::unique_ptr<Model>> open(const Options &options, ChipRun &chip,
                                      std::optional<Level> level) {
  const char *whole = options.chip.whole(options.timing);
  if (!whole && !options.report.empty())
    whole = "--report";
  if (!options.chip.streams(options.image, whole != nullptr))
    return openModel(options.image, level, options.compile);
  if (whole)
    return makeError(ErrorKind::Usage, "needs the tables of all cores", whole,
                     "leave --stream out");
  if (isModelFile(options.image))
    return makeError(ErrorKind::Usage, "is a model, not an image",
                     options.image, "compile it first");
  if (Error error = checkImageLevel(options.image, level))
    return std::move(error);
  if (options.chip.ranks > 1)
    return chip.openPart(options.image);
  return openStreamed(options.image, options.chip.stream == "auto");
}

/// What a step stands for in files with times.
double stepSeconds(const Options &options, const Model &model) {
  if (options.data.dt > 0)
    return options.data.dt;
  const auto image = model.image();
  const double dt = image ? image->proto.io().dt_seconds() : 0;
  return dt > 0 ? dt : 1;
}

void describeTrains(const std::vector<runtime::SpikeTrain> &trains,
                    Output &out) {
  for (const runtime::SpikeTrain &train : trains) {
    const std::vector<double> counts = train.sums();
    std::string words =
        train.graded ? "values of " + describeCount(counts.size(), "neuron")
                     : describeCount(train.events.size(), "spike") + " of " +
                           describeCount(counts.size(), "neuron");
    if (counts.size() <= 20) {
      words += train.graded ? ", their sums:" : ":";
      for (double count : counts)
        words += " " + plain(count);
    }
    out.item(train.name, words);
  }
}

void describeResult(const LevelResult &result, bool events, Output &out) {
  out.document["steps"] = result.steps;
  out.document["chip_steps"] = result.chipSteps;
  out.document["input_spikes"] = result.inputSpikes;
  Json outputs = Json::array(), populations = Json::array(),
       probes = Json::array();
  for (const runtime::SpikeTrain &train : result.outputs)
    outputs.push_back(toJson(train, events));
  for (const runtime::SpikeTrain &train : result.populations)
    populations.push_back(toJson(train, events));
  for (const ProbeTrace &probe : result.probes)
    probes.push_back(toJson(probe));
  out.document["outputs"] = std::move(outputs);
  if (!populations.empty())
    out.document["populations"] = std::move(populations);
  if (!probes.empty())
    out.document["probes"] = std::move(probes);
  if (result.cores.empty())
    return;
  emu::CoreCounters total;
  for (const emu::CoreCounters &core : result.cores) {
    total.synapticEvents += core.synapticEvents;
    total.spikes += core.spikes;
    total.updates += core.updates;
    total.axonsIn += core.axonsIn;
  }
  out.document["chip"] = {{"spikes", total.spikes},
                          {"synaptic_events", total.synapticEvents},
                          {"neuron_updates", total.updates},
                          {"axons_in", total.axonsIn}};
  out.item("synaptic events", withSeparators(total.synapticEvents));
  out.item("neuron updates", withSeparators(total.updates));
}

Error report(const Options &options, Model &model, const Stimuli &stimuli,
             const LevelOptions &run, const LevelResult &result,
             const std::optional<emu::CycleReport> &cycles) {
  runtime::ReportData data = reportOf(model);
  data.subtitle = "one run, " + std::string(levelName(model.level)) + " level";
  if (Error error = addSample(data, model, stimuli, run))
    return error;
  addCycles(data, cycles, cycles);
  addCost(data, result.crossbar, 1);
  uint64_t spikes = 0, events = 0;
  for (const emu::CoreCounters &core : result.cores) {
    spikes += core.spikes;
    events += core.synapticEvents;
  }
  data.tiles.push_back({"steps", withSeparators(result.steps), ""});
  data.tiles.push_back(
      {"input spikes", withSeparators(result.inputSpikes), ""});
  if (!result.cores.empty()) {
    data.tiles.push_back({"spikes", withSeparators(spikes), "of all neurons"});
    data.tiles.push_back({"synaptic events", withSeparators(events), ""});
    data.tiles.push_back({"cores",
                          withSeparators(uint64_t{result.cores.size()}),
                          describeCount(data.chip.chips().size(), "chip")});
    data.tiles.push_back(
        {"weight error", percent(weightError(data.layers)), "relative RMS"});
    for (runtime::LayerRow &row : data.layers)
      for (const runtime::SpikeTrain &train : data.raster)
        if (train.name == row.name)
          row.spikes = static_cast<double>(train.events.size());
  }
  return runtime::writeReport(options.report, data);
}

/// Steps a second and the time left, from the first step on.
class StepProgress {
public:
  void show(int64_t done, int64_t all) {
    if (!bar)
      bar.emplace("steps", static_cast<uint64_t>(all));
    bar->advance(static_cast<uint64_t>(done) - bar->done());
  }

private:
  std::optional<Progress> bar;
};

Expected<LevelResult> runWithProgress(Runner &runner, const Stimuli &stimuli,
                                      LevelOptions level) {
  StepProgress progress;
  level.progress = [&](int64_t done, int64_t all) { progress.show(done, all); };
  return runner.run(stimuli, level);
}

/// Of a network without neurons.
Expected<int> runAnn(const Options &options, Output &out) {
  if (!options.report.empty())
    return makeError(ErrorKind::Usage,
                     "is made by 'eval' of networks without neurons",
                     "--report", "hillock eval MODEL --data PATH --limit 1");
  if (options.timing.cycle())
    return makeError(ErrorKind::Usage, "is of chips", "--timing cycle",
                     "give the image of a chip");
  if (Error error = options.chip.checkNone())
    return std::move(error);
  return tool::runAnn({{options.image, options.compile->target, options.level,
                        options.compile->seed, options.data.threads},
                       options.inputs,
                       options.probes,
                       options.output,
                       options.populations,
                       options.data.first},
                      *options.ann, out);
}

Expected<int> run(const Options &options, Output &out) {
  if (isAnnModel(options.image, options.compile->target,
                 asksForNumbers(options.level) && options.data.steps == 0 &&
                     options.data.encode.empty()))
    return runAnn(options, out);
  if (options.level == "native")
    return nativeNeedsAnn();
  if (!options.output.empty())
    if (Error error = checkSpikesPath(options.output))
      return std::move(error);
  if (options.chip.launches())
    return options.chip.launch(options.image, out);
  Expected<std::unique_ptr<ChipRun>> chip =
      ChipRun::begin(options.chip, options.image, out);
  if (!chip)
    return chip.takeError();
  if (!*chip)
    return 0;
  Expected<LevelOptions> level = levelOptions(options);
  if (!level)
    return level.takeError();
  std::optional<Level> wanted;
  if (!options.level.empty())
    wanted = parseLevel(options.level);
  Expected<std::unique_ptr<Model>> model = open(options, **chip, wanted);
  if (!model)
    return model.takeError();
  if (Error error = options.timing.check(**model))
    return std::move(error);
  if (Error error = options.chip.check(**model))
    return std::move(error);
  (*chip)->addTo(*level);
  Expected<Stimuli> stimuli =
      options.data.loadSample(options.inputs, (*model)->inputs);
  if (!stimuli)
    return stimuli.takeError();
  const unsigned threads =
      options.data.threads ? options.data.threads : defaultThreads();
  emu::CycleEngine *clock = nullptr;
  Expected<std::unique_ptr<Runner>> runner = (*chip)->runner(
      **model, threads, options.timing, !options.populations, clock);
  if (!runner)
    return runner.takeError();
  const auto start = std::chrono::steady_clock::now();
  Expected<LevelResult> result = runWithProgress(**runner, *stimuli, *level);
  if (!result)
    return result.takeError();
  std::optional<emu::CycleReport> cycles;
  if (clock) {
    Expected<emu::CycleReport> timed = clock->report();
    if (!timed)
      return timed.takeError();
    cycles = std::move(*timed);
  }
  if (Error error = (*chip)->finish())
    return std::move(error);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  if (!options.output.empty())
    if (Error error = writeSpikes(options.output, *result, (*model)->level,
                                  stepSeconds(options, **model)))
      return std::move(error);
  if (!options.report.empty())
    if (Error error =
            report(options, **model, *stimuli, *level, *result, cycles))
      return std::move(error);
  out.line(options.image + ": " +
           describeCount(static_cast<uint64_t>(result->steps), "step") +
           " at the " + levelName((*model)->level) + " level");
  out.document["level"] = levelName((*model)->level);
  if (!result->stopped.empty()) {
    out.document["stopped"] = result->stopped;
    out.item("stopped", result->stopped + ", after step " +
                            std::to_string(result->steps - 1));
  }
  describeTrains(result->outputs, out);
  describeTrains(result->populations, out);
  out.item("input spikes", withSeparators(result->inputSpikes));
  describeResult(*result, /*events=*/true, out);
  if (cycles)
    showCycles(*cycles, out);
  if (result->crossbar)
    showCost(*result->crossbar, 1, out);
  out.item("time", describeSeconds(seconds));
  for (const std::string &path : {options.output, options.report})
    if (!path.empty())
      out.item("written", path);
  for (const std::string &path : (*chip)->written())
    out.item("written", path);
  return 0;
}

} // namespace

void addRun(Program &program) {
  CLI::App *verb = program.verb(
      "run", "One sample through an image (or a level of a model)");
  auto options = std::make_shared<Options>();
  verb->add_option("image", options->image, "A .hlk image, or a model")
      ->required()
      ->type_name("IMAGE");
  verb->add_option("--input", options->inputs,
                   "FILE, or NAME=FILE for each input of the network")
      ->allow_extra_args(false)
      ->required()
      ->type_name("FILE");
  verb->add_option("--sample", options->data.first,
                   "Which sample of a data set, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  std::vector<std::string> levels = levelNames();
  levels.push_back("native");
  verb->add_option("--level", options->level,
                   "Of a model: real (default), integer, cores, chip; of one "
                   "without neurons: real, integer, native (machine code)")
      ->check(CLI::IsMember(levels));
  options->timing.declare(verb);
  verb->add_option("--threads", options->data.threads, "0: all cores")
      ->check(CLI::Range(0u, 1024u))
      ->capture_default_str();
  verb->add_option("--probe", options->probes,
                   "POPULATION[3-9]:STATE; the state is the membrane where "
                   "none is named")
      ->allow_extra_args(false);
  verb->add_flag("--populations", options->populations,
                 "Record the spikes of all populations, not of outputs alone");
  verb->add_option("-o,--output", options->output,
                   "Spikes and probes: .npy, .npz, .csv, .json or .nirdata");
  verb->add_option("--report", options->report,
                   "Folder or .html file for an HTML report");
  options->chip.declare(verb);
  options->data.declare(verb);
  options->compile = declareCompileOptions(verb, false);
  options->ann = declareAnnOptions(verb, AnnUse::Open);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
