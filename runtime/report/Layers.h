//===- runtime/report/Layers.h - What lies where in an image ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The image's words and debug section as rows for people: used by the report,
// by `hillock inspect` and by the summary of `hillock compile`.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPORT_LAYERS_H
#define HILLOCK_RUNTIME_REPORT_LAYERS_H

#include "image/ImageFile.h"
#include "image/Pack.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hillock::runtime {

/// A population of the chip.
struct LayerRow {
  std::string name, kind, location;
  std::vector<int64_t> shape;
  uint64_t neurons = 0;
  uint64_t synapses = 0;
  uint64_t cores = 0; ///< on which it has a neuron
  uint32_t weightBits = 0;
  double scale = 0;       ///< chip units a network unit
  double weightError = 0; ///< relative RMS of quantization
  uint32_t lag = 0;
  std::optional<double> spikes; ///< a sample; set by those who ran it
};

/// How full a core is and what sits on it.
struct CoreRow {
  uint32_t index = 0; ///< into the image's cores
  uint32_t chip = 0, core = 0;
  uint32_t tileX = 0, tileY = 0, slot = 0; ///< place on its chip's mesh
  uint32_t compartments = 0;
  uint64_t synapses = 0;
  std::string program;
  std::vector<std::string> layers; ///< names of populations on it
  std::vector<image::Usage> memories;

  /// Used part (0..1) of the fullest memory that is not a register word.
  double fullness() const { return fullest() ? part(*fullest()) : 0; }
  const image::Usage *fullest() const;
  static double part(const image::Usage &usage);
};

struct ChipPlan {
  uint32_t tilesX = 0, tilesY = 0, coresPerTile = 0;
  std::vector<CoreRow> cores; ///< sorted by (chip, core)

  bool empty() const { return cores.empty(); }
  std::vector<uint32_t> chips() const; ///< those with a core, ascending
};

std::vector<LayerRow> layersOf(const image::LoadedImage &image);
ChipPlan planOf(const image::LoadedImage &image);

/// One letter a core: '.' free, else a..z by layer, '*' for several; rows are
/// tile rows. \p layers gives the letters.
std::string letterPlan(const ChipPlan &plan,
                       const std::vector<LayerRow> &layers, uint32_t chip);
/// 'a', 'b' .. 'z', 'A' .. 'Z', then '#'.
char layerLetter(size_t index);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPORT_LAYERS_H
