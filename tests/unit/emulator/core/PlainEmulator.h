//===- tests/unit/emulator/core/PlainEmulator.h -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The plainest engine that one can write, to hold others against.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_CORE_PLAINEMULATOR_H
#define HILLOCK_TESTS_UNIT_EMULATOR_CORE_PLAINEMULATOR_H

#include "emulator/core/Emulator.h"
#include "image/ProgramVm.h"
#include <map>

namespace hillock::test {

/// One compartment, one synapse at a time; sums of all future steps in a map.
class PlainEmulator {
public:
  explicit PlainEmulator(const image::LoadedImage &image) : image(image) {
    for (const image::CoreTables &core : image.cores) {
      const image::Program &program = image.programs[core.program];
      std::vector<std::vector<int32_t>> own(core.compartments);
      for (uint32_t c = 0; c < core.compartments; ++c)
        for (const auto &state : program.states) {
          auto at = core.initialState.find(state.name);
          own[c].push_back(at == core.initialState.end() ? 0 : at->second[c]);
        }
      states.push_back(own);
    }
  }

  void deliver(uint32_t core, uint32_t axon, uint32_t atom, int32_t payload) {
    const image::CoreTables &tables = image.cores[core];
    const image::AxonIn &in = tables.axonsIn[axon];
    uint32_t row = in.firstRow + atom;
    const image::SynapseFormat &format =
        tables.formats[tables.rows.format[row]];
    for (uint32_t s = tables.rows.first[row]; s < tables.rows.first[row + 1];
         ++s) {
      int32_t weight = tables.rows.mantissa[s];
      if (!format.exponentOnSum) {
        weight = format.weightExp >= 0 ? weight * (1 << format.weightExp)
                                       : weight >> -format.weightExp;
        weight *= 64;
      }
      uint64_t step = done + 1 + tables.rows.delayOf(s);
      sums[{step, core, in.cxBase + tables.rows.target[s]}] +=
          uint32_t(weight) * uint32_t(payload);
      ++events;
      ++lastEvents;
    }
  }

  void step() {
    ++done;
    spikes.clear();
    lastEvents = 0;
    for (uint32_t c = 0; c < image.cores.size(); ++c)
      for (uint32_t n = 0; n < image.cores[c].compartments; ++n)
        advance(c, n);
    for (const emu::Spike &spike : spikes) {
      const image::CoreTables &from = image.cores[spike.core];
      for (uint32_t s = from.outFirst[spike.compartment];
           s < from.outFirst[spike.compartment + 1]; ++s) {
        const image::AxonOut &out = from.axonsOut[s];
        for (uint32_t c = 0; c < image.cores.size(); ++c)
          if (image.cores[c].core == out.core)
            deliver(c, out.axon, out.atom, spike.payload);
      }
    }
  }

  void advance(uint32_t c, uint32_t n) {
    const image::CoreTables &core = image.cores[c];
    const image::Program &program = image.programs[core.program];
    std::vector<int32_t> params, inputs;
    for (const std::string &name : program.params)
      params.push_back(param(core, name, n));
    for (uint32_t p = 0; p < program.ports; ++p)
      inputs.push_back(input(c, n, p));
    bool fired = false;
    int32_t payload = 0;
    image::runScalar(program, params, states[c][n], inputs,
                     image::randomKey(11, c, n, done), fired, payload);
    if (fired)
      spikes.push_back({done, c, n, payload});
  }

  /// Synapses feed port 0.
  int32_t input(uint32_t c, uint32_t n, uint32_t port) {
    uint32_t sum = port == 0 ? sums[{done, c, n}] : 0;
    return int32_t(sum + injected[{done, c, n, port}]);
  }

  static int32_t param(const image::CoreTables &core, const std::string &name,
                       uint32_t n) {
    if (name == "bias_mant")
      return core.compartmentFields.at(name)[n];
    if (name == "decay_v")
      return int32_t(core.compartmentProfiles[core.profileOf[n]].at(name));
    if (name == "vth")
      return int32_t(core.thresholdProfiles[core.thresholdOf[n]].at(name));
    return int32_t(core.config.at(name));
  }

  const image::LoadedImage &image;
  uint64_t done = 0, events = 0, lastEvents = 0;
  std::vector<std::vector<std::vector<int32_t>>> states;
  std::map<std::tuple<uint64_t, uint32_t, uint32_t>, uint32_t> sums;
  std::map<std::tuple<uint64_t, uint32_t, uint32_t, uint32_t>, uint32_t>
      injected;
  std::vector<emu::Spike> spikes;
};

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_CORE_PLAINEMULATOR_H
