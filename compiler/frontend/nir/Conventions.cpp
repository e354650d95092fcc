//===- compiler/frontend/nir/Conventions.cpp ------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Conventions.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/NodeTable.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include "compiler/frontend/nir/TimeStep.h"
#include <algorithm>
#include <cmath>

namespace hillock::nir {

namespace {

const char *const fromMetadata = "metadata of the file";

/// Looks a name up in metadata; what cannot be understood is only advice, so
/// it becomes a remark.
class Hints {
public:
  Hints(const FlatGraph &graph, std::vector<std::string> &remarks)
      : graph(graph), remarks(remarks) {}

  std::optional<double> number(const Metadata &metadata, const char *key) {
    auto it = metadata.find(key);
    if (it == metadata.end())
      return std::nullopt;
    std::optional<double> value;
    if (const auto *one = std::get_if<double>(&it->second))
      value = *one;
    else if (const auto *list = std::get_if<std::vector<double>>(&it->second);
             list && list->size() == 1)
      value = list->front();
    if (value && *value > 0 && std::isfinite(*value))
      return value;
    ignore(key);
    return std::nullopt;
  }

  template <typename T>
  std::optional<T> word(const Metadata &metadata, const char *key,
                        std::optional<T> (*parse)(std::string_view)) {
    auto it = metadata.find(key);
    if (it == metadata.end())
      return std::nullopt;
    const auto *text = std::get_if<std::string>(&it->second);
    if (const auto *list = std::get_if<std::vector<std::string>>(&it->second);
        list && list->size() == 1)
      text = &list->front();
    std::optional<T> value = text ? parse(*text) : std::nullopt;
    if (!value)
      ignore(key);
    return value;
  }

private:
  void ignore(const char *key) {
    remarks.push_back(graph.file + ": metadata " + quoteName(key) +
                      " is not understood, and ignored");
  }
  const FlatGraph &graph;
  std::vector<std::string> &remarks;
};

template <typename T>
Choice<T> pick(const std::optional<T> &option, const char *optionName,
               const std::optional<T> &hint, T fallback) {
  if (option)
    return {*option, optionName};
  if (hint)
    return {*hint, fromMetadata};
  return {fallback, "default"};
}

/// The graph's hint, or the one that all nodes which have any agree on.
std::optional<double> metadataStep(const FlatGraph &graph, Hints &hints) {
  if (graph.metadata.count("dt"))
    return hints.number(graph.metadata, "dt");
  std::optional<double> found;
  for (const FlatNode &node : graph.nodes) {
    if (!node.node.metadata.count("dt"))
      continue;
    auto value = hints.number(node.node.metadata, "dt");
    if (value && found && *value != *found)
      return std::nullopt;
    found = value;
  }
  return found;
}

Error unknownStep(const FlatGraph &graph, const InferredStep &inferred) {
  constexpr size_t most = 6;
  std::string text;
  for (size_t i = 0; i < inferred.candidates.size() && i < most; ++i)
    text += (i ? "; " : "") + inferred.candidates[i];
  if (inferred.candidates.size() > most)
    text +=
        "; and " + std::to_string(inferred.candidates.size() - most) + " more";
  return inputError("the time step is not in the file, and the parameters do "
                    "not agree on one (" +
                        text + ")",
                    graph.file,
                    "give --dt in the unit of the file's time constants (see "
                    "--time-unit), for instance --dt 1e-4");
}

Expected<Choice<double>> chooseStep(const FlatGraph &graph,
                                    const ConventionOptions &options,
                                    const InferredStep &inferred, Hints &hints,
                                    std::vector<std::string> &remarks) {
  Choice<double> choice{0, ""};
  if (options.dt) {
    if (!(*options.dt > 0) || !std::isfinite(*options.dt))
      return makeError(ErrorKind::Usage,
                       "a time step of " + describeNumber(*options.dt) +
                           " is not positive",
                       "--dt", "give a positive number");
    choice = {*options.dt, "--dt"};
  } else if (auto hint = metadataStep(graph, hints)) {
    choice = {*hint, fromMetadata};
  } else if (inferred.dt) {
    return Choice<double>{*inferred.dt, inferred.source};
  } else {
    return unknownStep(graph, inferred);
  }
  if (inferred.dt && !inferred.steps &&
      std::abs(*inferred.dt - choice.value) > 1e-6 * choice.value)
    remarks.push_back(graph.file + ": the time step " +
                      describeNumber(choice.value) + " (" + choice.source +
                      ") is not the " + describeNumber(*inferred.dt) +
                      " that the parameters imply (" + inferred.source + ")");
  return choice;
}

Choice<TimeUnit> chooseUnit(const FlatGraph &graph,
                            const ConventionOptions &options,
                            const InferredStep &inferred, bool stepInferred,
                            Hints &hints, std::vector<std::string> &remarks) {
  if (options.timeUnit)
    return {*options.timeUnit, "--time-unit"};
  if (auto hint = hints.word(graph.metadata, "time_unit", parseTimeUnit))
    return {*hint, fromMetadata};
  if (stepInferred && inferred.steps)
    return {TimeUnit::Steps, inferred.source};
  double largest = 0;
  for (const FlatNode &node : graph.nodes)
    for (const char *name : {"tau", "tau_mem", "tau_syn"})
      if (auto it = node.node.fields.find(name); it != node.node.fields.end())
        for (size_t i = 0; i < it->second.size(); ++i)
          largest = std::max(largest, it->second.at(i));
  if (largest >= 1)
    remarks.push_back(graph.file + ": time constants up to " +
                      describeNumber(largest) +
                      " are read as seconds; say --time-unit ms or steps if "
                      "they are not");
  return {TimeUnit::Seconds, "default"};
}

Choice<bool> chooseNormalization(const FlatGraph &graph, double dt,
                                 std::vector<std::string> &remarks) {
  bool any = false, ones = true;
  for (const FlatNode &node : graph.nodes) {
    if (node.node.type != NodeType::IF && node.node.type != NodeType::I)
      continue;
    const Tensor &r = node.node.fields.at("r");
    any = true;
    for (size_t i = 0; i < r.size(); ++i)
      ones &= r.at(i) == 1;
  }
  if (!any)
    return {false, "no IF or I node"};
  if (!ones)
    return {false, "r is not 1"};
  if (dt != 1)
    remarks.push_back(graph.file +
                      ": IF and I nodes with r = 1 add their input once a "
                      "step, whatever the time step");
  return {true, "inferred: r = 1, as Sinabs and Norse export"};
}

/// What only a known time step can show.
Error checkAgainstStep(const FlatGraph &graph, Resolved &resolved) {
  double dt = resolved.dt.value;
  for (const FlatNode &node : graph.nodes) {
    for (const char *name : {"tau", "tau_mem", "tau_syn"}) {
      auto it = node.node.fields.find(name);
      if (it == node.node.fields.end() ||
          resolved.integrator.value != Integrator::Euler)
        continue;
      for (size_t i = 0; i < it->second.size(); ++i)
        if (it->second.at(i) < dt * (1 - 1e-6))
          return inputError(
              "the time constant " + describeNumber(it->second.at(i)) +
                  " is shorter than the time step " + describeNumber(dt) +
                  " (" + resolved.dt.source +
                  "), which forward Euler cannot integrate",
              placeOf(graph, node, name),
              "give a smaller --dt, the right --time-unit, or --integrator "
              "exact");
    }
    auto delay = node.node.fields.find("delay");
    if (delay == node.node.fields.end())
      continue;
    size_t rounded = 0;
    for (size_t i = 0; i < delay->second.size(); ++i) {
      double steps = delay->second.at(i) / dt;
      if (steps > 1e9)
        return inputError("a delay of " + describeNumber(steps) +
                              " steps is too long",
                          placeOf(graph, node, "delay"), "give a larger --dt");
      rounded += std::abs(steps - std::round(steps)) > 1e-3;
    }
    if (rounded)
      resolved.remarks.push_back(
          placeOf(graph, node, "delay") + ": " +
          describeCount(rounded, "delay") +
          " of a fractional number of steps are rounded");
  }
  return Error::success();
}

} // namespace

Expected<Resolved> resolve(const FlatGraph &graph,
                           const ConventionOptions &options) {
  Resolved resolved;
  Hints hints(graph, resolved.remarks);
  InferredStep inferred = inferTimeStep(graph);
  auto dt = chooseStep(graph, options, inferred, hints, resolved.remarks);
  if (!dt)
    return dt.takeError();
  resolved.dt = std::move(*dt);
  resolved.timeUnit = chooseUnit(graph, options, inferred,
                                 resolved.dt.source == inferred.source, hints,
                                 resolved.remarks);
  resolved.integrator =
      pick(options.integrator, "--integrator",
           hints.word(graph.metadata, "integrator", parseIntegrator),
           Integrator::Euler);
  resolved.reset =
      pick(options.reset, "--reset",
           hints.word(graph.metadata, "reset", parseReset), Reset::Value);
  resolved.strictThreshold =
      pick<bool>(options.strictThreshold, "--threshold", {}, true);
  resolved.input = pick<InputReading>(options.input, "--input-reading", {},
                                      InputReading::Held);
  resolved.stepNormalized =
      chooseNormalization(graph, resolved.dt.value, resolved.remarks);
  for (const FlatNode &node : graph.nodes) {
    std::optional<Reset> own;
    if (!options.reset)
      own = hints.word(node.node.metadata, "reset", parseReset);
    resolved.nodeReset.push_back(own.value_or(resolved.reset.value));
  }
  if (Error error = checkAgainstStep(graph, resolved))
    return error;
  return resolved;
}

std::optional<double> Resolved::dtSeconds() const {
  switch (timeUnit.value) {
  case TimeUnit::Seconds:
    return dt.value;
  case TimeUnit::Milliseconds:
    return dt.value * 1e-3;
  case TimeUnit::Steps:
    break;
  }
  return std::nullopt;
}

std::vector<std::array<std::string, 3>> Resolved::table() const {
  return {
      {"time step", describeNumber(dt.value), dt.source},
      {"time unit", nameOf(timeUnit.value), timeUnit.source},
      {"integrator", nameOf(integrator.value), integrator.source},
      {"reset", nameOf(reset.value), reset.source},
      {"threshold", strictThreshold.value ? "v > threshold" : "v >= threshold",
       strictThreshold.source},
      {"input", nameOf(input.value), input.source},
      {"IF gain", stepNormalized.value ? "1" : "dt r", stepNormalized.source},
  };
}

std::optional<TimeUnit> parseTimeUnit(std::string_view text) {
  if (text == "s" || text == "seconds")
    return TimeUnit::Seconds;
  if (text == "ms" || text == "milliseconds")
    return TimeUnit::Milliseconds;
  if (text == "steps" || text == "step")
    return TimeUnit::Steps;
  return std::nullopt;
}

std::optional<Integrator> parseIntegrator(std::string_view text) {
  if (text == "euler")
    return Integrator::Euler;
  if (text == "exact" || text == "exponential")
    return Integrator::Exact;
  if (text == "exponential-euler" || text == "exponential_euler")
    return Integrator::ExponentialEuler;
  return std::nullopt;
}

std::optional<Reset> parseReset(std::string_view text) {
  if (text == "value" || text == "zero" || text == "hard")
    return Reset::Value;
  if (text == "subtract" || text == "soft" || text == "subtraction")
    return Reset::Subtract;
  return std::nullopt;
}

const char *nameOf(TimeUnit unit) {
  return unit == TimeUnit::Seconds        ? "s"
         : unit == TimeUnit::Milliseconds ? "ms"
                                          : "steps";
}
const char *nameOf(Integrator integrator) {
  return integrator == Integrator::Euler   ? "euler"
         : integrator == Integrator::Exact ? "exact"
                                           : "exponential-euler";
}
const char *nameOf(Reset reset) {
  return reset == Reset::Value ? "value" : "subtract";
}
const char *nameOf(InputReading input) {
  return input == InputReading::Held ? "held" : "event";
}

} // namespace hillock::nir
