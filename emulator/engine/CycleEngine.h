//===- emulator/engine/CycleEngine.h - Cycle mode ---------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The step emulator with a clock: spikes come from the functional emulator and
// from nothing else; beside it, each step is timed and its energy counted. Each
// step begins with an empty mesh, so the steps are timed independently, on as
// many threads as one likes.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_CYCLEENGINE_H
#define HILLOCK_EMULATOR_ENGINE_CYCLEENGINE_H

#include "emulator/core/Emulator.h"
#include "emulator/energy/Energy.h"
#include "emulator/engine/StepRecorder.h"
#include "emulator/timing/ChipClock.h"

namespace hillock::emu {

struct CycleOptions {
  /// Parameter sets of the target by name; empty: all that it has.
  std::vector<std::string> parameters;
  ClockOptions clock;
  Activity activity = Activity::Measured;
};

/// A run in the numbers of one parameter set.
struct SetReport {
  std::string name, source;
  std::vector<StepTime> steps;
  ClockTotals totals;
  std::vector<Energy> layers;     ///< as CycleReport::layers; without barriers
  Energy energy;                  ///< of all
  std::vector<std::string> notes; ///< assumptions and rounding

  uint64_t workPs() const;
  uint64_t totalPs() const; ///< barriers included
};

struct CycleReport {
  uint64_t firstStep = 1; ///< steps are counted from 1
  std::vector<std::string> layers;
  std::vector<EventCounts> counts; ///< by layer
  ChipShape shape;
  std::vector<SetReport> sets;

  EventCounts total() const;
  /// Over the sets.
  Interval timePs() const;
  Interval energyFj() const;
};

class CycleEngine : public Emulator {
public:
  /// \p options.threads serve the emulator and the clocks.
  static Expected<std::unique_ptr<CycleEngine>>
  create(std::shared_ptr<const image::LoadedImage> image, Options options,
         const CycleOptions &cycle);

  /// Of all steps since the start or reset(). Fails with the first failure of
  /// a clock (a step itself cannot fail).
  virtual Expected<CycleReport> report() = 0;
};

/// Lines for people, a name that begins with the set's and a text each: time,
/// energy, energy of layers, the busiest core and channel, what was assumed.
std::vector<std::pair<std::string, std::string>>
describe(const CycleReport &report);

/// "1.234 us" with four digits; \p unit is "s" or "J", the value so many
/// 10^-\p exponent of it (12: ps, 15: fJ).
std::string withPrefix(uint64_t value, int exponent, const std::string &unit);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_CYCLEENGINE_H
