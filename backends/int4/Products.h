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

  /// The weights at \p weights: one vector a part.
  Values unpack(Value weights);
  /// The codes of part \p part at \p codes, in every lane.
  Value codes(Value codes, int64_t part);
  Value add(Value sum, Value codes, Value weights);
  /// Bytes of codes that a step uses.
  int64_t codesOfStep() const { return int64_t{k.group} * (nibbles ? 2 : 1); }
  /// Groups of a step, or with smlad the even and the odd codes of each.
  int64_t parts() const {
    return (nibbles ? 2 : 1) * (k.products == Products::Smlad ? 2 : 1);
  }
  /// Where a scaled weight stands, as a shift.
  static unsigned scaleOf(const Kernel &kernel) {
    return kernel.products == Products::Vnni    ? 4
           : kernel.products == Products::Smlad ? 12
                                                : 0;
  }

private:
  Value extended(Value x, Type type);
  Value shifted(Value codes, Value weights);
  Value halfwords(Value word, int64_t odd);
  Emitter &e;
  const Kernel &k;
  bool nibbles, scaled, unsignedBytes;
  unsigned power;
};

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_PRODUCTS_H
