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
#include "image/ProgramBuilder.h"
#include "tests/unit/emulator/core/LaneBench.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

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
