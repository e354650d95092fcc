//===- emulator/trace/Trace.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/trace/Trace.h"

namespace hillock::emu {

static bool isPerfetto(const std::string &path) {
  return path.ends_with(".perfetto-trace") || path.ends_with(".pftrace");
}

Error checkTracePath(const std::string &path) {
  if (isPerfetto(path) || path.ends_with(".vcd") || path.ends_with(".fst"))
    return Error::success();
  return makeError(ErrorKind::Usage, "is no kind of trace that is known",
                   "--trace " + path,
                   "end it with .perfetto-trace, .vcd or .fst");
}

Expected<std::unique_ptr<TraceFile>> createTrace(const std::string &path,
                                                 const TraceShape &shape) {
  if (Error error = checkTracePath(path))
    return std::move(error);
  return isPerfetto(path)         ? createPerfettoTrace(path, shape)
         : path.ends_with(".fst") ? createFst(path, shape)
                                  : createVcd(path, shape);
}

} // namespace hillock::emu
