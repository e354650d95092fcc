//===- tools/hillock/CompileOptions.cpp -----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/CompileOptions.h"
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"

namespace hillock::tool {

static void declareConventions(CLI::App *verb, frontend::Options &options) {
  const char *group = "Conventions (where the model file leaves them open)";
  const auto word = [&](const char *name, std::string &value,
                        std::vector<std::string> words, const char *text) {
    std::string list;
    for (const std::string &one : words)
      list += (list.empty() ? ": " : ", ") + one;
    verb->add_option(name, value, text + list)
        ->check(CLI::IsMember(std::move(words)))
        ->type_name("")
        ->group(group);
  };
  verb->add_option("--dt", options.dt, "Time step in the file's unit of time")
      ->group(group);
  word("--time-unit", options.timeUnit, {"s", "ms", "steps"},
       "Unit of time of the file");
  word("--integrator", options.integrator,
       {"euler", "exact", "decay_exp_gain_euler"}, "Continuous time to steps");
  word("--reset", options.reset, {"value", "zero", "subtract", "snntorch"},
       "What a spike does to the voltage");
  word("--order", options.order, {"integrate_fire", "fire_integrate"},
       "Order within a step");
  word("--threshold", options.threshold, {"strict", "not_strict"},
       "v > threshold, or >=");
  word("--recurrent-bias", options.recurrentBias, {"at_start", "after_start"},
       "Bias of recurrent projections in step 0");
  verb->add_option("--refractory", options.refractory, "Steps")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  verb->add_option("--clamp", options.clamp,
                   "Lower bound of the voltage in units of -threshold; 0: none")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  verb->add_flag_callback(
          "--multi", [&options] { options.multi = true; },
          "A neuron may spike several times a step")
      ->group(group);
  word("--convention", options.convention, frontend::conventionNames(),
       "Habits of a tool for all that is not given");
  verb->add_flag("--graded-input", options.gradedInput,
                 "Inputs are real values, not spikes")
      ->group(group);
  verb->add_flag("--fix-transposed", options.fixTransposed,
                 "Accept weights that were exported transposed")
      ->group(group);
}

CompileOptions declareCompileOptions(CLI::App *verb, bool ownSeed) {
  auto options = std::make_shared<pipeline::Options>();
  const char *group = "Compilation";
  verb->add_option("--target", options->target,
                   "A name (hillock targets) or the path of a .textproto")
      ->capture_default_str()
      ->group(group);
  verb->add_option("--weights", options->weights,
                   "Format of weights on the chip: int8, int6 to int1 (Loihi; "
                   "default int8), int4 (ODIN, tinyODIN)")
      ->type_name("FORMAT")
      ->group(group);
  verb->add_option("--weight-bits", options->quantize.weightBits,
                   "The same as a number: 4 is --weights int4")
      ->check(CLI::PositiveNumber)
      ->group(group);
  verb->add_flag("--relax-timing", options->quantize.relaxTiming,
                 "Let recurrent spikes come later than in the network where "
                 "the chip is not faster")
      ->group(group);
  verb->add_option("--neurons-per-core", options->neuronsPerCore,
                   "At most so many, where a core could hold more: more cores "
                   "and shorter steps; 0: as many as fit")
      ->check(CLI::Range(0u, 1u << 20))
      ->capture_default_str();
  verb->add_option(ownSeed ? "--seed" : "--compile-seed", options->seed,
                   "Of the placement")
      ->capture_default_str()
      ->group(group);
  declareConventions(verb, options->frontend);
  return options;
}

} // namespace hillock::tool
