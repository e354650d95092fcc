//===- emulator/core/kernels/LaneLoops.h - Bytecode -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_KERNELS_LANELOOPS_H
#define HILLOCK_EMULATOR_CORE_KERNELS_LANELOOPS_H

#include "emulator/core/LaneOps.h"
#include "emulator/core/kernels/Kernels.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace hillock::emu {

namespace {

using image::Opcode;
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

HILLOCK_INLINE void input(const Operation &op, const LaneInputs &inputs,
                          int32_t *const *arrays, uint32_t begin, uint32_t n) {
  int32_t *d = arrays[op.d];
  const int32_t *direct = inputs.direct[op.imm];
  if (op.imm != 0) { // synapses feed port 0
    if (direct)
      __builtin_memcpy(d, direct + begin, n * sizeof(int32_t));
    else
      __builtin_memset(d, 0, n * sizeof(int32_t));
    return;
  }
  const int32_t *sums = inputs.sums + begin;
  int32_t shift = int32_t(inputs.shift);
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
void runLanes(const Operation *ops, size_t count, const LaneInputs &inputs,
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
      input(op, inputs, arrays, begin, n);
      break;
    case Opcode::Random:
      drawLanes(*inputs.context, arrays[op.d], begin, n, op.imm);
      break;
    default:
      break; // folded away by the compiler
    }
  }
}
#undef HILLOCK_BINARY

/// Bit i: lanes[i] != 0, of 16 aligned lanes.
HILLOCK_INLINE uint32_t setOf16(const int32_t *lanes) {
#if defined(__AVX512F__)
  __m512i values = _mm512_load_si512(lanes);
  return _mm512_test_epi32_mask(values, values);
#elif defined(__AVX2__)
  uint32_t result = 0;
  for (int half = 0; half < 2; ++half) {
    __m256i values =
        _mm256_load_si256(reinterpret_cast<const __m256i *>(lanes) + half);
    values = _mm256_cmpeq_epi32(values, _mm256_setzero_si256());
    uint32_t zero = uint32_t(_mm256_movemask_ps(_mm256_castsi256_ps(values)));
    result |= (zero ^ 0xFF) << (8 * half);
  }
  return result;
#else
  uint32_t result = 0;
  for (uint32_t i = 0; i < lanePadding; ++i)
    result |= uint32_t(lanes[i] != 0) << i;
  return result;
#endif
}

void findSet(const int32_t *lanes, uint32_t n, uint64_t *masks) {
  for (uint32_t begin = 0; begin < n; begin += 64) {
    uint64_t mask = 0;
    uint32_t count = n - begin < 64 ? n - begin : 64;
    for (uint32_t k = 0; k < count; k += lanePadding)
      mask |= uint64_t(setOf16(lanes + begin + k)) << k;
    masks[begin / 64] = mask;
  }
}

/// Narrow sums as the lanes of a program read them.
template <typename Sum>
HILLOCK_INLINE void widenSums(const void *sums, uint32_t n, uint32_t shift,
                              int32_t *to) {
  const Sum *from = static_cast<const Sum *>(sums);
  for (uint32_t i = 0; i < n; ++i)
    to[i] = int32_t(uint32_t(int32_t{from[i]}) << shift);
}

void widen8(const void *sums, uint32_t n, uint32_t shift, int32_t *to) {
  widenSums<int8_t>(sums, n, shift, to);
}

void widen16(const void *sums, uint32_t n, uint32_t shift, int32_t *to) {
  widenSums<int16_t>(sums, n, shift, to);
}

} // namespace

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_KERNELS_LANELOOPS_H
