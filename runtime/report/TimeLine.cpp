//===- runtime/report/TimeLine.cpp - Steps in time and energy -------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "runtime/report/Html.h"
#include "runtime/report/Sections.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime::html {

namespace {

constexpr double left = 86, right = 12;
constexpr double plotWidth = figureWidth - left - right;
/// More steps than this share columns; a column shows their mean.
constexpr size_t mostColumns = 500;

/// A row of the figure: areas on top of each other, or one alone.
struct Strip {
  std::string title, unit; ///< unit: "s", "J" or "" for a count
  int exponent = 0;        ///< of the values in units: 12 for ps
  std::vector<std::pair<std::string, std::vector<double>>> layers; ///< class
};

/// Means of as many steps as share a column.
std::vector<double> columnsOf(const std::vector<double> &values) {
  const size_t count = std::min(values.size(), mostColumns);
  std::vector<double> columns(count);
  for (size_t c = 0; c < count; ++c) {
    const size_t first = c * values.size() / count;
    const size_t last = (c + 1) * values.size() / count;
    double sum = 0;
    for (size_t s = first; s < last; ++s)
      sum += values[s];
    columns[c] = sum / static_cast<double>(last - first);
  }
  return columns;
}

std::string valueText(const Strip &strip, double value) {
  if (strip.unit.empty())
    return value < 1e15 && value == std::floor(value)
               ? withSeparators(static_cast<uint64_t>(value))
               : number(value, 1);
  return emu::withPrefix(static_cast<uint64_t>(std::llround(value)),
                         strip.exponent, strip.unit);
}

/// The outline of columns between two heights, as steps.
std::string area(const std::vector<double> &low, const std::vector<double> &top,
                 double base, double scale, const std::string &cssClass) {
  const double cell = plotWidth / static_cast<double>(low.size());
  std::string path;
  auto point = [&](char what, double x, double value) {
    path += what + number(x, 1) + " " + number(base - scale * value, 1);
  };
  for (size_t c = 0; c < top.size(); ++c) {
    point(c == 0 ? 'M' : 'L', left + cell * static_cast<double>(c), top[c]);
    point('L', left + cell * static_cast<double>(c + 1), top[c]);
  }
  for (size_t c = low.size(); c > 0; --c) {
    point('L', left + cell * static_cast<double>(c), low[c - 1]);
    point('L', left + cell * static_cast<double>(c - 1), low[c - 1]);
  }
  return element("path", {{"d", path + "Z"}, {"class", cssClass}}, "");
}

std::string draw(const Strip &strip, double y, double height, size_t steps,
                 bool numbers) {
  std::vector<double> sum(std::min(steps, mostColumns), 0.0);
  std::vector<std::pair<std::string,
                        std::pair<std::vector<double>, std::vector<double>>>>
      areas;
  for (const auto &[cssClass, values] : strip.layers) {
    std::vector<double> top = columnsOf(values);
    for (size_t c = 0; c < top.size(); ++c)
      top[c] += sum[c];
    areas.push_back({cssClass, {sum, top}});
    sum = std::move(top);
  }
  double most = *std::max_element(sum.begin(), sum.end());
  if (!(most > 0))
    most = 1;
  const double base = y + height, scale = height / (1.08 * most);
  std::string text;
  for (double tick : ticks(0, most, 3)) {
    text += line(left, base - scale * tick, left + plotWidth,
                 base - scale * tick, "grid");
    text += label(left - 8, base - scale * tick + 4, "axis end",
                  valueText(strip, tick));
  }
  for (const auto &[cssClass, heights] : areas)
    text += area(heights.first, heights.second, base, scale, cssClass);
  for (double tick : ticks(0, static_cast<double>(steps), 10)) {
    if (tick != std::floor(tick) || tick >= static_cast<double>(steps))
      continue;
    const double x =
        left + plotWidth * (tick + 0.5) / static_cast<double>(steps);
    text += line(x, base, x, base + 4, "frame");
    if (numbers)
      text += label(x, base + 18, "axis mid", number(tick + 1, 0));
  }
  text += element("rect",
                  {{"x", number(left)},
                   {"y", number(y)},
                   {"width", number(plotWidth)},
                   {"height", number(height)},
                   {"class", "frame"}},
                  "");
  return text + label(left, y - 7, "band", strip.title);
}

template <typename Value>
std::vector<double> valuesOf(size_t steps, const Value &value) {
  std::vector<double> list;
  for (size_t s = 0; s < steps; ++s)
    list.push_back(static_cast<double>(value(s)));
  return list;
}

std::string key(double x, double y, const std::string &cssClass,
                const std::string &name) {
  return element("rect",
                 {{"x", number(x)},
                  {"y", number(y - 11)},
                  {"width", "13"},
                  {"height", "13"},
                  {"rx", "3"},
                  {"class", cssClass}},
                 "") +
         label(x + 18, y, "axis", name);
}

std::string timeFigure(const emu::CycleReport &report,
                       const emu::SetReport &set) {
  const size_t steps = set.steps.size();
  auto step = [&](size_t s) -> const emu::StepTime & { return set.steps[s]; };
  const Strip time = {
      set.name() + ": time of a step",
      "s",
      12,
      {{"k0", valuesOf(steps, [&](size_t s) { return step(s).lowerPs; })},
       {"k3",
        valuesOf(steps,
                 [&](size_t s) { return step(s).workPs - step(s).lowerPs; })},
       {"k6", valuesOf(steps, [&](size_t s) { return step(s).barrierPs; })}}};
  const Strip energy = {set.name() + ": energy of a step",
                        "J",
                        15,
                        {{"k5", valuesOf(steps, [&](size_t s) {
                            return report.stepEnergyFj(set, s);
                          })}}};
  std::string content =
      draw(time, 22, 130, steps, false) + draw(energy, 184, 80, steps, true);
  content += key(left + plotWidth - 330, 15, "k0", "busiest unit") +
             key(left + plotWidth - 210, 15, "k3", "waiting, network") +
             key(left + plotWidth - 72, 15, "k6", "barrier");
  return figure(figureWidth, 290, "time and energy of each step, " + set.name(),
                content);
}

} // namespace

std::string timeLineSection(const ReportData &data) {
  if (!data.timeLine || data.timeLine->stepCounts.empty())
    return "";
  const emu::CycleReport &report = *data.timeLine;
  const size_t steps = report.stepCounts.size();
  const std::vector<emu::EventCounts> &counts = report.stepCounts;
  const Strip spikes = {
      "spikes of a step", "", 0, {{"k1", valuesOf(steps, [&](size_t s) {
                                     return counts[s].spikes;
                                   })}}};
  const Strip events = {"synaptic events of a step",
                        "",
                        0,
                        {{"k5", valuesOf(steps, [&](size_t s) {
                            return counts[s].synapticEvents();
                          })}}};
  std::string note = "Steps of the chip, from 1.";
  if (steps > mostColumns)
    note += " Several steps share a column, which shows their mean.";
  if (data.cycles && data.cycles->runs > 1)
    note = "The first sample. " + note;
  std::string text =
      element("p", {{"class", "note"}}, escape(note)) +
      figure(figureWidth, 210, "spikes and synaptic events of each step",
             draw(spikes, 22, 70, steps, false) +
                 draw(events, 118, 70, steps, true));
  for (const emu::SetReport &set : report.sets)
    if (set.steps.size() == steps)
      text += timeFigure(report, set);
  return text;
}

} // namespace hillock::runtime::html
