//===- emulator/engine/ImageIndex.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/engine/ImageIndex.h"

namespace hillock::emu {

ImageIndex::ImageIndex(std::shared_ptr<const image::LoadedImage> image)
    : loaded(std::move(image)), places(*loaded) {
  nameLayers();
  for (uint32_t core = 0; core < loaded->cores.size(); ++core)
    readAxons(core);
  for (uint32_t core = 0; core < loaded->cores.size(); ++core)
    readSlots(core);
}

void ImageIndex::nameLayers() {
  const auto &populations = loaded->proto.debug().population();
  for (const image::CoreTables &core : loaded->cores)
    layer.emplace_back(core.compartments, unnamed());
  for (const proto::Population &population : populations) {
    const auto number = static_cast<uint32_t>(names.size());
    names.push_back(population.name());
    for (int n = 0; n < population.core_size(); ++n)
      layer[population.core(n)][population.compartment(n)] = number;
  }
  names.emplace_back("(unnamed)");
}

uint32_t ImageIndex::layerOfRows(uint32_t core,
                                 const image::AxonIn &axon) const {
  const image::SynapseRows &rows = loaded->cores[core].rows;
  uint32_t found = mixed;
  for (uint32_t s = rows.first[axon.firstRow];
       s < rows.first[axon.firstRow + axon.popRows]; ++s) {
    const uint32_t one = layerOf(core, axon.cxBase + rows.target[s]);
    if (found != mixed && found != one)
      return mixed;
    found = one;
  }
  return found != mixed ? found : unnamed();
}

void ImageIndex::readAxons(uint32_t core) {
  const image::CoreTables &tables = loaded->cores[core];
  std::vector<uint32_t> users(tables.rows.rows(), 0);
  for (const image::AxonIn &axon : tables.axonsIn)
    for (uint32_t row = 0; row < axon.popRows; ++row)
      ++users[axon.firstRow + row];
  std::vector<Axon> &mine = axons.emplace_back();
  for (const image::AxonIn &axon : tables.axonsIn)
    mine.push_back({layerOfRows(core, axon), users[axon.firstRow] > 1});
}

void ImageIndex::readSlots(uint32_t core) {
  const image::CoreTables &tables = loaded->cores[core];
  std::vector<Slot> &mine = out.emplace_back();
  mine.reserve(tables.axonsOut.size());
  for (const image::AxonOut &slot : tables.axonsOut) {
    const uint32_t to = places.coreAt(slot.chip, slot.core);
    mine.push_back({to, row(to, slot.axon, slot.atom)});
  }
  std::vector<Sender> &sending =
      senders.emplace_back(size_t(tables.compartments) + 1);
  sending.back().firstSlot = tables.outFirst[tables.compartments];
  for (uint32_t c = 0; c < tables.compartments; ++c) {
    Sender &one = sending[c];
    one.layer = layerOf(core, c);
    one.firstSlot = tables.outFirst[c];
    for (uint32_t s = tables.outFirst[c]; s < tables.outFirst[c + 1]; ++s) {
      const PathHops hops = places.hops(core, mine[s].core);
      one.hops.x += hops.x;
      one.hops.y += hops.y;
      one.hops.chipX += hops.chipX;
      one.hops.chipY += hops.chipY;
    }
  }
}

ImageIndex::Row ImageIndex::row(uint32_t core, uint32_t axon,
                                uint32_t atom) const {
  const image::CoreTables &tables = loaded->cores[core];
  const uint32_t number = tables.axonsIn[axon].firstRow + atom;
  const Axon &known = axons[core][axon];
  Row row;
  row.synapses = tables.rows.first[number + 1] - tables.rows.first[number];
  row.layer = known.layer;
  const image::SynapseFormat &format =
      tables.formats[tables.rows.format[number]];
  if (known.shared)
    row.kind = SynapseKind::Shared;
  else if (format.compression == image::Compression::Sparse)
    row.kind = SynapseKind::Sparse;
  return row;
}

} // namespace hillock::emu
