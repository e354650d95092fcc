//===- image/CoreTables.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/CoreTables.h"
#include <algorithm>

namespace hillock::image {

// Multiplication instead of a shift: shiftBits() reaches 8 and mantissas are
// signed. At 8 bits: mixed -256..254, excitatory 0..255, inhibitory -255..0.
int SynapseFormat::minMantissa() const {
  const int step = 1 << shiftBits();
  switch (sign) {
  case SignMode::Mixed:
    return -(1 << (weightBits - 1)) * step;
  case SignMode::Excitatory:
    return 0;
  case SignMode::Inhibitory:
    return -((1 << weightBits) - 1) * step;
  }
  return 0;
}

int SynapseFormat::maxMantissa() const {
  const int step = 1 << shiftBits();
  switch (sign) {
  case SignMode::Mixed:
    return ((1 << (weightBits - 1)) - 1) * step;
  case SignMode::Excitatory:
    return ((1 << weightBits) - 1) * step;
  case SignMode::Inhibitory:
    return 0;
  }
  return 0;
}

SynapseRows::Summary
SynapseRows::summary(size_t row, const SynapseFormat &rowFormat) const {
  const uint32_t count = first[row + 1] - first[row];
  const uint16_t *const targets = target.data() + first[row];
  const int16_t *const mantissas = mantissa.data() + first[row];
  const auto low = static_cast<int16_t>(rowFormat.minMantissa());
  const auto high = static_cast<int16_t>(rowFormat.maxMantissa());
  const auto step = static_cast<int16_t>((1 << rowFormat.shiftBits()) - 1);
  // Without an exit, so that many synapses are looked at at once.
  Summary result;
  uint16_t last = 0, wrong = 0;
  for (uint32_t s = 0; s < count; ++s) {
    last = std::max(last, targets[s]);
    const int16_t m = mantissas[s];
    wrong |= static_cast<uint16_t>((m < low) | (m > high) | ((m & step) != 0));
  }
  result.lastTarget = last;
  if (rowFormat.compression == Compression::Dense)
    for (uint32_t s = 0; s < count; ++s)
      wrong |= targets[s] != s;
  else
    wrong |= static_cast<uint32_t>(last) >> rowFormat.indexBits != 0;
  for (uint32_t s = 0; !delay.empty() && s < count; ++s)
    result.longestDelay =
        std::max<uint32_t>(result.longestDelay, delay[first[row] + s]);
  result.fits = wrong == 0 && result.longestDelay >> rowFormat.delayBits == 0;
  return result;
}

} // namespace hillock::image
