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
#include <span>

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

  struct Row {
    uint32_t synapses = 0;
    /// Of the targets; mixed when they are of several.
    uint32_t layer : 30 = 0;
    SynapseKind kind : 2 = SynapseKind::Dense;
  };
  static constexpr uint32_t mixed = (1u << 30) - 1;
  Row row(uint32_t core, uint32_t axon, uint32_t atom) const;

  /// An output slot: a message that each spike of its compartment sends.
  struct Slot {
    uint32_t core = 0; ///< where it is received, index into the image
    Row row;
  };
  /// What each spike of a compartment causes.
  struct Sender {
    uint32_t layer = 0;
    uint32_t firstSlot = 0; ///< as in CoreTables::outFirst
    PathHops hops;          ///< of all its messages
  };
  const Sender &sender(uint32_t core, uint32_t compartment) const {
    return senders[core][compartment];
  }
  /// Of all compartments of a core, one after the other.
  std::span<const Slot> slots(uint32_t core) const { return out[core]; }
  /// The messages of a spike.
  std::span<const Slot> slots(uint32_t core, uint32_t compartment) const {
    const Sender *one = &senders[core][compartment];
    return slots(core).subspan(one->firstSlot,
                               one[1].firstSlot - one->firstSlot);
  }
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

  const CorePlaces::Place &placeOf(uint32_t core) const {
    return places.placeOf(core);
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
  void readSlots(uint32_t core);
  uint32_t layerOfRows(uint32_t core, const image::AxonIn &axon) const;

  std::shared_ptr<const image::LoadedImage> loaded;
  CorePlaces places;
  std::vector<std::string> names;
  std::vector<std::vector<uint32_t>> layer; ///< by core, compartment
  std::vector<std::vector<Axon>> axons;     ///< by core, axon
  std::vector<std::vector<Slot>> out;       ///< by core, slot
  /// By core, compartment; one more behind the last.
  std::vector<std::vector<Sender>> senders;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_IMAGEINDEX_H
