//===- emulator/core/LaneProgram.cpp - The lane loops ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/core/LaneProgram.h"
#include "emulator/core/LaneOps.h"
#include "image/ProgramVm.h"
#include <cstring>

namespace hillock::emu {

using image::Opcode;

LaneArray::LaneArray(size_t count) : count(count) {
  size_t bytes = (count ? count : 1) * sizeof(int32_t);
  values.reset(
      static_cast<int32_t *>(::operator new[](bytes, std::align_val_t(64))));
  std::memset(values.get(), 0, bytes);
}

namespace {

using Operand = LaneProgram::Operand;
using Operation = LaneProgram::Operation;

template <typename F>
HILLOCK_INLINE void binary(const Operation &op, int32_t *const *arrays,
                           uint32_t n, F f) {
  int32_t *d = arrays[op.d];
  if (op.b.scalar) {
    const int32_t *a = arrays[op.a.slot];
    int32_t b = op.b.value;
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = f(a[i], b);
  } else if (op.a.scalar) {
    int32_t a = op.a.value;
    const int32_t *b = arrays[op.b.slot];
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = f(a, b[i]);
  } else {
    const int32_t *a = arrays[op.a.slot], *b = arrays[op.b.slot];
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = f(a[i], b[i]);
  }
}

HILLOCK_INLINE void select(const Operation &op, int32_t *const *arrays,
                           uint32_t n) {
  int32_t *d = arrays[op.d];
  const int32_t *c = arrays[op.c.slot];
  if (op.a.scalar && op.b.scalar) {
    int32_t a = op.a.value, b = op.b.value;
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = c[i] ? a : b;
  } else if (op.a.scalar) {
    int32_t a = op.a.value;
    const int32_t *b = arrays[op.b.slot];
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = c[i] ? a : b[i];
  } else if (op.b.scalar) {
    const int32_t *a = arrays[op.a.slot];
    int32_t b = op.b.value;
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = c[i] ? a[i] : b;
  } else {
    const int32_t *a = arrays[op.a.slot], *b = arrays[op.b.slot];
    HILLOCK_LANES
    for (uint32_t i = 0; i < n; ++i)
      d[i] = c[i] ? a[i] : b[i];
  }
}

HILLOCK_INLINE void input(const Operation &op, const LaneContext &context,
                          int32_t *const *arrays, uint32_t begin, uint32_t n) {
  int32_t *d = arrays[op.d];
  const int32_t *direct = context.direct[size_t(op.imm)];
  if (op.imm != 0) { // synapses feed port 0
    if (direct)
      std::memcpy(d, direct + begin, n * sizeof(int32_t));
    else
      std::memset(d, 0, n * sizeof(int32_t));
    return;
  }
  const int32_t *sums = context.sums + begin;
  int32_t shift = int32_t(context.shift);
  HILLOCK_LANES
  for (uint32_t i = 0; i < n; ++i)
    d[i] = lane::shl(sums[i], shift);
  if (!direct)
    return;
  direct += begin;
  HILLOCK_LANES
  for (uint32_t i = 0; i < n; ++i)
    d[i] = lane::add(d[i], direct[i]);
}

HILLOCK_INLINE void wrapLanes(const Operation &op, int32_t *const *arrays,
                              uint32_t n) {
  int32_t *d = arrays[op.d];
  const int32_t *a = arrays[op.a.slot];
  int32_t valueBits = op.imm;
  HILLOCK_LANES
  for (uint32_t i = 0; i < n; ++i)
    d[i] = lane::wrap(a[i], valueBits);
}

HILLOCK_INLINE void decayLanes(const Operation &op, int32_t *const *arrays,
                               uint32_t n) {
  int32_t shift = op.imm;
  if (op.b.scalar && shift >= 0 && shift <= 15 &&
      lane::magnitude(op.b.value) <= (1u << shift))
    binary(op, arrays, n, [shift](int32_t a, int32_t b) HILLOCK_INLINE_LAMBDA {
      return lane::decaySmall(a, b, shift);
    });
  else
    binary(op, arrays, n, [shift](int32_t a, int32_t b) HILLOCK_INLINE_LAMBDA {
      return lane::decay(a, b, shift);
    });
}

#define HILLOCK_BINARY(NAME, EXPRESSION)                                       \
  case Opcode::NAME:                                                           \
    binary(op, arrays, n, [](int32_t a, int32_t b) HILLOCK_INLINE_LAMBDA {     \
      return int32_t(EXPRESSION);                                              \
    });                                                                        \
    break;

/// All operations over one block of lanes.
HILLOCK_CLONES
void runBlock(const Operation *ops, size_t count, const LaneContext &context,
              int32_t *const *arrays, uint32_t begin, uint32_t n) {
  for (const Operation *end = ops + count; ops != end; ++ops) {
    const Operation &op = *ops;
    switch (op.op) {
      HILLOCK_BINARY(Add, lane::add(a, b))
      HILLOCK_BINARY(Sub, lane::sub(a, b))
      HILLOCK_BINARY(Mul, lane::mul(a, b))
      HILLOCK_BINARY(Shl, lane::shl(a, b))
      HILLOCK_BINARY(Shr, lane::shr(a, b))
      HILLOCK_BINARY(And, a & b)
      HILLOCK_BINARY(Or, a | b)
      HILLOCK_BINARY(Xor, a ^ b)
      HILLOCK_BINARY(Min, a < b ? a : b)
      HILLOCK_BINARY(Max, a > b ? a : b)
      HILLOCK_BINARY(CmpEq, a == b)
      HILLOCK_BINARY(CmpNe, a != b)
      HILLOCK_BINARY(CmpLt, a < b)
      HILLOCK_BINARY(CmpLe, a <= b)
    case Opcode::Select:
      select(op, arrays, n);
      break;
    case Opcode::Decay:
      decayLanes(op, arrays, n);
      break;
    case Opcode::MulShr: {
      int32_t shift = op.imm;
      binary(op, arrays, n,
             [shift](int32_t a, int32_t b)
                 HILLOCK_INLINE_LAMBDA { return lane::mulShr(a, b, shift); });
      break;
    }
    case Opcode::Wrap:
      wrapLanes(op, arrays, n);
      break;
    case Opcode::Input:
      input(op, context, arrays, begin, n);
      break;
    case Opcode::Random:
      for (uint32_t i = 0; i < n; ++i)
        arrays[op.d][i] =
            image::randomValue(image::randomKey(context.seed, context.core,
                                                begin + i, context.step),
                               size_t(op.imm));
      break;
    default:
      break; // folded away by the compiler
    }
  }
}
#undef HILLOCK_BINARY

/// True when one of sixteen lanes is not zero.
HILLOCK_INLINE bool anyOf(const int32_t *lanes) {
  uint32_t any = 0;
  for (uint32_t i = 0; i < lanePadding; ++i)
    any |= lane::bits(lanes[i]);
  return any != 0;
}

} // namespace

void LaneProgram::fire(const LaneContext &context, int32_t *const *arrays,
                       uint32_t begin, uint32_t count,
                       std::vector<Fired> &fired) const {
  if (fireIf.scalar && fireIf.value == 0)
    return;
  auto payloadOf = [&](uint32_t i) {
    return payload.scalar ? payload.value : arrays[payload.slot][i];
  };
  if (fireIf.scalar) {
    for (uint32_t i = 0; i < count; ++i)
      fired.push_back({begin + i, payloadOf(i)});
    return;
  }
  const int32_t *condition = arrays[fireIf.slot];
  for (uint32_t i = 0; i < count; i += lanePadding) {
    if (!anyOf(condition + i))
      continue;
    for (uint32_t k = i; k < i + lanePadding && k < count; ++k)
      if (condition[k])
        fired.push_back({begin + k, payloadOf(k)});
  }
}

void LaneProgram::run(const LaneContext &context,
                      std::vector<Fired> &fired) const {
  int32_t **arrays = context.arrays;
  for (uint32_t s = 0; s < slots; ++s)
    arrays[s] = context.scratch + size_t(s) * laneBlock;
  for (uint32_t begin = 0; begin < context.lanes; begin += laneBlock) {
    uint32_t count = std::min(laneBlock, context.lanes - begin);
    uint32_t padded = paddedLanes(count);
    for (uint32_t s = 0; s < states; ++s)
      arrays[slots + s] = context.states[s] + begin;
    // Parameters are read only; no operation has one as its destination.
    for (size_t p = 0; p < params.size(); ++p)
      arrays[slots + states + p] =
          params[p] ? const_cast<int32_t *>(params[p]) + begin : nullptr;
    runBlock(ops.data(), ops.size(), context, arrays, begin, padded);
    if (fires)
      fire(context, arrays, begin, count, fired);
    for (const StateWrite &w : writes) {
      int32_t *to = context.states[w.state] + begin;
      if (w.value.scalar)
        std::fill(to, to + padded, w.value.value);
      else
        std::memcpy(to, arrays[w.value.slot], padded * sizeof(int32_t));
    }
  }
}

} // namespace hillock::emu
