//===- tools/hillock/Targets.cpp - hillock targets ------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "target/TargetModel.h"
#include "tools/hillock/Verbs.h"

namespace hillock::tool {

namespace {

struct Options {
  std::string name, check;
  bool explain = false, map = false;
};

Json describe(const target::TargetModel &model) {
  const proto::Mesh &mesh = model.proto().mesh();
  Json memories = Json::array();
  for (const proto::Memory &memory : model.proto().memory())
    memories.push_back({{"name", memory.name()},
                        {"words", memory.words()},
                        {"word_bits", memory.word_bits()}});
  Json programs = Json::array();
  for (const std::string &program : model.proto().neuron_program())
    programs.push_back(program);
  return {{"name", model.name()},
          {"summary", model.proto().summary()},
          {"tiles", {mesh.tiles_x(), mesh.tiles_y()}},
          {"cores_per_tile", mesh.cores_per_tile()},
          {"cores_per_chip", model.coresPerChip()},
          {"max_chips", model.maxChips()},
          {"memories", memories},
          {"neuron_programs", programs},
          {"hash", model.hash()}};
}

Error list(Output &out) {
  Json all = Json::array();
  std::vector<std::vector<std::string>> rows = {
      {"target", "cores", "chips", "summary"}};
  for (const std::string &name : target::builtinTargets()) {
    Expected<target::TargetModel> model = target::findTarget(name);
    if (!model)
      return model.takeError();
    all.push_back(describe(*model));
    rows.push_back({name, std::to_string(model->coresPerChip()),
                    std::to_string(model->maxChips()),
                    model->proto().summary()});
  }
  out.document["targets"] = std::move(all);
  out.text += table(rows);
  out.line();
  out.line("  hillock targets NAME --explain tells all of one; a path of a "
           ".textproto file is a name, too.");
  return Error::success();
}

void showCrossbar(const proto::CrossbarRules &c, Output &out) {
  const auto range = [](int32_t low, int32_t high) {
    return std::to_string(low) + ".." + std::to_string(high);
  };
  out.item("crossbar", std::to_string(c.sources()) + " sources, " +
                           std::to_string(c.neurons()) +
                           " neurons, a queue of " +
                           describeCount(c.queue(), "event"));
  out.item("weights",
           range(c.weight_min(), c.weight_max()) +
               (c.sign_of_source() ? ", the sign is the source neuron's" : ""));
  out.item("neurons", "potential " +
                          range(c.potential_min(), c.potential_max()) +
                          ", threshold 1.." +
                          std::to_string(c.threshold_max()) + ", leak 0.." +
                          std::to_string(c.leak_max()) + " a time reference");
  out.item("cycles",
           std::to_string(c.cycles_per_neuron()) + " for each of " +
               (c.sweep_is_variable() ? std::string("the swept neurons")
                                      : describeCount(c.neurons(), "neuron")) +
               " a neuron event, " + std::to_string(c.cycles_per_virtual()) +
               " a virtual event, " + std::to_string(c.cycles_per_spike()) +
               " an output spike");
}

void show(const target::TargetModel &model, Output &out) {
  out.line(model.name() + ": " + model.proto().summary());
  out.item("cores", std::to_string(model.coresPerChip()) + " a chip, up to " +
                        describeCount(model.maxChips(), "chip"));
  out.item("neuron programs",
           describeList({model.proto().neuron_program().begin(),
                         model.proto().neuron_program().end()},
                        8));
  if (model.proto().has_crossbar())
    showCrossbar(model.proto().crossbar(), out);
  uint64_t bits = 0;
  std::vector<std::vector<std::string>> rows = {
      {"memory", "words", "bits a word"}};
  for (const proto::Memory &memory : model.proto().memory()) {
    rows.push_back({memory.name(), withSeparators(uint64_t{memory.words()}),
                    std::to_string(memory.word_bits())});
    if (memory.role() != proto::NEURON_OTHER) // the same words
      bits += uint64_t{memory.words()} * memory.word_bits();
  }
  out.item("memory a core", describeBits(bits));
  out.line();
  out.text += table(rows);
}

Expected<int> run(const Options &options, Output &out) {
  const std::string &name =
      options.check.empty() ? options.name : options.check;
  if (name.empty()) {
    if (options.explain || options.map)
      return makeError(ErrorKind::Usage, "which target?", "",
                       "hillock targets NAME --explain");
    if (Error error = list(out))
      return std::move(error);
    return 0;
  }
  Expected<target::TargetModel> model = target::findTarget(name);
  if (!model)
    return model.takeError();
  out.document = describe(*model);
  if (!options.check.empty())
    out.line(name + ": a valid target description, '" + model->name() + "'");
  if (options.explain)
    out.text += target::explain(*model);
  if (options.map)
    out.text += target::letterMap(*model);
  if (options.check.empty() && !options.explain && !options.map)
    show(*model, out);
  return 0;
}

} // namespace

void addTargets(Program &program) {
  CLI::App *verb =
      program.verb("targets", "Chips that can be compiled for; checks of new "
                              "descriptions");
  auto options = std::make_shared<Options>();
  verb->add_option("target", options->name,
                   "A name, or the path of a .textproto file");
  verb->add_flag("--explain", options->explain,
                 "Every field with its meaning, value and source");
  verb->add_flag("--map", options->map, "The mesh of a chip in letters");
  verb->add_option("--check", options->check,
                   "Check a description: what is wrong and what is missing")
      ->type_name("FILE");
  program.onRun(verb, [options](Output &out) { return run(*options, out); });
}

} // namespace hillock::tool
