//===- image/ProgramVm.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ProgramVm.h"
#include "base/FixedPoint.h"
#include <algorithm>
#include <array>

namespace hillock::image {

// Signed overflow is undefined in C++, so that sums and products are unsigned;
// conversion back is modulo 2^32 in C++20.
int32_t evaluate(Opcode op, int32_t a, int32_t b, int32_t imm) {
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

void runScalar(const Program &program, std::span<const int32_t> params,
               std::span<int32_t> state, std::span<const int32_t> inputs,
               uint64_t randomKey, bool &fired, int32_t &payload) {
  std::array<int32_t, 256> r{}; // registers
  std::array<int32_t, 256> next{};
  std::copy(state.begin(), state.end(), next.begin());
  fired = false;
  for (size_t at = 0; at < program.code.size(); ++at) {
    const Instruction &i = program.code[at];
    const auto imm = static_cast<size_t>(i.imm);
    switch (i.op) {
    case Opcode::Const:
      r[i.d] = i.imm;
      break;
    case Opcode::Param:
      r[i.d] = params[imm];
      break;
    case Opcode::Load:
      r[i.d] = state[imm];
      break;
    case Opcode::Input:
      r[i.d] = inputs[imm];
      break;
    case Opcode::Write:
      next[imm] = r[i.a];
      break;
    case Opcode::Fire:
      fired = r[i.a] != 0;
      if (fired)
        payload = r[i.b];
      break;
    case Opcode::Select:
      r[i.d] = r[imm] != 0 ? r[i.a] : r[i.b];
      break;
    case Opcode::Random:
      r[i.d] = randomValue(randomKey, at);
      break;
    default:
      r[i.d] = evaluate(i.op, r[i.a], r[i.b], i.imm);
    }
  }
  std::copy_n(next.begin(), state.size(), state.begin());
}

} // namespace hillock::image
