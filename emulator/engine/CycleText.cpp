//===- emulator/engine/CycleText.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "emulator/engine/Advice.h"
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

std::string tileText(const ChipShape &shape, uint32_t tile) {
  return "(" + std::to_string(tile % shape.width) + "," +
         std::to_string(tile / shape.width) + ")";
}

std::string timeText(const CycleReport &report, const SetReport &set) {
  if (report.steps == 0)
    return "no step";
  std::string text = picoseconds(set.totalPs()) + ", " +
                     picoseconds(set.totalPs() / report.steps) + " a step";
  if (!set.steps.empty()) {
    auto longest = std::max_element(set.steps.begin(), set.steps.end(),
                                    [](const StepTime &a, const StepTime &b) {
                                      return a.totalPs() < b.totalPs();
                                    });
    text += ", longest " + picoseconds(longest->totalPs()) + " (step " +
            std::to_string(longest - set.steps.begin() + 1) + ")";
  }
  text += "; barriers " + picoseconds(set.barrierPs);
  if (set.barrierHighPs != set.barrierPs)
    text += " to " + picoseconds(set.barrierHighPs);
  return text;
}

std::string energyText(const Energy &energy) {
  std::string text;
  for (const auto &[name, fj] : kindsOf(energy))
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
  const auto core = static_cast<size_t>(most - cores.begin());
  return "busiest: core " + std::to_string(core) + " of the image, with " +
         stageName(boundBy(*most)) + ", " +
         tenths(double(most->longest()) / mean, " times the mean") +
         "; the longest in " +
         describeCount(set.totals.heat[core].busiestSteps, "step");
}

std::string adviceText(const CycleReport &report, const SetReport &set) {
  std::string text;
  if (auto split = bestSplit(set))
    text = "core " + std::to_string(split->core) +
           " in two halves would save up to " + picoseconds(split->savedPs);
  if (auto move = bestMove(report, set))
    text += (text.empty() ? "core " : "; core ") + std::to_string(move->core) +
            (move->with ? " in the place of core " + std::to_string(*move->with)
                        : " on tile " + tileText(report.shape, move->toTile)) +
            " would save " + femtojoules(move->savedFj) + " of hops";
  return text;
}

std::string busiestLink(const CycleReport &report, const SetReport &set) {
  const std::vector<uint64_t> &links = set.totals.linkMessages;
  auto most = std::max_element(links.begin(), links.end());
  if (most == links.end() || *most == 0)
    return "none";
  const auto link = static_cast<uint32_t>(most - links.begin());
  const uint32_t tile = link / meshDirections;
  return "busiest: tile " + tileText(report.shape, tile) + " " +
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

static std::string range(Interval interval, int exponent, const char *unit) {
  const std::string low = withPrefix(interval.low, exponent, unit);
  if (interval.low == interval.high)
    return low;
  return low + " to " + withPrefix(interval.high, exponent, unit);
}

std::string timeRange(Interval ps) { return range(ps, 12, "s"); }
std::string energyRange(Interval fj) { return range(fj, 15, "J"); }

std::vector<std::pair<std::string, std::string>>
describe(const CycleReport &report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const SetReport &set : report.sets) {
    const std::string by = set.name() + " ";
    lines.emplace_back(by + "time", timeText(report, set));
    lines.emplace_back(by + "energy", energyText(set.energy));
    lines.emplace_back(by + "layers", layersText(report, set));
    lines.emplace_back(by + "core", busiestCore(set));
    lines.emplace_back(by + "link", busiestLink(report, set));
    if (const std::string advice = adviceText(report, set); !advice.empty())
      lines.emplace_back(by + "what if", advice);
    for (const std::string &note : set.notes)
      lines.emplace_back(by + "note", note);
  }
  if (report.sets.size() > 1) {
    lines.emplace_back("all sets time", timeRange(report.timePs()));
    lines.emplace_back("all sets energy", energyRange(report.energyFj()));
  }
  return lines;
}

} // namespace hillock::emu
