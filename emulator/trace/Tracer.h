//===- emulator/trace/Tracer.h - Watching an emulator -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TRACE_TRACER_H
#define HILLOCK_EMULATOR_TRACE_TRACER_H

#include "emulator/core/Emulator.h"
#include "emulator/timing/ChipClock.h"
#include "emulator/trace/Trace.h"
#include <deque>

namespace hillock::emu {

/// "tile (3, 1) east", by tile * 4 + direction.
std::vector<std::string> linkNames(uint32_t tilesX, uint32_t tilesY);

/// Puts counts of an emulator and times of a clock, which may come some steps
/// later, together and into files.
class Tracer {
public:
  static Expected<std::unique_ptr<Tracer>>
  create(const std::vector<std::string> &paths, const TraceShape &shape);

  /// The emulator after a step.
  void counts(const Emulator &emulator);
  /// The next step's time; \p own: of this step alone. Only when timed.
  void time(const StepTime &time, const ClockTotals &own, uint64_t cyclePs);
  /// The run begins (again) after step \p step.
  void begin(const Emulator &emulator);
  /// Completes the files; also reports what has failed before.
  Error finish();

private:
  explicit Tracer(const TraceShape &shape) : shape(shape) {}
  void match();
  void write(const TraceStep &step);

  TraceShape shape;
  std::vector<std::unique_ptr<TraceFile>> files;
  std::vector<CoreCounters> before;
  /// Steps that wait for their times, or times for their steps: a clock may be
  /// behind, or have its time before the step is back here.
  std::deque<TraceStep> counted, timed;
  uint64_t nowPs = 0;
  std::string failure;
  ErrorKind failureKind = ErrorKind::Internal;
};

/// \p inner, with each step told to \p tracer.
std::unique_ptr<Emulator> traced(std::unique_ptr<Emulator> inner,
                                 std::shared_ptr<Tracer> tracer);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TRACE_TRACER_H
