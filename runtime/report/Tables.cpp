//===- runtime/report/Tables.cpp - Tiles, tables, confusion ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "runtime/report/Html.h"
#include "runtime/report/Sections.h"
#include <algorithm>

namespace hillock::runtime::html {

namespace {

/// Wide enough for the digits of the largest count.
double cellSize(size_t classes, uint64_t largest) {
  const double fits = 620.0 / static_cast<double>(classes);
  const double digits = static_cast<double>(std::to_string(largest).size());
  return std::clamp(std::max(34.0, 8.5 * digits + 10), 5.0,
                    std::max(5.0, fits));
}

std::string heatMap(const std::vector<std::vector<uint64_t>> &counts) {
  const size_t classes = counts.size();
  uint64_t largest = 0;
  for (const auto &row : counts)
    for (uint64_t value : row)
      largest = std::max(largest, value);
  const double cell = cellSize(classes, largest), left = 64, top = 40;
  const bool numbers =
      cell >= 8.0 * static_cast<double>(std::to_string(largest).size()) + 4;
  std::string text = label(left + cell * static_cast<double>(classes) / 2, 14,
                           "axis mid", "decision");
  text += element(
      "text",
      {{"class", "axis mid"},
       {"transform", "translate(14," +
                         number(top + cell * static_cast<double>(classes) / 2) +
                         ") rotate(-90)"}},
      "label");
  const size_t every = std::max<size_t>(1, static_cast<size_t>(20 / cell));
  for (size_t i = 0; i < classes; ++i) {
    uint64_t sum = 0;
    for (uint64_t value : counts[i])
      sum += value;
    const double y = top + cell * static_cast<double>(i);
    if (i % every == 0) {
      text += label(left - 8, y + cell / 2 + 4, "axis end", std::to_string(i));
      text += label(left + cell * (static_cast<double>(i) + 0.5), top - 8,
                    "axis mid", std::to_string(i));
    }
    for (size_t j = 0; j < counts[i].size(); ++j) {
      const uint64_t value = counts[i][j];
      const double part =
          sum ? static_cast<double>(value) / static_cast<double>(sum) : 0;
      const double x = left + cell * static_cast<double>(j);
      std::string body =
          element("title", {},
                  escape("label " + std::to_string(i) + ", decision " +
                         std::to_string(j) + ": " + withSeparators(value) +
                         " of " + withSeparators(sum)));
      body +=
          element("rect",
                  {{"x", number(x + 1)},
                   {"y", number(y + 1)},
                   {"width", number(cell - 2)},
                   {"height", number(cell - 2)},
                   {"rx", "3"},
                   {"class", !value   ? "free"
                             : i == j ? "good"
                                      : "bad"},
                   {"fill-opacity", number(value ? 0.2 + 0.8 * part : 1, 3)}},
                  "");
      if (numbers && value)
        body += label(x + cell / 2, y + cell / 2 + 4,
                      part > 0.45 ? "letter light" : "letter",
                      std::to_string(value));
      text += element("g", {}, body);
    }
  }
  const double size = cell * static_cast<double>(classes);
  const double width = left + size + 4, height = top + size + 4;
  return element("svg",
                 {{"viewBox", "0 0 " + number(width) + " " + number(height)},
                  {"width", number(width)},
                  {"role", "img"}},
                 element("title", {}, "confusion matrix") + text);
}

} // namespace

std::string tilesSection(const ReportData &data) {
  std::string text;
  for (const ReportTile &tile : data.tiles) {
    std::string inner =
        element("div", {{"class", "label"}}, escape(tile.label)) +
        element("div", {{"class", "value"}}, escape(tile.value));
    if (!tile.note.empty())
      inner += element("div", {{"class", "small"}}, escape(tile.note));
    text += element("div", {{"class", "tilebox"}}, inner);
  }
  return text;
}

std::string layerSection(const ReportData &data) {
  if (data.layers.empty())
    return "";
  const bool spikes =
      std::any_of(data.layers.begin(), data.layers.end(),
                  [](const LayerRow &row) { return row.spikes.has_value(); });
  std::vector<std::pair<std::string, bool>> headers = {
      {"", false},      {"layer", false},  {"kind", false},
      {"shape", false}, {"neurons", true}, {"synapses", true},
      {"cores", true},  {"bits", true},    {"weight error", true},
      {"scale", true},  {"lag", true}};
  if (spikes)
    headers.insert(headers.begin() + 7, {"spikes / sample", true});
  Table table(std::move(headers));
  for (size_t i = 0; i < data.layers.size(); ++i) {
    const LayerRow &row = data.layers[i];
    std::vector<std::string> cells = {
        std::string(1, layerLetter(i)),
        element("span",
                {{"title", row.location.empty() ? row.name : row.location}},
                escape(shorten(row.name, 40))),
        escape(row.kind),
        escape(describeShape(row.shape)),
        withSeparators(row.neurons),
        withSeparators(row.synapses),
        withSeparators(row.cores),
        std::to_string(row.weightBits),
        percent(row.weightError),
        number(row.scale),
        std::to_string(row.lag)};
    if (spikes)
      cells.insert(cells.begin() + 7, row.spikes ? number(*row.spikes, 1) : "");
    table.row(cells);
  }
  return table.html();
}

std::string tableSection(const ReportTable &given) {
  if (given.rows.empty())
    return "";
  Table table(given.columns);
  for (const std::vector<std::string> &row : given.rows) {
    std::vector<std::string> cells;
    for (const std::string &text : row)
      cells.push_back(escape(text));
    table.row(cells);
  }
  const std::string note =
      given.note.empty()
          ? ""
          : element("p", {{"class", "note"}}, escape(given.note));
  return note + table.html();
}

std::string confusionSection(const ReportData &data) {
  const size_t classes = data.confusion.size();
  if (!classes)
    return "";
  constexpr size_t most = 128;
  if (classes > most)
    return element("p", {{"class", "note"}},
                   escape("The matrix of " + std::to_string(classes) +
                          " classes is too large to be drawn."));
  return element("p", {{"class", "note"}},
                 "Rows are labels, columns are decisions; the colour is the "
                 "share of the row.") +
         heatMap(data.confusion);
}

std::string conventionSection(const ReportData &data) {
  if (data.conventions.empty())
    return "";
  Table table({{"convention", false}, {"value", false}, {"from", false}});
  for (const auto &row : data.conventions)
    table.row(
        {escape(row[0]), element("b", {}, escape(row[1])), escape(row[2])});
  return table.html();
}

std::string remarkSection(const ReportData &data) {
  std::string items;
  for (const std::string &remark : data.remarks)
    items += element("li", {}, escape(remark));
  return items.empty() ? "" : element("ul", {}, items);
}

} // namespace hillock::runtime::html
