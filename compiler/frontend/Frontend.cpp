//===- compiler/frontend/Frontend.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/Frontend.h"
#include "base/Describe.h"
#include "compiler/frontend/nir/Conventions.h"
#include "compiler/frontend/nir/Import.h"
#include "compiler/frontend/nir/Reader.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace hillock::frontend {

namespace {

/// The habits of a tool, where they differ from what a NIR file means.
struct Habit {
  const char *name;
  const char *integrator, *reset, *order, *threshold, *recurrentBias;
  bool multi;
  int64_t clamp;
};

// Each is checked against the traces that the NIR paper's platforms published
// (tests/unit/compiler/levels/ConventionTest.cpp).
constexpr Habit habits[] = {
    {"nir", "euler", "", "integrate_fire", "strict", "at_start", false, 0},
    {"snntorch", "euler", "", "integrate_fire", "strict", "at_start", false, 0},
    {"norse", "euler", "", "integrate_fire", "strict", "after_start", false, 0},
    {"spyx", "euler", "snntorch", "fire_integrate", "strict", "at_start", false,
     0},
    {"sinabs", "decay_exp_gain_euler", "subtract", "integrate_fire",
     "not_strict", "at_start", true, 1},
    {"rockpool", "decay_exp_gain_euler", "subtract", "integrate_fire",
     "not_strict", "at_start", true, 0},
};

Error unknownWord(const std::string &option, const std::string &word,
                  std::vector<std::string> known) {
  std::string list;
  for (const std::string &one : known)
    list += (list.empty() ? "" : ", ") + one;
  return makeError(ErrorKind::Usage, "'" + word + "' is not known", option,
                   "choose one of " + list);
}

template <typename T>
Error setWord(T &value, const std::string &word, const char *option,
              std::optional<T> (*parse)(llvm::StringRef),
              std::vector<std::string> known) {
  if (word.empty())
    return Error::success();
  std::optional<T> parsed = parse(word);
  if (!parsed)
    return unknownWord(option, word, std::move(known));
  value = *parsed;
  return Error::success();
}

Error applyHabit(const std::string &name, Options &options) {
  if (name.empty())
    return Error::success();
  for (const Habit &habit : habits) {
    if (name != habit.name)
      continue;
    auto fill = [](std::string &option, const char *value) {
      if (option.empty())
        option = value;
    };
    fill(options.integrator, habit.integrator);
    fill(options.reset, habit.reset);
    fill(options.order, habit.order);
    fill(options.threshold, habit.threshold);
    fill(options.recurrentBias, habit.recurrentBias);
    if (!options.multi)
      options.multi = habit.multi && options.reset == "subtract";
    if (!options.clamp)
      options.clamp = habit.clamp;
    return Error::success();
  }
  return unknownWord("--convention", name, conventionNames());
}

Expected<nir::ConventionOptions> toResolverOptions(const Options &options) {
  nir::ConventionOptions result;
  result.dt = options.dt;
  if (options.dt && !(*options.dt > 0))
    return makeError(ErrorKind::Usage, "the time step must be positive",
                     "--dt");
  if (!options.timeUnit.empty()) {
    result.timeUnit = nir::parseTimeUnit(options.timeUnit);
    if (!result.timeUnit)
      return unknownWord("--time-unit", options.timeUnit, {"s", "ms", "steps"});
  }
  if (options.integrator == "euler")
    result.integrator = nir::Integrator::Euler;
  else if (options.integrator == "exact")
    result.integrator = nir::Integrator::Exact;
  else if (options.integrator == "decay_exp_gain_euler")
    result.integrator = nir::Integrator::ExponentialEuler;
  else if (!options.integrator.empty())
    return unknownWord("--integrator", options.integrator,
                       {"euler", "exact", "decay_exp_gain_euler"});
  if (!options.threshold.empty())
    result.strictThreshold = options.threshold == "strict";
  if (options.reset == "subtract" || options.reset == "snntorch")
    result.reset = nir::Reset::Subtract;
  else if (!options.reset.empty())
    result.reset = nir::Reset::Value;
  return result;
}

Expected<nir::ImportConventions> decide(const nir::Resolved &resolved,
                                        const Options &options) {
  nir::ImportConventions result;
  result.dt = resolved.dt.value;
  switch (resolved.timeUnit.value) {
  case nir::TimeUnit::Seconds:
    result.timeUnit = 1;
    break;
  case nir::TimeUnit::Milliseconds:
    result.timeUnit = 1e-3;
    break;
  case nir::TimeUnit::Steps:
    result.timeUnit = 0;
    break;
  }
  switch (resolved.integrator.value) {
  case nir::Integrator::Euler:
    result.integrator = snn::Integrator::Euler;
    break;
  case nir::Integrator::Exact:
    result.integrator = snn::Integrator::Exact;
    break;
  case nir::Integrator::ExponentialEuler:
    result.integrator = snn::Integrator::DecayExpGainEuler;
    break;
  }
  result.reset = resolved.reset.value == nir::Reset::Subtract
                     ? snn::Reset::Subtract
                     : snn::Reset::Value;
  if (Error error =
          setWord(result.reset, options.reset, "--reset", &snn::symbolizeReset,
                  {"value", "zero", "subtract", "snntorch"}))
    return std::move(error);
  if (Error error =
          setWord(result.order, options.order, "--order", &snn::symbolizeOrder,
                  {"integrate_fire", "fire_integrate"}))
    return std::move(error);
  if (Error error = setWord(result.compare, options.threshold, "--threshold",
                            &snn::symbolizeCompare, {"strict", "not_strict"}))
    return std::move(error);
  if (!options.recurrentBias.empty() && options.recurrentBias != "at_start" &&
      options.recurrentBias != "after_start")
    return unknownWord("--recurrent-bias", options.recurrentBias,
                       {"at_start", "after_start"});
  result.recurrentBiasAtStart = options.recurrentBias != "after_start";
  result.refractory = options.refractory.value_or(0);
  result.multi = options.multi.value_or(false);
  result.clamp = options.clamp.value_or(0);
  result.gradedInput = options.gradedInput;
  result.cubaIntegrateFire =
      options.convention == "spyx" && options.order == "fire_integrate";
  return result;
}

/// "One step adds r x" as "v' = r x" at this dt.
void undoStepNormalization(nir::FlatGraph &graph, double dt) {
  for (nir::FlatNode &flat : graph.nodes) {
    if (flat.node.type != nir::NodeType::IF &&
        flat.node.type != nir::NodeType::I)
      continue;
    nir::Tensor &r = flat.node.fields.at("r");
    std::visit(
        [&](auto &values) {
          for (auto &value : values)
            value /= dt;
        },
        r.values);
  }
}

Expected<Imported> importNir(const std::string &path, Options options,
                             ModuleOp module) {
  if (Error error = applyHabit(options.convention, options))
    return std::move(error);
  auto resolver = toResolverOptions(options);
  if (!resolver)
    return resolver.takeError();
  auto graph = nir::readFile(path);
  if (!graph)
    return graph.takeError();
  nir::NormalizeOptions normal;
  normal.fixTransposed = options.fixTransposed;
  auto flat = nir::normalize(std::move(*graph), normal);
  if (!flat)
    return flat.takeError();
  auto resolved = nir::resolve(*flat, *resolver);
  if (!resolved)
    return resolved.takeError();
  auto conventions = decide(*resolved, options);
  if (!conventions)
    return conventions.takeError();
  if (resolved->stepNormalized.value && conventions->dt != 1)
    undoStepNormalization(*flat, conventions->dt);
  Imported result;
  result.conventions = resolved->table();
  auto row = [&](const char *name, llvm::StringRef value, bool given) {
    result.conventions.push_back(
        {name, value.str(), given ? "option" : "default"});
  };
  row("order", stringifyOrder(conventions->order), !options.order.empty());
  row("recurrent bias at t = 0",
      conventions->recurrentBiasAtStart ? "yes" : "no",
      !options.recurrentBias.empty());
  row("refractory steps", std::to_string(conventions->refractory),
      options.refractory.has_value());
  result.remarks = flat->remarks;
  result.remarks.insert(result.remarks.end(), resolved->remarks.begin(),
                        resolved->remarks.end());
  auto network = nir::importGraph(std::move(*flat), *conventions, module);
  if (!network)
    return network.takeError();
  result.network = *network;
  return result;
}

Expected<Imported> importMlir(const std::string &path, ModuleOp module) {
  ParserConfig config(module.getContext());
  OwningOpRef<ModuleOp> parsed = parseSourceFile<ModuleOp>(path, config);
  if (!parsed)
    return inputError("is not valid MLIR (see the diagnostics above)", path,
                      "check it with hillock-opt");
  Imported result;
  for (Operation &op : llvm::make_early_inc_range(*parsed->getBody())) {
    op.moveBefore(module.getBody(), module.getBody()->end());
    if (auto network = dyn_cast<snn::NetworkOp>(op); network && !result.network)
      result.network = network;
  }
  if (!result.network)
    return inputError("holds no snn.network", path,
                      "give a module with a network in it");
  return result;
}

} // namespace

std::vector<std::string> conventionNames() {
  std::vector<std::string> names;
  for (const Habit &habit : habits)
    names.push_back(habit.name);
  return names;
}

Expected<Imported> importFile(const std::string &path, const Options &options,
                              ModuleOp module) {
  llvm::StringRef extension = llvm::sys::path::extension(path);
  if (extension == ".nir" || extension == ".h5" || extension == ".hdf5")
    return importNir(path, options, module);
  if (extension == ".mlir" || extension == ".mlirbc")
    return importMlir(path, module);
  return inputError("the extension '" + extension.str() +
                        "' belongs to no format that Hillock reads",
                    path, "give a .nir, .mlir or .mlirbc file");
}

} // namespace hillock::frontend
