//===- runtime/devices/odin/OdinEnergy.h - Time and energy ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_DEVICES_ODIN_ODINENERGY_H
#define HILLOCK_RUNTIME_DEVICES_ODIN_ODINENERGY_H

#include "emulator/odin/Chip.h"

namespace hillock::runtime::odin {

/// Fitted, not measured here: at 0.55 V the power of ODIN is
/// 27.3 uW + 1.78 uW/MHz f + 8.43 pJ r with r synaptic operations a second
/// (Frenkel et al., IEEE TBioCAS 2019). tinyODIN was never fabricated; the same
/// numbers are then ODIN's for the same cycles and operations.
struct Energy {
  double megahertz = 0;
  double milliseconds = 0;
  double leakageNanojoules = 0, clockNanojoules = 0, synapticNanojoules = 0;
  bool sameChip = true; ///< false: tinyODIN
  double nanojoules() const {
    return leakageNanojoules + clockNanojoules + synapticNanojoules;
  }
};

constexpr double kLeakageMicrowatts = 27.3;
constexpr double kPicojoulesPerCycle = 1.78;
constexpr double kPicojoulesPerSop = 8.43;
/// ODIN's highest clock at 0.55 V.
constexpr double kMegahertz = 75;

inline Energy energyOf(emu::odin::Chip chip, uint64_t cycles, uint64_t sops,
                       double megahertz = kMegahertz) {
  Energy e;
  e.megahertz = megahertz;
  e.milliseconds = static_cast<double>(cycles) / megahertz * 1e-3;
  e.leakageNanojoules = kLeakageMicrowatts * e.milliseconds;
  e.clockNanojoules = kPicojoulesPerCycle * 1e-3 * static_cast<double>(cycles);
  e.synapticNanojoules = kPicojoulesPerSop * 1e-3 * static_cast<double>(sops);
  e.sameChip = chip == emu::odin::Chip::Odin;
  return e;
}

} // namespace hillock::runtime::odin

#endif // HILLOCK_RUNTIME_DEVICES_ODIN_ODINENERGY_H
