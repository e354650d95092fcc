//===- image/InputCodes.h - Real values as graded spikes --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_INPUTCODES_H
#define HILLOCK_IMAGE_INPUTCODES_H

#include "proto/image.pb.h"
#include <algorithm>
#include <cmath>

namespace hillock::image {

/// The payload that stands for \p value: its code (nearest, ties to even,
/// saturated) less the zero point.
inline int32_t payloadOf(const proto::InputCodes &codes, double value) {
  const double code = std::nearbyint(value / codes.scale()) + codes.zero();
  return static_cast<int32_t>(
             std::clamp<double>(code, codes.low(), codes.high())) -
         codes.zero();
}

} // namespace hillock::image

#endif // HILLOCK_IMAGE_INPUTCODES_H
