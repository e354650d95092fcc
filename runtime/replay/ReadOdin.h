//===- runtime/replay/ReadOdin.h - Recorded runs of ODIN --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Traces of the clocked chips ODIN and tinyODIN: what the pins, the controller
// and the memories did in which cycle (format "odin-golden-1").
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_READODIN_H
#define HILLOCK_RUNTIME_REPLAY_READODIN_H

#include "emulator/odin/FastModel.h"
#include "emulator/odin/Testbench.h"
#include "runtime/replay/Replay.h"
#include "llvm/Support/JSON.h"

namespace hillock::runtime {

/// A recorded run, without what came of it.
struct OdinCase {
  explicit OdinCase(emu::odin::Chip chip) : initial(chip) {}
  std::string name;
  emu::odin::ChipState initial;
  emu::odin::Stimulus stimulus;
  uint64_t hashEvery = 1024;
};

bool isOdinTrace(const llvm::json::Object &root);

/// Input error naming the field that is missing or not understood.
Expected<OdinCase> readOdinCase(const llvm::json::Object &root);

/// Reads, runs (event by event) and compares every field; adds to \p result.
Error compareOdin(const llvm::json::Object &root, ReplayResult &result);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_READODIN_H
