//===- runtime/report/CycleTables.cpp - Time and energy in tables ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "emulator/engine/Advice.h"
#include "runtime/report/Html.h"
#include "runtime/report/Sections.h"
#include <algorithm>

namespace hillock::runtime::html {

namespace {

std::string picoseconds(double ps) {
  return emu::withPrefix(static_cast<uint64_t>(ps), 12, "s");
}
std::string femtojoules(double fj) {
  return emu::withPrefix(static_cast<uint64_t>(fj), 15, "J");
}

std::string paragraph(const std::string &text) {
  return element("p", {{"class", "note"}}, escape(text));
}

/// Parts of a whole, from left to right; classes k0, k1 .. by place.
struct Bar {
  double width, height;

  std::string draw(double x, double y,
                   const std::vector<std::pair<std::string, double>> &parts,
                   double whole) const {
    std::string text;
    for (size_t k = 0; k < parts.size(); ++k) {
      const double size = whole > 0 ? width * parts[k].second / whole : 0;
      if (size <= 0)
        continue;
      text += element("rect",
                      {{"x", number(x)},
                       {"y", number(y)},
                       {"width", number(std::max(size, 0.5))},
                       {"height", number(height)},
                       {"class", "k" + std::to_string(k)}},
                      element("title", {}, escape(parts[k].first)));
      x += size;
    }
    return text;
  }
};

std::string legend(const std::vector<std::string> &names) {
  std::string text;
  double x = 0;
  for (size_t k = 0; k < names.size(); ++k) {
    if (names[k].empty())
      continue;
    text += element("rect",
                    {{"x", number(x)},
                     {"y", "2"},
                     {"width", "14"},
                     {"height", "14"},
                     {"rx", "3"},
                     {"class", "k" + std::to_string(k)}},
                    "") +
            label(x + 20, 14, "axis", names[k]);
    x += 40 + 7.0 * static_cast<double>(names[k].size());
  }
  return figure(figureWidth, 22, "legend", text);
}

/// "12.3 % of the time".
std::string part(uint64_t value, uint64_t whole) {
  return percent(
      whole ? static_cast<double>(value) / static_cast<double>(whole) : 0, 1);
}

std::string coreName(const ReportData &data, uint32_t core) {
  for (const CoreRow &row : data.chip.cores)
    if (row.index == core)
      return "chip " + std::to_string(row.chip) + " core " +
             std::to_string(row.core) + " (tile " + std::to_string(row.tileX) +
             "," + std::to_string(row.tileY) + ")";
  return "core " + std::to_string(core);
}

std::string layersOn(const ReportData &data, uint32_t core) {
  for (const CoreRow &row : data.chip.cores)
    if (row.index == core)
      return describeList(row.layers, 3);
  return "";
}

std::string tileName(const emu::ChipShape &shape, uint32_t tile) {
  return "(" + std::to_string(tile % shape.width) + "," +
         std::to_string(tile / shape.width) + ")";
}

std::string why(const emu::CoreWork &work, const emu::CoreHeat &heat,
                uint64_t steps) {
  std::string text;
  switch (emu::boundBy(work)) {
  case emu::Stage::AxonIn:
    text = "receives many messages";
    break;
  case emu::Stage::Synapses:
    text = "fetches many synapses";
    break;
  case emu::Stage::Compartments:
    text = "advances many compartments";
    break;
  case emu::Stage::AxonOut:
    text = "sends many messages";
    break;
  }
  if (heat.busiestSteps)
    text += "; the longest unit in " + part(heat.busiestSteps, steps) +
            " of the steps";
  return text;
}

std::string hotTable(const ReportData &data, const emu::CycleReport &report,
                     const emu::SetReport &set) {
  constexpr size_t most = 10;
  Table table({{"core", false},
               {"layers", false},
               {"busy a step", true},
               {"", false},
               {"why", false},
               {"blocked", true},
               {"messages in", true},
               {"out", true},
               {"a split saves", true}});
  const std::vector<uint32_t> order = emu::hottestCores(set);
  uint64_t longest = 0;
  for (const uint32_t core : order)
    longest = std::max({longest, set.totals.cores[core].sender(),
                        set.totals.cores[core].receiver()});
  const auto steps = static_cast<double>(std::max<uint64_t>(report.steps, 1));
  const auto cycle = static_cast<double>(set.cyclePs);
  for (size_t k = 0; k < order.size() && k < most; ++k) {
    const emu::CoreWork &work = set.totals.cores[order[k]];
    const emu::CoreHeat &heat = set.totals.heat[order[k]];
    auto time = [&](uint64_t cycles) {
      return picoseconds(cycle * static_cast<double>(cycles) / steps);
    };
    auto stage = [&](const char *name, uint64_t cycles) {
      return std::pair(std::string(name) + " " + time(cycles),
                       static_cast<double>(cycles));
    };
    // Classes k0 .. k5 are those of the kinds of energy.
    const Bar bar{120, 9};
    const std::string units = bar.draw(0, 1,
                                       {stage("compartments", work.updates),
                                        {"", 0},
                                        stage("axon-out", work.axonOut)},
                                       static_cast<double>(longest)) +
                              bar.draw(0, 12,
                                       {{"", 0},
                                        {"", 0},
                                        {"", 0},
                                        {"", 0},
                                        stage("axon-in", work.axonIn),
                                        stage("synapses", work.synapses)},
                                       static_cast<double>(longest));
    table.row(
        {escape(coreName(data, order[k])), escape(layersOn(data, order[k])),
         time(work.longest()),
         element("svg",
                 {{"viewBox", "0 0 120 22"}, {"width", "120"}, {"role", "img"}},
                 units),
         escape(why(work, heat, report.steps)), time(work.blocked),
         withSeparators(work.messagesIn), withSeparators(work.messagesOut),
         picoseconds(static_cast<double>(heat.splitSavesPs) / steps)});
  }
  return table.html();
}

std::string adviceOf(const ReportData &data, const emu::CycleReport &report,
                     const emu::SetReport &set) {
  std::string items;
  if (const auto split = emu::bestSplit(set))
    items += element(
        "li", {},
        escape("Split " + coreName(data, split->core) + " in two: up to " +
               picoseconds(static_cast<double>(split->savedPs) /
                           static_cast<double>(report.steps)) +
               " a step, " + part(split->savedPs, set.totalPs()) +
               " of the time. It is bound by " + emu::stageName(split->stage) +
               "; each half would receive every message and do half of the "
               "rest."));
  if (const auto move = emu::bestMove(report, set))
    items += element(
        "li", {},
        escape((move->with
                    ? "Let " + coreName(data, move->core) + " and " +
                          coreName(data, *move->with) + " change places"
                    : "Move " + coreName(data, move->core) + " to tile " +
                          tileName(report.shape, move->toTile)) +
               ": " +
               femtojoules(static_cast<double>(move->savedFj) /
                           static_cast<double>(report.runs)) +
               " less for hops, " + part(move->savedFj, move->hopsFj) +
               " of them."));
  return items.empty() ? "" : element("ul", {}, items);
}

} // namespace

std::string timingSection(const ReportData &data) {
  if (!data.cycles)
    return "";
  const emu::CycleReport &report = *data.cycles;
  const auto runs = static_cast<double>(report.runs);
  const std::string each = report.runs > 1 ? " (mean of a sample)" : "";
  Table table({{"parameter set", false},
               {"time" + each, true},
               {"with longer barriers", true},
               {"a step", true},
               {"busiest unit", true},
               {"network", true},
               {"barriers", true},
               {"energy" + each, true},
               {"source", false}});
  for (const emu::SetReport &set : report.sets)
    table.row(
        {element("b", {}, escape(set.name())),
         picoseconds(static_cast<double>(set.totalPs()) / runs),
         picoseconds(static_cast<double>(set.highPs()) / runs),
         picoseconds(static_cast<double>(set.totalPs()) /
                     static_cast<double>(std::max<uint64_t>(report.steps, 1))),
         part(set.lowerPs, set.totalPs()),
         part(set.workPs - set.lowerPs, set.totalPs()),
         part(set.barrierPs, set.totalPs()),
         femtojoules(static_cast<double>(set.energy.total()) / runs),
         escape(set.source())});
  std::string text =
      paragraph("A model, not a measurement: sums of the constants of each "
                "set, with the contention of a network on top.");
  if (report.sets.size() > 1) {
    auto mean = [&](emu::Interval all) {
      return emu::Interval{all.low / report.runs, all.high / report.runs};
    };
    text += element(
        "p", {},
        escape("The sets disagree: " + emu::timeRange(mean(report.timePs())) +
               " and " + emu::energyRange(mean(report.energyFj())) +
               (report.runs > 1 ? " a sample." : ".")));
  }
  std::string notes;
  for (const emu::SetReport &set : report.sets)
    for (const std::string &note : set.notes)
      notes += element("li", {}, escape(set.name() + ": " + note));
  text += table.html();
  if (!notes.empty())
    text += element("h3", {}, "Assumed") + element("ul", {}, notes);
  return text;
}

std::string energySection(const ReportData &data) {
  if (!data.cycles)
    return "";
  const emu::CycleReport &report = *data.cycles;
  const auto runs = static_cast<double>(report.runs);
  std::array<bool, 8> used = {};
  for (const emu::SetReport &set : report.sets)
    for (size_t k = 0; k < used.size(); ++k)
      used[k] |= emu::kindsOf(set.energy)[k].second != 0;
  std::vector<std::string> names;
  for (size_t k = 0; k < used.size(); ++k)
    names.push_back(used[k] ? emu::kindsOf({})[k].first : "");
  std::string text = legend(names);
  for (const emu::SetReport &set : report.sets) {
    std::vector<std::pair<std::string, emu::Energy>> rows;
    for (size_t l = 0; l < set.layers.size(); ++l)
      if (set.layers[l].total() != 0)
        rows.emplace_back(report.layers[l], set.layers[l]);
    emu::Energy steps;
    steps.barrier = set.energy.barrier;
    steps.leakage = set.energy.leakage;
    if (steps.total() != 0)
      rows.emplace_back("barriers and leakage", steps);
    uint64_t most = 1;
    for (const auto &[name, energy] : rows)
      most = std::max(most, energy.total());
    constexpr double left = 220, right = 170, height = 20, pitch = 28;
    std::string content;
    double y = 4;
    for (const auto &[name, energy] : rows) {
      std::vector<std::pair<std::string, double>> parts;
      for (const auto &[kind, fj] : emu::kindsOf(energy))
        parts.emplace_back(name + ", " + kind + ": " +
                               femtojoules(static_cast<double>(fj) / runs) +
                               " (" + part(fj, set.energy.total()) + ")",
                           static_cast<double>(fj));
      const double width = figureWidth - left - right;
      content +=
          label(left - 10, y + 14, "end", shorten(name, 30)) +
          Bar{width, height}.draw(left, y, parts, static_cast<double>(most)) +
          label(left + 8 +
                    width * static_cast<double>(energy.total()) /
                        static_cast<double>(most),
                y + 14, "axis",
                femtojoules(static_cast<double>(energy.total()) / runs) + ", " +
                    part(energy.total(), set.energy.total()));
      y += pitch;
    }
    text += element("h3", {},
                    escape(set.name() + ": " +
                           femtojoules(static_cast<double>(set.energy.total()) /
                                       runs) +
                           (report.runs > 1 ? " a sample" : ""))) +
            figure(figureWidth, y, "energy by layer, " + set.name(), content);
  }
  return text;
}

std::string hotCoreSection(const ReportData &data) {
  if (!data.cycles)
    return "";
  std::string text = paragraph(
      "Upper bar: the sender (compartments, then axon-out); lower bar: the "
      "receiver (axon-in, then synapses). Blocked: the mesh had no room for a "
      "message.");
  for (const emu::SetReport &set : data.cycles->sets)
    text += element("h3", {}, escape(set.name())) +
            hotTable(data, *data.cycles, set) +
            adviceOf(data, *data.cycles, set);
  return text;
}

} // namespace hillock::runtime::html
