//===- tools/hillock/Summary.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Summary.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::tool {

std::string layerTable(const std::vector<runtime::LayerRow> &rows,
                       bool letters) {
  std::vector<std::vector<std::string>> cells = {
      {"layer", "kind", "shape", "neurons", "synapses", "cores", "bits",
       "weight error", "scale", "lag"}};
  for (const runtime::LayerRow &row : rows)
    cells.push_back({row.name, row.kind, describeShape(row.shape),
                     withSeparators(row.neurons), withSeparators(row.synapses),
                     withSeparators(row.cores), std::to_string(row.weightBits),
                     percent(row.weightError), fixed(row.scale, 2),
                     std::to_string(row.lag)});
  if (letters)
    for (size_t i = 0; i < cells.size(); ++i)
      cells[i].insert(cells[i].begin(),
                      i ? std::string(1, runtime::layerLetter(i - 1)) : "");
  return table(cells);
}

Json toJson(const std::vector<runtime::LayerRow> &rows) {
  Json list = Json::array();
  for (const runtime::LayerRow &row : rows)
    list.push_back({{"name", row.name},
                    {"kind", row.kind},
                    {"shape", row.shape},
                    {"neurons", row.neurons},
                    {"synapses", row.synapses},
                    {"cores", row.cores},
                    {"weight_bits", row.weightBits},
                    {"weight_error", row.weightError},
                    {"scale", row.scale},
                    {"lag", row.lag}});
  return list;
}

namespace {

/// A memory over all cores.
struct Fill {
  std::string name;
  uint64_t used = 0, words = 0; ///< of all cores
  double fullest = 0;
  const runtime::CoreRow *where = nullptr;
  uint64_t fullestWords = 0, size = 0;
};

std::vector<Fill> fillsOf(const runtime::ChipPlan &plan) {
  std::vector<Fill> fills;
  for (const runtime::CoreRow &core : plan.cores)
    for (size_t m = 0; m < core.memories.size(); ++m) {
      const image::Usage &usage = core.memories[m];
      if (m == fills.size())
        fills.push_back({usage.memory, 0, 0, 0, nullptr, 0, usage.words});
      Fill &fill = fills[m];
      fill.used += usage.usedWords;
      fill.words += usage.words;
      const double part = runtime::CoreRow::part(usage);
      if (!fill.where || part > fill.fullest) {
        fill.fullest = part;
        fill.where = &core;
        fill.fullestWords = usage.usedWords;
      }
    }
  return fills;
}

} // namespace

std::string memoryTable(const runtime::ChipPlan &plan) {
  std::vector<std::vector<std::string>> cells = {
      {"memory", "words", "on average", "fullest", "words used", "on core"}};
  for (const Fill &fill : fillsOf(plan))
    cells.push_back({fill.name, withSeparators(fill.size),
                     percent(fill.words ? static_cast<double>(fill.used) /
                                              static_cast<double>(fill.words)
                                        : 0),
                     percent(fill.fullest), withSeparators(fill.fullestWords),
                     "chip " + std::to_string(fill.where->chip) + " core " +
                         std::to_string(fill.where->core)});
  return table(cells);
}

Json memoryJson(const runtime::ChipPlan &plan) {
  Json list = Json::array();
  for (const Fill &fill : fillsOf(plan))
    list.push_back({{"name", fill.name},
                    {"words", fill.size},
                    {"used_words_all_cores", fill.used},
                    {"fullest", fill.fullest},
                    {"fullest_chip", fill.where->chip},
                    {"fullest_core", fill.where->core}});
  return list;
}

void addConventions(const std::vector<std::array<std::string, 3>> &conventions,
                    const std::vector<std::string> &remarks, Output &out) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> cells = {
      {"convention", "value", "from"}};
  for (const auto &row : conventions) {
    list.push_back({{"name", row[0]}, {"value", row[1]}, {"from", row[2]}});
    cells.push_back({row[0], row[1], row[2]});
  }
  out.document["conventions"] = std::move(list);
  out.document["remarks"] = remarks;
  if (!conventions.empty()) {
    out.line();
    out.text += table(cells);
  }
  if (!remarks.empty()) {
    out.line();
    out.line("  remarks:");
    for (const std::string &remark : remarks)
      out.line("  - " + remark);
  }
}

std::string accuracyText(const runtime::Evaluation &results) {
  if (!results.labelled())
    return "unknown: the data have no labels";
  return percent(results.accuracy()) + " (" + withSeparators(results.right()) +
         " of " + withSeparators(results.labelled()) + ")";
}

Json accuracyJson(const runtime::Evaluation &results) {
  if (!results.labelled())
    return nullptr;
  return results.accuracy();
}

std::string confusionTable(const runtime::Evaluation &results) {
  const auto confusion = results.confusion();
  constexpr size_t most = 24; // wider ones are for the report and for --json
  if (!results.labelled() || confusion.empty() || confusion.size() > most)
    return "";
  std::vector<std::vector<std::string>> rows = {{"label"}};
  for (size_t j = 0; j < confusion.size(); ++j)
    rows[0].push_back(std::to_string(j));
  for (size_t i = 0; i < confusion.size(); ++i) {
    rows.push_back({std::to_string(i)});
    for (const uint64_t value : confusion[i])
      rows.back().push_back(value ? std::to_string(value) : ".");
  }
  return "\n  decisions by label:\n" + table(rows);
}

} // namespace hillock::tool
