//===- runtime/report/LinkMap.cpp - Messages on the mesh ------------------===//
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
#include <cmath>

namespace hillock::runtime::html {

namespace {

/// The part of the mesh in which there is anything, in tiles.
struct Box {
  uint32_t left = UINT32_MAX, top = UINT32_MAX, right = 0, bottom = 0;

  void add(uint32_t x, uint32_t y) {
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  bool empty() const { return left > right; }
  uint32_t columns() const { return right - left + 1; }
  uint32_t rows() const { return bottom - top + 1; }
};

class Painter {
public:
  Painter(const emu::CycleReport &report, const emu::SetReport &set)
      : shape(report.shape), set(set), report(report),
        work(size_t(shape.width) * shape.height, 0) {
    for (uint32_t core = 0; core < shape.nodeOf.size(); ++core) {
      const uint32_t tile = shape.nodeOf[core] / shape.coresPerTile;
      box.add(tile % shape.width, tile / shape.width);
      work[tile] = std::max(work[tile], set.totals.cores[core].longest());
    }
    for (uint32_t link = 0; link < set.totals.linkMessages.size(); ++link)
      if (set.totals.linkMessages[link]) {
        const uint32_t tile = link / emu::meshDirections;
        box.add(tile % shape.width, tile / shape.width);
        most = std::max(most, set.totals.linkMessages[link]);
      }
    if (box.empty())
      return;
    pitch = std::clamp((figureWidth - 20) / box.columns(), 26.0, 118.0);
    size = 0.48 * pitch;
  }

  bool empty() const { return box.empty(); }
  std::string draw() const;

private:
  double x(uint32_t column) const { return 10 + pitch * (column - box.left); }
  double y(uint32_t row) const { return 10 + pitch * (row - box.top); }
  std::string tile(uint32_t column, uint32_t row) const;
  std::string link(uint32_t column, uint32_t row, uint32_t direction) const;

  const emu::ChipShape &shape;
  const emu::SetReport &set;
  const emu::CycleReport &report;
  std::vector<uint64_t> work; ///< cycles of the tile's busiest core
  Box box;
  uint64_t most = 0;
  double pitch = 0, size = 0;
};

std::string Painter::tile(uint32_t column, uint32_t row) const {
  const uint32_t number = row * shape.width + column;
  const auto busy = static_cast<double>(work[number] * set.cyclePs) /
                    static_cast<double>(std::max<uint64_t>(set.totalPs(), 1));
  const std::string place = std::to_string(column) + "," + std::to_string(row);
  std::string text =
      element("title", {},
              escape("tile (" + place + "): its busiest core works " +
                     percent(busy, 1) + " of the time"));
  text += element("rect",
                  {{"x", html::number(x(column))},
                   {"y", html::number(y(row))},
                   {"width", html::number(size)},
                   {"height", html::number(size)},
                   {"rx", html::number(size > 24 ? 5 : 2)},
                   {"class", work[number] ? "core" : "free"},
                   {"fill-opacity",
                    html::number(work[number] ? 0.15 + 0.85 * busy : 1, 3)}},
                  "");
  if (size > 30)
    text += label(x(column) + size / 2, y(row) + size / 2 + 4,
                  busy > 0.5 ? "letter light" : "letter", place);
  return element("g", {}, text);
}

/// East and west, north and south lie side by side; on the right hand of the
/// message's way.
std::string Painter::link(uint32_t column, uint32_t row,
                          uint32_t direction) const {
  const uint32_t tile = row * shape.width + column;
  const uint64_t messages =
      set.totals.linkMessages[tile * emu::meshDirections + direction];
  const double gap = pitch - size, aside = 0.17 * size, middle = size / 2;
  double x1 = x(column), y1 = y(row), x2 = x1, y2 = y1;
  switch (static_cast<emu::Port>(direction)) {
  case emu::Port::East:
    x1 += size, x2 = x1 + gap, y1 = y2 = y1 + middle + aside;
    break;
  case emu::Port::West:
    x2 = x1 - gap, y1 = y2 = y1 + middle - aside;
    break;
  case emu::Port::South:
    y1 += size, y2 = y1 + gap, x1 = x2 = x1 + middle - aside;
    break;
  default:
    y2 = y1 - gap, x1 = x2 = x1 + middle + aside;
    break;
  }
  if (messages == 0)
    return line(x1, y1, x2, y2, "grid");
  const double part = static_cast<double>(messages) / static_cast<double>(most);
  const uint64_t limit = report.steps;
  return element(
      "line",
      {{"x1", html::number(x1)},
       {"y1", html::number(y1)},
       {"x2", html::number(x2)},
       {"y2", html::number(y2)},
       {"class", "flow"},
       {"stroke-width", html::number(1.5 + 0.26 * size * std::sqrt(part))},
       {"stroke-opacity", html::number(0.2 + 0.8 * part, 3)}},
      element("title", {},
              escape("tile (" + std::to_string(column) + "," +
                     std::to_string(row) + ") " + emu::portName(direction) +
                     ": " + describeCount(messages, "message") + ", " +
                     html::number(
                         static_cast<double>(messages) /
                             static_cast<double>(std::max<uint64_t>(limit, 1)),
                         1) +
                     " a step")));
}

std::string Painter::draw() const {
  std::string links, tiles;
  for (uint32_t row = box.top; row <= box.bottom; ++row)
    for (uint32_t column = box.left; column <= box.right; ++column) {
      tiles += tile(column, row);
      const std::pair<emu::Port, bool> sides[] = {
          {emu::Port::East, column < box.right},
          {emu::Port::West, column > box.left},
          {emu::Port::North, row > box.top},
          {emu::Port::South, row < box.bottom}};
      for (const auto &[side, inside] : sides)
        if (inside)
          links += link(column, row, static_cast<uint32_t>(side));
    }
  // Where one chip ends and the next begins.
  std::string edges;
  const double apart = (pitch - size) / 2;
  for (uint32_t column = box.left + 1; column <= box.right; ++column)
    if (column % shape.chipWidth == 0)
      edges += html::line(x(column) - apart, 2, x(column) - apart,
                          y(box.bottom) + size + 8, "edge");
  for (uint32_t row = box.top + 1; row <= box.bottom; ++row)
    if (row % shape.chipHeight == 0)
      edges += html::line(2, y(row) - apart, x(box.right) + size + 8,
                          y(row) - apart, "edge");
  const double width = 20 + pitch * box.columns() - (pitch - size);
  const double height = 20 + pitch * box.rows() - (pitch - size);
  return element(
      "svg",
      {{"viewBox", "0 0 " + html::number(width) + " " + html::number(height)},
       {"width", html::number(width)},
       {"role", "img"}},
      element("title", {}, "messages on the links of the mesh") + edges +
          links + tiles);
}

} // namespace

std::string linkSection(const ReportData &data) {
  if (!data.cycles || data.cycles->sets.empty())
    return "";
  const emu::CycleReport &report = *data.cycles;
  const emu::SetReport &set = report.sets.front();
  const Painter painter(report, set);
  if (painter.empty())
    return "";
  const auto &links = set.totals.linkMessages;
  uint64_t all = 0;
  for (const uint64_t messages : links)
    all += messages;
  std::string note =
      "The wider and darker a channel, the more messages it carried; blue is "
      "how much of the time the tile's busiest core works (" +
      set.name() + "). Point at either for numbers. ";
  const auto most = std::max_element(links.begin(), links.end());
  if (most != links.end() && *most != 0) {
    const auto link = static_cast<uint32_t>(most - links.begin());
    const uint32_t tile = link / emu::meshDirections;
    note += "Busiest: tile (" + std::to_string(tile % report.shape.width) +
            "," + std::to_string(tile / report.shape.width) + ") " +
            emu::portName(link % emu::meshDirections) + ", " +
            describeCount(*most, "message") + " of " +
            describeCount(all, "hop") + ".";
  } else {
    note += "No message took a hop.";
  }
  return element("p", {{"class", "note"}}, escape(note)) + painter.draw();
}

} // namespace hillock::runtime::html
