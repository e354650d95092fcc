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
#include <functional>

namespace hillock::emu {

struct CycleOptions {
  /// Parameter sets of the target by name; empty: all that it has.
  std::vector<std::string> parameters;
  ClockOptions clock;
  Activity activity = Activity::Measured;
  /// Called for each step and set, steps in order (some time after the step was
  /// done): its time, and what this step alone adds to the totals.
  std::function<void(size_t set, const StepTime &time, const ClockTotals &own)>
      observe;
};

/// A run in the numbers of one parameter set.
struct SetReport {
  CostTable costs; ///< with the set's name and source
  uint32_t cyclePs = 1;
  std::vector<StepTime> steps; ///< empty in a sum of runs
  /// Sums over the steps; of the barriers the shorter and the longer times.
  uint64_t workPs = 0, barrierPs = 0, barrierHighPs = 0;
  uint64_t lowerPs = 0; ///< of StepTime::lowerPs
  ClockTotals totals;
  std::vector<Energy> layers; ///< as CycleReport::layers; without what belongs
                              ///< to steps: barriers, leakage
  Energy energy;              ///< of all
  std::vector<std::string> notes; ///< assumptions and rounding

  const std::string &name() const { return costs.name; }
  const std::string &source() const { return costs.source; }
  uint64_t totalPs() const { return workPs + barrierPs; }
  uint64_t highPs() const { return workPs + barrierHighPs; }
};

/// Messages from a core to another (indices into the image).
struct CoreFlow {
  uint32_t from = 0, to = 0;
  uint64_t messages = 0;
  bool operator==(const CoreFlow &) const = default;
};

struct CycleReport {
  uint64_t runs = 1;  ///< samples that are summed up here
  uint64_t steps = 0; ///< of all runs
  std::vector<std::string> layers;
  std::vector<EventCounts> counts;     ///< by layer
  std::vector<EventCounts> stepCounts; ///< by step; empty in a sum of runs
  std::vector<CoreFlow> flows;         ///< sorted by from, then to
  ChipShape shape;
  std::vector<SetReport> sets;

  EventCounts total() const;
  /// Over the sets: from the least to the most, longer barriers included.
  Interval timePs() const;
  Interval energyFj() const;
  /// Of step \p step (from 0) in the numbers of \p set, leakage included.
  uint64_t stepEnergyFj(const SetReport &set, size_t step) const;

  /// Adds a run of the same image with the same sets; afterwards there are
  /// sums alone, no steps.
  void add(const CycleReport &other);
};

class CycleEngine : public Emulator {
public:
  /// \p options.threads serve the emulator and the clocks.
  static Expected<std::unique_ptr<CycleEngine>>
  create(std::shared_ptr<const image::LoadedImage> image, Options options,
         const CycleOptions &cycle);
  /// A clock beside an emulator of \p image that the caller has made; \p
  /// threads are for the clocks.
  static Expected<std::unique_ptr<CycleEngine>>
  create(std::shared_ptr<const image::LoadedImage> image,
         std::unique_ptr<Emulator> spikes, unsigned threads,
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
/// "1.2 us to 3.4 us"; one number when both are equal.
std::string timeRange(Interval ps);
std::string energyRange(Interval fj);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_CYCLEENGINE_H
