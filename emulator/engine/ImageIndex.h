//===- emulator/engine/ImageIndex.h - Where and whose an axon is *- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H
#define HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H

#include "emulator/timing/ChipClock.h"
#include "image/ImageFile.h"
#include <memory>

namespace hillock::emu {

/// Questions to an image's tables that cycle mode asks for each message.
class ImageIndex {
public:
  explicit ImageIndex(std::shared_ptr<const image::LoadedImage> image);

  const image::LoadedImage &image() const { return *loaded; }
  const ChipShape &shape() const { return chips; }

  /// Populations of the debug section, inputs included, and "(unnamed)" behind
  /// them for compartments of none.
  const std::vector<std::string> &layers() const { return names; }
  uint32_t layerOf(uint32_t core, uint32_t compartment) const {
    const std::vector<uint32_t> &mine = layer[core];
    return compartment < mine.size() ? mine[compartment] : unnamed();
  }

  /// Index of a core into the image; the image has it (checked when loaded).
  uint32_t coreAt(uint32_t chip, uint32_t core) const {
    return places[size_t(chip) * coresPerChip + core];
  }

  struct Row {
    uint32_t synapses = 0;
    SynapseKind kind = SynapseKind::Dense;
    /// Of the targets; mixed when they are of several.
    uint32_t layer = 0;
  };
  static constexpr uint32_t mixed = UINT32_MAX;
  Row row(uint32_t core, uint32_t axon, uint32_t atom) const;
  /// Calls body(layer) for each synapse of a row.
  template <typename Body>
  void forTargets(uint32_t core, uint32_t axon, uint32_t atom,
                  const Body &body) const {
    const image::CoreTables &tables = loaded->cores[core];
    const image::AxonIn &in = tables.axonsIn[axon];
    const uint32_t number = in.firstRow + atom;
    for (uint32_t s = tables.rows.first[number];
         s < tables.rows.first[number + 1]; ++s)
      body(layerOf(core, in.cxBase + tables.rows.target[s]));
  }

  PathHops hops(uint32_t fromCore, uint32_t toCore) const {
    const Place &a = position[fromCore], &b = position[toCore];
    auto apart = [](uint32_t p, uint32_t q) { return p > q ? p - q : q - p; };
    return {apart(a.x, b.x), apart(a.y, b.y), apart(a.chipX, b.chipX),
            apart(a.chipY, b.chipY)};
  }

private:
  uint32_t unnamed() const {
    return static_cast<uint32_t>(loaded->proto.debug().population_size());
  }
  struct Place {
    uint32_t x, y, chipX, chipY;
  };
  struct Axon {
    uint32_t layer = 0;
    bool shared = false;
  };
  void placeCores();
  void nameLayers();
  void readAxons(uint32_t core);
  uint32_t layerOfRows(uint32_t core, const image::AxonIn &axon) const;

  std::shared_ptr<const image::LoadedImage> loaded;
  ChipShape chips;
  uint32_t coresPerChip = 1;
  std::vector<uint32_t> places;
  std::vector<Place> position; ///< by core
  std::vector<std::string> names;
  std::vector<std::vector<uint32_t>> layer; ///< by core, compartment
  std::vector<std::vector<Axon>> axons;     ///< by core, axon
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H
