//===- runtime/session/StopCondition.cpp ----------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/session/StopCondition.h"
#include <charconv>

namespace hillock::runtime {

Expected<StopCondition> parseStopCondition(const std::string &text) {
  StopCondition condition;
  condition.text = condition.name = text;
  bool good = !text.empty();
  // Names may hold the sign; a number does not.
  if (const size_t sign = text.rfind('='); sign != std::string::npos) {
    const char *first = text.data() + sign + 1,
               *end = text.data() + text.size();
    const auto read = std::from_chars(first, end, condition.count);
    good = read.ec == std::errc() && read.ptr == end && first != end &&
           condition.count > 0 && sign > 0;
    condition.name = text.substr(0, sign);
  }
  if (!good)
    return makeError(ErrorKind::Usage, "is no condition", "--stop-when " + text,
                     "write spikes, spikes=N, NAME=N or quiet=N with N > 0");
  if (condition.name == "quiet")
    condition.kind = StopCondition::Kind::Quiet;
  else if (condition.name != "spikes")
    condition.kind = StopCondition::Kind::Population;
  return condition;
}

} // namespace hillock::runtime
