//===- emulator/engine/CorePlaces.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/CorePlaces.h"
#include <set>

namespace hillock::emu {

CorePlaces::CorePlaces(const image::LoadedImage &image) {
  const target::TargetModel &target = image.target;
  const proto::Mesh &mesh = target.proto().mesh();
  coresPerChip = target.coresPerChip();
  uint32_t lastX = 0, lastY = 0, lastChip = 0;
  for (const image::CoreTables &core : image.cores) {
    const auto place = target.place(core.chip, core.core);
    position.push_back({place.chipX * mesh.tiles_x() + place.tileX,
                        place.chipY * mesh.tiles_y() + place.tileY, place.chipX,
                        place.chipY});
    lastX = std::max(lastX, place.chipX);
    lastY = std::max(lastY, place.chipY);
    lastChip = std::max(lastChip, core.chip);
  }
  chips.chipWidth = mesh.tiles_x();
  chips.chipHeight = mesh.tiles_y();
  chips.coresPerTile = mesh.cores_per_tile();
  chips.width = (lastX + 1) * chips.chipWidth;
  chips.height = (lastY + 1) * chips.chipHeight;
  places.assign(size_t(lastChip + 1) * coresPerChip, 0);
  std::set<uint32_t> tiles, used;
  for (uint32_t c = 0; c < image.cores.size(); ++c) {
    const image::CoreTables &core = image.cores[c];
    places[size_t(core.chip) * coresPerChip + core.core] = c;
    const uint32_t tile = position[c].y * chips.width + position[c].x;
    const uint32_t inTile = target.place(core.chip, core.core).coreInTile;
    chips.nodeOf.push_back(tile * chips.coresPerTile + inTile);
    tiles.insert(tile);
    used.insert(core.chip);
  }
  chips.tilesInUse = static_cast<uint32_t>(tiles.size());
  chips.chipsInUse = static_cast<uint32_t>(used.size());
}

} // namespace hillock::emu
