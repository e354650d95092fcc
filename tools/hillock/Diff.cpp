//===- tools/hillock/Diff.cpp - hillock diff ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/hillock/AnnVerbs.h"
#include "tools/hillock/Compare.h"
#include "tools/hillock/Output.h"
#include "tools/hillock/Verbs.h"
#include <algorithm>

namespace hillock::tool {

namespace {

struct Options {
  std::string first, second, levelFirst, levelSecond;
  std::vector<std::string> inputs;
  DataOptions data;
  CompileOptions compile;
  AnnOptions ann;
};

/// One of the two that are compared.
struct Side {
  std::unique_ptr<Model> model;
  std::unique_ptr<Runner> runner;
  LevelResult result;

  std::string name() const {
    return model->path + " (" + levelName(model->level) + ")";
  }
};

Expected<Side> open(const std::string &path, const std::string &level,
                    const std::string &other, const CompileOptions &compile) {
  std::optional<Level> wanted;
  if (!level.empty())
    wanted = parseLevel(level);
  else if (isModelFile(path) && !isModelFile(other))
    wanted = Level::Integer; // what an image must equal
  Expected<std::unique_ptr<Model>> model = openModel(path, wanted, compile);
  if (!model)
    return model.takeError();
  Side side;
  side.model = std::move(*model);
  Expected<std::unique_ptr<Runner>> runner = side.model->runner(1);
  if (!runner)
    return runner.takeError();
  side.runner = std::move(*runner);
  return side;
}

/// States of the neuron around the step: what is known of why it differs.
Json stateAround(Side &side, const Difference &difference,
                 const Stimuli &stimuli) {
  Json list = Json::array();
  const std::vector<std::string> states =
      side.model->level == Level::Real ? std::vector<std::string>{"voltage"}
                                       : std::vector<std::string>{"u", "v"};
  for (const std::string &state : states) {
    LevelOptions options;
    options.steps = difference.step + 1;
    options.probes = {{difference.population + ":" + state,
                       difference.population, state, difference.neuron,
                       difference.neuron}};
    Expected<LevelResult> result = side.runner->run(stimuli, options);
    if (!result) { // another program has other states
      llvm::consumeError(result.takeError());
      continue;
    }
    const auto &values = result->probes.front().values;
    const auto at = [&](int64_t step) -> Json {
      if (step < 0 || step >= static_cast<int64_t>(values.size()))
        return nullptr;
      return values[static_cast<size_t>(step)].front();
    };
    // The same row for the membrane, whatever a level calls it.
    list.push_back({{"state", state == "voltage" ? "v" : state},
                    {"before", at(difference.step - 1)},
                    {"after", at(difference.step)}});
  }
  return list;
}

/// Spikes of every population in a step, inputs first.
Json spikesIn(const Side &side, const Stimuli &stimuli, int64_t step) {
  Json counts = Json::object();
  for (const auto &[name, stimulus] : stimuli)
    counts[name] = stimulus.eventsAt(step).size();
  for (const runtime::SpikeTrain &train : side.result.populations)
    counts[train.name] = std::count_if(
        train.events.begin(), train.events.end(),
        [&](const runtime::Event &event) { return event.step == step; });
  return counts;
}

std::string cell(const Json &value) {
  if (value.is_null())
    return "-";
  return value.is_number_float() ? fixed(value.get<double>(), 4) : value.dump();
}

void explain(std::vector<Side> &sides, const Difference &difference,
             const Stimuli &stimuli, Output &out) {
  out.line("first difference: population '" + difference.population +
           "', neuron " + std::to_string(difference.neuron) + ", step " +
           std::to_string(difference.step));
  std::vector<std::vector<std::string>> rows = {
      {"", "a", "b"},
      {"puts out", plain(difference.first), plain(difference.second)}};
  Json context = Json::array();
  for (Side &side : sides)
    context.push_back(
        {{"states", stateAround(side, difference, stimuli)},
         {"spikes_in_step", spikesIn(side, stimuli, difference.step)},
         {"spikes_in_step_before",
          spikesIn(side, stimuli, difference.step - 1)}});
  std::vector<std::string> names;
  for (const Json &one : context)
    for (const Json &state : one["states"]) {
      const auto name = state["state"].get<std::string>();
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    }
  for (const std::string &name : names)
    for (const char *when : {"before", "after"}) {
      std::vector<std::string> row = {name + " " + when + " the step"};
      for (const Json &one : context) {
        std::string text = "-";
        for (const Json &state : one["states"])
          if (state["state"] == name)
            text = cell(state[when]);
        row.push_back(text);
      }
      rows.push_back(std::move(row));
    }
  for (const char *when : {"spikes_in_step_before", "spikes_in_step"})
    for (const auto &[name, count] : context[0][when].items()) {
      const std::string step = std::to_string(
          difference.step - (std::string(when) == "spikes_in_step" ? 0 : 1));
      const Json &other = context[1][when];
      rows.push_back({"spikes of " + name + " in step " + step, cell(count),
                      other.contains(name) ? cell(other[name]) : "-"});
    }
  out.text += table(rows);
  out.document["difference"] = {{"population", difference.population},
                                {"neuron", difference.neuron},
                                {"step", difference.step},
                                {"a", difference.first},
                                {"b", difference.second},
                                {"context_a", context[0]},
                                {"context_b", context[1]}};
}

/// Networks without neurons have other levels, and numbers instead of spikes.
Expected<int> runAnn(const Options &options, Output &out) {
  const auto opening = [&](const std::string &path, const std::string &level) {
    return AnnOpening{path, options.compile->target, level,
                      options.compile->seed, options.data.threads};
  };
  for (const std::string &path : {options.first, options.second})
    if (!isAnnModel(path, options.compile->target, true))
      return makeError(ErrorKind::Usage,
                       "has neurons, what it is compared with has none", path,
                       "compare two levels or versions of one network");
  return diffAnn({opening(options.first, options.levelFirst),
                  opening(options.second, options.levelSecond), options.inputs,
                  options.data.first, options.data.seed},
                 *options.ann, out);
}

Expected<int> run(const Options &options, Output &out) {
  // Two files that can be either are taken as numbers when their levels are.
  const std::string &target = options.compile->target;
  const bool numbers = asksForNumbers(options.levelFirst) &&
                       asksForNumbers(options.levelSecond) &&
                       isAnnModel(options.first, target, true) &&
                       isAnnModel(options.second, target, true);
  if (numbers || isAnnModel(options.first, target, false) ||
      isAnnModel(options.second, target, false))
    return runAnn(options, out);
  for (const std::string &level : {options.levelFirst, options.levelSecond})
    if (level == "native")
      return nativeNeedsAnn();
  std::vector<Side> sides;
  for (int i = 0; i < 2; ++i) {
    Expected<Side> side = i == 0 ? open(options.first, options.levelFirst,
                                        options.second, options.compile)
                                 : open(options.second, options.levelSecond,
                                        options.first, options.compile);
    if (!side)
      return side.takeError();
    sides.push_back(std::move(*side));
  }
  Stimuli stimuli;
  if (options.inputs.empty()) {
    stimuli = randomStimuli(sides[0].model->inputs,
                            options.data.steps ? options.data.steps : 64,
                            options.data.seed);
  } else {
    Expected<Stimuli> loaded =
        options.data.loadSample(options.inputs, sides[0].model->inputs);
    if (!loaded)
      return loaded.takeError();
    stimuli = std::move(*loaded);
  }
  LevelOptions level;
  level.steps = options.data.steps;
  level.populations = true;
  for (Side &side : sides) {
    Expected<LevelResult> result = side.runner->run(stimuli, level);
    if (!result)
      return result.takeError();
    side.result = std::move(*result);
  }
  const Comparison comparison = compareRuns(sides[0].result, sides[1].result);
  if (!comparison.populations)
    return inputError("the two have no population of the same name",
                      options.first + " and " + options.second,
                      "compare images or levels of the same network");
  out.document = {{"equal", !comparison.difference.has_value()},
                  {"a", sides[0].name()},
                  {"b", sides[1].name()},
                  {"steps", sides[0].result.steps},
                  {"populations", comparison.populations},
                  {"spikes_a", comparison.spikesFirst},
                  {"spikes_b", comparison.spikesSecond},
                  {"differing_places", comparison.differing},
                  {"only_a", comparison.onlyFirst},
                  {"only_b", comparison.onlySecond}};
  out.line("a: " + sides[0].name() + ", " +
           describeCount(comparison.spikesFirst, "spike"));
  out.line("b: " + sides[1].name() + ", " +
           describeCount(comparison.spikesSecond, "spike"));
  for (const auto &[list, name] : {std::pair(&comparison.onlyFirst, "a"),
                                   std::pair(&comparison.onlySecond, "b")})
    if (!list->empty())
      out.line("only in " + std::string(name) + ": " + describeList(*list, 8));
  if (!comparison.difference) {
    out.line("equal: " + describeCount(comparison.populations, "population") +
             ", " + std::to_string(sides[0].result.steps) + " steps");
    return 0;
  }
  out.line(describeCount(comparison.differing, "place") + " differ");
  explain(sides, *comparison.difference, stimuli, out);
  return static_cast<int>(ErrorKind::Mismatch);
}

} // namespace

void addDiff(Program &program) {
  CLI::App *verb = program.verb(
      "diff", "The first spike that differs between two images or levels");
  auto options = std::make_shared<Options>();
  verb->add_option("a", options->first, "An image or a model")->required();
  verb->add_option("b", options->second, "An image or a model")->required();
  verb->add_option("--input", options->inputs,
                   "FILE, or NAME=FILE for each input (default: random "
                   "spikes)")
      ->allow_extra_args(false)
      ->type_name("FILE");
  verb->add_option("--sample", options->data.first,
                   "Which sample of a data set, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  std::vector<std::string> levels = levelNames();
  levels.push_back("native");
  for (const auto &[name, value] :
       {std::pair("--level-a", &options->levelFirst),
        std::pair("--level-b", &options->levelSecond)})
    verb->add_option(name, *value,
                     "Of a model: real, integer, cores, chip (default: "
                     "integer beside an image, else real); of one without "
                     "neurons: real, integer, native")
        ->check(CLI::IsMember(levels));
  options->data.declare(verb);
  options->compile = declareCompileOptions(verb, false);
  options->ann = declareAnnOptions(verb, AnnUse::Open);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
