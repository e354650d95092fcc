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
  /// An image in memory.
  CoreSource(std::shared_ptr<const image::LoadedImage> whole);
  /// A file, of which only what is asked for is in memory.
  CoreSource(std::shared_ptr<const image::ImageReader> file);

  struct Place {
    uint32_t chip = 0, core = 0, program = 0;
  };
  std::vector<Place> places; ///< by core, in the order of the image
  target::TargetModel target;
  std::vector<image::Program> programs;
  /// All tables of a core; its compartments and output slots. May be called
  /// from several threads.
  std::function<Expected<image::CoreTables>(size_t core)> tables, outputs;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_CORESOURCE_H
