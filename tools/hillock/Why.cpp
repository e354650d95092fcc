//===- tools/hillock/Why.cpp - hillock why --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/why/Why.h"
#include "base/Describe.h"
#include "emulator/engine/CycleEngine.h"
#include "tools/hillock/Model.h"
#include "tools/hillock/Verbs.h"

namespace hillock::tool {

namespace {

struct Options {
  std::string image, neuron;
  std::vector<std::string> inputs;
  int64_t step = 0;
  unsigned depth = 3;
  size_t most = 4;
  DataOptions data;
};

std::string neuronName(const std::string &population, uint32_t neuron) {
  return population + "[" + std::to_string(neuron) + "]";
}

/// Signed, with separators: "+1,234".
std::string signedText(int64_t value) {
  return (value < 0 ? "-" : "+") +
         withSeparators(static_cast<uint64_t>(value < 0 ? -value : value));
}

std::string shareText(int64_t part, int64_t whole) {
  if (whole == 0)
    return "";
  return fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole),
               1) +
         " %";
}

void printSpike(const runtime::WhySpike &spike, const std::string &margin,
                Output &out);

void printCause(const runtime::WhySpike &spike, const runtime::WhyCause &cause,
                const std::string &margin, Output &out) {
  std::string line = margin + signedText(cause.contribution);
  if (const std::string share = shareText(cause.contribution, spike.membrane);
      spike.comparable && !share.empty())
    line += " (" + share + ")";
  line += "  " + neuronName(cause.population, cause.neuron) +
          (cause.isInput ? " from the input" : " fired") + " in step " +
          std::to_string(cause.step) + ": weight " + signedText(cause.weight);
  if (cause.delay)
    line += ", delay " + describeCount(cause.delay, "step");
  line += ", added in chip step " + std::to_string(cause.addedAt);
  if (!cause.isInput) {
    const uint32_t hops = cause.hopsX + cause.hopsY;
    line += hops == 0 ? ", same tile" : ", " + describeCount(hops, "hop");
    if (!cause.travelPs.empty())
      line += ", " + emu::withPrefix(cause.travelPs.front().second, 12, "s") +
              " (" + cause.travelPs.front().first + ")";
  }
  out.line(line);
  if (cause.spike)
    printSpike(*cause.spike, margin + "    ", out);
}

void printSpike(const runtime::WhySpike &spike, const std::string &margin,
                Output &out) {
  const std::string name = neuronName(spike.population, spike.neuron);
  std::string line = margin + name;
  if (!spike.comparable) {
    out.line(line + ": its program does not compare one value with a "
                    "threshold; numbers are weights, not shares");
  } else {
    line += (spike.fired ? ": " : " did not fire: ") +
            withSeparators(spike.membrane) +
            (spike.fired ? (spike.reaches ? " reaches " : " exceeds ")
                         : (spike.reaches ? " is below " : " is not above ")) +
            withSeparators(spike.threshold);
    // A refractory neuron may be above its threshold.
    if (!spike.fired && (spike.reaches ? spike.membrane >= spike.threshold
                                       : spike.membrane > spike.threshold))
      line = margin + name + " did not fire although " +
             withSeparators(spike.membrane) + " is above " +
             withSeparators(spike.threshold);
    if (spike.lastSpike >= 0)
      line += "; last spike in step " + std::to_string(spike.lastSpike);
    out.line(line);
  }
  for (const runtime::WhyCause &cause : spike.causes)
    printCause(spike, cause, margin + "  ", out);
  auto other = [&](int64_t sum, const std::string &text) {
    const std::string share = shareText(sum, spike.membrane);
    out.line(margin + "  " + signedText(sum) +
             (share.empty() || !spike.comparable ? "" : " (" + share + ")") +
             "  " + text);
  };
  if (spike.others)
    other(spike.othersSum, describeCount(spike.others, "more message"));
  if (spike.rest != 0)
    other(spike.rest, "without any message (bias, initial state)");
}

Json toJson(const runtime::WhySpike &spike);

Json toJson(const runtime::WhyCause &cause) {
  Json json = {{"population", cause.population},
               {"neuron", cause.neuron},
               {"input", cause.isInput},
               {"step", cause.step},
               {"chip_step_fired", cause.firedAt},
               {"chip_step_added", cause.addedAt},
               {"weight", cause.weight},
               {"delay", cause.delay},
               {"contribution", cause.contribution}};
  if (!cause.isInput) {
    Json travel = Json::object();
    for (const auto &[set, ps] : cause.travelPs)
      travel[set] = ps;
    json["hops_x"] = cause.hopsX;
    json["hops_y"] = cause.hopsY;
    json["travel_ps"] = std::move(travel);
  }
  if (cause.spike)
    json["spike"] = toJson(*cause.spike);
  return json;
}

Json toJson(const runtime::WhySpike &spike) {
  Json causes = Json::array();
  for (const runtime::WhyCause &cause : spike.causes)
    causes.push_back(toJson(cause));
  auto orNull = [](int64_t step) { return step < 0 ? Json() : Json(step); };
  Json json = {{"population", spike.population},
               {"neuron", spike.neuron},
               {"step", spike.step},
               {"chip_step", spike.chipStep},
               {"core", spike.core},
               {"compartment", spike.compartment},
               {"fired", spike.fired},
               {"last_spike", orNull(spike.lastSpike)}};
  if (spike.comparable) {
    json["membrane"] = spike.membrane;
    json["threshold"] = spike.threshold;
    json["fires_at_threshold"] = spike.reaches;
    json["rest"] = spike.rest;
  }
  json["causes"] = std::move(causes);
  json["other_messages"] = spike.others;
  json["other_contribution"] = spike.othersSum;
  json["messages_without_effect"] = spike.without;
  return json;
}

Expected<int> run(const Options &options, Output &out) {
  Expected<ProbeRequest> neuron = parseProbe(options.neuron);
  if (!neuron) {
    llvm::consumeError(neuron.takeError());
    return makeError(ErrorKind::Usage, "is no neuron",
                     "--neuron " + options.neuron, "write NAME[17]");
  }
  if (neuron->last != neuron->first || !neuron->state.empty())
    return makeError(ErrorKind::Usage, "is not one neuron",
                     "--neuron " + options.neuron, "write NAME[17]");
  if (isModelFile(options.image))
    return makeError(ErrorKind::Usage, "is a model, not an image",
                     options.image, "compile it first");
  Expected<std::unique_ptr<Model>> model = openImage(options.image);
  if (!model)
    return model.takeError();
  if ((*model)->crossbarImage())
    return makeError(ErrorKind::Usage,
                     "a chip with a crossbar shows spikes only", options.image,
                     "choose an image of a target with cores");
  Expected<Stimuli> stimuli =
      options.data.loadSample(options.inputs, (*model)->inputs);
  if (!stimuli)
    return stimuli.takeError();
  for (const Port &port : (*model)->inputs)
    if (!stimuli->count(port.name))
      (*stimuli)[port.name].shape = port.shape;
  if (options.data.steps > 0)
    for (auto &[name, stimulus] : *stimuli)
      stimulus.steps = options.data.steps;
  runtime::WhyRequest request;
  request.population = neuron->population;
  request.neuron = static_cast<uint32_t>(neuron->first);
  request.step = options.step;
  request.depth = options.depth;
  request.most = options.most;
  Expected<runtime::WhySpike> spike =
      runtime::explain((*model)->image(), *stimuli, request);
  if (!spike)
    return spike.takeError();
  out.document = toJson(*spike);
  out.line(neuronName(spike->population, spike->neuron) +
           (spike->fired ? " fired" : " did not fire") + " in step " +
           std::to_string(spike->step) + " (chip step " +
           std::to_string(spike->chipStep) + ", core " +
           std::to_string(spike->core) + " of the image, compartment " +
           std::to_string(spike->compartment) + ")");
  if (!spike->fired) {
    auto step = [](int64_t at) {
      return at < 0 ? "never" : "in step " + std::to_string(at);
    };
    out.line("it fired " + step(spike->firedBefore) + " before and " +
             step(spike->firedAfter) + " after");
  }
  printSpike(*spike, "  ", out);
  return 0;
}

} // namespace

void addWhy(Program &program) {
  CLI::App *verb = program.verb(
      "why", "The causes of a spike: messages, weights, delays, shares");
  auto options = std::make_shared<Options>();
  verb->add_option("image", options->image, "A .hlk image")
      ->required()
      ->type_name("IMAGE");
  verb->add_option("--neuron", options->neuron,
                   "POPULATION[17]; of a neuron that did not fire the "
                   "membrane is explained")
      ->required();
  verb->add_option("--step", options->step, "Of the network, from 0")
      ->required()
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--input,--data", options->inputs,
                   "FILE, or NAME=FILE for each input of the network")
      ->allow_extra_args(false)
      ->required()
      ->type_name("FILE");
  verb->add_option("--sample", options->data.first,
                   "Which sample of a data set, from 0")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--depth", options->depth,
                   "Spikes from effect to cause that are explained")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  verb->add_option("--most", options->most,
                   "Causes that are named of each spike")
      ->check(CLI::Range(size_t{1}, size_t{1000}))
      ->capture_default_str();
  // --step is taken: --steps of the data options stays.
  options->data.declare(verb);
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
