//===- image/ProgramVm.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/ProgramVm.h"
#include <algorithm>
#include <array>

namespace hillock::image {

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
