//===- tests/unit/emulator/core/LaneProgramTest.cpp -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lane loops against the scalar interpreter of image/.
//
//===----------------------------------------------------------------------===//
#include "emulator/core/LaneProgram.h"
#include "image/ProgramBuilder.h"
#include "image/ProgramVm.h"
#include "tests/unit/emulator/core/RandomPrograms.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

/// One core with random parameters, states and inputs, in both engines.
struct Bench {
  Bench(const image::Program &program, uint32_t lanes, Rng &rng)
      : program(program), lanes(lanes), padded(paddedLanes(lanes)),
        sums(padded) {
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
      ports.push_back(below(rng, 3) ? direct[p].data() : nullptr);
    }
  }

  void step(uint64_t number, Rng &rng) {
    for (uint32_t c = 0; c < lanes; ++c) {
      sums.data()[c] = anyValue(rng);
      for (LaneArray &port : direct)
        port.data()[c] = anyValue(rng);
    }
    std::vector<std::vector<int32_t>> expected(lanes);
    std::vector<Fired> fires;
    for (uint32_t c = 0; c < lanes; ++c)
      expected[c] = scalar(c, number, fires);

    LaneProgram code = LaneProgram::compile(program, params);
    LaneArray scratch(size_t(code.scratchSlots()) * laneBlock);
    std::vector<int32_t *> arrays(code.arraysNeeded());
    LaneContext context;
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
    std::vector<Fired> got;
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
                              std::vector<Fired> &fires) {
    std::vector<int32_t> p, s, in;
    for (const LaneArray &param : paramLanes)
      p.push_back(param.data()[c]);
    for (const LaneArray &state : states)
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
  uint32_t lanes, padded, shift = 6;
  LaneArray sums;
  std::vector<LaneArray> paramLanes, states, direct;
  std::vector<LaneParam> params;
  std::vector<int32_t *> pointers;
  std::vector<const int32_t *> ports;
};

TEST(LaneProgram, RandomProgramsEqualTheScalarInterpreter) {
  Rng rng(20260101);
  for (int round = 0; round < 600; ++round) {
    image::Program program =
        randomProgram(rng, {"p", "q", "r"}, 1 + below(rng, 3));
    Error error = image::check(program);
    ASSERT_FALSE(bool(error)) << takeText(std::move(error));
    uint32_t lanes = 1 + below(rng, round % 8 ? 40 : 700);
    Bench bench(program, lanes, rng);
    for (uint64_t step = 1; step <= 2; ++step) {
      bench.step(step, rng);
      if (HasFatalFailure())
        return;
    }
  }
}

// Each opcode by itself over every pair of corner values, with one operand
// folded into a constant and without.
TEST(LaneProgram, EveryOpcodeOnCorners) {
  using image::Opcode;
  const int32_t corners[] = {0,   1,    -1,      2,       31,        32,
                             64,  4095, 4096,    -4096,   INT32_MIN, INT32_MAX,
                             123, -77,  8388607, -8388608};
  Rng rng(5);
  for (int op = int(Opcode::Add); op <= int(Opcode::Wrap); ++op) {
    if (op > int(Opcode::Select) && op < int(Opcode::Decay))
      continue;
    for (int32_t corner : corners)
      for (int side = 0; side < 3; ++side)
        for (int32_t imm : {1, 12, 15, 31, 40, 63}) {
          Opcode code = Opcode(op);
          if (code == Opcode::Wrap && imm > 31)
            continue;
          if (code == Opcode::Select)
            imm = 2; // the register of the input
          image::Program program;
          program.name = "one";
          program.states = {{"a", 31}, {"b", 31}};
          program.registers = 4;
          auto operand = [&](uint8_t d, bool constant, int32_t state) {
            return constant ? image::Instruction{Opcode::Const, d, 0, 0, corner}
                            : image::Instruction{Opcode::Load, d, 0, 0, state};
          };
          program.code = {
              operand(0, side == 0, 0),    operand(1, side == 1, 1),
              {Opcode::Input, 2, 0, 0, 0}, {code, 3, 0, 1, imm},
              {Opcode::Write, 0, 3, 0, 0}, {Opcode::Fire, 0, 3, 2, 0}};
          Bench bench(program, 64, rng);
          bench.step(1, rng);
          if (HasFatalFailure())
            return;
        }
  }
}

TEST(LaneProgram, ConstantsAreFolded) {
  image::ProgramBuilder b("fold");
  auto v = b.state("v", 23);
  auto kept = b.sub(b.constant(4096), b.param("decay"));
  b.write("v", b.decay(v, kept, 12));
  image::Program program = b.take();
  LaneParam uniform{true, 100, nullptr};
  LaneProgram code = LaneProgram::compile(program, {&uniform, 1});
  EXPECT_EQ(code.operations(), 1u);
  EXPECT_EQ(code.scratchSlots(), 0u); // straight into the state
}

TEST(LaneProgram, StatesCanBeSwapped) {
  image::ProgramBuilder b("swap");
  auto x = b.state("x", 31);
  auto y = b.state("y", 31);
  b.write("x", y);
  b.write("y", x);
  b.fire(x, y);
  image::Program program = b.take();
  Rng rng(1);
  Bench bench(program, 33, rng);
  for (uint64_t step = 1; step < 4; ++step)
    bench.step(step, rng);
}

} // namespace
