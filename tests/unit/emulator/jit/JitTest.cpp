//===- tests/unit/emulator/jit/JitTest.cpp --------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Machine code against the scalar interpreter of image/, for every width of
// vectors that this machine has.
//
//===----------------------------------------------------------------------===//
#include "emulator/jit/Jit.h"
#include "image/ProgramBuilder.h"
#include "target/TargetModel.h"
#include "tests/unit/emulator/core/LaneBench.h"
#include <gtest/gtest.h>

using namespace hillock;
using namespace hillock::emu;
using namespace hillock::test;

namespace {

class JitTest : public testing::TestWithParam<Simd> {
protected:
  void SetUp() override {
    if (auto kernels = findKernels(GetParam()); !kernels) {
      GTEST_SKIP() << takeText(kernels.takeError());
    }
    jit = createJit(GetParam());
    if (!jit)
      GTEST_SKIP() << "built without LLVM ORC";
  }
  std::shared_ptr<LaneCodegen> jit;
};

TEST_P(JitTest, RandomProgramsEqualTheScalarInterpreter) {
  Rng rng(20260102);
  for (int round = 0; round < 60; ++round) {
    if (round % 20 == 0)
      jit = createJit(GetParam()); // it makes a limited number of programs
    image::Program program =
        randomProgram(rng, {"p", "q", "r"}, 1 + below(rng, 3));
    uint32_t lanes = 1 + below(rng, round % 8 ? 70 : 700);
    Bench bench(program, lanes, rng, round % 5 == 0);
    bench.codegen = jit.get();
    bench.simd = GetParam();
    for (uint64_t step = 1; step <= 3; ++step) {
      bench.step(step, rng);
      if (HasFatalFailure())
        return;
    }
    EXPECT_TRUE(bench.generated);
  }
}

// All opcodes on corner values, in one program an operand pattern.
TEST_P(JitTest, EveryOpcodeOnCorners) {
  using image::Opcode;
  Rng rng(5);
  for (int32_t corner : {0, 1, -1, 31, 4096, -4096, INT32_MIN, INT32_MAX})
    for (int side = 0; side < 3; ++side) {
      image::Program program;
      program.name = "all";
      program.registers = 3;
      auto operand = [&](uint8_t d, bool constant, int32_t state) {
        return constant ? image::Instruction{Opcode::Const, d, 0, 0, corner}
                        : image::Instruction{Opcode::Load, d, 0, 0, state};
      };
      program.states = {{"x", 31}, {"y", 31}};
      program.code = {operand(0, side == 0, 0),
                      operand(1, side == 1, 1),
                      {Opcode::Input, 2, 0, 0, 0}};
      auto add = [&](Opcode op, int32_t imm) {
        uint8_t d = uint8_t(program.registers++);
        program.code.push_back({op, d, 0, 1, imm});
        program.states.push_back({"s" + std::to_string(d), 31});
        program.code.push_back(
            {Opcode::Write, 0, d, 0, int32_t(program.states.size() - 1)});
      };
      for (Opcode op :
           {Opcode::Add, Opcode::Sub, Opcode::Mul, Opcode::Shl, Opcode::Shr,
            Opcode::And, Opcode::Or, Opcode::Xor, Opcode::Min, Opcode::Max,
            Opcode::CmpEq, Opcode::CmpNe, Opcode::CmpLt, Opcode::CmpLe})
        add(op, 0);
      add(Opcode::Select, 2);
      for (int32_t imm : {0, 1, 12, 15, 16, 31, 32, 63}) {
        add(Opcode::Decay, imm);
        add(Opcode::MulShr, imm);
      }
      for (int32_t imm : {1, 8, 30, 31})
        add(Opcode::Wrap, imm);
      add(Opcode::Random, 0);
      program.code.push_back({Opcode::Fire, 0, 3, 2, 0});
      Bench bench(program, 128, rng, false);
      bench.codegen = jit.get();
      bench.simd = GetParam();
      for (uint64_t step = 1; step <= 2; ++step)
        bench.step(step, rng);
      if (HasFatalFailure())
        return;
      EXPECT_TRUE(bench.generated);
    }
}

TEST_P(JitTest, StatesCanBeSwapped) {
  image::ProgramBuilder b("swap");
  auto x = b.state("x", 31);
  auto y = b.state("y", 31);
  b.write("x", y);
  b.write("y", x);
  b.fire(x, y);
  image::Program program = b.take();
  Rng rng(1);
  Bench bench(program, 33, rng, false);
  bench.codegen = jit.get();
  bench.simd = GetParam();
  for (uint64_t step = 1; step < 4; ++step)
    bench.step(step, rng);
}

INSTANTIATE_TEST_SUITE_P(
    Widths, JitTest, testing::Values(Simd::Scalar, Simd::Avx2, Simd::Avx512),
    [](const auto &info) { return std::string(simdName(info.param)); });

} // namespace
