//===- emulator/engine/CorePlaces.h - Where cores are -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_COREPLACES_H
#define HILLOCK_EMULATOR_ENGINE_COREPLACES_H

#include "emulator/timing/ChipClock.h"
#include "image/ImageFile.h"

namespace hillock::emu {

/// The cores of an image on the mesh of its target.
class CorePlaces {
public:
  explicit CorePlaces(const image::LoadedImage &image);

  const ChipShape &shape() const { return chips; }
  /// Index of a core into the image; the image has it (checked when loaded).
  uint32_t coreAt(uint32_t chip, uint32_t core) const {
    return places[size_t(chip) * coresPerChip + core];
  }
  struct Place {
    uint32_t x, y, chipX, chipY; ///< x and y in the mesh of all chips
  };
  const Place &placeOf(uint32_t core) const { return position[core]; }
  PathHops hops(uint32_t fromCore, uint32_t toCore) const {
    const Place &a = position[fromCore], &b = position[toCore];
    auto apart = [](uint32_t p, uint32_t q) { return p > q ? p - q : q - p; };
    return {apart(a.x, b.x), apart(a.y, b.y), apart(a.chipX, b.chipX),
            apart(a.chipY, b.chipY)};
  }

private:
  ChipShape chips;
  uint32_t coresPerChip = 1;
  std::vector<uint32_t> places;
  std::vector<Place> position; ///< by core
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_COREPLACES_H
