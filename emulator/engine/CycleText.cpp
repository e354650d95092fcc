//===- emulator/engine/CycleText.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "emulator/engine/CycleEngine.h"
#include <algorithm>
#include <array>
#include <cstdio>

namespace hillock::emu {

namespace {

std::string tenths(double value, const char *unit) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f%s", value, unit);
  return text;
}

std::string picoseconds(uint64_t ps) { return withPrefix(ps, 12, "s"); }
std::string femtojoules(uint64_t fj) { return withPrefix(fj, 15, "J"); }

std::string timeText(const SetReport &set) {
  if (set.steps.empty())
    return "no step";
  const uint64_t total = set.totalPs(), work = set.workPs();
  uint64_t high = 0;
  for (const StepTime &step : set.steps)
    high += step.workPs + step.barrierHighPs;
  auto longest = std::max_element(set.steps.begin(), set.steps.end(),
                                  [](const StepTime &a, const StepTime &b) {
                                    return a.totalPs() < b.totalPs();
                                  });
  std::string text =
      picoseconds(total) + ", " + picoseconds(total / set.steps.size()) +
      " a step, longest " + picoseconds(longest->totalPs()) + " (step " +
      std::to_string(longest - set.steps.begin() + 1) + "); barriers " +
      picoseconds(total - work);
  if (high != total)
    text += " to " + picoseconds(high - work);
  return text;
}

std::string energyText(const Energy &energy) {
  const std::array<std::pair<const char *, uint64_t>, 6> kinds = {{
      {"neurons", energy.update},
      {"axon-out", energy.axonOut},
      {"network", energy.network},
      {"axon-in", energy.axonIn},
      {"synapses", energy.synapses},
      {"barriers", energy.barrier},
  }};
  std::string text;
  for (const auto &[name, fj] : kinds)
    if (fj != 0)
      text += (text.empty() ? "" : ", ") + std::string(name) + " " +
              tenths(100.0 * double(fj) / double(energy.total()), " %");
  return femtojoules(energy.total()) + (text.empty() ? "" : ": " + text);
}

std::string layersText(const CycleReport &report, const SetReport &set) {
  std::string text;
  for (size_t l = 0; l < set.layers.size(); ++l)
    if (const uint64_t fj = set.layers[l].total())
      text +=
          (text.empty() ? "" : ", ") + report.layers[l] + " " + femtojoules(fj);
  return text.empty() ? "none" : text;
}

std::string busiestCore(const SetReport &set) {
  const std::vector<CoreWork> &cores = set.totals.cores;
  auto most = std::max_element(cores.begin(), cores.end(),
                               [](const CoreWork &a, const CoreWork &b) {
                                 return a.longest() < b.longest();
                               });
  if (most == cores.end() || most->longest() == 0)
    return "none";
  uint64_t all = 0;
  for (const CoreWork &core : cores)
    all += core.longest();
  const double mean = double(all) / double(cores.size());
  return "busiest: core " + std::to_string(most - cores.begin()) +
         " of the image, " +
         (most->sender() > most->receiver() ? "advancing compartments"
                                            : "receiving") +
         ", " + tenths(double(most->longest()) / mean, " times the mean");
}

std::string busiestLink(const CycleReport &report, const SetReport &set) {
  const std::vector<uint64_t> &links = set.totals.linkMessages;
  auto most = std::max_element(links.begin(), links.end());
  if (most == links.end() || *most == 0)
    return "none";
  const auto link = static_cast<uint32_t>(most - links.begin());
  const uint32_t tile = link / meshDirections;
  return "busiest: tile (" + std::to_string(tile % report.shape.width) + "," +
         std::to_string(tile / report.shape.width) + ") " +
         portName(link % meshDirections) + ", " +
         describeCount(*most, "message");
}

} // namespace

std::string withPrefix(uint64_t value, int exponent, const std::string &unit) {
  static constexpr std::array<const char *, 6> prefixes = {"",  "m", "u",
                                                           "n", "p", "f"};
  double shown = double(value);
  auto prefix = static_cast<size_t>(exponent / 3);
  while (shown >= 999.95 && prefix > 0) {
    shown /= 1000;
    --prefix;
  }
  char text[48];
  std::snprintf(text, sizeof text, "%.4g ", shown);
  return text + std::string(prefixes[prefix]) + unit;
}

std::vector<std::pair<std::string, std::string>>
describe(const CycleReport &report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const SetReport &set : report.sets) {
    const std::string by = set.name + " ";
    lines.emplace_back(by + "time", timeText(set));
    lines.emplace_back(by + "energy", energyText(set.energy));
    lines.emplace_back(by + "layers", layersText(report, set));
    lines.emplace_back(by + "core", busiestCore(set));
    lines.emplace_back(by + "link", busiestLink(report, set));
    for (const std::string &note : set.notes)
      lines.emplace_back(by + "note", note);
  }
  if (report.sets.size() > 1) {
    const Interval time = report.timePs(), energy = report.energyFj();
    lines.emplace_back("all sets time",
                       picoseconds(time.low) + " to " + picoseconds(time.high));
    lines.emplace_back("all sets energy", femtojoules(energy.low) + " to " +
                                              femtojoules(energy.high));
  }
  return lines;
}

} // namespace hillock::emu
