//===- emulator/ranks/CoreSource.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/CoreSource.h"
#include "base/InOrder.h"

namespace hillock::emu {

CoreSource::CoreSource(const std::shared_ptr<const image::LoadedImage> &whole,
                       uint64_t hash)
    : name("image"), hash(hash), target(whole->target),
      programs(whole->programs) {
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

CoreSource::CoreSource(const std::shared_ptr<const image::ImageReader> &file)
    : name(file->name()), hash(file->hash()), target(file->frame().target),
      programs(file->frame().programs) {
  for (const proto::Core &core : file->frame().proto.core())
    places.push_back({core.chip(), core.core(), core.program()});
  tables = [file](size_t core) { return file->core(core); };
  outputs = [file](size_t core) { return file->outputs(core); };
}

static uint64_t workOf(const image::CoreTables &core) {
  return 1 + 16 * uint64_t(core.compartments) + core.rows.synapses();
}

LeaderImage::LeaderImage(std::shared_ptr<const image::LoadedImage> whole,
                         uint64_t hash)
    : source(whole, hash), image(std::move(whole)) {
  for (const image::CoreTables &core : image->cores)
    work.push_back(workOf(core));
}

Expected<LeaderImage>
LeaderImage::read(const std::shared_ptr<const image::ImageReader> &file) {
  LeaderImage result{CoreSource(file)};
  auto outline = std::make_shared<image::LoadedImage>();
  outline->proto = file->frame().proto;
  outline->target = file->frame().target;
  outline->programs = file->frame().programs;
  const auto read = [&](size_t core) { return file->inputs(core); };
  const auto take = [&](size_t, image::CoreTables tables) {
    result.work.push_back(workOf(tables));
    image::CoreTables &core = outline->cores.emplace_back();
    core.chip = tables.chip;
    core.core = tables.core;
    core.program = tables.program;
    core.compartments = tables.compartments;
    core.axonsIn = std::move(tables.axonsIn);
    return Error::success();
  };
  if (Error error = InOrder<image::CoreTables>::run(result.source.places.size(),
                                                    0, read, take))
    return std::move(error);
  // Where output slots lead is checked by the ranks whose cores they reach.
  if (Error error = image::checkTogether(*outline, file->name()))
    return std::move(error);
  result.image = std::move(outline);
  return std::move(result);
}

} // namespace hillock::emu
