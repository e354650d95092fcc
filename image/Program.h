//===- image/Program.h - Neuron bytecode ------------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A neuron model as it travels in the image: straight-line integer code over
// 32-bit registers, in static single assignment, executed once a time step for
// every compartment. There are no branches: a choice is a select, so that many
// compartments can be advanced by one vector instruction.
//
// A step of one compartment: the engine puts the accumulators of this step
// behind Input, the code runs, the state named by Write becomes visible in the
// next step, and Fire says whether the compartment spikes and with which
// payload.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_PROGRAM_H
#define HILLOCK_IMAGE_PROGRAM_H

#include "base/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace hillock::image {

/// All arithmetic is on int32 with wrap-around (two's complement) unless the
/// comment says otherwise. d: destination register; a, b: source registers.
enum class Opcode : uint8_t {
  Const = 1,   ///< d = imm
  Param = 2,   ///< d = parameter[imm] of this compartment
  Load = 3,    ///< d = state[imm] at the start of the step
  Input = 4,   ///< d = accumulator of port imm for this step
  Write = 5,   ///< state[imm] = a at the end of the step
  Fire = 6,    ///< spike iff a != 0; payload b (1 for binary spikes)
  Add = 10,    ///< d = a + b
  Sub = 11,    ///< d = a - b
  Mul = 12,    ///< d = a * b (low 32 bits)
  Shl = 13,    ///< d = a << (b & 31)
  Shr = 14,    ///< d = a >> (b & 31), arithmetic
  And = 15,    ///< d = a & b
  Or = 16,     ///< d = a | b
  Xor = 17,    ///< d = a ^ b
  Min = 18,    ///< d = min(a, b), signed
  Max = 19,    ///< d = max(a, b), signed
  CmpEq = 20,  ///< d = a == b ? 1 : 0
  CmpNe = 21,  ///< d = a != b
  CmpLt = 22,  ///< d = a < b, signed
  CmpLe = 23,  ///< d = a <= b, signed
  Select = 24, ///< d = register[imm] != 0 ? a : b
  Decay = 30,  ///< d = sgn(a*b) * ((|a| * |b|) >> imm), 64-bit, imm 0..63
  MulShr = 31, ///< d = (a * b) >> imm, floor, 64-bit product, imm 0..63
  Wrap = 32,   ///< d = a wrapped to imm (1..31) value bits and a sign
  Random = 33, ///< d = next value of the compartment's stream, 32 bits
};

/// Accumulators that a compartment can have.
constexpr uint32_t maxPorts = 16;

struct Instruction {
  Opcode op;
  uint8_t d = 0, a = 0, b = 0;
  int32_t imm = 0;

  /// op | d << 8 | a << 16 | b << 24 | imm << 32.
  uint64_t encode() const;
  static Instruction decode(uint64_t word);
  bool operator==(const Instruction &) const = default;
};

struct Program {
  struct State {
    std::string name;
    uint32_t bits = 31; ///< value bits, sign not counted
    bool operator==(const State &) const = default;
  };
  std::string name;
  uint32_t registers = 0; ///< at most 256
  uint32_t ports = 1;     ///< accumulators a compartment
  std::vector<State> states;
  std::vector<std::string> params;
  std::vector<Instruction> code;
  bool operator==(const Program &) const = default;

  int stateIndex(std::string_view stateName) const; ///< -1 when absent
  int paramIndex(std::string_view paramName) const; ///< -1 when absent
};

/// Every register is written before it is read and once only, every index is
/// in range, Fire occurs at most once, every state is written at most once.
/// Untrusted bytecode must pass before it is run.
Error check(const Program &program);

/// One instruction a line, for `hillock inspect`.
std::string print(const Program &program);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_PROGRAM_H
