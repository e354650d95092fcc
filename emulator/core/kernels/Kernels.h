//===- emulator/core/kernels/Kernels.h - Loops by vector width --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hot loops, compiled once for each vector width that the emulator knows
// and picked at run time. All do the same integer arithmetic: which one runs
// shows in the time alone.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_KERNELS_KERNELS_H
#define HILLOCK_EMULATOR_CORE_KERNELS_KERNELS_H

#include "base/Error.h"
#include "emulator/core/Emulator.h"
#include "emulator/core/LaneProgram.h"
#include <cstddef>
#include <cstdint>

namespace hillock::emu {

/// Rows that Kernels::addDense8Batch adds to the same sums.
constexpr size_t batchRows = 8;
/// Bits of a block of a bit row, and its 64-bit words.
constexpr size_t bitBlock = 512, bitBlockWords = bitBlock / 64;
/// Rows that Kernels::addBitRows takes at once.
constexpr size_t maxBitRows = 255;
/// Rows of a chunk of Kernels::addSteps, and active rows a step: what 16 bits
/// can sum of bytes.
constexpr size_t chunkRows = 384, maxActive = 255;

/// A chunk of dense rows and who of them is active in which step.
struct DenseSteps {
  const void *const *rows = nullptr; ///< rowCount pointers
  size_t rowCount = 0;               ///< at most chunkRows
  bool packed = false; ///< of 4 bits, see PackedRows.h; else bytes
  size_t lanes = 0;    ///< weights of a row
  /// Rows of step t: active[first[t]] .. active[first[t + 1] - 1].
  const uint16_t *active = nullptr;
  const uint32_t *first = nullptr;
  size_t steps = 0;
  int32_t *const *sums = nullptr; ///< by step
};

/// Rows of bits, a bit a target.
struct BitRows {
  /// A multiple of 8 pointers; those past the last point to zeros.
  const uint64_t *const *rows = nullptr;
  size_t count = 0; ///< at most maxBitRows + 1
  size_t blocks = 0;
  int32_t value = 0; ///< what a bit adds
  int32_t *sums = nullptr;
};

/// What the lane loops read besides arrays.
struct LaneInputs {
  const LaneContext *context = nullptr;
  const int32_t *sums = nullptr;
  const int32_t *const *direct = nullptr; ///< by port
  uint32_t shift = 0;
};

struct Kernels {
  const char *name;
  Simd simd;
  /// sums[i] += payload * weights[i], with wrap-around.
  void (*addDense8)(int32_t *sums, const void *weights, size_t count,
                    int32_t payload);
  void (*addDense16)(int32_t *sums, const void *weights, size_t count,
                     int32_t payload);
  /// The same of a packed row.
  void (*addDense4)(int32_t *sums, const void *row, size_t count,
                    int32_t payload);
  /// batchRows rows with payload 1.
  void (*addDense8Batch)(int32_t *sums, const void *const *rows, size_t count);
  void (*addDense4Batch)(int32_t *sums, const void *const *rows, size_t count);
  /// sums[t][i] += weights of the rows that are active in step t.
  void (*addSteps)(const DenseSteps &steps);
  /// sums[i] += value * rows whose bit i is set.
  void (*addBitRows)(const BitRows &rows);
  /// All operations over one block of \p n lanes from \p begin.
  void (*runLanes)(const LaneProgram::Operation *ops, size_t count,
                   const LaneInputs &inputs, int32_t *const *arrays,
                   uint32_t begin, uint32_t n);
  /// Bit i of masks[i / 64]: lanes[i] != 0; \p n is a multiple of 16, bits past
  /// it are 0.
  void (*findSet)(const int32_t *lanes, uint32_t n, uint64_t *masks);
  /// to[i] = sums[i] << shift, of sums of 8 and of 16 bits.
  void (*widen8)(const void *sums, uint32_t n, uint32_t shift, int32_t *to);
  void (*widen16)(const void *sums, uint32_t n, uint32_t shift, int32_t *to);
};

/// The kernels of \p simd; for Simd::Auto what HILLOCK_SIMD in the environment
/// says (scalar, avx2, avx512), else the widest of this machine. An error when
/// the machine cannot run them.
Expected<const Kernels *> findKernels(Simd simd);

/// Random values of a block of lanes.
void drawLanes(const LaneContext &context, int32_t *lanes, uint32_t begin,
               uint32_t n, int32_t instruction);

extern const Kernels kernelsScalar;
#if defined(__x86_64__)
extern const Kernels kernelsAvx2;
extern const Kernels kernelsAvx512;
#endif

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_KERNELS_KERNELS_H
