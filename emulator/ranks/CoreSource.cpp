//===- emulator/ranks/CoreSource.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/CoreSource.h"

namespace hillock::emu {

CoreSource::CoreSource(std::shared_ptr<const image::LoadedImage> whole)
    : target(whole->target), programs(whole->programs) {
  for (const image::CoreTables &core : whole->cores)
    places.push_back({core.chip, core.core, core.program});
  tables = [whole](size_t core) -> Expected<image::CoreTables> {
    return whole->cores[core];
  };
  outputs = [whole](size_t core) -> Expected<image::CoreTables> {
    const image::CoreTables &from = whole->cores[core];
    image::CoreTables slots;
    slots.compartments = from.compartments;
    slots.outFirst = from.outFirst;
    slots.axonsOut = from.axonsOut;
    return slots;
  };
}

CoreSource::CoreSource(std::shared_ptr<const image::ImageReader> file)
    : target(file->frame().target), programs(file->frame().programs) {
  for (const proto::Core &core : file->frame().proto.core())
    places.push_back({core.chip(), core.core(), core.program()});
  tables = [file](size_t core) { return file->core(core); };
  outputs = [file](size_t core) { return file->outputs(core); };
}

} // namespace hillock::emu
