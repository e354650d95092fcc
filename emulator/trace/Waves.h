//===- emulator/trace/Waves.h - Steps as waveforms --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the formats of waveform viewers have in common: a scope for each chip
// and core, signals of one bit for what is busy, of many for counts in the step
// at hand, and their changes in order.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TRACE_WAVES_H
#define HILLOCK_EMULATOR_TRACE_WAVES_H

#include "emulator/trace/Trace.h"

namespace hillock::emu {

/// A file of one of these formats. Times are in picoseconds.
class WaveFile {
public:
  virtual ~WaveFile() = default;
  /// The tree of signals comes first; signals are numbered as they come, from
  /// 0. Names have letters, digits and underscores.
  virtual void comment(const std::string &text) = 0;
  virtual void openScope(const std::string &name) = 0;
  virtual void closeScope() = 0;
  virtual void declare(const std::string &name, uint32_t bits) = 0;
  /// The tree is done; all signals are 0 at time 0.
  virtual Error begin() = 0;
  /// Times do not fall; a signal changes at most once at each.
  virtual void change(uint64_t ps, size_t signal, uint64_t value) = 0;
  /// After some changes.
  virtual Error flush() = 0;
  virtual Error finish(uint64_t endPs) = 0;
};

/// A trace of \p shape that goes into \p file.
Expected<std::unique_ptr<TraceFile>> createWaves(std::unique_ptr<WaveFile> file,
                                                 const TraceShape &shape);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TRACE_WAVES_H
