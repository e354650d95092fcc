//===- emulator/trace/Trace.h - Time lines for viewers ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What happened on cores, links and in barriers, step by step, as a file for a
// viewer. In cycle mode the axis is the chip's time; without a clock a step is
// a microsecond long.
//
// A core's "send" (advancing compartments and sending their messages) and
// "receive" (taking messages and adding weights) are drawn as long as the units
// were busy in the step, from its beginning; when a unit stood still in between
// is not recorded.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_TRACE_TRACE_H
#define HILLOCK_EMULATOR_TRACE_TRACE_H

#include "base/Error.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hillock::emu {

/// Length of a step that has no time of its own.
constexpr uint64_t untimedStepPs = 1000 * 1000;

struct TraceShape {
  /// Times are those of a chip's clock.
  bool timed = false;
  std::string title; ///< network, and the clock's parameter set
  struct Core {
    uint32_t chip = 0, core = 0;
  };
  std::vector<Core> cores;        ///< sorted by chip
  std::vector<std::string> links; ///< empty without a clock
};

struct CoreActivity {
  uint64_t spikes = 0, messagesIn = 0, synapticEvents = 0;
  uint64_t sendPs = 0, receivePs = 0; ///< 0 without a clock
};

struct TraceStep {
  uint64_t number = 1; ///< from 1
  uint64_t startPs = 0, workPs = 0, barrierPs = 0;
  std::vector<CoreActivity> cores;    ///< as TraceShape::cores
  std::vector<uint64_t> linkMessages; ///< as TraceShape::links
};

/// A file under construction; it appears when finish() has succeeded.
class TraceFile {
public:
  virtual ~TraceFile() = default;
  /// Steps come in order and do not overlap.
  virtual Error add(const TraceStep &step) = 0;
  virtual Error finish() = 0;
};

/// Usage error unless \p path ends in .perfetto-trace, .pftrace, .vcd or .fst.
Error checkTracePath(const std::string &path);
Expected<std::unique_ptr<TraceFile>> createTrace(const std::string &path,
                                                 const TraceShape &shape);

/// By format.
Expected<std::unique_ptr<TraceFile>>
createPerfettoTrace(const std::string &path, const TraceShape &shape);
Expected<std::unique_ptr<TraceFile>> createVcd(const std::string &path,
                                               const TraceShape &shape);
/// Changes are kept in memory up to about \p blockBytes. The path must be that
/// of a file, not of a pipe.
Expected<std::unique_ptr<TraceFile>>
createFst(const std::string &path, const TraceShape &shape,
          uint64_t blockBytes = uint64_t{16} << 20);

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_TRACE_TRACE_H
