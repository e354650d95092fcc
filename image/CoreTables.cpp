//===- image/CoreTables.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/CoreTables.h"

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

} // namespace hillock::image
