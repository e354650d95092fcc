//===- runtime/session/StopCondition.h - When a run has seen enough *- C++
//-*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_SESSION_STOPCONDITION_H
#define HILLOCK_RUNTIME_SESSION_STOPCONDITION_H

#include "base/Error.h"
#include <cstdint>
#include <string>

namespace hillock::runtime {

struct StopCondition {
  enum class Kind {
    Outputs,    ///< so many spikes of all outputs together
    Population, ///< so many of one output or population
    Quiet,      ///< so many steps in which nobody spikes and nothing is sent
  };
  Kind kind = Kind::Outputs;
  std::string text, name;
  uint64_t count = 1;
};

/// "spikes", "spikes=10", "NAME=10", "quiet", "quiet=5". Names are looked up
/// later, by the one who knows the network.
Expected<StopCondition> parseStopCondition(const std::string &text);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_SESSION_STOPCONDITION_H
