//===- runtime/report/ChipMap.cpp - Cores on the mesh ---------------------===//
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
#include <map>

namespace hillock::runtime::html {

namespace {

/// The geometry of one chip.
struct Grid {
  uint32_t columns, rows; ///< cores within a tile
  double core, gap, tile, pitch;
};

Grid gridOf(const ChipPlan &plan) {
  Grid grid;
  grid.columns = static_cast<uint32_t>(
      std::ceil(std::sqrt(std::max<uint32_t>(plan.coresPerTile, 1))));
  grid.rows = (std::max<uint32_t>(plan.coresPerTile, 1) + grid.columns - 1) /
              grid.columns;
  const uint32_t across = std::max(plan.tilesX * grid.columns, 1u);
  grid.core = std::clamp(880.0 / across - 8.0, 7.0, 40.0);
  grid.gap = grid.core > 14 ? 4 : 2;
  grid.tile = grid.columns * (grid.core + grid.gap) + grid.gap;
  grid.pitch = grid.tile + std::max(6.0, 0.3 * grid.core);
  return grid;
}

std::string tooltip(const CoreRow &core) {
  std::string text = "chip " + std::to_string(core.chip) + ", core " +
                     std::to_string(core.core) + " (tile " +
                     std::to_string(core.tileX) + "," +
                     std::to_string(core.tileY) + ")\n";
  text += "layers: " + describeList(core.layers, 6) + "\n";
  if (!core.program.empty())
    text += "program: " + core.program + "\n";
  text += describeCount(core.compartments, "compartment") + ", " +
          describeCount(core.synapses, "synapse") + "\n";
  for (const image::Usage &usage : core.memories)
    text += usage.memory + ": " + withSeparators(usage.usedWords) + " of " +
            withSeparators(usage.words) + " words (" +
            percent(CoreRow::part(usage), 1) + ")\n";
  return text;
}

struct Painter {
  const ReportData &data;
  Grid grid;
  std::map<std::string, size_t> number;

  std::string rect(double x, double y, double size, double height,
                   const std::string &cssClass, double opacity) const {
    Attributes attributes = {{"x", html::number(x)},
                             {"y", html::number(y)},
                             {"width", html::number(size)},
                             {"height", html::number(height)},
                             {"rx", html::number(grid.core > 14 ? 4 : 1.5)},
                             {"class", cssClass}};
    if (opacity < 1)
      attributes.push_back({"fill-opacity", html::number(opacity, 3)});
    return element("rect", attributes, "");
  }

  std::string core(const CoreRow &core, double x, double y) const {
    const double fullness = std::clamp(core.fullness(), 0.0, 1.0);
    std::string text = element("title", {}, escape(tooltip(core)));
    text += rect(x, y, grid.core, grid.core, "core", 0.18 + 0.82 * fullness);
    if (grid.core > 14) {
      std::string letter = core.layers.size() > 1 ? "*" : "";
      if (core.layers.size() == 1) {
        const auto found = number.find(core.layers[0]);
        if (found != number.end())
          letter = layerLetter(found->second);
      }
      text += element(
          "text",
          {{"x", html::number(x + grid.core / 2)},
           {"y", html::number(y + grid.core / 2)},
           {"dy", "0.36em"},
           {"class", fullness > 0.5 ? "letter light" : "letter"},
           {"font-size", html::number(std::min(14.0, 0.6 * grid.core))}},
          letter);
    }
    return element("g", {}, text);
  }

  std::string chip(uint32_t id) const;
};

std::string Painter::chip(uint32_t id) const {
  const ChipPlan &plan = data.chip;
  std::map<std::pair<uint32_t, uint32_t>, std::map<uint32_t, const CoreRow *>>
      used;
  for (const CoreRow &core : plan.cores)
    if (core.chip == id)
      used[{core.tileX, core.tileY}][core.slot] = &core;
  std::string links, body;
  const double top = 24;
  for (uint32_t y = 0; y < plan.tilesY; ++y)
    for (uint32_t x = 0; x < plan.tilesX; ++x) {
      const double tileX = 2 + x * grid.pitch, tileY = top + y * grid.pitch;
      const double middle = grid.tile / 2;
      if (x + 1 < plan.tilesX)
        links += line(tileX + middle, tileY + middle,
                      tileX + middle + grid.pitch, tileY + middle, "link");
      if (y + 1 < plan.tilesY)
        links += line(tileX + middle, tileY + middle, tileX + middle,
                      tileY + middle + grid.pitch, "link");
      body += rect(tileX, tileY, grid.tile, grid.tile, "tile", 1);
      const auto here = used.find({x, y});
      for (uint32_t slot = 0; slot < plan.coresPerTile; ++slot) {
        const double cx =
            tileX + grid.gap + (slot % grid.columns) * (grid.core + grid.gap);
        const double cy =
            tileY + grid.gap + (slot / grid.columns) * (grid.core + grid.gap);
        if (here != used.end() && here->second.count(slot))
          body += core(*here->second.at(slot), cx, cy);
        else
          body += rect(cx, cy, grid.core, grid.core, "free", 1);
      }
    }
  const double width = plan.tilesX * grid.pitch + 4;
  const double height = top + plan.tilesY * grid.pitch + 4;
  const std::string head = label(2, 14, "band", "chip " + std::to_string(id));
  return element(
      "svg",
      {{"viewBox", "0 0 " + html::number(width) + " " + html::number(height)},
       {"width", html::number(width)},
       {"class", "chip"},
       {"role", "img"}},
      head + links + body);
}

std::string legend() {
  std::string content = label(0, 12, "axis", "fullest memory");
  for (int i = 0; i < 6; ++i) {
    const double part = i / 5.0, x = 110 + 64.0 * i;
    content += element("rect",
                       {{"x", number(x)},
                        {"y", "0"},
                        {"width", "16"},
                        {"height", "16"},
                        {"rx", "3"},
                        {"class", "core"},
                        {"fill-opacity", number(0.18 + 0.82 * part, 3)}},
                       "") +
               label(x + 22, 12, "axis", number(100 * part, 0) + " %");
  }
  return element("svg",
                 {{"viewBox", "0 0 520 18"},
                  {"width", "520"},
                  {"class", "legend"},
                  {"role", "img"}},
                 content);
}

} // namespace

std::string chipSection(const ReportData &data) {
  if (data.chip.empty())
    return "";
  constexpr size_t most = 8;
  Painter painter{data, gridOf(data.chip), {}};
  for (size_t i = 0; i < data.layers.size(); ++i)
    painter.number.emplace(data.layers[i].name, i);
  const std::vector<uint32_t> chips = data.chip.chips();
  std::string text = element(
      "p", {{"class", "note"}},
      escape(describeCount(data.chip.cores.size(), "core") + " on " +
             describeCount(chips.size(), "chip") +
             ". The letter names the layer (see the table), * several; point "
             "at a core to see all of its memories."));
  text += legend();
  for (size_t i = 0; i < chips.size() && i < most; ++i)
    text += painter.chip(chips[i]);
  if (chips.size() > most)
    text +=
        element("p", {{"class", "note"}},
                escape("The first " + std::to_string(most) + " of " +
                       describeCount(chips.size(), "chip") + " are drawn."));
  return text;
}

} // namespace hillock::runtime::html
