//===- backends/int4/Rescale.h - Cheaper ways to the same code --*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// docs/int4.md defines a code as floor(sum * m / 2^s + 1/2) with a product of
// 64 bits. Sums are bounded and codes are few, so that fewer bits often give
// the same codes. Both are step functions of the sum that never decrease: they
// are equal everywhere when they are on either side of every step, which is
// what is checked here, channel by channel, when the code is made.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_RESCALE_H
#define HILLOCK_BACKENDS_INT4_RESCALE_H

#include "backends/int4/Layout.h"

namespace hillock::int4 {

struct Rescale {
  enum class Form {
    Word, ///< ((x >> before) * factor + offset of the channel) >> shift
    High, ///< (upper word of (x * factor) + offset) >> shift, both the
          ///< channel's
    Long, ///< as the definition
  };
  Form form = Form::Long;
  unsigned before = 0;                   ///< Word
  std::vector<int32_t> factors, offsets; ///< one a channel
  std::vector<int32_t> shifts;           ///< one a channel, or one for all
};

/// For a layer's sums, which come 2^\p scaled times as large and are at most
/// \p largest before that. The zero point is part of the offsets: results are
/// stored codes of \p out that are still to be clamped to the layer's range.
Rescale rescaleOf(const ann::IntLayer &layer, const Buffer &out,
                  int64_t largest, unsigned scaled, bool longProducts);

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_RESCALE_H
