//===- tools/hillock/InspectCore.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/InspectCore.h"
#include "base/Describe.h"

namespace hillock::tool {

namespace {

Json coreJson(const runtime::CoreRow &core) {
  Json memories = Json::array();
  for (const image::Usage &usage : core.memories)
    memories.push_back({{"name", usage.memory},
                        {"used_words", usage.usedWords},
                        {"words", usage.words},
                        {"word_bits", usage.wordBits}});
  return {{"index", core.index},         {"chip", core.chip},
          {"core", core.core},           {"tile", {core.tileX, core.tileY}},
          {"program", core.program},     {"compartments", core.compartments},
          {"synapses", core.synapses},   {"layers", core.layers},
          {"fullness", core.fullness()}, {"memories", std::move(memories)}};
}

std::string fields(const image::FieldValues &values) {
  std::string text;
  for (const auto &[name, value] : values)
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
  return text;
}

const char *signName(image::SignMode sign) {
  switch (sign) {
  case image::SignMode::Mixed:
    return "mixed";
  case image::SignMode::Excitatory:
    return "excitatory";
  case image::SignMode::Inhibitory:
    break;
  }
  return "inhibitory";
}

void describeFormats(const image::CoreTables &tables, Output &out) {
  std::vector<std::vector<std::string>> rows = {{"format", "bits", "exponent",
                                                 "sign", "rows", "index bits",
                                                 "delay bits"}};
  for (size_t i = 0; i < tables.formats.size(); ++i) {
    const image::SynapseFormat &format = tables.formats[i];
    const bool dense = format.compression == image::Compression::Dense;
    rows.push_back({std::to_string(i), std::to_string(format.weightBits),
                    std::to_string(format.weightExp), signName(format.sign),
                    dense ? "dense" : "sparse",
                    dense ? "-" : std::to_string(format.indexBits),
                    std::to_string(format.delayBits)});
  }
  if (rows.size() > 1) {
    out.line();
    out.text += table(rows);
  }
}

void describeAxons(const image::CoreTables &tables, Output &out) {
  size_t discrete = 0;
  for (const image::AxonIn &axon : tables.axonsIn)
    discrete += axon.type == image::AxonType::Discrete;
  out.item("axons in", withSeparators(uint64_t{tables.axonsIn.size()}) + " (" +
                           withSeparators(uint64_t{discrete}) + " discrete), " +
                           describeCount(tables.rows.rows(), "row") +
                           " of synapses");
  out.item("axons out", describeCount(tables.axonsOut.size(), "slot"));
  for (size_t i = 0; i < tables.compartmentProfiles.size(); ++i)
    out.item("profile " + std::to_string(i),
             fields(tables.compartmentProfiles[i]));
  for (size_t i = 0; i < tables.thresholdProfiles.size(); ++i)
    out.item("threshold " + std::to_string(i),
             fields(tables.thresholdProfiles[i]));
  if (!tables.config.empty())
    out.item("configuration", fields(tables.config));
}

/// Words of a memory as hexadecimal numbers, most significant digit first.
std::vector<std::string> hexWords(const proto::MemoryWords &memory) {
  static const char *const digits = "0123456789abcdef";
  std::vector<std::string> words;
  const size_t count = memory.words();
  const size_t bytes = count ? memory.data().size() / count : 0;
  for (size_t w = 0; w < count; ++w) {
    std::string text;
    for (size_t b = bytes; b > 0; --b) {
      const auto byte =
          static_cast<unsigned char>(memory.data()[w * bytes + b - 1]);
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
    words.push_back(std::move(text));
  }
  return words;
}

void describeWords(const proto::Core &core, const target::TargetModel &target,
                   Output &out) {
  Json all = Json::object();
  for (const proto::MemoryWords &memory : core.memory()) {
    const proto::Memory *description = target.memory(memory.role());
    const std::string name =
        description ? description->name() : proto::Role_Name(memory.role());
    const std::vector<std::string> words = hexWords(memory);
    out.line();
    out.line("  " + name + ", " + describeCount(words.size(), "word") + ":");
    const size_t width = words.empty() ? 1 : words[0].size() + 1;
    const size_t perLine = std::max<size_t>(1, 64 / width);
    for (size_t w = 0; w < words.size(); w += perLine) {
      std::string text = std::to_string(w);
      text = "  " + std::string(text.size() < 6 ? 6 - text.size() : 0, ' ') +
             text + ":";
      for (size_t i = w; i < std::min(words.size(), w + perLine); ++i)
        text += " " + words[i];
      out.line(text);
    }
    all[name] = words;
  }
  out.document["core"]["words"] = std::move(all);
}

} // namespace

void describeCores(const runtime::ChipPlan &plan, Output &out) {
  std::vector<std::vector<std::string>> rows = {
      {"index", "chip", "core", "tile", "neurons", "synapses", "fullest memory",
       "full", "layers"}};
  Json list = Json::array();
  for (const runtime::CoreRow &core : plan.cores) {
    const image::Usage *fullest = core.fullest();
    rows.push_back(
        {std::to_string(core.index), std::to_string(core.chip),
         std::to_string(core.core),
         std::to_string(core.tileX) + "," + std::to_string(core.tileY),
         withSeparators(uint64_t{core.compartments}),
         withSeparators(core.synapses), fullest ? fullest->memory : "-",
         percent(core.fullness()), describeList(core.layers, 4)});
    list.push_back(coreJson(core));
  }
  out.line();
  out.text += table(rows);
  out.document["core_list"] = std::move(list);
}

void describeCore(const image::LoadedImage &image, const runtime::CoreRow &core,
                  bool words, Output &out) {
  const image::CoreTables &tables = image.cores[core.index];
  out.line("core " + std::to_string(core.index) + ": chip " +
           std::to_string(core.chip) + " core " + std::to_string(core.core) +
           ", tile " + std::to_string(core.tileX) + "," +
           std::to_string(core.tileY));
  out.item("layers", describeList(core.layers, 16));
  out.item("program", core.program);
  out.item("compartments", withSeparators(uint64_t{core.compartments}));
  out.item("synapses", withSeparators(core.synapses));
  describeAxons(tables, out);
  describeFormats(tables, out);
  std::vector<std::vector<std::string>> rows = {
      {"memory", "used", "words", "full", "bits a word"}};
  for (const image::Usage &usage : core.memories)
    rows.push_back({usage.memory, withSeparators(usage.usedWords),
                    withSeparators(usage.words),
                    percent(runtime::CoreRow::part(usage)),
                    std::to_string(usage.wordBits)});
  out.line();
  out.text += table(rows);
  out.document["core"] = coreJson(core);
  if (words)
    describeWords(image.proto.core(static_cast<int>(core.index)), image.target,
                  out);
}

} // namespace hillock::tool
