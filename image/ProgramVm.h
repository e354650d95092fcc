//===- image/ProgramVm.h - Reference interpreter of bytecode ----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The meaning of every operation, one compartment at a time, written to be
// read. Faster engines are tested against it.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_PROGRAMVM_H
#define HILLOCK_IMAGE_PROGRAMVM_H

#include "base/FixedPoint.h"
#include "base/Random.h"
#include "image/Program.h"
#include <algorithm>
#include <span>

namespace hillock::image {

/// The key of a compartment's random numbers in one step. \p core is the index
/// into the image's cores.
constexpr uint64_t randomKey(uint64_t seed, uint32_t core, uint32_t compartment,
                             uint64_t step) {
  return sm64(sm64(sm64(seed) + (uint64_t{core} << 32 | compartment)) + step);
}

/// The value of the Random instruction at position \p instruction of the code:
/// 32 uniform bits.
constexpr int32_t randomValue(uint64_t key, size_t instruction) {
  return static_cast<int32_t>(sm64(key + instruction) >> 32);
}

/// Operations with two registers, and those that also take \p imm. In the
/// header so that loops over lanes of one operation become vector code.
// Signed overflow is undefined in C++, so that sums and products are unsigned;
// conversion back is modulo 2^32 in C++20.
inline int32_t evaluate(Opcode op, int32_t a, int32_t b, int32_t imm) {
  const auto ua = static_cast<uint32_t>(a), ub = static_cast<uint32_t>(b);
  switch (op) {
  case Opcode::Add:
    return static_cast<int32_t>(ua + ub);
  case Opcode::Sub:
    return static_cast<int32_t>(ua - ub);
  case Opcode::Mul:
    return static_cast<int32_t>(ua * ub);
  case Opcode::Shl:
    return static_cast<int32_t>(ua << (ub & 31));
  case Opcode::Shr:
    return a >> (ub & 31);
  case Opcode::And:
    return a & b;
  case Opcode::Or:
    return a | b;
  case Opcode::Xor:
    return a ^ b;
  case Opcode::Min:
    return std::min(a, b);
  case Opcode::Max:
    return std::max(a, b);
  case Opcode::CmpEq:
    return a == b;
  case Opcode::CmpNe:
    return a != b;
  case Opcode::CmpLt:
    return a < b;
  case Opcode::CmpLe:
    return a <= b;
  case Opcode::Decay: {
    const uint64_t kept =
        (magnitude(a) * magnitude(b)) >> static_cast<unsigned>(imm);
    const auto low = static_cast<uint32_t>(kept);
    return static_cast<int32_t>((a < 0) != (b < 0) ? 0u - low : low);
  }
  case Opcode::MulShr:
    return static_cast<int32_t>((int64_t{a} * b) >> imm);
  case Opcode::Wrap:
    return static_cast<int32_t>(wrap(a, static_cast<unsigned>(imm)));
  default:
    return 0;
  }
}

/// Runs one step of one compartment. \p program has passed check(); the spans
/// have its numbers of parameters, states and ports. \p state is replaced by
/// the state after the step. \p fired says whether the compartment spikes, and
/// only then \p payload is set.
void runScalar(const Program &program, std::span<const int32_t> params,
               std::span<int32_t> state, std::span<const int32_t> inputs,
               uint64_t randomKey, bool &fired, int32_t &payload);

} // namespace hillock::image

#endif // HILLOCK_IMAGE_PROGRAMVM_H
