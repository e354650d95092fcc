//===- tests/unit/emulator/core/LaneBench.h ---------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_CORE_LANEBENCH_H
#define HILLOCK_TESTS_UNIT_EMULATOR_CORE_LANEBENCH_H

#include "emulator/core/LaneProgram.h"
#include "emulator/core/kernels/Kernels.h"
#include "image/ProgramVm.h"
#include "tests/unit/emulator/core/RandomPrograms.h"
#include <gtest/gtest.h>

namespace hillock::test {

/// One core with random parameters, states and inputs, in both engines.
struct Bench {
  Bench(const image::Program &program, uint32_t lanes, Rng &rng,
        bool inject = true)
      : program(program), inject(inject), lanes(lanes),
        padded(emu::paddedLanes(lanes)), sums(padded) {
    for (size_t p = 0; p < program.params.size(); ++p) {
      bool uniform = below(rng, 2) == 0;
      paramLanes.emplace_back(padded);
      int32_t same = anyValue(rng);
      for (uint32_t c = 0; c < lanes; ++c)
        paramLanes[p].data()[c] = uniform ? same : anyValue(rng);
      params.push_back({uniform, same, paramLanes[p].data()});
    }
    for (size_t s = 0; s < program.states.size(); ++s) {
      states.emplace_back(padded);
      for (uint32_t c = 0; c < lanes; ++c)
        states[s].data()[c] = anyValue(rng);
      pointers.push_back(states[s].data());
    }
    for (uint32_t p = 0; p < program.ports; ++p) {
      direct.emplace_back(padded);
      ports.push_back(inject && below(rng, 3) ? direct[p].data() : nullptr);
    }
  }

  void step(uint64_t number, Rng &rng) {
    for (uint32_t c = 0; c < lanes; ++c) {
      sums.data()[c] = anyValue(rng);
      for (emu::LaneArray &port : direct)
        port.data()[c] = anyValue(rng);
    }
    std::vector<std::vector<int32_t>> expected(lanes);
    std::vector<emu::Fired> fires;
    for (uint32_t c = 0; c < lanes; ++c)
      expected[c] = scalar(c, number, fires);

    emu::LaneProgram code = emu::LaneProgram::compile(program, params);
    emu::LaneArray scratch(
        std::max(size_t(code.scratchSlots()) * emu::laneBlock,
                 code.nativeScratch(lanes)));
    std::vector<int32_t *> arrays(code.arraysNeeded());
    emu::LaneContext context;
    context.kernels = llvm::cantFail(emu::findKernels(simd));
    if (codegen)
      context.native = codegen->generate(code, shift);
    generated |= context.native != nullptr;
    context.scratch = scratch.data();
    context.arrays = arrays.data();
    context.states = pointers;
    context.sums = sums.data();
    context.shift = shift;
    context.direct = ports;
    context.lanes = lanes;
    context.seed = 7;
    context.core = 3;
    context.step = number;
    std::vector<emu::Fired> got;
    code.run(context, got);

    for (uint32_t c = 0; c < lanes; ++c)
      for (size_t s = 0; s < states.size(); ++s)
        ASSERT_EQ(states[s].data()[c], expected[c][s])
            << "lane " << c << " state " << s << "\n"
            << image::print(program);
    ASSERT_EQ(got.size(), fires.size()) << image::print(program);
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].compartment, fires[i].compartment);
      ASSERT_EQ(got[i].payload, fires[i].payload) << image::print(program);
    }
  }

  std::vector<int32_t> scalar(uint32_t c, uint64_t number,
                              std::vector<emu::Fired> &fires) {
    std::vector<int32_t> p, s, in;
    for (const emu::LaneArray &param : paramLanes)
      p.push_back(param.data()[c]);
    for (const emu::LaneArray &state : states)
      s.push_back(state.data()[c]);
    for (uint32_t port = 0; port < program.ports; ++port) {
      uint32_t value = ports[port] ? uint32_t(ports[port][c]) : 0;
      if (port == 0)
        value += uint32_t(sums.data()[c]) << shift;
      in.push_back(int32_t(value));
    }
    bool fired = false;
    int32_t payload = 0;
    image::runScalar(program, p, s, in, image::randomKey(7, 3, c, number),
                     fired, payload);
    if (fired)
      fires.push_back({c, payload});
    return s;
  }

  const image::Program &program;
  emu::Simd simd = emu::Simd::Auto;
  emu::LaneCodegen *codegen = nullptr;
  bool inject = true; ///< values past the synapses, now and then
  bool generated = false;
  uint32_t lanes, padded, shift = 6;
  emu::LaneArray sums;
  std::vector<emu::LaneArray> paramLanes, states, direct;
  std::vector<emu::LaneParam> params;
  std::vector<int32_t *> pointers;
  std::vector<const int32_t *> ports;
};

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_CORE_LANEBENCH_H
