//===- runtime/report/Plots.cpp - Raster and membranes --------------------===//
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

constexpr double left = 64, right = 12;
constexpr double plotWidth = figureWidth - left - right;
/// Rows of all bands together, and of one; columns of a band. Beyond them
/// several neurons share a row, several steps a dot.
constexpr int64_t mostRowsOfAll = 768, mostRows = 128, mostColumns = 540;

/// Place of the middle of a step.
double stepX(double step, int64_t steps) {
  return left + plotWidth * (step + 0.5) /
                    static_cast<double>(std::max<int64_t>(steps, 1));
}

/// The grid of steps over a height, and its numbers below.
std::string stepAxis(int64_t steps, double top, double bottom, bool numbers) {
  std::string text;
  for (double tick : ticks(0, static_cast<double>(steps - 1), 10)) {
    if (tick != std::floor(tick))
      continue;
    const double x = stepX(tick, steps);
    text += line(x, top, x, bottom, "grid");
    if (numbers)
      text += label(x, bottom + 16, "axis mid", number(tick, 0));
  }
  return text;
}

struct Band {
  const SpikeTrain *train;
  int64_t rows = 0;
  int64_t stride = 1; ///< neurons that share a row
  double height = 0;
};

std::vector<Band> bandsOf(const ReportData &data) {
  std::vector<Band> bands;
  const auto count = static_cast<int64_t>(data.raster.size());
  const int64_t most = std::clamp<int64_t>(
      mostRowsOfAll / std::max<int64_t>(count, 1), 16, mostRows);
  for (const SpikeTrain &train : data.raster) {
    const int64_t neurons = train.neurons();
    if (neurons <= 0)
      continue;
    Band band;
    band.train = &train;
    band.stride = (neurons + most - 1) / most;
    band.rows = (neurons + band.stride - 1) / band.stride;
    band.height = std::clamp(4.0 * static_cast<double>(band.rows), 36.0, 260.0);
    bands.push_back(band);
  }
  return bands;
}

/// Zero-length strokes with round ends, a dot in some eight characters. No
/// place gets two dots.
std::string dotsOf(const Band &band, double top, int64_t steps) {
  const double rowHeight = band.height / static_cast<double>(band.rows);
  const int64_t columns = std::min(steps, mostColumns);
  std::vector<bool> taken(static_cast<size_t>(band.rows * columns));
  std::string dots;
  for (const Event &event : band.train->events) {
    const int64_t row = event.neuron / band.stride;
    if (event.step >= steps || row >= band.rows)
      continue;
    const int64_t column = event.step * columns / steps;
    const auto place = static_cast<size_t>(row * columns + column);
    if (taken[place])
      continue;
    taken[place] = true;
    dots += "M" + number(stepX(event.step, steps), 1) + " " +
            number(top + (static_cast<double>(row) + 0.5) * rowHeight, 1) +
            "h0";
  }
  return dots;
}

std::string drawBand(const Band &band, double top, int64_t steps) {
  const SpikeTrain &train = *band.train;
  const double rowHeight = band.height / static_cast<double>(band.rows);
  const std::string dots = dotsOf(band, top, steps);
  const double cell = plotWidth / static_cast<double>(steps);
  const double size =
      std::clamp(std::min(0.95 * rowHeight, 0.8 * cell), 2.4, 5.5);
  std::string note =
      describeCount(static_cast<uint64_t>(train.neurons()), "neuron") + ", " +
      describeCount(train.events.size(), "spike");
  if (band.stride > 1)
    note += " (a row is " + std::to_string(band.stride) + " neurons)";
  std::string text = label(left, top - 7, "band", shorten(train.name, 60)) +
                     label(figureWidth - right, top - 7, "axis end", note) +
                     element("rect",
                             {{"x", number(left)},
                              {"y", number(top)},
                              {"width", number(plotWidth)},
                              {"height", number(band.height)},
                              {"class", "frame"}},
                             "");
  text += stepAxis(steps, top, top + band.height, false);
  text += label(left - 8, top + 10, "axis end", "0");
  if (train.neurons() > 1)
    text += label(left - 8, top + band.height - 1, "axis end",
                  std::to_string(train.neurons() - 1));
  if (!dots.empty())
    text += element(
        "path",
        {{"d", dots}, {"class", "dots"}, {"stroke-width", number(size)}}, "");
  return text;
}

/// The lowest and highest value to be shown, never equal.
std::pair<double, double> rangeOf(const MembraneTrace &trace) {
  double low = 0, high = 0;
  for (double value : trace.values)
    if (std::isfinite(value))
      low = std::min(low, value), high = std::max(high, value);
  if (trace.threshold)
    low = std::min(low, *trace.threshold),
    high = std::max(high, *trace.threshold);
  if (high == low)
    high = low + 1;
  const double margin = 0.06 * (high - low);
  return {low - margin, high + 3 * margin}; // room for the spikes' marks
}

std::string drawMembrane(const MembraneTrace &trace, double top,
                         double height) {
  const auto steps = static_cast<int64_t>(trace.values.size());
  const auto [low, high] = rangeOf(trace);
  const auto y = [&, lowest = low, highest = high](double value) {
    return top + height * (highest - value) / (highest - lowest);
  };
  std::string text = element("rect",
                             {{"x", number(left)},
                              {"y", number(top)},
                              {"width", number(plotWidth)},
                              {"height", number(height)},
                              {"class", "frame"}},
                             "");
  text += stepAxis(steps, top, top + height, true);
  for (double tick : ticks(low, high, 4)) {
    text += line(left, y(tick), left + plotWidth, y(tick), "grid");
    text += label(left - 8, y(tick) + 4, "axis end",
                  withSeparators(static_cast<int64_t>(std::llround(tick))));
  }
  std::string path;
  for (int64_t t = 0; t < steps; ++t)
    if (std::isfinite(trace.values[static_cast<size_t>(t)]))
      path += (path.empty() ? "M" : "L") +
              number(stepX(static_cast<double>(t), steps), 1) + " " +
              number(y(trace.values[static_cast<size_t>(t)]), 1);
  if (!path.empty())
    text += element("path", {{"d", path}, {"class", "trace"}}, "");
  if (trace.threshold)
    text += line(left, y(*trace.threshold), left + plotWidth,
                 y(*trace.threshold), "threshold") +
            label(left + plotWidth - 4, y(*trace.threshold) + 14,
                  "axis end warm", "threshold");
  for (uint32_t step : trace.spikeSteps)
    if (step < steps)
      text +=
          line(stepX(step, steps), top, stepX(step, steps), top + 9, "spike");
  return text + label(left, top - 7, "band", shorten(trace.name, 80)) +
         label(figureWidth - right, top - 7, "axis end",
               describeCount(trace.spikeSteps.size(), "spike"));
}

} // namespace

std::string rasterSection(const ReportData &data) {
  const int64_t steps = data.rasterSteps;
  const std::vector<Band> bands = bandsOf(data);
  if (bands.empty() || steps <= 0)
    return "";
  std::string content;
  double top = 22;
  for (const Band &band : bands) {
    content += drawBand(band, top, steps);
    top += band.height + 30;
  }
  const double bottom = top - 30;
  for (double tick : ticks(0, static_cast<double>(steps - 1), 10))
    if (tick == std::floor(tick))
      content +=
          label(stepX(tick, steps), bottom + 16, "axis mid", number(tick, 0));
  content += label(left + plotWidth / 2, bottom + 34, "axis mid", "time step");
  std::string note = "Each dot is a spike; neurons from top to bottom.";
  if (!data.rasterNote.empty())
    note = data.rasterNote + ". " + note;
  return element("p", {{"class", "note"}}, escape(note)) +
         figure(figureWidth, bottom + 42, "spikes of each population over time",
                content);
}

std::string membraneSection(const ReportData &data) {
  if (data.membranes.empty())
    return "";
  constexpr size_t most = 12;
  constexpr double height = 110;
  std::string content;
  double top = 22;
  size_t drawn = 0;
  for (const MembraneTrace &trace : data.membranes) {
    if (drawn == most)
      break;
    content += drawMembrane(trace, top, height);
    top += height + 48;
    ++drawn;
  }
  std::string note = "States of probed neurons in the chip's units; marks at "
                     "the top are the neuron's spikes.";
  if (data.membranes.size() > most)
    note += " The first " + std::to_string(most) + " of " +
            std::to_string(data.membranes.size()) + " are drawn.";
  return element("p", {{"class", "note"}}, escape(note)) +
         figure(figureWidth, top - 20, "membrane traces", content);
}

} // namespace hillock::runtime::html
