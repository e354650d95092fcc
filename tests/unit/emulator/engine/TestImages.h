//===- tests/unit/emulator/engine/TestImages.h - Images without a compiler *-
// C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_ENGINE_TESTIMAGES_H
#define HILLOCK_TESTS_UNIT_EMULATOR_ENGINE_TESTIMAGES_H

#include "emulator/engine/CycleEngine.h"
#include "image/ProgramBuilder.h"
#include <gtest/gtest.h>

namespace hillock::test {

inline std::shared_ptr<image::LoadedImage> emptyImage() {
  auto image = std::make_shared<image::LoadedImage>();
  auto target = target::findTarget("loihi");
  if (target)
    image->target = *target;
  else
    ADD_FAILURE() << takeText(target.takeError());
  return image;
}

/// v loses v >> leak, gains input and bias, fires at threshold, is set to 0.
/// The target's weights are multiples of 64, the program's input is not.
inline image::Program leakyProgram(int32_t leak, int32_t threshold) {
  image::ProgramBuilder b("leaky");
  auto v = b.state("v", 31);
  v = b.sub(v, b.shr(v, b.constant(leak)));
  v = b.add(v, b.shr(b.input(), b.constant(6)));
  v = b.add(v, b.param("bias_mant"));
  auto spike = b.less(b.constant(threshold - 1), v);
  b.write("v", b.select(spike, b.constant(0), v));
  b.fire(spike, b.constant(1));
  return b.take();
}

/// A core without synapses and axons.
inline image::CoreTables plainCore(uint32_t chip, uint32_t core,
                                   uint32_t compartments) {
  image::CoreTables tables;
  tables.chip = chip;
  tables.core = core;
  tables.compartments = compartments;
  tables.outFirst.assign(compartments + 1, 0);
  tables.compartmentProfiles = {{}};
  tables.thresholdProfiles = {{}};
  tables.profileOf.assign(compartments, 0);
  tables.thresholdOf.assign(compartments, 0);
  return tables;
}

/// An input axon with a row of its own; returns its number.
inline uint16_t addAxon(image::CoreTables &core, uint8_t format,
                        const std::vector<uint16_t> &targets,
                        const std::vector<int16_t> &mantissas) {
  image::AxonIn axon;
  axon.firstRow = static_cast<uint32_t>(core.rows.rows());
  core.rows.target.insert(core.rows.target.end(), targets.begin(),
                          targets.end());
  core.rows.mantissa.insert(core.rows.mantissa.end(), mantissas.begin(),
                            mantissas.end());
  core.rows.format.push_back(format);
  core.rows.first.push_back(static_cast<uint32_t>(core.rows.target.size()));
  core.axonsIn.push_back(axon);
  return static_cast<uint16_t>(core.axonsIn.size() - 1);
}

/// Weights are mantissas / 2.
inline image::SynapseFormat halfFormat(image::Compression compression) {
  image::SynapseFormat format;
  format.compression = compression;
  format.weightExp = -1;
  return format;
}

/// Output slots of the compartments, in order; call once for each, rising.
inline void addSlots(image::CoreTables &core, uint32_t compartment,
                     const std::vector<image::AxonOut> &slots) {
  core.axonsOut.insert(core.axonsOut.end(), slots.begin(), slots.end());
  for (uint32_t c = compartment + 1; c < core.outFirst.size(); ++c)
    core.outFirst[c] = static_cast<uint32_t>(core.axonsOut.size());
}

inline std::unique_ptr<emu::CycleEngine>
cycleEngine(std::shared_ptr<const image::LoadedImage> image,
            const emu::CycleOptions &cycle = {}, unsigned threads = 1) {
  emu::Options options;
  options.threads = threads;
  auto engine = emu::CycleEngine::create(std::move(image), options, cycle);
  if (!engine) {
    ADD_FAILURE() << takeText(engine.takeError());
    return nullptr;
  }
  return std::move(*engine);
}

inline emu::CycleReport reportOf(emu::CycleEngine &engine) {
  auto report = engine.report();
  if (!report) {
    ADD_FAILURE() << takeText(report.takeError());
    return {};
  }
  return *report;
}

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_ENGINE_TESTIMAGES_H
