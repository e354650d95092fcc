//===- emulator/odin/Recorder.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/Recorder.h"

namespace hillock::emu::odin {

void Recorder::run(uint64_t cycle, uint64_t edges, Visible first, Run kind) {
  if (edges == 0)
    return;
  note(cycle, first);
  if (hashEvery == 0)
    return;
  for (uint64_t i = 0; i < edges; ++i) {
    hashOne(cycle + i, first);
    if (kind == Run::Sweep && (first.controlCount & 1))
      ++first.neuronCount;
    if (kind != Run::Still)
      ++first.controlCount;
  }
}

} // namespace hillock::emu::odin
