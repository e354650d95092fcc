//===- emulator/ranks/CoreSource.h - Where cores come from ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A rank keeps the tables of its own cores and looks at the output slots of all
// others once. So it need not hold the whole image: a file is read core by
// core.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_CORESOURCE_H
#define HILLOCK_EMULATOR_RANKS_CORESOURCE_H

#include "image/ImageStream.h"
#include <functional>

namespace hillock::emu {

struct CoreSource {
  /// An image in memory. \p hash: of the payload of its file.
  CoreSource(const std::shared_ptr<const image::LoadedImage> &whole,
             uint64_t hash = 0);
  /// A file, of which only what is asked for is in memory.
  CoreSource(const std::shared_ptr<const image::ImageReader> &file);

  struct Place {
    uint32_t chip = 0, core = 0, program = 0;
  };
  std::string name;          ///< for messages
  uint64_t hash = 0;         ///< ranks must agree on it
  std::vector<Place> places; ///< by core, in the order of the image
  target::TargetModel target;
  std::vector<image::Program> programs;
  /// All tables of a core; its compartments and output slots. May be called
  /// from several threads.
  std::function<Expected<image::CoreTables>(size_t core)> tables, outputs;
};

/// What rank 0 needs of an image: its own cores, and to know of all cores what
/// deals them, names their spikes and checks what the host sends.
struct LeaderImage {
  /// An image in memory, see CoreSource.
  LeaderImage(std::shared_ptr<const image::LoadedImage> whole,
              uint64_t hash = 0);
  /// Of a file: reads it once, core by core.
  static Expected<LeaderImage>
  read(const std::shared_ptr<const image::ImageReader> &file);

  CoreSource source;
  /// Whole, or an outline: of its cores place, program, compartments and input
  /// axons alone.
  std::shared_ptr<const image::LoadedImage> image;
  std::vector<uint64_t> work; ///< by core, 1 for a synapse

private:
  explicit LeaderImage(CoreSource source) : source(std::move(source)) {}
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_CORESOURCE_H
