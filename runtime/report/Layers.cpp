//===- runtime/report/Layers.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Layers.h"
#include <algorithm>
#include <map>
#include <set>

namespace hillock::runtime {

double CoreRow::part(const image::Usage &usage) {
  return usage.words ? static_cast<double>(usage.usedWords) /
                           static_cast<double>(usage.words)
                     : 0;
}

const image::Usage *CoreRow::fullest() const {
  const image::Usage *best = nullptr;
  for (const image::Usage &usage : memories)
    // A memory of one word is a register: it is always full.
    if (usage.words > 1 && (!best || part(usage) > part(*best)))
      best = &usage;
  return best;
}

std::vector<uint32_t> ChipPlan::chips() const {
  std::set<uint32_t> result;
  for (const CoreRow &core : cores)
    result.insert(core.chip);
  return {result.begin(), result.end()};
}

std::vector<LayerRow> layersOf(const image::LoadedImage &image) {
  std::vector<LayerRow> rows;
  for (const proto::Population &population : image.proto.debug().population()) {
    if (population.is_input())
      continue;
    LayerRow row;
    row.name = population.name();
    row.kind = population.kind();
    row.location = population.location();
    row.shape.assign(population.shape().begin(), population.shape().end());
    row.neurons = static_cast<uint64_t>(population.core_size());
    row.synapses = population.synapses();
    row.cores =
        std::set<uint32_t>(population.core().begin(), population.core().end())
            .size();
    row.weightBits = population.weight_bits();
    row.scale = population.scale();
    row.weightError = population.weight_error();
    row.lag = population.lag();
    rows.push_back(std::move(row));
  }
  return rows;
}

ChipPlan planOf(const image::LoadedImage &image) {
  ChipPlan plan;
  const proto::Mesh &mesh = image.target.proto().mesh();
  plan.tilesX = mesh.tiles_x();
  plan.tilesY = mesh.tiles_y();
  plan.coresPerTile = mesh.cores_per_tile();
  std::vector<std::set<int>> on(image.cores.size());
  const proto::Debug &debug = image.proto.debug();
  for (int p = 0; p < debug.population_size(); ++p)
    if (!debug.population(p).is_input())
      for (uint32_t core : debug.population(p).core())
        if (core < on.size())
          on[core].insert(p);
  for (size_t k = 0; k < image.cores.size(); ++k) {
    const image::CoreTables &tables = image.cores[k];
    CoreRow row;
    row.index = static_cast<uint32_t>(k);
    row.chip = tables.chip;
    row.core = tables.core;
    const auto place = image.target.place(tables.chip, tables.core);
    row.tileX = place.tileX;
    row.tileY = place.tileY;
    row.slot = place.coreInTile;
    row.compartments = tables.compartments;
    row.synapses = tables.rows.synapses();
    if (tables.program < image.programs.size())
      row.program = image.programs[tables.program].name;
    for (int p : on[k])
      row.layers.push_back(debug.population(p).name());
    row.memories =
        image::usage(image.proto.core(static_cast<int>(k)), image.target);
    plan.cores.push_back(std::move(row));
  }
  return plan;
}

char layerLetter(size_t index) {
  if (index < 26)
    return static_cast<char>('a' + index);
  return index < 52 ? static_cast<char>('A' + (index - 26)) : '#';
}

std::string letterPlan(const ChipPlan &plan,
                       const std::vector<LayerRow> &layers, uint32_t chip) {
  std::map<std::string, size_t> number;
  for (size_t i = 0; i < layers.size(); ++i)
    number.emplace(layers[i].name, i);
  const size_t width = plan.coresPerTile;
  std::vector<std::string> cells(size_t{plan.tilesX} * plan.tilesY,
                                 std::string(width, '.'));
  for (const CoreRow &core : plan.cores) {
    if (core.chip != chip)
      continue;
    char letter = '?'; // on a core without a name in the debug section
    if (core.layers.size() > 1)
      letter = '*';
    else if (core.layers.size() == 1 && number.count(core.layers[0]))
      letter = layerLetter(number[core.layers[0]]);
    const size_t tile = size_t{core.tileY} * plan.tilesX + core.tileX;
    if (tile < cells.size() && core.slot < width)
      cells[tile][core.slot] = letter;
  }
  std::string text;
  for (uint32_t y = 0; y < plan.tilesY; ++y) {
    text += "  ";
    for (uint32_t x = 0; x < plan.tilesX; ++x)
      text += (x ? " [" : "[") + cells[size_t{y} * plan.tilesX + x] + "]";
    text += "\n";
  }
  return text;
}

} // namespace hillock::runtime
