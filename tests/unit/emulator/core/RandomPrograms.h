//===- tests/unit/emulator/core/RandomPrograms.h ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_EMULATOR_CORE_RANDOMPROGRAMS_H
#define HILLOCK_TESTS_UNIT_EMULATOR_CORE_RANDOMPROGRAMS_H

#include "image/Program.h"
#include <random>

namespace hillock::test {

using Rng = std::mt19937;

/// std's distributions differ between libraries, this does not.
inline uint32_t below(Rng &rng, uint32_t n) { return uint32_t(rng() % n); }

/// Small numbers, full words and corner cases alike.
inline int32_t anyValue(Rng &rng) {
  static const int32_t corners[] = {
      0,       1,          -1,   INT32_MIN, INT32_MAX, 31,           4096,
      1 << 23, -(1 << 23), 4095, 64,        -64,       INT32_MIN + 1};
  switch (below(rng, 4)) {
  case 0:
    return corners[below(rng, sizeof(corners) / sizeof(corners[0]))];
  case 1:
    return int32_t(below(rng, 257)) - 128;
  case 2:
    return int32_t(below(rng, 1u << 25)) - (1 << 24);
  default:
    return int32_t(rng());
  }
}

/// A program that passes image::check() and uses opcodes of all kinds.
inline image::Program randomProgram(Rng &rng, std::vector<std::string> params,
                                    uint32_t ports) {
  using image::Opcode;
  static const Opcode pure[] = {
      Opcode::Add,    Opcode::Sub,   Opcode::Mul,    Opcode::Shl,
      Opcode::Shr,    Opcode::And,   Opcode::Or,     Opcode::Xor,
      Opcode::Min,    Opcode::Max,   Opcode::CmpEq,  Opcode::CmpNe,
      Opcode::CmpLt,  Opcode::CmpLe, Opcode::Select, Opcode::Decay,
      Opcode::MulShr, Opcode::Wrap,  Opcode::Random};
  image::Program program;
  program.name = "random";
  program.ports = ports;
  program.params = std::move(params);
  for (uint32_t s = 0; s < 1 + below(rng, 4); ++s)
    program.states.push_back({std::string(1, char('a' + s)), 31});
  std::vector<bool> written(program.states.size());
  bool fired = false;
  uint32_t length = 3 + below(rng, 120);
  auto earlier = [&] { return uint8_t(below(rng, program.registers)); };
  auto define = [&](Opcode op, uint8_t a, uint8_t b, int32_t imm) {
    program.code.push_back({op, uint8_t(program.registers), a, b, imm});
    ++program.registers;
  };
  while (program.registers < length) {
    uint32_t kind = program.registers < 3 ? below(rng, 4) : below(rng, 24);
    if (kind == 0)
      define(Opcode::Const, 0, 0, anyValue(rng));
    else if (kind == 1 && !program.params.empty())
      define(Opcode::Param, 0, 0,
             int32_t(below(rng, uint32_t(program.params.size()))));
    else if (kind == 2)
      define(Opcode::Load, 0, 0,
             int32_t(below(rng, uint32_t(program.states.size()))));
    else if (kind <= 3)
      define(Opcode::Input, 0, 0, int32_t(below(rng, ports)));
    else if (kind == 4) {
      uint32_t state = below(rng, uint32_t(program.states.size()));
      if (!written[state])
        program.code.push_back(
            {Opcode::Write, 0, earlier(), 0, int32_t(state)});
      written[state] = true;
    } else if (kind == 5) {
      if (!fired)
        program.code.push_back({Opcode::Fire, 0, earlier(), earlier(), 0});
      fired = true;
    } else {
      Opcode op = pure[below(rng, sizeof(pure) / sizeof(pure[0]))];
      int32_t imm = 0;
      if (op == Opcode::Select)
        imm = earlier();
      else if (op == Opcode::Wrap)
        imm = 1 + int32_t(below(rng, 31));
      else if (op == Opcode::Decay || op == Opcode::MulShr)
        imm = below(rng, 2) ? 12 : int32_t(below(rng, 64));
      define(op, earlier(), earlier(), imm);
    }
  }
  // What has not been written or fired by chance is at the end.
  for (uint32_t s = 0; s < written.size(); ++s)
    if (!written[s] && below(rng, 4))
      program.code.push_back({Opcode::Write, 0, earlier(), 0, int32_t(s)});
  if (!fired)
    program.code.push_back({Opcode::Fire, 0, earlier(), earlier(), 0});
  return program;
}

} // namespace hillock::test

#endif // HILLOCK_TESTS_UNIT_EMULATOR_CORE_RANDOMPROGRAMS_H
