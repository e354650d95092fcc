//===- emulator/engine/Advice.h - Hot cores and what would help -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Answers to "which core decides, why, and what if it were split or moved". All
// are computed from a report, without another run: what a split saves is of the
// busiest units (NetworkModel::Bound), what a move saves is energy of hops.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ENGINE_ADVICE_H
#define HILLOCK_EMULATOR_ENGINE_ADVICE_H

#include "emulator/engine/CycleEngine.h"
#include <optional>

namespace hillock::emu {

/// Stages of a core: the receiver's two, then the sender's two.
enum class Stage { AxonIn, Synapses, Compartments, AxonOut };
const char *stageName(Stage stage);
/// The larger part of the core's longer unit.
Stage boundBy(const CoreWork &work);

/// Cores that did anything, the one first that was the longest in the most
/// time; then by work.
std::vector<uint32_t> hottestCores(const SetReport &set);

/// The core whose split into two halves would shorten the run the most; none
/// when no split would.
struct SplitAdvice {
  uint32_t core = 0;
  Stage stage = Stage::Synapses;
  uint64_t savedPs = 0;
};
std::optional<SplitAdvice> bestSplit(const SetReport &set);

/// Where one core would save the most energy of hops: a tile with a free core,
/// or another core to change places with. The cores with the most expensive
/// messages are tried; none when no change saves anything.
struct MoveAdvice {
  uint32_t core = 0;
  uint32_t fromTile = 0, toTile = 0;
  std::optional<uint32_t> with; ///< the core to change places with
  uint64_t savedFj = 0;
  uint64_t hopsFj = 0; ///< energy of all hops as they are
};
std::optional<MoveAdvice> bestMove(const CycleReport &report,
                                   const SetReport &set);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_ENGINE_ADVICE_H
