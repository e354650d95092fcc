//===- runtime/report/Charts.cpp - Curves over one axis -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Html.h"
#include "runtime/report/Sections.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime::html {

namespace {

constexpr double width = 540, height = 300;
constexpr double left = 76, right = 18, top = 34, bottom = 46;
constexpr size_t colours = 4; ///< .c0 .. .c3 of the style sheet

struct Range {
  double low = 0, high = 1;
  double part(double value) const { return (value - low) / (high - low); }
};

/// Of all finite values, never empty. Shares end at 100 % and begin at 0 % or,
/// when all are large, at a round number below the least.
Range rangeOf(const ReportChart &chart, bool y) {
  Range range{std::numeric_limits<double>::infinity(),
              -std::numeric_limits<double>::infinity()};
  for (const ReportCurve &curve : chart.curves)
    for (const auto &point : curve.points) {
      const double value = y ? point.second : point.first;
      if (!std::isfinite(value))
        continue;
      range.low = std::min(range.low, value);
      range.high = std::max(range.high, value);
    }
  if (!(range.low <= range.high))
    return {};
  if (y && chart.percentY)
    return {std::clamp(std::floor((range.low - 0.01) * 20) / 20, 0.0, 0.95),
            std::max(1.0, range.high)};
  if (y)
    range.low = std::min(range.low, 0.0);
  if (range.high == range.low)
    range.high = range.low + 1;
  return range;
}

std::string shown(double value, bool percents) {
  return percents ? percent(value, 0) : number(value, 3);
}

std::string axes(const ReportChart &chart, const Range &x, const Range &y) {
  const double w = width - left - right, h = height - top - bottom;
  std::string text = element("rect",
                             {{"x", number(left)},
                              {"y", number(top)},
                              {"width", number(w)},
                              {"height", number(h)},
                              {"class", "frame"}},
                             "");
  for (const double tick : ticks(x.low, x.high, 7)) {
    const double at = left + w * x.part(tick);
    text += line(at, top, at, top + h, "grid") +
            label(at, top + h + 16, "axis mid", shown(tick, chart.percentX));
  }
  for (const double tick : ticks(y.low, y.high, 5)) {
    const double at = top + h * (1 - y.part(tick));
    text += line(left, at, left + w, at, "grid") +
            label(left - 8, at + 4, "axis end", shown(tick, chart.percentY));
  }
  text += label(left + w / 2, height - 8, "axis mid", chart.xLabel);
  return text + element("text",
                        {{"class", "axis mid"},
                         {"transform", "translate(14," + number(top + h / 2) +
                                           ") rotate(-90)"}},
                        escape(chart.yLabel));
}

std::string draw(const ReportCurve &curve, const std::string &colour,
                 const ReportChart &chart, const Range &x, const Range &y) {
  std::string path, dots;
  for (const auto &[px, py] : curve.points) {
    if (!std::isfinite(px) || !std::isfinite(py))
      continue;
    const double atX = left + (width - left - right) * x.part(px);
    const double atY = top + (height - top - bottom) * (1 - y.part(py));
    path += (path.empty() ? "M" : "L") + number(atX, 1) + " " + number(atY, 1);
    const std::string value = chart.percentY ? percent(py) : number(py, 4);
    dots += element("circle",
                    {{"cx", number(atX, 1)},
                     {"cy", number(atY, 1)},
                     {"r", "3.5"},
                     {"class", colour}},
                    element("title", {},
                            escape(curve.name + ", " +
                                   shown(px, chart.percentX) + ": " + value)));
  }
  if (path.empty())
    return "";
  return element("path", {{"d", path}, {"class", colour + " curve"}}, "") +
         dots;
}

std::string drawChart(const ReportChart &chart) {
  const Range x = rangeOf(chart, false), y = rangeOf(chart, true);
  std::string text = axes(chart, x, y);
  double at = left;
  for (size_t i = 0; i < chart.curves.size(); ++i) {
    const std::string colour = "c" + std::to_string(i % colours);
    text += draw(chart.curves[i], colour, chart, x, y);
    if (chart.curves.size() < 2)
      continue;
    const std::string name = shorten(chart.curves[i].name, 24);
    text += element("rect",
                    {{"x", number(at)},
                     {"y", "10"},
                     {"width", "12"},
                     {"height", "12"},
                     {"rx", "2"},
                     {"class", colour}},
                    "") +
            label(at + 18, 20, "", name);
    at += 34 + 7.2 * static_cast<double>(name.size());
  }
  return element("figure", {},
                 element("figcaption", {}, escape(chart.title)) +
                     figure(width, height, chart.title, text));
}

} // namespace

std::string chartSection(const ReportData &data, const std::string &name) {
  std::string text;
  for (const ReportChart &chart : data.charts)
    if (chart.section == name)
      text += drawChart(chart);
  return element("div", {{"class", "pair"}}, text);
}

} // namespace hillock::runtime::html
