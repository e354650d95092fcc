//===- backends/int4/Products.h - One step of a kernel ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_PRODUCTS_H
#define HILLOCK_BACKENDS_INT4_PRODUCTS_H

#include "backends/int4/Emitter.h"
#include "backends/int4/Kernel.h"

namespace hillock::int4 {

/// Adds the products of one step to accumulators.
class Products4 {
public:
  /// \p scaled: nibbles are used where they stand, so that sums of high and
  /// low ones come out 16 times as large.
  Products4(Emitter &emit, const Kernel &kernel, bool nibbles, bool scaled,
            bool unsignedBytes, unsigned power);

  /// The weights at \p weights: one vector a group of codes.
  Values unpack(Value weights);
  /// The codes of group \p g at \p codes, in every lane.
  Value codes(Value codes, int64_t g);
  Value add(Value sum, Value codes, Value weights);
  /// Bytes of codes that a step uses.
  int64_t codesOfStep() const { return int64_t{k.group} * (nibbles ? 2 : 1); }
  int64_t groups() const { return nibbles ? 2 : 1; }
  static constexpr int64_t scale = 4; ///< as a shift

private:
  Value extended(Value x, Type type);
  Value shifted(Value codes, Value weights);
  Emitter &e;
  const Kernel &k;
  bool nibbles, scaled, unsignedBytes;
  unsigned power;
};

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_PRODUCTS_H
