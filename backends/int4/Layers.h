//===- backends/int4/Layers.h - A function a layer --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_LAYERS_H
#define HILLOCK_BACKENDS_INT4_LAYERS_H

#include "backends/int4/Emitter.h"
#include "backends/int4/Kernel.h"
#include "backends/int4/Layout.h"

namespace hillock::int4 {

/// What all layers are written with.
struct Context {
  const ann::IntNetwork &network;
  const Layout &layout;
  const Machine &machine;
  Emitter &emit;
  std::string prefix;    ///< of the names of tables
  Value input = nullptr; ///< the caller's codes, in the function at hand

  const Buffer &buffer(int value) const {
    return layout.values[static_cast<size_t>(value)];
  }
  /// Byte 0 of a value's buffer.
  Value base(const Buffer &buffer, Value arena) const {
    return buffer.inPlace ? input : emit.move(arena, buffer.address);
  }
};

/// Constants of a requantization, one a lane: mantissas and shifts as loaded.
struct Scale {
  Value mantissa, shift;
};

/// The stored code of the result for 32-bit sums (scalar or vector), clamped;
/// as 32 bits. \p narrow: every shift is at least 33.
Value requantized(Context &c, Value sums, Scale scale, bool narrow,
                  const Buffer &out, int32_t low, int32_t high);

/// Bits 32 to 63 of the product of two signed words.
Value upperWord(Context &c, Value x, Value factor);

/// Writes conv or linear layer \p index; \p arena is its first byte.
void emitSums(Context &c, size_t index, Value arena);
/// Every other kind.
void emitOther(Context &c, size_t index, Value arena);

/// Fills the border of a value, if it has one, with its zero point.
void emitBorder(Context &c, const Buffer &buffer, Value arena);
/// From the caller's codes into the arena, and back.
void emitInput(Context &c, Value codes, Value arena);
void emitOutput(Context &c, Value arena, Value codes);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_LAYERS_H
