//===- emulator/core/RowArena.h - Rows in order of use ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a spike costs is where its rows lie. A neuron of a recurrent network
// reaches dozens of cores with a short row on each; kept core by core, every
// such row is a cache miss and a page walk. Here the rows of all cores lie in
// one piece of memory, in the order in which the output slots of the senders
// name them, so that the fan-out of a spike is read in one go.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_CORE_ROWARENA_H
#define HILLOCK_EMULATOR_CORE_ROWARENA_H

#include "base/HugeArray.h"
#include "emulator/core/CoreState.h"

namespace hillock::emu {

class RowArena {
public:
  /// Moves the rows of all \p cores, which must be connected, here. Rows of the
  /// cores of one worker (\p workerOf, by core) stay together.
  Error arrange(std::span<CoreState> cores, std::span<const unsigned> workerOf,
                unsigned workers);

private:
  HugeArray words;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_CORE_ROWARENA_H
