//===- runtime/replay/ReadOdinPins.h - Pins of ODIN as text -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stimulus and the pins that are expected, in a text that any testbench can
// write and read. The format is described in docs/targets/odin.md.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_READODINPINS_H
#define HILLOCK_RUNTIME_REPLAY_READODINPINS_H

#include "runtime/replay/Replay.h"

namespace hillock::runtime {

bool isOdinPins(std::string_view text);

/// Reads, runs and compares; adds to \p result. Input error with the line.
Error compareOdinPins(std::string_view text, ReplayResult &result);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_READODINPINS_H
