//===- emulator/engine/ImageIndex.h - Where and whose an axon is *- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H
#define HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H

#include "emulator/engine/CorePlaces.h"
#include <memory>

namespace hillock::emu {

/// Questions to an image's tables that cycle mode asks for each message.
class ImageIndex {
public:
  explicit ImageIndex(std::shared_ptr<const image::LoadedImage> image);

  const image::LoadedImage &image() const { return *loaded; }
  const ChipShape &shape() const { return places.shape(); }

  /// Populations of the debug section, inputs included, and "(unnamed)" behind
  /// them for compartments of none.
  const std::vector<std::string> &layers() const { return names; }
  uint32_t layerOf(uint32_t core, uint32_t compartment) const {
    const std::vector<uint32_t> &mine = layer[core];
    return compartment < mine.size() ? mine[compartment] : unnamed();
  }

  uint32_t coreAt(uint32_t chip, uint32_t core) const {
    return places.coreAt(chip, core);
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
    return places.hops(fromCore, toCore);
  }

private:
  uint32_t unnamed() const {
    return static_cast<uint32_t>(loaded->proto.debug().population_size());
  }
  struct Axon {
    uint32_t layer = 0;
    bool shared = false;
  };
  void nameLayers();
  void readAxons(uint32_t core);
  uint32_t layerOfRows(uint32_t core, const image::AxonIn &axon) const;

  std::shared_ptr<const image::LoadedImage> loaded;
  CorePlaces places;
  std::vector<std::string> names;
  std::vector<std::vector<uint32_t>> layer; ///< by core, compartment
  std::vector<std::vector<Axon>> axons;     ///< by core, axon
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H
